"""Completed weeks: how many before it this one's return exceeds."""

from collections.abc import Sequence

import polars as pl

from overshort import sessions
from overshort.metrics.declare import Inputs, metrics
from overshort.metrics.persistence.rows import NO_PRICES, declared
from overshort.metrics.prices import first_feed, price_rows

__all__ = ["best_of", "weeks"]


def best_of(numbers: Sequence[int], values: Sequence[float]) -> list[int]:
    """Give for every value how many consecutive, immediately preceding ones it exceeds.

    Parameters
    ----------
    numbers
        What counts the values without gaps, ascending; nothing is compared across a gap.
    """
    out: list[int] = []
    first = 0
    stronger: list[int] = []
    for k, (number, value) in enumerate(zip(numbers, values, strict=True)):
        if k and numbers[k - 1] != number - 1:
            first = k
            stronger.clear()
        while stronger and values[stronger[-1]] < value:
            stronger.pop()
        out.append(k - stronger[-1] - 1 if stronger else k - first)
        stronger.append(k)
    return out


RETURN = declared(
    "week_return",
    "fraction",
    "Price return of the completed week, its last close against the last close of the week before.",
    grid="week",
    null=NO_PRICES,
    lookback=1,
)
BEST = declared(
    "best_week_of",
    "count",
    "How many consecutive, immediately preceding weeks this week's return exceeds: above 4 it is the strongest in over "
    "a month.  Weeks run from last close to last close, Friday to Friday where Friday trades.",
    grid="week",
    null=NO_PRICES,
    kind="count",
)


def _week_ends(closes: pl.LazyFrame) -> pl.LazyFrame:
    """Keep the closes of last sessions of a week, and number the weeks without gaps."""
    week = ((pl.col("session") - pl.date(1990, 1, 1)).dt.total_days() // 7).alias("week")
    last = sessions.schedule().lazy().select("session").group_by(week).agg(pl.col("session").max())
    return closes.join(last, on="session")


def _changes(closes: pl.LazyFrame) -> pl.DataFrame:
    ends = _week_ends(closes)
    before = ends.with_columns(pl.col("week") + 1).select(
        "subject",
        "week",
        "rank",
        pl.col("session").alias("base_at"),
        pl.col("close").alias("base"),
        pl.col("known_at").alias("base_known"),
    )
    pairs = ends.join(before, on=["subject", "week", "rank"])
    return (
        first_feed(pairs, ["subject", "week"])
        .with_columns(
            (pl.col("close") / pl.col("base") - 1).alias("change"),
            pl.max_horizontal("known_at", "base_known").cum_max().over("subject").alias("known_at"),
        )
        .collect()
    )


def _counted(own: pl.DataFrame) -> pl.DataFrame:
    found = best_of(own["week"].to_list(), own["change"].to_list())
    return own.with_columns(pl.Series("best", found, dtype=pl.Int64))


@metrics(RETURN, BEST, reads=frozenset({"closes"}))
def weeks(inputs: Inputs) -> pl.LazyFrame:
    """Give the return of every completed week, and how many before it were weaker."""
    changes = _changes(inputs["closes"])
    parts = [_counted(own) for own in changes.partition_by("subject", maintain_order=True)]
    frame = pl.concat(parts) if parts else changes.with_columns(pl.lit(None, pl.Int64).alias("best"))
    columns = {RETURN.id: "change", BEST.id: "best"}
    return pl.concat(
        [price_rows(frame.lazy(), id, pl.col(c), base="base_at", at="session") for id, c in columns.items()]
    )
