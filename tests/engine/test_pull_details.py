"""What pulling remembers: revisions and when they were known, versions, pages, bytes that count for nothing."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from engine.homes import NOW, assert_same, take, visible
from overshort.engine.forget import forget
from overshort.engine.intake import Store, finish_pending
from overshort.engine.pull.arrivals import take_in
from overshort.errors import MixedStore, RefusedFile
from overshort.sources.feeds import Asked
from overshort.store.lake import Lake
from overshort.store.raw import Vault
from publishers.replays import FINRA_COLUMNS, finra
from publishers.running import BY_NAME, Stage, stage
from publishers.server import Heard, Reply

SHORTS, CHAIN = BY_NAME["finra.short_interest"], BY_NAME["cboe.chain"]
DAYS = [date(2025, 5, 15), date(2025, 5, 30), date(2025, 6, 13)]
FIRST = datetime(2025, 6, 26, 9, tzinfo=UTC)
SECOND = datetime(2025, 7, 2, 15, 30, 0, 77, tzinfo=UTC)


@pytest.fixture(scope="module")
def publishers() -> Iterator[Stage]:
    with stage() as found:
        yield found


def rows(day: date, *, revised: bool = False, names: int = 7) -> pl.DataFrame:
    """Give an invented report; one symbol's position may have been revised."""
    if day not in DAYS:
        return pl.DataFrame(schema=dict.fromkeys(FINRA_COLUMNS, pl.String))
    listed = [
        {
            "symbolCode": f"ZZ{k}",
            "marketClassCode": "NNM",
            "currentShortPositionQuantity": 1000 + k + (5 if revised and k == 3 else 0),
            "settlementDate": day.isoformat(),
        }
        for k in range(names)
    ]
    frame = pl.DataFrame(listed)
    return frame.with_columns(pl.lit(None, pl.String).alias(c) for c in FINRA_COLUMNS if c not in frame.columns).select(
        FINRA_COLUMNS
    )


def pulled(publishers: Stage, home: Path, now: datetime, **more: object) -> tuple[int, int, int, tuple[str, ...]]:
    found = publishers.pull(home, SHORTS, now=now, **{"since": DAYS[0], **more})[SHORTS.name]
    return found.asked, found.added, found.revised, found.problems


def test_a_revision_is_known_from_the_instant_it_was_fetched(publishers: Stage, tmp_path: Path) -> None:
    home = tmp_path / "home"
    publishers.web.handlers[SHORTS.name] = finra(rows, DAYS)
    assert pulled(publishers, home, FIRST) == (3, 21, 0, ())
    publishers.web.handlers[SHORTS.name] = finra(lambda d: rows(d, revised=d == DAYS[1]), DAYS)
    assert pulled(publishers, home, SECOND) == (2, 0, 1, ())  # the last two dates are asked for again
    both = Lake.open(home).scan("short_interest").filter(symbol="ZZ3", settlement=DAYS[1]).sort("known_at").collect()
    assert both["position"].to_list() == [1003, 1008]
    assert both["known_at"].to_list() == [datetime(2025, 6, 10, 20, 40, tzinfo=UTC), SECOND]
    assert pulled(publishers, home, SECOND + timedelta(days=1)) == (2, 0, 0, ())


def test_what_was_put_in_again_from_the_vault_keeps_its_instants(publishers: Stage, tmp_path: Path) -> None:
    """Forgetting the first vintage leaves the second one as the only one, known since the publication."""
    home = tmp_path / "home"
    publishers.web.handlers[SHORTS.name] = finra(rows, DAYS)
    pulled(publishers, home, FIRST)
    publishers.web.handlers[SHORTS.name] = finra(lambda d: rows(d, revised=True, names=8), DAYS)
    assert pulled(publishers, home, FIRST + timedelta(days=1))[1:3] == (2, 2)
    publishers.web.handlers[SHORTS.name] = finra(lambda d: rows(d, revised=True, names=9), DAYS)
    assert pulled(publishers, home, SECOND)[1:3] == (2, 0)
    before = visible(home)
    last = Vault(home / "raw").records()[-1]
    forget(home, last.sha256)
    assert visible(home)["short_interest"].height == before["short_interest"].height - 1
    assert pulled(publishers, home, SECOND)[1:3] == (1, 0)
    assert_same(before, visible(home))


def test_only_what_is_due_is_asked_for_until_current(publishers: Stage, tmp_path: Path) -> None:
    home = tmp_path / "home"
    publishers.web.handlers[SHORTS.name] = finra(rows, DAYS)
    assert pulled(publishers, home, FIRST, until_current=True)[:2] == (3, 21)
    assert pulled(publishers, home, FIRST, until_current=True)[:2] == (0, 0)
    later = datetime(2025, 7, 10, 21, tzinfo=UTC)  # a new report is due: it and the one before
    asked, added, _, problems = pulled(publishers, home, later, until_current=True)
    assert (asked, added) == (2, 0)
    assert "nothing for this date" in problems[0]


@pytest.mark.parametrize("form", ["json", "csv"])
@pytest.mark.parametrize("page", [1, 3, 7, 50])
def test_pages_of_any_length_and_form_give_the_same_rows(
    publishers: Stage, tmp_path: Path, form: str, page: int
) -> None:
    publishers.web.handlers[SHORTS.name] = finra(rows, DAYS, page=page, form=form)
    assert pulled(publishers, tmp_path / "home", FIRST) == (3, 21, 0, ())
    found = Lake.open(tmp_path / "home").scan("short_interest").select("symbol", "settlement", "position").collect()
    expected = {(f"ZZ{k}", d, 1000 + k) for d in DAYS for k in range(7)}
    assert set(found.rows()) == expected


