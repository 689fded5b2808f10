"""Small tables for the store, as strategies and as frames."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
from hypothesis import strategies as st

from overshort import schema

__all__ = ["DAYS", "INSTANTS", "Row", "frame", "levels", "rows_of", "totals", "vintages"]

Row = Mapping[str, Any]
DAYS = [date(2024, 1, 12), date(2024, 1, 31), date(2024, 2, 15)]
INSTANTS = [datetime(2024, 3, 1, 12, tzinfo=UTC) + timedelta(hours=7 * k) for k in range(6)]
COMMON = {"source": "invented", "sha256": "a" * 64, "batch": 0}


def frame(table: str, rows: Iterable[Row]) -> pl.DataFrame:
    """Give rows exactly the columns and types of a table; what a row does not say of a file is filled in."""
    filled = [{**COMMON, **row} for row in rows]
    return pl.DataFrame(filled, schema=schema.table(table).columns)


def levels(*values: float, series: str = "VIX", known: datetime = INSTANTS[0], **common: Any) -> pl.DataFrame:
    """Give one row of table levels for each value, on consecutive days."""
    labels = {"series": series, "frequency": "day", "unit": "points", "known_at": known}
    days = (date(2024, 1, 1) + timedelta(days=k) for k in range(len(values)))
    return frame("levels", [{**labels, **common, "at": d, "value": v} for d, v in zip(days, values, strict=True)])


def totals(rows: Iterable[Row]) -> pl.DataFrame:
    """Give rows of table totals."""
    return frame("totals", rows)


def rows_of(found: pl.DataFrame | pl.LazyFrame) -> list[tuple[object, ...]]:
    """Give rows as sorted tuples, so that order plays no part."""
    return sorted(found.lazy().collect().iter_rows(), key=repr)


def vintages(subjects: str = "ab", *, size: int = 14) -> st.SearchStrategy[list[Row]]:
    """Draw rows of table totals: few keys, so that most have several vintages."""
    row = st.fixed_dictionaries(
        {
            "subject": st.sampled_from(subjects),
            "settlement": st.sampled_from(DAYS),
            "market": st.just("all"),
            "shares": st.none() | st.integers(0, 3),
            "known_at": st.sampled_from(INSTANTS),
        }
    )
    return st.lists(row, max_size=size, unique_by=lambda r: (r["subject"], r["settlement"], r["known_at"]))
