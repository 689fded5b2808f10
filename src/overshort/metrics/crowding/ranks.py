"""Where the chain stands in its own history: mid-ranks, the share at or below, and a rank off trend."""

import numpy as np
import polars as pl

from overshort.metrics.crowding.cycles import KEY
from overshort.metrics.crowding.rows import backcast_label, declared
from overshort.metrics.declare import Inputs, Metric, metrics
from overshort.metrics.ranking import Floats, at_or_below, mid_rank, trailing
from overshort.metrics.rows import panel_rows

__all__ = ["detrended_rank", "ranks", "trend_residuals"]

SPANS = {"1y": (24, 24), "5y": (120, 60)}
"""Reports compared with, and how many must be there."""
LEAST = 60
"""Earlier reports for a rank among all of them."""


def trend_residuals(values: Floats) -> Floats:
    """Give the residuals of values on a constant and a linear trend, least squares."""
    time = np.arange(values.size, dtype=np.float64)
    time -= time.mean()
    slope = (time @ values) / (time @ time)
    return np.asarray(values - values.mean() - slope * time, dtype=np.float64)


def detrended_rank(history: Floats) -> float:
    """Rank the last residual of a log chain on its trend among up to 120 residuals of the same fit before it."""
    residuals = trend_residuals(np.log(history))
    return mid_rank(residuals[-1], residuals[-121:-1])


def _metric(name: str, lookback: int | None, null: str, definition: str) -> Metric:
    return declared(name, "percent", definition, null=null, lookback=lookback)


def _declared() -> list[Metric]:
    out = []
    for name, (span, least) in SPANS.items():
        null = f"null without a chain and under {least} earlier reports"
        out += [
            _metric(
                f"rank_{name}",
                span,
                null,
                f"Mid-rank of the chain among the {span} reports before it, itself excluded; n of them were there.",
            ),
            _metric(
                f"rank_{name}_le",
                span,
                null,
                f"Percentage of the {span} reports before at or below the chain (TradingView's percentrank).",
            ),
        ]
    return out


DETRENDED = _metric(
    "rank_5y_detrended",
    None,
    f"null without a chain and under {LEAST} earlier reports",
    "Mid-rank of the log chain's residual on a linear trend fitted on all reports so far, among the 120 residuals "
    "of the same fit before it.",
)


ALL_HISTORY = _metric(
    "rank_all",
    None,
    f"null without a chain and under {LEAST} earlier reports",
    "Mid-rank of the chain among all reports before it, itself excluded; n of them were there, the base date is the "
    "first.",
)


@metrics(*_declared(), DETRENDED, ALL_HISTORY, reads=frozenset({"chains"}))
def ranks(inputs: Inputs) -> pl.LazyFrame:
    """Rank the chain of every subject at every report."""
    frame = inputs["chains"].sort(KEY).collect()
    parts = [_of_subject(own) for own in frame.partition_by("subject", maintain_order=True)]
    return pl.concat(parts) if parts else _empty(frame)


def _empty(frame: pl.DataFrame) -> pl.LazyFrame:
    return panel_rows(frame.lazy(), "", pl.lit(None), null=pl.lit(None, pl.String))


def _of_subject(own: pl.DataFrame) -> pl.LazyFrame:
    """The chain of a subject is whole from its start to its first break, so earlier values need no filter."""
    sound = own.filter(pl.col("clean").is_not_null())
    values = sound["clean"].to_numpy()
    out = []
    for name, (span, least) in SPANS.items():
        out.append(_rows(own, sound, f"rank_{name}", trailing(values, span, least, mid_rank), span))
        out.append(_rows(own, sound, f"rank_{name}_le", trailing(values, span, least, at_or_below), span))
    every = trailing(values, values.size, LEAST, mid_rank)
    out.append(_rows(own, sound, "rank_all", every, values.size))
    span, least = SPANS["5y"]
    detrended = [detrended_rank(values[: k + 1]) if k >= least else None for k in range(values.size)]
    out.append(_rows(own, sound, "rank_5y_detrended", detrended, span, whole=True))
    return pl.concat(out)


def _rows(
    own: pl.DataFrame, sound: pl.DataFrame, name: str, found: list[float | None], span: int, *, whole: bool = False
) -> pl.LazyFrame:
    """Put ranks back beside their reports, with how many earlier reports were compared and which was the first."""
    earlier = pl.int_range(pl.len()).clip(upper_bound=span)
    placed = sound.select(KEY).with_columns(
        pl.Series("rank", found, dtype=pl.Float64), earlier.cast(pl.Int64).alias("earlier")
    )
    oldest = pl.col("k").filter(pl.col("clean").is_not_null()).min() if whole else pl.col("k") - pl.col("earlier")
    counts = own.select(
        "subject",
        pl.col("k").alias("base_k"),
        pl.col("backcasts").alias("base_backcasts"),
        pl.col("settlement").alias("base"),
    )
    frame = (
        own.join(placed, on=KEY, how="left")
        .with_columns(oldest.alias("base_k"))
        .join(counts, on=["subject", "base_k"], how="left")
    )
    few = pl.format("too little history: {} earlier reports in table short_interest", pl.col("earlier"))
    null = pl.coalesce("broken", pl.when(pl.col("rank").is_null()).then(few))
    label = backcast_label(pl.lit(0) if whole else pl.col("base_backcasts"))
    return panel_rows(
        frame.lazy(), f"crowding.{name}", pl.col("rank"), null=null, basis=label, n="earlier", base=pl.col("base")
    )
