"""``overshort pull``: what it plans, says and returns; and from an empty store to a brief in one command."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from overshort import sessions
from overshort.sources.feeds import FEEDS
from overshort.store.lake import Lake
from overshort.surfaces import cli
from overshort.surfaces.cli import pull as command
from publishers import replays
from publishers.replays import REPLAYS, finra, report_rows
from publishers.running import BY_NAME, Stage, fake_yfinance, stage
from publishers.server import Reply

NOW = datetime(2025, 6, 30, 22, tzinfo=UTC)
CUT = 4000
"""Rows of a report, in the order of their symbols: less than a fifth, in several pages."""
CHAIN = BY_NAME["cboe.chain"]
Pull = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def publishers() -> Iterator[Stage]:
    with stage() as found:
        yield found


@pytest.fixture
def pull(
    publishers: Stage, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Pull:
    """Run a command on an empty store, at an instant, with time that does not pass."""
    monkeypatch.setenv("OVERSHORT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("OVERSHORT_USER_AGENT", "Jane Doe jane@example.com")
    monkeypatch.setattr(command, "pause", publishers.watch.wait)
    monkeypatch.setattr(command, "ticks", publishers.watch.ticks)

    def call(*arguments: str, now: datetime = NOW) -> tuple[int, str, str]:
        monkeypatch.setattr(command, "now", lambda: now)
        monkeypatch.setattr("overshort.engine.moment.now", lambda: now)
        code = cli._run(["pull", *arguments])
        out, err = capsys.readouterr()
        return code, out, err

    return call


def mirrors(publishers: Stage, *names: str) -> list[str]:
    return [a for n in names for a in ("--base-url", f"{n}={publishers.base(BY_NAME[n])}")]


def test_a_plan_says_what_how_much_and_how_long_and_asks_nothing(pull: Pull, publishers: Stage, tmp_path: Path) -> None:
    heard = len(publishers.web.heard)
    code, out, _ = pull("finra", "--plan", "--since", "2025-05-01")
    assert code == 0
    assert "finra.short_interest  –       2025-06-13  2025-05-15 … 2025-06-13" in out
    assert "Nothing was asked." in out
    code, out, _ = pull("finra", "--plan", "--since", "2025-05-01", "--json")
    first, second = json.loads(out)["sources"]
    assert (first["source"], first["late"], first["due"]) == ("finra.short_interest", True, "2025-06-13")
    assert first["asks"] == ["2025-05-15", "2025-05-30", "2025-06-13"]
    assert (first["requests"], first["bytes"]) == (15, 15_000_000)
    assert first["seconds"] == 7.5
    assert len(second["asks"]) == sum(
        sessions.is_session(date.fromordinal(d))
        for d in range(date(2025, 5, 1).toordinal(), date(2025, 6, 28).toordinal())
    )
    assert len(publishers.web.heard) == heard
    assert not (tmp_path / "home").exists()


def test_every_feed_has_a_plan(pull: Pull) -> None:
    code, out, _ = pull("--plan", "--json", *(f.name for f in FEEDS))
    found = json.loads(out)["sources"]
    assert code == 0
    assert [p["source"] for p in found] == [f.name for f in FEEDS]
    assert all(p["asks"] and p["requests"] and p["bytes"] and p["seconds"] for p in found)


def test_documented_a_summary_and_the_exit_codes(pull: Pull, publishers: Stage) -> None:
    publishers.sound(CHAIN, Path("/nonexistent"))
    now = REPLAYS[CHAIN.name].now
    code, out, err = pull(CHAIN.name, *mirrors(publishers, CHAIN.name), now=now)
    assert (code, err) == (0, "")
    assert "2 rows added, 0 revised." in out
    code, out, _ = pull(CHAIN.name, "--until-current", *mirrors(publishers, CHAIN.name), now=now)
    assert code == 0
    assert "Nothing new." in out
    publishers.web.handlers[CHAIN.name] = lambda _: Reply(444)
    later = datetime(2022, 3, 15, 23, tzinfo=UTC)
    code, out, _ = pull(CHAIN.name, "--json", *mirrors(publishers, CHAIN.name), now=later)
    (only,) = json.loads(out)["sources"]
    assert code == 3
    assert (only["newest"], only["due"], only["late"], only["added"]) == ("2022-03-04", "2022-03-15", True, 0)
    assert "bars this address" in only["problems"][0]


def test_offline_says_what_is_late(pull: Pull, publishers: Stage) -> None:
    heard = len(publishers.web.heard)
    code, out, _ = pull("--offline", "cboe")
    assert code == 3
    assert "Late: cboe.spx has nothing of 2025-06-27; cboe.vix has nothing of 2025-06-27; cboe.chain" in out
    assert "Offline: nothing was asked." in out
    assert len(publishers.web.heard) == heard


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nobody"], "'nobody' is nothing that can be pulled; known are finra.short_interest"),
        (["finra", "--since", "yesterday"], "'yesterday' is not a date"),
        (["finra", "--base-url", "http://127.0.0.1:1"], "is no SOURCE=URL"),
        (["finra", "--base-url", "cboe.vix=http://127.0.0.1:1"], "is no SOURCE=URL"),
        (["cboe.vix", "--base-url", "cboe.vix=http://mirror.example"], "neither https://HOST nor http://"),
        (["yahoo.daily", "--base-url", "yahoo.daily=http://127.0.0.1:1"], "takes no --base-url"),
        (["cboe.vix", "--brief", "brief.pdf"], "'brief.pdf' ends in none of"),
        (["cboe.vix", "--brief", "brief.html", "--json"], "give one of them"),
    ],
)
def test_wrong_usage_is_said_before_anything_is_asked(
    pull: Pull, tmp_path: Path, arguments: list[str], said: str
) -> None:
    code, out, err = pull(*arguments)
    assert (code, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1
    assert not (tmp_path / "home").exists()


@pytest.mark.data
def test_from_nothing_to_a_brief_in_one_command(
    pull: Pull, publishers: Stage, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """24 reports, the members of the indices, bars and the VIX: all from publishers' servers, then the page."""
    days = sessions.settlements_between(date(2024, 6, 28), date(2025, 6, 13))
    assert len(days) == 24
    names = ["finra.short_interest", "ishares.holdings", "cboe.spx", "cboe.vix"]
    for name in names:
        publishers.sound(BY_NAME[name], data)
    publishers.web.handlers[names[0]] = finra(lambda day: report_rows(data, day, CUT), days)
    monkeypatch.setattr(replays, "ROWS", 2500)
    asked = fake_yfinance(monkeypatch, data, rows=300)
    page = tmp_path / "brief.html"
    since = days[0].isoformat()
    code, out, _ = pull(
        *names, "yahoo.daily", "yahoo.hourly", "--since", since, "--brief", str(page), *mirrors(publishers, *names)
    )
    assert code == 0, out
    assert len(asked) == 6
    lake = Lake.open(tmp_path / "home")
    expected = pl.concat(report_rows(data, day, CUT) for day in days)
    found = lake.scan("short_interest").select(pl.len(), pl.col("position").sum()).collect()
    assert found.row(0) == (24 * CUT, expected["currentShortPositionQuantity"].sum())
    assert lake.scan("short_interest").select(pl.col("settlement").n_unique()).collect().item() == 24
    text = page.read_text("utf-8")
    assert "2025-06-13" in text
    assert "SIMULATED" not in text
    code, out, _ = pull(*names, "yahoo.daily", "yahoo.hourly", "--until-current", *mirrors(publishers, *names))
    assert code == 0
    assert "Nothing new." in out


