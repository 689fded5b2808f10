"""What all persistence metrics share: their declaration, and how they say which prices they rest on."""

from collections.abc import Iterable
from typing import Literal

import polars as pl

from overshort.metrics.declare import Metric

__all__ = ["NO_PRICES", "declared", "named", "named_too"]

NO_PRICES = "no row without closes (tables levels, bars)"


def declared(
    name: str,
    unit: str,
    definition: str,
    *,
    grid: Literal["session", "week", "month"],
    null: str,
    kind: Literal["number", "count"] = "number",
    lookback: int | None = None,
) -> Metric:
    """Declare one persistence metric of the indices."""
    return Metric(
        id=f"persistence.{name}",
        kind=kind,
        unit=unit,
        grid=grid,
        subjects=frozenset({"index"}),
        null_rule=null,
        lookback=lookback,
        definition=definition,
    )


def named(feeds: Iterable[str]) -> str:
    """Name what prices come from, each feed once, in order of appearance."""
    return ", ".join(dict.fromkeys(feeds))


def named_too(feeds: str, feed: str) -> pl.Expr:
    """Add a column's feeds to those that another column names, which may be null."""
    both = pl.concat_list(pl.col(feeds).str.split(", "), pl.col(feed).str.split(", "))
    return pl.coalesce(both.list.unique(maintain_order=True).list.join(", "), feed)
