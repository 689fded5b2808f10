"""What all carry metrics share: their declaration, their labels and reasons."""

from typing import Literal

import polars as pl

from overshort.metrics.declare import Metric
from overshort.metrics.rows import panel_rows, reason

__all__ = ["ALL", "LEAST", "SINGLE", "carry_rows", "declared", "unmarked", "with_past"]

SINGLE = frozenset({"stock", "proxy"})
ALL = SINGLE | {"index"}
LEAST = 0.8
"""Smallest share of an index's members that a figure may rest on."""


def declared(
    name: str,
    unit: str,
    definition: str,
    *,
    null: str,
    lookback: int | None = None,
    subjects: frozenset[str] = ALL,
    kind: Literal["number", "count"] = "number",
) -> Metric:
    """Declare one carry metric: once a session, for indices, stocks and traded proxies unless said otherwise."""
    return Metric(
        id=f"carry.{name}",
        kind=kind,
        unit=unit,
        grid="session",
        subjects=subjects,
        null_rule=null,
        lookback=lookback,
        definition=definition,
    )


def unmarked() -> pl.Expr:
    """Say why a subject's shorts have no mark; null where they have one."""
    single, report = pl.col("kind") != "index", pl.col("settlement").cast(pl.String)
    few = "only {} % of members have an average short entry and a close (tables short_interest and bars)"
    covered = pl.format(few, (100 * pl.col("coverage")).floor().cast(pl.Int64))
    entry = pl.format("no short position at {} that closes in table bars put a price on", report)
    split = pl.format(
        "since {} an unadjusted close in table bars moved as a split would; the next report tells", report
    )
    none = pl.format("no report of {} is known from table short_interest", "subject")
    return reason(
        (pl.col("settlement").is_null(), none),
        (single & pl.col("mtm").is_null() & (pl.col("entered") == 0), entry),
        (single & pl.col("mtm").is_null(), split),
        (~single & (pl.col("coverage") < LEAST), covered),
    )


def with_past(frame: pl.DataFrame) -> pl.DataFrame:
    """Label rows that rest on the subject's earlier sessions too: known with all of them, backcast if any is."""
    past = pl.col("basis").str.contains("backcast").cum_max().over("subject")
    late = past & ~pl.col("basis").str.contains("backcast")
    label = pl.col("basis").str.replace("; price: ", ", earlier sessions backcast; price: ", literal=True)
    return frame.with_columns(
        pl.when(late).then(label).otherwise("basis").alias("basis"), pl.col("known_at").cum_max().over("subject")
    )


def carry_rows(
    frame: pl.LazyFrame,
    metric: Metric,
    value: str,
    null: pl.Expr,
    *,
    base: str | None = None,
    n: str = "n",
    coverage: str = "coverage",
) -> pl.LazyFrame:
    """Give the panel rows of a carry metric from a column of values."""
    based = None if base is None else pl.col(base)
    return panel_rows(frame, metric.id, pl.col(value), null=null, base=based, n=n, coverage=coverage, at="session")
