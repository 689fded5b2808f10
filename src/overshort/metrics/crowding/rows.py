"""What all crowding metrics share: their declaration and the label of their members."""

from typing import Literal

import polars as pl

from overshort.metrics.declare import Metric

__all__ = ["ALL", "backcast_label", "declared"]


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
