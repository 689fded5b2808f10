"""What pictures read from a panel: one series, thinned where it is long, with the range of its own past."""

from datetime import date
from typing import NamedTuple

import polars as pl

from overshort import sessions
from overshort.engine.studies import Known

__all__ = ["DAILY_YEARS", "days", "newest", "past_range", "series", "thinned"]

DAILY_YEARS = 3
"""How far back prices are drawn day by day; before that each week's last session stands for it."""


class Newest(NamedTuple):
    """The newest row of one id, null or not."""

    at: date
    value: float | None
    text: str | None
    base_at: date | None


def series(known: Known, id: str, subject: str) -> pl.DataFrame:
    """Give one series that has values: ``at, value, text, base_at, known_at``, and ``known`` as New York clock time."""
    wall = pl.col("known_at").dt.convert_time_zone(str(sessions.NEW_YORK)).dt.to_string("%Y-%m-%d %H:%M")
    return known.series(id, subject).with_columns(wall.alias("known"))


def newest(known: Known, id: str, subject: str) -> Newest | None:
    """Give the newest row of one id; nothing where there is none.

    An older value never stands in for a newest one that is null.
    """
    rows = known.own(id, subject).sort("at").tail(1)
    found = rows.select(pl.col("at").dt.date(), "value", "text", "base_at")
    return Newest(*found.row(0)) if found.height else None


def past_range(rows: pl.DataFrame, span: int, least: int) -> pl.DataFrame:
    """Give the lowest and highest of the ``span`` values before every one, itself excluded.

    Returns
    -------
    DataFrame
        ``at, low, high``, without the rows that have fewer than ``least`` values before them.
    """
    before = pl.col("value").shift(1)
    low = before.rolling_min(span, min_samples=least).alias("low")
    high = before.rolling_max(span, min_samples=least).alias("high")
    return rows.select("at", low, high).drop_nulls()


def thinned(rows: pl.DataFrame, years: int = DAILY_YEARS) -> pl.DataFrame:
    """Leave of every week before the last ``years`` only its last row: a page carries many daily series."""
    if rows.is_empty():
        return rows
    at = pl.col("at")
    recent = at >= at.max().dt.offset_by(f"-{years}y")
    ends_week = (at.dt.truncate("1w") != at.dt.truncate("1w").shift(-1)).fill_null(True)
    return rows.filter(recent | ends_week)


def days(rows: pl.DataFrame, column: str = "at") -> list[str]:
    """Give a column of dates as ISO text."""
    return rows[column].dt.to_string("%Y-%m-%d").to_list()