def test_the_guide_names_every_source_key_and_time() -> None:
    text = (Path(__file__).parents[2] / "docs" / "pull.md").read_text("utf-8")
    names = {f"`{f.name}`" for f in FEEDS}
    assert not {n for n in names if n not in text}
    assert not {k for f in FEEDS for k in (*f.needs, *command.KEYS) if k not in text}
    assert "30 17 * * 1-5" in text
    assert "OnCalendar=Mon..Fri 17:30 America/New_York" in text


def test_status_names_what_is_late(pull: Pull, publishers: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    publishers.sound(CHAIN, Path("/nonexistent"))
    pull(CHAIN.name, *mirrors(publishers, CHAIN.name), now=REPLAYS[CHAIN.name].now)
    assert cli._run(["status", "--json", "--as-of", "2022-03-14"]) == 0
    late = {s["source"]: s for s in json.loads(capsys.readouterr().out)["late"]}
    assert late["cboe.chain"] == {"source": "cboe.chain", "newest": "2022-03-04", "due": "2022-03-14"}
    assert late["finra.short_interest"]["newest"] is None
    assert cli._run(["status", "--as-of", "2022-03-05"]) == 0
    out = capsys.readouterr().out
    assert "Late, to be had with `overshort pull`: finra.short_interest (nothing of 2022-02-15)" in out
    assert "cboe.chain" not in out.partition("Late, to be had")[2].partition("\n")[0]
