"""What all crowding metrics share: their declaration, labels, reasons, panel rows."""

from typing import Literal

import polars as pl

from overshort.metrics.declare import Metric

__all__ = ["ALL", "backcast_label", "declared", "in_order", "panel_rows", "reason"]


ALL = frozenset({"index", "exchange", "stock"})


def declared(
    name: str,
    unit: str,
    definition: str,
    *,
    null: str,
    lookback: int | None,
    subjects: frozenset[str] = ALL,
    kind: Literal["number", "count", "date"] = "number",
) -> Metric:
    """Declare one crowding metric: once a report, for indices, exchanges and stocks unless said otherwise."""
    return Metric(
        id=f"crowding.{name}",
        kind=kind,
        unit=unit,
        grid="report",
        subjects=subjects,
        null_rule=null,
        lookback=lookback,
        definition=definition,
    )


def reason(*cases: tuple[pl.Expr, str | pl.Expr]) -> pl.Expr:
    """Give the text of the first case that holds; null where none does."""
    whens = [pl.when(holds).then(pl.lit(text) if isinstance(text, str) else text) for holds, text in cases]
    return pl.coalesce(whens) if whens else pl.lit(None, pl.String)


def in_order(values: pl.Expr) -> pl.Expr:
    """Sum floating-point values in row order: the same bits on any number of threads; null where there are none."""
    return values.drop_nulls().cum_sum().last()


def backcast_label(since: pl.Expr) -> pl.Expr:
    """Label a figure made of several reports by its members' list, and say whether any part of it is backcast.

    Parameters
    ----------
    since
        ``backcasts`` of the chain at the base report; 0 for a figure made of all history.
    """
    touched = (pl.col("backcasts") - since > 0) & ~pl.col("basis").str.contains("backcast")
    dated, first = pl.col("dated").cast(pl.String), pl.col("first_list").cast(pl.String)
    same = pl.format("{} backcast", pl.col("basis"))
    other = pl.format("{}, backcast before {}", pl.col("basis"), first)
    return pl.when(touched & (dated == first)).then(same).when(touched).then(other).otherwise(pl.col("basis"))


def panel_rows(
    frame: pl.LazyFrame,
    id: str,
    value: pl.Expr,
    *,
    null: pl.Expr,
    basis: pl.Expr | None = None,
    n: str | pl.Expr = "n",
    coverage: str | pl.Expr = "coverage",
    base: pl.Expr | None = None,
    text: pl.Expr | None = None,
) -> pl.LazyFrame:
    """Give the panel rows of one metric.

    Parameters
    ----------
    frame
        ``subject, settlement, basis, known_at`` and whatever the expressions read.
    null
        Why there is no value; the value is null exactly where this is not.
    """
    nothing = pl.lit(None)
    return frame.select(
        pl.lit(id).alias("id"),
        "subject",
        pl.col("settlement").alias("at"),
        pl.when(null.is_null()).then(value.cast(pl.Float64)).alias("value"),
        (nothing if text is None else text).cast(pl.String).alias("text"),
        (nothing if base is None else base).cast(pl.Date).alias("base_at"),
        (pl.col(n) if isinstance(n, str) else n).cast(pl.Int64).alias("n"),
        (pl.col(coverage) if isinstance(coverage, str) else coverage).cast(pl.Float64).alias("coverage"),
        (pl.col("basis") if basis is None else basis).alias("basis"),
        null.cast(pl.String).alias("reason"),
        "known_at",
    )
