"""Columns of series into rows of table ``levels``: days that stand for months, numbers, one row a value.

A month stands at its last session where the exchange calendar reaches (from 1990 on), before that at its last
weekday: an older holiday there moves the date by days and the value not at all.
"""

from collections.abc import Iterable, Mapping
from datetime import date, time, timedelta
from typing import NamedTuple

import polars as pl

from overshort import sessions
from overshort.sources.declare import Rule, instant, rows_of
from overshort.sources.reading import absent, decimal, text

__all__ = ["CLOSE", "Level", "long", "month", "numbers", "numeric", "with_month_ends"]

CLOSE = time(16)
"""When the last price of a session is known, early closes included."""
CALENDAR = 1990
MONTHS = (date(1800, 1, 1), date(2035, 11, 1))
"""Months outside are misreadings; the end is that of all other dates."""


class Level(NamedTuple):
    """One series: its name, its unit, and when a value is known if not with the rest of its row."""

    series: str
    unit: str
    known: pl.Expr | None = None


def month(column: str) -> pl.Expr:
    """Give a column as months (their first days), written YYYYMM or YYYY-MM-DD; null for other texts and years."""
    plain = text(column)
    written = (
        pl.when(plain.str.contains(r"^[0-9]{6}$")).then(plain + "01").str.to_date("%Y%m%d", strict=False),
        pl.when(plain.str.contains(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")).then(plain).str.to_date("%Y-%m-%d", strict=False),
    )
    first = pl.coalesce(*written).dt.month_start()
    return pl.when(first.is_between(*MONTHS)).then(first)


def _last_day(first: date) -> date:
    day = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    while not (sessions.is_session(day) if day.year >= CALENDAR else day.weekday() < 5):
        day -= timedelta(days=1)
    return day


def with_month_ends(frame: pl.DataFrame) -> pl.DataFrame:
    """Add ``at``, the last session of ``month``, and ``known_at``, that day at the close."""
    months = frame["month"].unique().drop_nulls()
    days = pl.DataFrame({"month": months, "at": [_last_day(m) for m in months]}, schema_overrides={"at": pl.Date})
    return frame.join(days, on="month", how="left", maintain_order="left").with_columns(
        instant("at", CLOSE).alias("known_at")
    )


def numeric(frame: pl.DataFrame, columns: Iterable[str]) -> pl.DataFrame:
    """Add what can be read of each column beside it, under its name and ``_``, and whether that is all, ``_ok``."""
    found = {c: decimal(frame, c) for c in columns}
    return frame.with_columns(
        *(e.alias(f"{c}_") for c, e in found.items()),
        *((e.is_not_null() | absent(frame, c)).alias(f"{c}_ok") for c, e in found.items()),
    )


def numbers(columns: Iterable[str]) -> list[Rule]:
    """Give the rules that columns hold numbers or nothing; braces in a name would be taken for places to fill."""
    plain = {c: c.replace("{", "(").replace("}", ")") for c in columns}
    return [Rule(f"{said} '{{}}' is not a number", [c], pl.col(f"{c}_ok")) for c, said in plain.items()]


def long(frame: pl.DataFrame, columns: Mapping[str, Level], frequency: str, source: str) -> pl.DataFrame:
    """Give rows of table ``levels``, one for every number in columns that :func:`numeric` read.

    Parameters
    ----------
    frame
        With ``at`` and ``known_at``; one row a day or month.
    """
    parts = [
        frame.filter(pl.col(f"{column}_").is_not_null()).select(
            "at",
            pl.lit(level.series).alias("series"),
            pl.lit(frequency).alias("frequency"),
            pl.lit(level.unit).alias("unit"),
            pl.col(f"{column}_").alias("value"),
            (pl.col("known_at") if level.known is None else level.known).alias("known_at"),
        )
        for column, level in columns.items()
    ]
    return rows_of("levels", pl.concat(parts), source)
