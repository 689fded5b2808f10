"""Whatever a publisher's server does wrong: one sentence, no row, others go on, and the next run recovers."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from overshort.engine.pull import Pulled
from overshort.errors import BadAnswer
from overshort.sources.feeds import FEEDS, Feed
from overshort.sources.wire.ftp import retrieve
from overshort.store.lake import Lake
from overshort.store.raw import Vault
from publishers.replays import REPLAYS
from publishers.running import BY_NAME, KEYS, Stage, Watch, fake_yfinance, stage
from publishers.server import Handler, Reply

WEB = [f for f in FEEDS if REPLAYS[f.name].made]
REAL = [f for f in WEB if REPLAYS[f.name].real]
INVENTED = [f for f in WEB if not REPLAYS[f.name].real]
OTHER = BY_NAME["cboe.chain"]
"""A feed whose publisher answers while another's does not."""
NOWHERE = Path("/nonexistent")
PAGE = b"\n<!DOCTYPE html><html><head><title>Welcome</title></head><body>symbolCode|x</body></html>\n"
HALF = b'[{"symbolCode": "ZZA", "currentShortPositionQuantity": 5'

FAILURES: dict[str, tuple[Reply, str]] = {
    "web page": (Reply(body=PAGE), "web page|lists no"),
    "nothing": (Reply(), "answered with nothing"),
    "no content": (Reply(204), "nothing for this date"),
    "forbidden": (Reply(403, PAGE), "nothing for this date|refuses this request"),
    "not found": (Reply(404, PAGE), "nothing for this date"),
    "not acceptable": (Reply(406), "asks for fewer requests"),
    "too many": (Reply(429, b"crumb=Too Many Requests"), "asks for fewer requests"),
    "too many, wait": (Reply(429, headers={"Retry-After": "7"}), "asks for fewer requests"),
    "too many, wait an hour": (Reply(429, headers={"Retry-After": "3600"}), "in 3,600 seconds"),
    "banned": (Reply(444), "bars this address"),
    "no data": (Reply(472, b"No data"), "nothing for this date"),
    "starting": (Reply(571), "is starting"),
    "fault": (Reply(503, PAGE), "has a fault"),
    "half": (Reply(body=HALF, said=50_000), "cannot be reached"),
    "damaged": (Reply(body=HALF), "no JSON|is no |cut off|cannot be read|no zip|lists no"),
    "too large": (Reply(body=b"x", said=9_000_000_000), "9,000,000,000 bytes or more"),
    "elsewhere": (Reply(302, headers={"Location": "https://elsewhere.example/x"}), "redirects to another host"),
    "in a circle": (Reply(302, headers={"Location": "round"}), "redirects in a circle"),
    "another status": (Reply(418), "status 418"),
    "garbage": (Reply(body=bytes(range(1, 256)) * 9), "no JSON|is no |cannot be read|no zip|lists no|not UTF-8"),
}


@pytest.fixture(scope="module")
def publishers() -> Iterator[Stage]:
    with stage() as found:
        yield found


def names(feeds: list[Feed]) -> list[str]:
    return [f.name for f in feeds]


def sentence(problem: str) -> None:
    """Check that a problem is one sentence for a reader."""
    assert "\n" not in problem
    assert "Traceback" not in problem
    assert len(problem) < 420
    assert not problem.endswith(".")


def own_rows(home: Path, feed: Feed) -> pl.DataFrame:
    """Give the rows that a feed brought."""
    rows = Lake.open(home).scan(REPLAYS[feed.name].table).filter(pl.col("source").is_in(feed.kinds))
    return rows.drop("batch").collect().sort(pl.all())


def untouched(home: Path, feed: Feed) -> None:
    """Check that no row came in, and that no bytes count as read."""
    assert own_rows(home, feed).is_empty()
    own = [r for r in Vault(home / "raw").records() if r.name.startswith(f"{feed.name} ")]
    assert not [r for r in own if r.state != "forgotten"]


