"""Daily closes of single securities, by what the publisher had adjusted them for.

Closes of one security under different adjustments are different series: nothing is compared across them.  Closes
adjusted for splits come first, then unadjusted ones, then those adjusted for dividends too.

An unadjusted close that moves by 3 for 2 or more within a session may be a split.  The ratio is published with the
cycle's report, weeks later, so until then such a move says nothing about price.
"""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import polars as pl

from overshort import sessions
from overshort.metrics.declare import Inputs, intermediate
from overshort.metrics.splits import NEAR

__all__ = ["ADJUSTMENTS", "JUMP", "SERIES", "UNADJUSTED", "adjustments_named", "daily"]

ADJUSTMENTS: Mapping[str, int] = MappingProxyType({"split": 0, "none": 1, "total": 2})
"""What bars may be adjusted for, the best first."""
UNADJUSTED = ADJUSTMENTS["none"]
JUMP = float(np.log(1.5)) - NEAR
"""The smallest log move of a close that a split of 3 for 2 explains: a fall of 23 %, a rise of 30 %."""
SERIES = ["symbol", "place"]


@intermediate("daily", reads=frozenset({"bars"}))
def daily(inputs: Inputs) -> pl.LazyFrame:
    """Give the daily closes of all securities.

    Returns
    -------
    LazyFrame
        ``symbol, place`` (of the adjustment in :data:`ADJUSTMENTS`)``, session, close, volume, known_at``; ``before``,
        the close of the session before, null without one; ``jump``, whether this close may be the first after a
        split, and ``jumps``, how many there were so far; sorted by the first three.
    """
    bars = inputs["bars"].filter((pl.col("interval") == "1d") & (pl.col("close") > 0))
    place = pl.col("adjustment").replace_strict(dict(ADJUSTMENTS), return_dtype=pl.UInt8).alias("place")
    numbers = sessions.schedule().lazy().select("session", pl.int_range(pl.len(), dtype=pl.Int32).alias("number"))
    own = bars.select("symbol", place, "session", "close", "volume", "known_at").join(numbers, on="session")
    last = {c: pl.col(c).shift(1).over(SERIES).alias(f"last_{c}") for c in ("close", "number", "known_at")}
    follows = pl.col("number") == pl.col("last_number") + 1
    moved = (pl.col("close") / pl.col("last_close")).log().abs() >= JUMP
    jump = ((pl.col("place") == UNADJUSTED) & moved).fill_null(False)
    return (
        own.sort(*SERIES, "session")
        .with_columns(last.values())
        .with_columns(
            pl.when(follows).then("last_close").alias("before"),
            pl.when(follows).then(pl.max_horizontal("known_at", "last_known_at")).otherwise("known_at").alias("both"),
            jump.alias("jump"),
        )
        .with_columns(pl.col("jump").cast(pl.Int32).cum_sum().over(SERIES).alias("jumps"))
        .select(*SERIES, "session", "close", "volume", "known_at", "last_close", "before", "both", "jump", "jumps")
    )


def adjustments_named(counts: Mapping[str, pl.Expr]) -> pl.Expr:
    """Name the adjustments of a figure's closes, with how many closes each has where there are several.

    Parameters
    ----------
    counts
        Adjustment to number of closes.
    """
    several = pl.sum_horizontal((n > 0).cast(pl.Int64) for n in counts.values()) > 1
    words = {"split": "split-adjusted", "none": "unadjusted", "total": "total-adjusted (dividends count as price)"}
    parts = [
        pl.when((n > 0) & several).then(pl.format("{} {}", n, pl.lit(words[a]))).when(n > 0).then(pl.lit(words[a]))
        for a, n in counts.items()
    ]
    return pl.concat_str(parts, separator=", ", ignore_nulls=True)
