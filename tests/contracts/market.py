"""One small simulated market, shared by the batteries."""

from collections.abc import Mapping
from functools import cache

import polars as pl

from overshort import schema
from overshort.demo import Market, simulate
from overshort.engine import panel
from overshort.engine.computing import compute
from overshort.engine.scope import listed
from overshort.evidence.squeezes import CROWD


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


@cache
def measured() -> pl.DataFrame:
    """Give the market's panel over all history, computed once a worker for the tests of all rooms."""
    return compute(lazily(tables()), panel.market())


def everything(frames: Mapping[str, pl.DataFrame], own: pl.DataFrame | None = None) -> pl.DataFrame:
    """Compute the market's panel, unless it is given, and that of some stocks ranked among all listed ones."""
    found = compute(lazily(frames), panel.market()) if own is None else own
    ranked = compute(lazily(frames), listed((*some(6), CROWD)))
    return pl.concat([found, ranked]).sort("id", "subject", "at", "known_at")


def some(count: int) -> list[str]:
    """Give a few symbols that are reported."""
    return market().tables["short_interest"]["symbol"].unique().sort().to_list()[:count]


def lazily(frames: Mapping[str, pl.DataFrame]) -> dict[str, pl.LazyFrame]:
    return {name: frame.lazy() for name, frame in frames.items()}
