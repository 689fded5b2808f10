"""Since when the shorts have been rising, and the short-interest index of the literature."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from overshort.metrics.crowding.cycles import KEY
from overshort.metrics.crowding.ranks import trend_residuals
from overshort.metrics.crowding.rows import backcast_label, declared
from overshort.metrics.declare import Inputs, metrics
from overshort.metrics.rows import panel_rows

__all__ = ["sii", "since", "standardised", "troughs"]

DRAWDOWN = 0.10
LEAST = 24
"""Fewest reports of a fit; a standard deviation of fewer says nothing."""


def troughs(values: NDArray[np.float64]) -> list[int]:
    """Give for every value the position of the last trough from which no drawdown exceeded 10 %.

    A fall of more than 10 % from the peak since the trough ends the trend; the trough then moves down with the chain
    until the chain turns up.
    """
    out: list[int] = []
    trough = 0
    peak = values[0] if values.size else 0.0
    for k, value in enumerate(values):
        if value < values[trough] or value < (1 - DRAWDOWN) * peak:
            trough, peak = k, value
        peak = max(peak, value)
        out.append(trough)
    return out


def standardised(values: NDArray[np.float64]) -> float:
    """Give the last residual of values on a linear trend, divided by the residuals' standard deviation."""
    residuals = trend_residuals(values)
    return float(residuals[-1] / residuals.std(ddof=1))


@metrics(
    declared(
        "since",
        "date",
        "Start of the current uptrend: the last trough of the chain from which no drawdown exceeded 10 %.",
        null="null without a chain",
        lookback=None,
        kind="date",
    ),
    reads=frozenset({"chains"}),
)
def since(inputs: Inputs) -> pl.LazyFrame:
    """Give the start of every subject's uptrend at every report."""
    frame = inputs["chains"].sort(KEY).collect()
    starts: list[object] = []
    for own in frame.partition_by("subject", maintain_order=True):
        dates = own["settlement"].filter(own["clean"].is_not_null())
        found = iter(dates.gather(troughs(own["clean"].drop_nulls().to_numpy())))
        starts += [next(found) if whole else None for whole in own["clean"].is_not_null()]
    placed = frame.with_columns(pl.Series("start", starts, dtype=pl.Date)).lazy()
    return panel_rows(
        placed,
        "crowding.since",
        pl.col("start").cast(pl.Int32),
        null=pl.col("broken"),
        basis=backcast_label(pl.lit(0)),
        text=pl.col("start"),
        base=pl.col("start"),
    )


@metrics(
    declared(
        "sii",
        "s.d.",
        "Standardised residual of log equal-weighted short interest on a linear trend fitted on all reports so far, "
        "refitted at each (Rapach, Ringgenberg and Zhou 2016).",
        null=f"null where crowding.equal_weighted is null or positive at fewer than {LEAST} reports so far",
        lookback=None,
    ),
    reads=frozenset({"crowding.equal_weighted", "chains"}),
)
def sii(inputs: Inputs) -> pl.LazyFrame:
    """Give the short-interest index of every subject at every report."""
    frame = inputs["crowding.equal_weighted"].sort("subject", "at").collect()
    scores: list[float | None] = []
    counts: list[int] = []
    for own in frame.partition_by("subject", maintain_order=True):
        seen: list[float] = []
        for value in own["value"]:
            usable = value is not None and value > 0
            seen += [value] if usable else []
            whole = usable and len(seen) >= LEAST
            scores.append(standardised(np.log(np.array(seen))) if whole else None)
            counts.append(len(seen))
    few = pl.format("too little history: {} reports with shares outstanding in table shares", pl.col("reports"))
    placed = frame.with_columns(
        pl.Series("score", scores, dtype=pl.Float64),
        pl.Series("reports", counts, dtype=pl.Int64),
        pl.col("at").dt.date().alias("settlement"),
        pl.col("known_at").cum_max().over("subject"),
    )
    lists = inputs["chains"].select(*KEY, "backcasts", "dated", "first_list")
    labelled = placed.lazy().join(lists, on=KEY, how="left", maintain_order="left")
    null, label = pl.when(pl.col("score").is_null()).then(pl.coalesce("reason", few)), backcast_label(pl.lit(0))
    return panel_rows(labelled, "crowding.sii", pl.col("score"), null=null, basis=label, n="reports")
