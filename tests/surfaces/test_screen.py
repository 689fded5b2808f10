"""The screen on the command line, and on the real report of January 2021."""

import json
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from overshort.engine.ingest import import_paths
from overshort.engine.moment import moment
from overshort.engine.screen import screen
from overshort.sources import Options
from overshort.store.lake import Lake
from surfaces.conftest import Run


def test_a_screen_prints_weights_coverage_and_base_rate(run: Run) -> None:
    code, out, _ = run("screen", "LISTED", "--top", "5")
    assert code == 0
    flat = " ".join(out.split())
    assert "0.2 each" in flat
    assert "Squeeze screen of all listed common stocks" in flat
    assert "no common stock by market class, symbol or name" in flat
    assert "preceded a position of at least 1 day's volume that stands 25.0 % lower" in flat


def test_a_screen_of_an_old_report_says_that_a_newer_one_was_due(run: Run) -> None:
    _, out, _ = run("screen", "SPX", "--top", "1", "--as-of", "2025-01-10")
    assert "Stale" not in out
    _, out, _ = run("screen", "SPX", "--top", "1", "--as-of", "2025-03-31")
    assert "Stale: the newest complete report is of 2024-12-31; that of 2025-03-14 was published by then." in out


def test_rows_come_in_the_order_asked_for(run: Run) -> None:
    code, out, _ = run("screen", "SPX", "--by", "dtc", "--top", "0", "--json")
    found = json.loads(out)
    assert code == 0
    days = [r["dtc"] for r in found["rows"]]
    assert days == sorted(days, reverse=True)
    assert [r["place"] for r in found["rows"]] == list(range(1, len(days) + 1))
    assert found["common"] == len(days)
    last = found["rows"][-1]["symbol"]
    _, again, _ = run("screen", "SPX", "--by", "dtc", "--top", "1", "--also", last.lower(), "--json")
    assert [r["place"] for r in json.loads(again)["rows"]] == [1, len(days)]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("FOO",), 2, "'FOO' is no universe; give one of SPX, NDX, RUT, NASDAQ, LISTED"),
        (("SPX", "--by", "beauty"), 2, "sorted by 'beauty'; give one of score, short_float"),
        (("SPX", "--top", "-1"), 2, "top -1 is no number of stocks"),
        (("SPX", "--also", "NOPE"), 2, "NOPE is no common stock of SPX"),
        (("SPX", "-o", "x.txt"), 2, "a screen is written as .csv or .parquet"),
        (("SPX", "--as-of", "1999-01-04"), 3, "no complete report of short interest was known then"),
    ],
)
def test_wrong_usage_is_one_sentence(run: Run, arguments: tuple[str, ...], code: int, words: str) -> None:
    got, out, err = run("screen", *arguments)
    assert got == code
    assert out == ""
    assert words in err


def test_a_screen_is_exported(run: Run, tmp_path: Path) -> None:
    for suffix in ("csv", "parquet"):
        target = tmp_path / f"s.{suffix}"
        assert run("screen", "SPX", "--top", "3", "-o", str(target))[0] == 0
        read = pl.read_csv if suffix == "csv" else pl.read_parquet
        assert read(target).height == 3


@pytest.fixture(scope="module")
def january(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """A store of the reports of January 2021, the floats of that winter and the fails."""
    home = tmp_path_factory.mktemp("january") / "store"
    files = [
        data / "finra/raw/shrt20210115.csv.gz",
        data / "finra/raw/shrt20210129.csv.gz",
        data / "finra/wsj_short_interest_float_2020-12_2021-07.parquet",
        data / "flows/cnsfails202012b.txt.gz",
    ]
    now = datetime(2026, 1, 2, tzinfo=UTC)
    import_paths(home, files, options=Options(), dry_run=False, progress=lambda *_: None, now=now)
    return Lake.open(home)


@pytest.mark.data
def test_the_winter_of_gamestop(january: Lake) -> None:
    """Positions of 2021-01-15 over floats as seen on 2021-01-28."""
    found = screen(january, moment("2021-01-29").instant, "LISTED")
    assert found.settlement.isoformat() == "2021-01-15"
    best = found.best("short_float", 5)
    assert best["symbol"].to_list() == ["XSPA", "GME", "AMC", "WTRH", "SPCE"]
    gme = best.row(1, named=True)
    assert gme["short_float"] == pytest.approx(61_782_730 / 51_440_000)
    assert gme["dtc"] == pytest.approx(61_782_730 / 29_385_884)
    before = screen(january, moment("2021-01-27").instant, "LISTED").best("short_float", 2).row(1, named=True)
    assert before["short_float"] == pytest.approx(61_782_730 / 50_190_000)


@pytest.mark.data
def test_the_composite_says_where_gamestop_stood_and_why(january: Lake) -> None:
    found = screen(january, moment("2021-01-29").instant, "LISTED")
    own = found.rows.filter(pl.col("symbol") == "GME").row(0, named=True)
    parts = [own[f"rank_{p}"] for p in ("short_float", "dtc", "change", "fee")]
    assert own["score"] == pytest.approx(sum(parts) / 4)
    assert own["rank_short_float"] > 99.9
    assert own["rank_dtc"] < 50, "at 29 million shares a day its shorts were two days of volume"
    assert own["change"] < 0
    assert found.base_rate is None
