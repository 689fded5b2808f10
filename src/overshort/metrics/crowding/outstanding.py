"""Shares outstanding in the shares of the report that they are set against.

1. The newest count known when the report was published, unless it is older than 400 days: then none.
2. Times the split ratios of every cycle that began on or after the count's date, up to the report.  A count seen
   within a split's own cycle is taken as it stands: it may be in old shares or in new ones, and nothing tells.
"""

from datetime import timedelta

import polars as pl

from overshort.metrics.declare import Inputs, intermediate
from overshort.metrics.splits import cycle_starts

__all__ = ["OLDEST", "outstanding"]

OLDEST = timedelta(days=400)
"""A year and the time that a yearly filing takes."""
THERE = ["symbol", "settlement"]


def _splits(ratios: pl.LazyFrame) -> pl.LazyFrame:
    """Give every split other than 1 with the settlement at which its cycle began."""
    real = ratios.filter(pl.col("ratio") != 1).select("symbol", pl.col("settlement").alias("split"), "ratio").collect()
    starts = cycle_starts(real["split"].unique().to_list())
    start = pl.col("split").replace_strict(starts, default=None, return_dtype=pl.Date)
    return real.with_columns(start.alias("start")).lazy()


@intermediate("outstanding", reads=frozenset({"shares_at_report", "ratios"}))
def outstanding(inputs: Inputs) -> pl.LazyFrame:
    """Give the shares outstanding and float known at every report, split-adjusted to it.

    Returns
    -------
    LazyFrame
        ``symbol, settlement, outstanding, float, counted`` (the date of the count); no row where the newest count
        is older than 400 days.
    """
    fresh = inputs["shares_at_report"].filter(pl.col("settlement") - pl.col("at") <= OLDEST)
    since = (pl.col("start") >= pl.col("at")) & (pl.col("split") <= pl.col("settlement"))
    later = fresh.select(*THERE, "at").join(_splits(inputs["ratios"]), on="symbol").filter(since)
    factors = later.sort(*THERE, "split").group_by(THERE).agg(pl.col("ratio").cum_prod().last().alias("factor"))
    adjusted = (pl.col(c) * pl.col("factor").fill_null(1.0) for c in ("outstanding", "float"))
    whole = fresh.join(factors, on=THERE, how="left").with_columns(adjusted)
    return whole.select(*THERE, "outstanding", "float", pl.col("at").alias("counted"))
