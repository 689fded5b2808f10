"""How new a store is, from a few rows made by hand."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from overshort import schema
from overshort.engine.freshness import TableState, newest_settlements, table_states
from overshort.store.lake import MARKS, Lake
from store.rows import frame

ONE, TWO, THREE = date(2024, 1, 12), date(2024, 1, 31), date(2024, 2, 15)
KNOWN = {ONE: datetime(2024, 1, 24, 21, 40, tzinfo=UTC), TWO: datetime(2024, 2, 9, 21, 40, tzinfo=UTC)}
KNOWN[THREE] = datetime(2024, 2, 27, 21, 40, tzinfo=UTC)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake.create(tmp_path / "home", simulated=False)


def reported(day: date, names: int, sha256: str = "a" * 64) -> dict[str, object]:
    facts = {"settlement": day, "position": 1, "split": False, "revised": False, "market": "NNM", "sha256": sha256}
    return {**facts, "symbol_raw": "Z", "known_at": KNOWN[day], "names": names}


def fill(lake: Lake, *reports: dict[str, object]) -> None:
    with lake.writing():
        for facts in reports:
            names = int(str(facts.pop("names")))
            lake.append("short_interest", frame("short_interest", [{**facts, "symbol": f"Z{k}"} for k in range(names)]))


def announced(lake: Lake, day: date) -> None:
    row = {"subject": "NASDAQ", "settlement": day, "market": "all", "known_at": KNOWN[day]}
    with lake.writing():
        lake.append("totals", frame("totals", [row]))


def test_nothing_is_newest_in_an_empty_store(lake: Lake) -> None:
    assert newest_settlements(lake, KNOWN[THREE]) == {"short_interest": None, "totals": None}


def test_a_report_counts_from_its_publication_on(lake: Lake) -> None:
    fill(lake, reported(ONE, 4), reported(TWO, 4))
    announced(lake, ONE)
    assert newest_settlements(lake, KNOWN[TWO]) == {"short_interest": TWO, "totals": ONE}
    before = KNOWN[TWO] - timedelta(microseconds=1)
    assert newest_settlements(lake, before) == {"short_interest": ONE, "totals": ONE}
    assert newest_settlements(lake, KNOWN[ONE] - timedelta(days=1)) == {"short_interest": None, "totals": None}


@pytest.mark.parametrize(("names", "newest"), [(4, TWO), (5, THREE), (9, THREE)])
def test_an_excerpt_is_no_report(lake: Lake, names: int, newest: date) -> None:
    """Half of the rows of the last report make one."""
    fill(lake, reported(ONE, 10), reported(TWO, 9), reported(THREE, names))
    assert newest_settlements(lake, KNOWN[THREE])["short_interest"] == newest


def test_states_of_all_tables(lake: Lake) -> None:
    fill(lake, reported(ONE, 3), reported(TWO, 2, "b" * 64))
    announced(lake, ONE)
    states = {s.table: s for s in table_states(lake)}
    assert list(states) == list(schema.TABLES)
    assert states["short_interest"] == TableState("short_interest", 5, ONE, TWO, KNOWN[TWO], 2)
    assert states["totals"] == TableState("totals", 1, ONE, ONE, KNOWN[ONE], 1)
    assert states["bars"] == TableState("bars", 0, None, None, None, 0)


def test_rows_that_were_taken_out_do_not_count(lake: Lake) -> None:
    fill(lake, reported(ONE, 3), reported(TWO, 3, "b" * 64))
    with lake.writing():
        lake.mark(pl.DataFrame([("b" * 64, 0)], schema=dict(MARKS), orient="row"))
    assert newest_settlements(lake, KNOWN[THREE])["short_interest"] == ONE
    assert next(s for s in table_states(lake) if s.table == "short_interest").rows == 3
