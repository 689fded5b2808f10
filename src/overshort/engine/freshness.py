"""How new the store is, and what it lacks."""

from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from overshort import schema
from overshort.engine.inputs import published
from overshort.metrics.members import complete
from overshort.store import asof
from overshort.store.lake import NOT_DATA, Lake

__all__ = ["TableState", "newest_sessions", "newest_settlements", "table_states"]

REPORTED = ("short_interest", "totals")
_SUBJECT_DATE = {
    "short_interest": "settlement",
    "totals": "settlement",
    "splits": "settlement",
    "bars": "session",
    "membership": "first",
    "flows": "session",
    "option_trades": "session",
    "option_quotes": "session",
    "publications": "settlement",
    "forecasts": "settlement",
}


@dataclass(frozen=True, slots=True)
class TableState:
    """Rows, span and newest knowledge of one table."""

    table: str
    rows: int
    first: date | None
    last: date | None
    known_at: datetime | None
    files: int


def newest_settlements(lake: Lake, as_of: datetime) -> dict[str, date | None]:
    """Give the newest settlement date of each report table that was known at an instant.

    A settlement of which only a few names are on file (a website export) is no report: what is one, metrics say.
    """
    out: dict[str, date | None] = {}
    for name in REPORTED:
        known = asof.known(lake.scan(name), as_of)
        newest = complete(known.group_by("settlement").len("rows").collect())["settlement"].max()
        out[name] = newest if isinstance(newest, date) else None
    return out


def newest_sessions(lake: Lake, as_of: datetime) -> dict[str, date | None]:
    """Give the newest session of daily prices in each price table that was known at an instant; null without any."""
    days = {
        "bars": ("session", lake.scan("bars").filter(pl.col("interval") == "1d")),
        "levels": ("at", published(lake.scan("levels")).filter(pl.col("frequency") == "day")),
    }
    out: dict[str, date | None] = {}
    for name, (column, daily) in days.items():
        newest = asof.known(daily, as_of).select(pl.col(column).max()).collect().item()
        out[name] = newest if isinstance(newest, date) else None
    return out


def _day(column: str) -> pl.Expr:
    return pl.col(column).cast(pl.Date)


def table_states(lake: Lake) -> list[TableState]:
    """Give the state of every table, in the order of the schema."""
    out = []
    for name in schema.TABLES:
        day = _SUBJECT_DATE.get(name, "at")
        row = (
            lake.scan(name)
            .select(
                pl.len().alias("rows"),
                _day(day).min().alias("first"),
                _day(day).max().alias("last"),
                pl.col("known_at").max(),
                pl.col("sha256").n_unique().alias("files") if name not in NOT_DATA else pl.lit(0).alias("files"),
            )
            .collect()
            .row(0, named=True)
        )
        out.append(TableState(table=name, **row))
    return out
