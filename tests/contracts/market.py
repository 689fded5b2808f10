"""One small simulated market, shared by the batteries."""

from functools import cache

import polars as pl

from overshort import schema
from overshort.demo import Market, simulate


@cache
def market() -> Market:
    """Sixty stocks over eight years: enough for every rank to have values."""
    return simulate(seed=11, stocks=60)


def tables() -> dict[str, pl.DataFrame]:
    """The market's tables as a store would hold them."""
    return {name: stored(name, rows) for name, rows in market().tables.items()}


def stored(name: str, rows: pl.DataFrame) -> pl.DataFrame:
    """Add the columns that the importer fills."""
    columns = schema.table(name).columns
    filled = rows.with_columns(pl.lit("0" * 64).alias("sha256"), pl.lit(0, pl.Int32).alias("batch"))
    return filled.select(pl.col(c).cast(t) for c, t in columns.items())


def lazily(frames: dict[str, pl.DataFrame]) -> dict[str, pl.LazyFrame]:
    return {name: frame.lazy() for name, frame in frames.items()}
