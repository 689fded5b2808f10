"""What new shorts of a cycle were sold at: the volume-weighted price of its sessions.

1. A cycle is the sessions after one settlement up to the next, by FINRA's calendar.
2. Its price is Σ close x volume / Σ volume; the plain mean of its closes where a volume is missing.
3. Unadjusted closes of a cycle with a split are put into the shares of its end: the split's session is the one whose
   move lies nearest to the ratio; closes before it are divided by the ratio, volumes multiplied.
"""

from bisect import bisect_left
from datetime import timedelta

import polars as pl

from overshort import sessions
from overshort.metrics.daily import SERIES, UNADJUSTED
from overshort.metrics.declare import Inputs, intermediate
from overshort.metrics.rows import in_order

__all__ = ["cycle_prices"]

CYCLE = ["symbol", "place", "settlement"]


def _cycles() -> pl.LazyFrame:
    """Give for every session the settlement date that ends its cycle, and how many sessions the cycle has."""
    trading = sessions.schedule()["session"].to_list()
    calendar = sessions.settlements_between(trading[0], trading[-1] + timedelta(days=1))
    ends = [calendar[k] if (k := bisect_left(calendar, day)) < len(calendar) else None for day in trading]
    frame = pl.DataFrame({"session": trading, "settlement": pl.Series(ends, dtype=pl.Date)}).drop_nulls()
    return frame.with_columns(pl.len().over("settlement").alias("length")).lazy()


def _split_clean(rows: pl.LazyFrame, ratios: pl.LazyFrame) -> pl.LazyFrame:
    """Put the closes and volumes of cycles with a split into the shares of the cycle's end."""
    split = ratios.filter(pl.col("ratio") != 1).select(
        "symbol", "settlement", "ratio", pl.col("known_at").alias("ratio_known")
    )
    raw = rows.filter(pl.col("place") == UNADJUSTED)
    own = raw.join(split, on=["symbol", "settlement"]).sort(*SERIES, "session")
    off = ((pl.col("last_close") / pl.col("close")).log() - pl.col("ratio").log()).abs()
    at = pl.col("session").sort_by(off, "session", nulls_last=True).first().over(CYCLE)
    factor = pl.when(pl.col("session") < at).then("ratio").otherwise(1.0)
    clean = own.with_columns(
        pl.col("close") / factor,
        pl.col("volume") * factor,
        pl.max_horizontal("known_at", "ratio_known").alias("known_at"),
    ).drop("ratio", "ratio_known")
    rest = raw.join(split, on=["symbol", "settlement"], how="anti")
    return pl.concat([rows.filter(pl.col("place") != UNADJUSTED), rest, clean])


@intermediate("cycle_prices", reads=frozenset({"daily", "ratios", "short_interest"}))
def cycle_prices(inputs: Inputs) -> pl.LazyFrame:
    """Give the price of every cycle of every security, under every adjustment.

    Returns
    -------
    LazyFrame
        ``symbol, place, settlement, price, weighted`` (whether by volume)``, jumps`` (of ``daily``, so far)``,
        known_at``; sorted.  No row where fewer than half of the cycle's sessions have a close.
    """
    first = inputs["short_interest"].select(pl.col("settlement").min().alias("first"))
    cycles = _cycles().join(first, how="cross").filter(pl.col("settlement") >= pl.col("first")).drop("first")
    closes = inputs["daily"].join(cycles, on="session")
    rows = _split_clean(closes, inputs["ratios"]).sort(*SERIES, "session")
    traded = pl.col("volume").is_not_null().all() & (pl.col("volume").sum() > 0)
    by_volume = in_order(pl.col("close") * pl.col("volume")) / in_order(pl.col("volume"))
    found = rows.group_by(CYCLE, maintain_order=True).agg(
        pl.when(traded).then(by_volume).otherwise(in_order(pl.col("close")) / pl.len()).alias("price"),
        traded.alias("weighted"),
        pl.col("jumps").last(),
        pl.col("known_at").max(),
        (2 * pl.len() >= pl.col("length").first()).alias("enough"),
    )
    return found.filter("enough").drop("enough")
