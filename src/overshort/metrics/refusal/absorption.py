"""How much better or worse price did in a cycle than its shorts would have let expect."""

import numpy as np
import polars as pl

from overshort.metrics.crowding.cycles import KEY
from overshort.metrics.crowding.rows import backcast_label
from overshort.metrics.declare import Inputs, Metric, metrics
from overshort.metrics.ranking import Floats
from overshort.metrics.refusal.states import changes_and_prices
from overshort.metrics.rows import panel_rows, reason

__all__ = ["absorption", "standard_errors_off"]

LEAST = 60
"""Fewest earlier cycles of a fit."""


def standard_errors_off(growth: Floats, price: Floats, least: int) -> list[float | None]:
    """Give how far every price lies off a line fitted on all earlier pairs, in their residuals' standard deviations.

    Ordinary least squares with a constant; the standard deviation has two degrees of freedom less than pairs.
    """
    out: list[float | None] = []
    for k in range(growth.size):
        x, y = growth[:k], price[:k]
        spread = float(((x - x.mean()) ** 2).sum()) if k >= least else 0.0
        if spread == 0:
            out.append(None)
            continue
        slope = float(((x - x.mean()) * y).sum() / spread)
        constant = float(y.mean() - slope * x.mean())
        residuals = y - constant - slope * x
        scale = float(np.sqrt((residuals**2).sum() / (k - 2)))
        out.append(float((price[k] - constant - slope * growth[k]) / scale) if scale > 0 else None)
    return out


@metrics(
    Metric(
        id="refusal.absorption",
        kind="number",
        unit="s.d.",
        grid="report",
        subjects=frozenset({"index"}),
        null_rule=f"null without a chain or closes, and under {LEAST} earlier cycles",
        lookback=None,
        definition="Residual of the log price return from settlement to settlement on the same cycle's log growth of "
        f"the chain, by a line fitted on all earlier cycles (at least {LEAST}), in standard deviations of their "
        "residuals.",
    ),
    reads=frozenset({"chains", "closes", "subjects"}),
)
def absorption(inputs: Inputs) -> pl.LazyFrame:
    """Give the absorption of every index at every report."""
    indexes = inputs["subjects"].filter(pl.col("kind") == "index").select("subject")
    chains = inputs["chains"].join(indexes, on="subject", how="semi").sort(KEY)
    based = chains.with_columns(pl.col("settlement").shift(1).over("subject").alias("base"))
    frame = changes_and_prices(based, inputs["closes"]).sort(KEY).collect()
    owns = frame.partition_by("subject", maintain_order=True)
    return _rows(pl.concat([_measured(own) for own in owns] if owns else [_measured(frame)]).lazy())


def _measured(own: pl.DataFrame) -> pl.DataFrame:
    whole = pl.col("clean").is_not_null() & (pl.col("growth") > 0) & pl.col("price").is_not_null()
    pairs = own.filter(whole)
    growth, price = np.log(pairs["growth"].to_numpy()), np.log1p(pairs["price"].to_numpy())
    found = pairs.select(
        *KEY,
        pl.Series("off", standard_errors_off(growth, price, LEAST), dtype=pl.Float64),
        pl.Series("earlier", np.arange(pairs.height), dtype=pl.Int64),
    )
    return own.join(found, on=KEY, how="left", maintain_order="left")


def _rows(frame: pl.LazyFrame) -> pl.LazyFrame:
    lacking = pl.format("no close at both {} and {} in tables levels and bars", "base", "settlement")
    few = pl.format("too little history: {} earlier cycles in table short_interest", "earlier")
    flat = pl.lit("no line: the earlier cycles are all alike, or this one's positions are all 0 (table short_interest)")
    null = pl.coalesce(
        "broken",
        reason(
            (pl.col("base").is_null(), "too little history: the report before is not in table short_interest"),
            (pl.col("price").is_null(), lacking),
            (pl.col("earlier") < LEAST, few),
            (pl.col("off").is_null(), flat),
        ),
    )
    label = pl.concat_str(backcast_label(pl.lit(0)), pl.format("price: {}", "feed"), separator="; ", ignore_nulls=True)
    off, base = pl.col("off"), pl.col("base")
    return panel_rows(frame, "refusal.absorption", off, null=null, basis=label, n="earlier", base=base, coverage=None)
