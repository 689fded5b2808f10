"""The exchange's own announced totals: shown beside FINRA's rows and after them, never chained."""

import polars as pl

from overshort.metrics.crowding.rows import declared
from overshort.metrics.declare import Inputs, Metric, metrics
from overshort.metrics.rows import panel_rows

__all__ = ["announced"]


def _metric(name: str, unit: str, what: str) -> Metric:
    return declared(
        f"announced_{name}",
        unit,
        f"{what} that the exchange announced for all its issues; shown, never chained.",
        null="no row where the exchange announced none",
        lookback=0,
        subjects=frozenset({"exchange"}),
        kind="count",
    )


@metrics(
    _metric("shares", "shares", "Shares short"),
    _metric("issues", "count", "Number of issues with a short position"),
    reads=frozenset({"totals", "subjects"}),
)
def announced(inputs: Inputs) -> pl.LazyFrame:
    """Give the announced totals of every exchange that is asked for."""
    own = inputs["totals"].filter(pl.col("market") == "all").join(inputs["subjects"], on="subject", how="semi")
    frame = own.with_columns(pl.lit("announced").alias("basis"))
    parts = []
    for column in ("shares", "issues"):
        found = frame.filter(pl.col(column).is_not_null())
        id, none = f"crowding.announced_{column}", pl.lit(None, pl.String)
        parts.append(panel_rows(found, id, pl.col(column), null=none, n="issues", coverage=pl.lit(None)))
    return pl.concat(parts)
