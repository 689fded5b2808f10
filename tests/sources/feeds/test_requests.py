"""What each feed says is out, and what it sends: dates against a calendar by hand, requests as documented."""

from datetime import UTC, date, datetime, timedelta

import pytest

from overshort import sessions
from overshort.errors import ConfigError, NotPublished
from overshort.sources.feeds import FEEDS, Asked, Feed
from overshort.sources.feeds.paid import signed
from overshort.sources.wire import Answer, Request

BY_NAME = {f.name: f for f in FEEDS}
NOW = datetime(2025, 6, 30, 22, tzinfo=UTC)


class Deaf:
    """A wire that notes what is asked and has nothing."""

    def __init__(self, keys: dict[str, str] | None = None) -> None:
        self.keys = keys or {}
        self.members: frozenset[str] = frozenset()
        self.kept: dict[str, object] = {}
        self.asked: list[Request] = []

    def ask(self, request: Request) -> Answer:
        self.asked.append(request)
        raise NotPublished("nothing here")

    def retrieve(self, urls: list[str], *, largest: int = 0) -> bytes:
        self.asked += [Request(url=u, largest=max(largest, 1)) for u in urls]
        raise NotPublished("nothing here")


def request(feed: Feed, day: date, **keys: str) -> Request:
    wire = Deaf(keys)
    with pytest.raises(NotPublished):
        feed.fetch(Asked(part=feed.parts[0], day=day, now=NOW), wire)
    return wire.asked[0]


@pytest.mark.parametrize("feed", [f for f in FEEDS if not f.library], ids=lambda f: f.name)
def test_only_declared_hosts_are_asked(feed: Feed) -> None:
    asked = request(feed, date(2025, 6, 13), **dict.fromkeys(feed.needs, "key"))
    scheme, _, rest = asked.url.partition("://")
    assert rest.partition("/")[0].rpartition("@")[2].partition(":")[0] in feed.hosts
    assert scheme == ("ftp" if feed.ftp else "http" if feed.terminal else "https")


@pytest.mark.parametrize("feed", FEEDS, ids=lambda f: f.name)
def test_dates_are_out_ascending_and_never_to_come(feed: Feed) -> None:
    for day in range(40):
        now = NOW + timedelta(days=day, hours=day % 24)
        dates = list(feed.dates(date(2025, 1, 2), now))
        assert dates == sorted(set(dates))
        assert all(d <= now.astimezone(sessions.NEW_YORK).date() for d in dates)


def test_a_report_is_out_at_its_publication() -> None:
    out = sessions.publication(date(2025, 6, 13))[0]
    dates = BY_NAME["finra.short_interest"].dates
    assert dates(date(2025, 5, 1), out)[-1] == date(2025, 6, 13)
    assert dates(date(2025, 5, 1), out - timedelta(seconds=1))[-1] == date(2025, 5, 30)


@pytest.mark.parametrize(
    ("now", "half"),
    [
        ("2021-02-01", "2021-01-01"),
        ("2021-02-15", "2021-01-01"),
        ("2021-02-16", "2021-01-15"),
        ("2021-03-01", "2021-02-01"),
    ],
)
def test_half_months_of_fails_are_out_by_the_rule_of_the_sec(now: str, half: str) -> None:
    at = datetime.fromisoformat(now).replace(hour=17, tzinfo=UTC)
    assert BY_NAME["sec.fails"].dates(date(2020, 12, 1), at)[-1] == date.fromisoformat(half)


@pytest.mark.parametrize(("now", "quarter"), [("2022-02-14", "2021-07-01"), ("2022-02-15", "2021-10-01")])
def test_a_quarter_is_out_six_weeks_after_its_end(now: str, quarter: str) -> None:
    at = datetime.fromisoformat(now).replace(hour=17, tzinfo=UTC)
    for name in ("sec.shares", "sec.filings"):
        assert BY_NAME[name].dates(date(1990, 1, 1), at) == [date.fromisoformat(quarter)]


def test_documented_thetadata_is_asked_for_quotes_strictly_before() -> None:
    asked = request(BY_NAME["thetadata.trade_quote"], date(2025, 6, 27))
    assert asked.url == "http://127.0.0.1:25503/v3/option/history/trade_quote"
    assert dict(asked.query) == {
        "symbol": "VIX",
        "expiration": "*",
        "strike": "*",
        "right": "both",
        "date": "20250627",
        "start_time": "09:30:00",
        "end_time": "16:15:00",
        "exclusive": "true",
        "format": "csv",
    }


def test_documented_databento_is_asked_for_the_parent_in_utc() -> None:
    asked = request(BY_NAME["databento.trades"], date(2025, 6, 27), DATABENTO_API_KEY="db-key")
    assert asked.headers["Authorization"] == "Basic ZGIta2V5Og=="
    assert {k: asked.query[k] for k in ("dataset", "schema", "symbols", "stype_in", "start", "end")} == {
        "dataset": "OPRA.PILLAR",
        "schema": "tcbbo",
        "symbols": "VIX.OPT",
        "stype_in": "parent",
        "start": "2025-06-27T13:30:00",
        "end": "2025-06-27T20:15:00",
    }
    with pytest.raises(ConfigError, match="DATABENTO_API_KEY"):
        BY_NAME["databento.trades"].fetch(Asked(part="VIX", day=NOW.date(), now=NOW), Deaf())


def test_documented_massive_is_asked_for_one_file_signed_now() -> None:
    asked = request(BY_NAME["massive.option_trades"], date(2025, 6, 27), MASSIVE_ACCESS_KEY="a", MASSIVE_SECRET_KEY="s")
    assert asked.url == "https://files.massive.com/flatfiles/us_options_opra/trades_v1/2025/06/2025-06-27.csv.gz"
    assert asked.headers["x-amz-date"] == "20250630T220000Z"
    assert "Credential=a/20250630/us-east-1/s3/aws4_request" in asked.headers["Authorization"]


def test_the_signature_is_that_of_the_published_example() -> None:
    """Amazon's own worked example of Signature Version 4: GET Bucket Lifecycle, 2013-05-24."""
    headers = signed(
        "/",
        datetime(2013, 5, 24, tzinfo=UTC),
        "AKIAIOSFODNN7EXAMPLE",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        host="examplebucket.s3.amazonaws.com",
        query="lifecycle=",
    )
    expected = "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"
    assert headers["Authorization"].endswith(f"Signature={expected}")
