"""What all metrics share: panel rows, reasons, sums that do not depend on threads."""

import polars as pl

__all__ = ["in_order", "panel_rows", "reason"]


def reason(*cases: tuple[pl.Expr, str | pl.Expr]) -> pl.Expr:
    """Give the text of the first case that holds; null where none does."""
    whens = [pl.when(holds).then(pl.lit(text) if isinstance(text, str) else text) for holds, text in cases]
    return pl.coalesce(whens) if whens else pl.lit(None, pl.String)


def in_order(values: pl.Expr) -> pl.Expr:
    """Sum floating-point values in row order: the same bits on any number of threads; null where there are none."""
    return values.drop_nulls().cum_sum().last()


def _column(given: str | pl.Expr | None) -> pl.Expr:
    return pl.col(given) if isinstance(given, str) else pl.lit(None) if given is None else given


def panel_rows(
    frame: pl.LazyFrame,
    id: str,
    value: pl.Expr,
    *,
    null: pl.Expr,
    basis: pl.Expr | None = None,
    n: str | pl.Expr | None = "n",
    coverage: str | pl.Expr | None = "coverage",
    base: pl.Expr | None = None,
    text: pl.Expr | None = None,
    at: str = "settlement",
) -> pl.LazyFrame:
    """Give the panel rows of one metric.

    Parameters
    ----------
    frame
        ``subject``, the column ``at``, ``basis``, ``known_at`` and whatever the expressions read.
    null
        Why there is no value; the value is null exactly where this is not.
    """
    nothing = pl.lit(None)
    return frame.select(
        pl.lit(id).alias("id"),
        "subject",
        pl.col(at).alias("at"),
        pl.when(null.is_null()).then(value.cast(pl.Float64)).alias("value"),
        (nothing if text is None else text).cast(pl.String).alias("text"),
        (nothing if base is None else base).cast(pl.Date).alias("base_at"),
        _column(n).cast(pl.Int64).alias("n"),
        _column(coverage).cast(pl.Float64).alias("coverage"),
        (pl.col("basis") if basis is None else basis).alias("basis"),
        null.cast(pl.String).alias("reason"),
        "known_at",
    )
