"""How quiet a session was: where the volume of an index's proxy stands among the sessions before."""

import polars as pl

from overshort.metrics.breadth.rows import declared
from overshort.metrics.declare import Inputs, metrics
from overshort.metrics.prices import PROXIES, first_feed, price_rows
from overshort.metrics.ranking import mid_rank, trailing

__all__ = ["quiet"]

SPAN = 60
"""Sessions that a volume is compared with."""
_BEFORE = {"split": 0, "none": 1}
"""Adjustment for dividends changes no volume, but says nothing of splits either."""

QUIET = declared(
    "quiet",
    "percent",
    f"Mid-rank of the volume of the index's traded proxy among its {SPAN} sessions with a volume before; low is quiet.",
    null=f"null under {SPAN} earlier volumes (table bars); no row without one of the session",
    lookback=SPAN,
)


@metrics(QUIET, reads=frozenset({"bars", "subjects"}))
def quiet(inputs: Inputs) -> pl.LazyFrame:
    """Give the volume percentile of every index's proxy at every session."""
    frame = _volumes(inputs).collect()
    owns = frame.partition_by("subject", "rank", maintain_order=True)
    ranked = pl.concat([_ranked(own) for own in owns] if owns else [_ranked(frame)])
    few = pl.format("too little history: {} earlier volumes of {} in table bars", "earlier", "proxy")
    null = pl.when(pl.col("placed").is_null()).then(few)
    # A series with too little history comes after all that have enough.
    placed = ranked.lazy().with_columns(pl.col("rank") + 100 * pl.col("placed").is_null())
    best = first_feed(placed, ["subject", "session"])
    return price_rows(best, QUIET.id, pl.col("placed"), null=null, n="earlier", at="session")


def _volumes(inputs: Inputs) -> pl.LazyFrame:
    indexes = inputs["subjects"].filter(pl.col("kind") == "index").select("subject")
    pairs = pl.LazyFrame({"subject": list(PROXIES), "proxy": list(PROXIES.values())})
    daily = inputs["bars"].filter(
        (pl.col("interval") == "1d") & pl.col("volume").is_not_null() & pl.col("adjustment").is_in(list(_BEFORE))
    )
    source = pl.format("{} volume, adjustment {}", "proxy", "adjustment")
    own = pairs.join(indexes, on="subject").join(daily, left_on="proxy", right_on="symbol")
    return (
        own.with_columns(
            pl.col("adjustment").replace_strict(_BEFORE, return_dtype=pl.Int64).alias("rank"), source.alias("feed")
        )
        .sort("subject", "rank", "session")
        .select("subject", "proxy", "rank", "session", "volume", "feed", "known_at")
    )


def _ranked(own: pl.DataFrame) -> pl.DataFrame:
    """Rank the volumes of one subject under one adjustment."""
    return own.with_columns(
        pl.Series("placed", trailing(own["volume"].to_numpy(), SPAN, SPAN, mid_rank), dtype=pl.Float64),
        pl.Series("earlier", [min(k, SPAN) for k in range(own.height)], dtype=pl.Int64),
        pl.col("known_at").cum_max().over("subject"),
    )
