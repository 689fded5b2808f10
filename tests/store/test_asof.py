"""Reads as of an instant, against slow twins in plain Python."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from overshort import schema
from overshort.store import asof
from store.rows import DAYS, INSTANTS, Row, rows_of, totals, vintages

DAY = timedelta(days=1)
MOMENTS = [INSTANTS[0] - DAY, *INSTANTS, INSTANTS[2] + timedelta(microseconds=1), INSTANTS[-1] + DAY]
moments = st.sampled_from(MOMENTS)
KEY = ("subject", "settlement", "market")
ONE_SUBJECT = ("id", "subject")


def key_of(row: Row, names: Iterable[str]) -> tuple[object, ...]:
    return tuple(row[n] for n in names)


def best(rows: Iterable[Row], by: Iterable[str], rank: Callable[[Row], Any]) -> list[Row]:
    """Keep of each group the row of the highest rank: the twin of everything here."""
    kept: dict[tuple[object, ...], Row] = {}
    for row in rows:
        key = key_of(row, by)
        if key not in kept or rank(row) > rank(kept[key]):
            kept[key] = row
    return list(kept.values())


def until(rows: Iterable[Row], moment: datetime) -> list[Row]:
    return [r for r in rows if r["known_at"] <= moment]


@given(rows=vintages(), moment=moments)
def test_known(rows: list[Row], moment: datetime) -> None:
    assert rows_of(asof.known(totals(rows).lazy(), moment)) == rows_of(totals(until(rows, moment)))


@given(rows=vintages(), moment=st.none() | moments)
def test_newest(rows: list[Row], moment: datetime | None) -> None:
    seen = rows if moment is None else until(rows, moment)
    expected = best(seen, KEY, lambda r: r["known_at"])
    assert rows_of(asof.newest(totals(rows).lazy(), "totals", moment)) == rows_of(totals(expected))


def panels() -> st.SearchStrategy[list[Row]]:
    row = st.fixed_dictionaries(
        {
            "id": st.sampled_from(["a.x", "a.y"]),
            "subject": st.sampled_from(["NDX", "SPX"]),
            "at": st.sampled_from([datetime(2024, 1, d, tzinfo=UTC) for d in (12, 15, 31)]),
            "value": st.none() | st.floats(-5, 5),
            "known_at": st.sampled_from(INSTANTS),
        }
    )
    return st.lists(row, max_size=16, unique_by=lambda r: (*key_of(r, ONE_SUBJECT), r["at"], r["known_at"]))


def panel(rows: Iterable[Row]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=schema.PANEL)


@given(rows=panels(), moment=moments)
def test_latest(rows: list[Row], moment: datetime) -> None:
    expected = best(until(rows, moment), ONE_SUBJECT, lambda r: (r["at"], r["known_at"]))
    assert rows_of(asof.latest(panel(rows).lazy(), moment).select(list(schema.PANEL))) == rows_of(panel(expected))


@given(rows=panels(), moment=moments)
def test_history(rows: list[Row], moment: datetime) -> None:
    expected = best(until(rows, moment), (*ONE_SUBJECT, "at"), lambda r: r["known_at"])
    found = asof.history(panel(rows).lazy(), moment).select(list(schema.PANEL)).collect()
    assert rows_of(found) == rows_of(panel(expected))
    assert found.select(pl.struct("id", "subject", "at").is_sorted()).item() if found.height else True


def test_a_row_counts_from_its_very_instant_on() -> None:
    rows = totals([{"subject": "a", "settlement": DAYS[0], "market": "all", "known_at": MOMENTS[1]}])
    before = MOMENTS[1] - timedelta(microseconds=1)
    assert asof.known(rows.lazy(), MOMENTS[1]).collect().height == 1
    assert asof.known(rows.lazy(), before).collect().height == 0


@pytest.mark.parametrize("name", [*schema.TABLES])
def test_every_table_has_a_newest_vintage(name: str) -> None:
    empty = schema.empty(name)
    assert asof.newest(empty.lazy(), name, MOMENTS[2]).collect().equals(empty)
