"""How far closes have moved: over a number of sessions, since the year began, and from the highest.

A change is taken between two closes of one series; a close that is not there is never replaced by another.
"""

from collections.abc import Mapping
from types import MappingProxyType

import polars as pl

from overshort import sessions

__all__ = ["SPANS", "YEAR_TO_DATE", "from_highest", "moved"]

SPANS: Mapping[str, int] = MappingProxyType({"1d": 1, "1w": 5, "1m": 21, "3m": 63, "12m": 252})
"""Sessions between the two closes of a change."""
YEAR_TO_DATE = "ytd"


def _bases(window: str) -> pl.LazyFrame:
    """Give to every session the one that a change over a window begins at: ``session, base``."""
    days = sessions.schedule().lazy().select("session", pl.lit(0).alias("all"))
    if window != YEAR_TO_DATE:
        return days.select("session", pl.col("session").shift(SPANS[window]).over("all").alias("base"))
    year = pl.col("session").dt.year()
    last = days.group_by((year + 1).alias("year")).agg(pl.col("session").max().alias("base"))
    return days.with_columns(year.alias("year")).join(last, on="year", how="left").select("session", "base")


def moved(closes: pl.LazyFrame, by: list[str], window: str) -> pl.LazyFrame:
    """Give the change of every close over a window.

    Parameters
    ----------
    closes
        The columns ``by`` (one series each)``, session, close, known_at`` and any others.
    window
        One of :data:`SPANS`, or :data:`YEAR_TO_DATE`: from the last session of the year before.

    Returns
    -------
    LazyFrame
        The rows with ``base`` (its session)``, change`` (fraction; null where that session has no close)`` and
        ``known_at``, when both were known.
    """
    earlier = closes.select(
        *by, pl.col("session").alias("base"), pl.col("close").alias("from"), pl.col("known_at").alias("from_known")
    )
    both = closes.join(_bases(window), on="session", how="left").join(earlier, on=[*by, "base"], how="left")
    return both.with_columns(
        (pl.col("close") / pl.col("from") - 1).alias("change"), pl.max_horizontal("known_at", "from_known")
    ).drop("from", "from_known")


def from_highest(closes: pl.LazyFrame, by: list[str]) -> pl.LazyFrame:
    """Give every close over the highest so far, itself included, less 1: ``drawdown``, and ``base``, that close's day.

    The day is the first one of equals.
    """
    ordered = closes.sort(*by, "session")
    top = pl.col("close").cum_max().over(by)
    new = (pl.col("close") > top.shift(1).over(by)).fill_null(True)
    reached = pl.when(new).then("session").forward_fill().over(by)
    known = pl.col("known_at").cum_max().over(by)
    return ordered.with_columns((pl.col("close") / top - 1).alias("drawdown"), reached.alias("base"), known)