def failed(publishers: Stage, feed: Feed, home: Path, said: str) -> Pulled:
    """Pull a feed whose publisher fails."""
    own = publishers.pull(home, feed)[feed.name]
    assert own.late
    assert own.added == own.revised == own.known == 0
    assert own.problems
    for problem in own.problems:
        sentence(problem)
    assert any(piece in problem for problem in own.problems for piece in said.split("|")), (said, own.problems)
    untouched(home, feed)
    return own


def fail_and_recover(publishers: Stage, feed: Feed, data: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    wrong = REPLAYS[feed.name].wrong_date
    cases: dict[str, tuple[Handler, str]] = {k: (_always(r), s) for k, (r, s) in FAILURES.items()}
    if wrong is not None:
        cases["wrong date"] = (wrong(data), "the answer is of|the file says|holds no row")
    for handler, said in cases.values():
        publishers.web.handlers[feed.name] = handler
        failed(publishers, feed, home, said)
    publishers.sound(feed, data)
    assert publishers.pull(home, feed)[feed.name].problems == ()
    clean = tmp_path / "clean"
    publishers.pull(clean, feed)
    assert_frame_equal(own_rows(home, feed), own_rows(clean, feed), check_exact=True)


def _always(reply: Reply) -> Handler:
    return lambda _heard: reply


@pytest.mark.data
@pytest.mark.parametrize("feed", REAL, ids=names(REAL))
def test_it_fails_cleanly_and_recovers(publishers: Stage, feed: Feed, data: Path, tmp_path: Path) -> None:
    fail_and_recover(publishers, feed, data, tmp_path)


@pytest.mark.parametrize("feed", INVENTED, ids=names(INVENTED))
def test_documented_it_fails_cleanly_and_recovers(publishers: Stage, feed: Feed, tmp_path: Path) -> None:
    fail_and_recover(publishers, feed, NOWHERE, tmp_path)


def test_another_feed_goes_on(publishers: Stage, tmp_path: Path) -> None:
    """Of two feeds one is turned away; its later dates are not asked for, and the other is pulled."""
    publishers.sound(OTHER, NOWHERE)
    one = BY_NAME["finra.short_volume"]
    publishers.web.handlers[one.name] = _always(Reply(503))
    heard = len(publishers.web.heard)
    found = publishers.pull(tmp_path / "home", one, OTHER, now=REPLAYS[OTHER.name].now)
    assert found[one.name].late
    assert found[one.name].asked == 1
    assert len(publishers.web.heard) - heard == 4 + 1  # four attempts, and the other's one
    assert (found[OTHER.name].late, found[OTHER.name].problems) == (False, ())


BORROW = BY_NAME["ibkr.borrow"]
LISTED = b"#BOF|2022.08.06|22:30:03\n#SYM|CUR|NAME|CON|ISIN|REBATERATE|FEERATE|AVAILABLE|\n"
ROW = b"ZZA|USD|ZIGZAG|77|X|1.9119|0.4081|>10000000|\n"
FTP_FAILURES: dict[str, tuple[bytes | None, str]] = {
    "no file": (None, "no server gave the file"),
    "web page": (PAGE, "web page"),
    "nothing": (b"", "is empty"),
    "no end": (LISTED + ROW, "cut off"),
    "cut off": (LISTED + ROW + b"ZZB|USD|ZIG", "cut off"),
    "another count": (LISTED + ROW + b"#EOF|2\n", "cut off or damaged"),
    "tomorrow's": ((LISTED + ROW + b"#EOF|1\n").replace(b"08.06", b"08.09"), "the answer is of"),
}


def test_a_list_over_ftp_fails_cleanly_and_recovers(publishers: Stage, tmp_path: Path) -> None:
    home = tmp_path / "home"
    for content, said in FTP_FAILURES.values():
        publishers.ftp.content = content
        failed(publishers, BORROW, home, said)
    publishers.ftp.content = LISTED + ROW + b"#EOF|1\n"
    assert publishers.pull(home, BORROW)[BORROW.name].added == 1
    assert own_rows(home, BORROW).select("symbol", "fee", "capped").rows() == [("ZZA", 0.004081, True)]


def test_a_list_too_large_or_too_slow_over_ftp(publishers: Stage, tmp_path: Path) -> None:
    publishers.ftp.content = LISTED + ROW * 40_000 + b"#EOF|40000\n"
    slow = Stage(publishers.web, publishers.ftp, Watch(step=100.0))
    failed(slow, BORROW, tmp_path / "home", "180 seconds and no end")
    with pytest.raises(BadAnswer, match="more than 1,000 bytes"):
        retrieve([f"{publishers.ftp.url}/usa.txt"], Watch().pace, largest=1000)


def _errors() -> list[tuple[Exception, str]]:
    class YFRateLimitError(Exception):
        """As the library's own."""

    class YFPricesMissingError(Exception):
        """As the library's own."""

    return [
        (YFRateLimitError("Too Many Requests"), "in an hour"),
        (YFPricesMissingError("SPY"), "has no bars of SPY"),
        (ValueError("a fault\nof two lines"), "ValueError: a fault"),
    ]


@pytest.mark.parametrize(("fault", "said"), _errors())
def test_a_library_fails_cleanly(
    publishers: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: Exception, said: str
) -> None:
    fake_yfinance(monkeypatch, NOWHERE, fault=fault)
    failed(publishers, BY_NAME["yahoo.daily"], tmp_path / "home", said)


def test_without_the_library_it_says_how_to_get_it(
    publishers: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("overshort.engine.pull.run.find_spec", lambda _: None)
    own = failed(publishers, BY_NAME["yahoo.daily"], tmp_path / "home", "pip install 'overshort[yahoo]'")
    assert own.asked == 0


@pytest.mark.parametrize("feed", [f for f in FEEDS if f.signed], ids=lambda f: f.name)
@pytest.mark.parametrize("agent", ["", "overshort"])
def test_who_asks_must_be_said_before_anything_is_sent(
    publishers: Stage, tmp_path: Path, feed: Feed, agent: str
) -> None:
    heard = len(publishers.web.heard)
    own = publishers.pull(tmp_path / "home", feed, agent=agent)[feed.name]
    assert own.problems[0].endswith("or user_agent in overshort.toml")
    assert len(publishers.web.heard) == heard


@pytest.mark.parametrize("feed", [f for f in FEEDS if f.needs], ids=lambda f: f.name)
def test_a_key_must_be_there_before_anything_is_sent(publishers: Stage, tmp_path: Path, feed: Feed) -> None:
    heard = len(publishers.web.heard)
    own = publishers.pull(tmp_path / "home", feed, keys={})[feed.name]
    assert feed.needs[0] in own.problems[0]
    assert len(publishers.web.heard) == heard


def test_no_key_is_ever_said(publishers: Stage, tmp_path: Path) -> None:
    """A key goes into a header, and into no problem, record or file of the store."""
    feed = BY_NAME["databento.trades"]
    for reply in (
        Reply(401),
        Reply(503),
        Reply(302, headers={"Location": "https://elsewhere.example/?key=secret-of-a-test"}),
    ):
        publishers.web.handlers[feed.name] = _always(reply)
        assert "secret" not in str(publishers.pull(tmp_path / "home", feed)[feed.name].problems)
    secret = KEYS[feed.needs[0]].encode()
    assert not [p for p in (tmp_path / "home").rglob("*") if p.is_file() and secret in p.read_bytes()]


def test_offline_opens_no_connection(publishers: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr("socket.socket.connect", refuse)
    monkeypatch.setattr("socket.create_connection", refuse)
    found = publishers.pull(tmp_path / "home", *FEEDS, offline=True, since=None)
    assert all(p.late and not p.asked for p in found.values())
    assert not (tmp_path / "home").exists()
