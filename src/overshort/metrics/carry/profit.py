"""For how long the average short has been under water."""

from collections.abc import Sequence
from datetime import date

import polars as pl

from overshort.metrics.carry.rows import carry_rows, declared, unmarked, with_past
from overshort.metrics.declare import Inputs, metrics
from overshort.metrics.rows import reason

__all__ = ["last_profits", "underwater"]

UNDERWATER = declared(
    "underwater_days",
    "days",
    "Calendar days since the average short entry was last in profit (carry.mtm above 0), 0 while it is; the base date "
    "is that session.  Sessions without a mark are passed over.",
    null="null without a mark, and where the average short was never in profit since the first one",
    kind="count",
)


def last_profits(days: Sequence[date], gains: Sequence[float]) -> list[date | None]:
    """Give for every day the last day up to it with a gain above 0; ``None`` before the first."""
    out: list[date | None] = []
    for day, gain in zip(days, gains, strict=True):
        out.append(day if gain > 0 else out[-1] if out else None)
    return out


@metrics(UNDERWATER, reads=frozenset({"marks"}))
def underwater(inputs: Inputs) -> pl.LazyFrame:
    """Give for how long the average short has been under water."""
    frame = inputs["marks"].with_columns(unmarked().alias("unmarked")).collect()
    whole = frame.filter(pl.col("unmarked").is_null())
    owns = whole.partition_by("subject", maintain_order=True)
    found = pl.concat([_counted(own) for own in owns] if owns else [_counted(whole)])
    placed = with_past(frame).join(found, on=["subject", "session"], how="left", maintain_order="left")
    days = (pl.col("session") - pl.col("profit")).dt.total_days().alias("days")
    never = pl.format(
        "the average short was never in profit since the first mark on {} (tables short_interest, bars)", "begun"
    )
    null = pl.coalesce("unmarked", reason((pl.col("profit").is_null(), never)))
    return carry_rows(placed.with_columns(days).lazy(), UNDERWATER, "days", null, base="profit")


def _counted(own: pl.DataFrame) -> pl.DataFrame:
    profits = last_profits(own["session"].to_list(), own["mtm"].to_list())
    begun = own["session"].min()
    return own.select(
        "subject", "session", pl.Series("profit", profits, dtype=pl.Date), pl.lit(begun, pl.Date).alias("begun")
    )