def test_a_report_without_its_last_page_is_not_taken(publishers: Stage, tmp_path: Path) -> None:
    sound = finra(rows, DAYS, page=3)

    def short(heard: Heard) -> Reply:
        reply = sound(heard)
        return Reply(204) if heard.body and json.loads(heard.body)["offset"] >= 6 else reply

    publishers.web.handlers[SHORTS.name] = short
    asked, added, _, problems = pulled(publishers, tmp_path / "home", FIRST)
    assert (asked, added) == (3, 0)
    assert "gave 6 rows of 2025-05-15 and announced 7" in problems[0]
    publishers.web.handlers[SHORTS.name] = sound
    assert pulled(publishers, tmp_path / "home", FIRST)[1] == 21


def test_where_the_service_is_closed_the_files_are_asked_for(publishers: Stage, tmp_path: Path) -> None:
    def closed(heard: Heard) -> Reply:
        day = next((d for d in DAYS if heard.path == f"/equity/otcmarket/biweekly/shrt{d:%Y%m%d}.csv"), None)
        if day is None:
            return Reply(401)
        return Reply(body=rows(day).write_csv(separator="|").encode())

    publishers.web.handlers[SHORTS.name] = closed
    heard = len(publishers.web.heard)
    assert pulled(publishers, tmp_path / "home", FIRST) == (3, 21, 0, ())
    assert len(publishers.web.heard) - heard == 4  # the service is asked once, then the files


def test_a_token_is_asked_for_once_where_there_is_a_client(publishers: Stage, tmp_path: Path) -> None:
    plain = finra(rows, DAYS)

    def guarded(heard: Heard) -> Reply:
        if heard.path == "/fip/rest/ews/oauth2/access_token":
            assert heard.headers["authorization"] == "Basic bWU6bXkgc2VjcmV0"
            return Reply(body=b'{"access_token": "t0ken"}')
        return plain(heard) if heard.headers.get("authorization") == "Bearer t0ken" else Reply(401)

    publishers.web.handlers[SHORTS.name] = guarded
    heard = len(publishers.web.heard)
    keys = {"FINRA_API_CLIENT": "me", "FINRA_API_SECRET": "my secret"}
    assert pulled(publishers, tmp_path / "home", FIRST, keys=keys) == (3, 21, 0, ())
    paths = [h.path for h in publishers.web.heard[heard:]]
    assert sum(p.endswith("access_token") for p in paths) == 1


def test_an_unchanged_file_is_not_sent_again(publishers: Stage, tmp_path: Path) -> None:
    """The version counts only while the content is in the store."""
    feed = BY_NAME["cboe.vix"]
    body = b"DATE,OPEN,HIGH,LOW,CLOSE\n06/27/2025,16.5,16.9,16.1,16.32\n"
    heard: list[str | None] = []

    def versioned(request: Heard) -> Reply:
        heard.append(request.headers.get("if-none-match"))
        return Reply(304) if heard[-1] == '"1"' else Reply(body=body, headers={"ETag": '"1"'})

    publishers.web.handlers[feed.name] = versioned
    home = tmp_path / "home"
    for _ in range(2):
        assert publishers.pull(home, feed)[feed.name].problems == ()
    forget(home, Vault(home / "raw").records()[0].sha256)
    assert publishers.pull(home, feed)[feed.name].added == 1
    assert heard == [None, '"1"', None]
    (home / "cache" / "versions.json").write_text("{damaged")
    assert publishers.pull(home, feed)[feed.name].problems == ()
    assert heard[-1] is None


def test_bytes_of_a_killed_pull_count_for_nothing(tmp_path: Path) -> None:
    """They are kept before they are read; whoever writes next takes no row from them."""
    store = Store.open(tmp_path, create=True)
    asked = Asked(part="VIX", day=date(2022, 3, 4), now=NOW)
    with store.writing(dry_run=False), pytest.raises(RefusedFile):
        take_in(store, CHAIN, asked, b'{"data": {"options": [{"option": "damaged"}]}}')
    assert [r.state for r in store.vault.records()] == ["forgotten"]
    with store.writing(dry_run=False):
        finish_pending(store)
    assert Lake.open(tmp_path).scan("option_chain").collect().is_empty()


def test_an_answer_of_another_kind_is_said_with_how_it_begins(tmp_path: Path) -> None:
    store = Store.open(tmp_path, create=True)
    asked = Asked(part="VIX", day=date(2022, 3, 4), now=NOW)
    with store.writing(dry_run=False), pytest.raises(RefusedFile, match=r"begins 'DATE,VVIX' and is no cboe\.chain"):
        take_in(store, CHAIN, asked, b"DATE,VVIX\n01/03/2022,99.1\n")


def test_a_simulated_store_takes_nothing(publishers: Stage, tmp_path: Path) -> None:
    Lake.create(tmp_path, simulated=True)
    with pytest.raises(MixedStore):
        publishers.pull(tmp_path, CHAIN)


def test_files_and_pulls_of_one_report_are_one_report(publishers: Stage, tmp_path: Path) -> None:
    """What was imported is not asked for again, and what is asked for again is known."""

    path = tmp_path / "shrt20250613.csv"
    path.write_bytes(rows(DAYS[2]).write_csv(separator="|").encode())
    home = tmp_path / "home"
    take(home, path)
    publishers.web.handlers[SHORTS.name] = finra(rows, DAYS)
    assert pulled(publishers, home, FIRST) == (3, 14, 0, ())
