"""What a figure was made of: the cycles of its window, and the published rows of its newest report."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from overshort import schema
from overshort.engine.computing import frame
from overshort.engine.panel import Scope
from overshort.engine.vintage import reports, served
from overshort.metrics.crowding.cycles import CHAINED, EXPECTED
from overshort.store import asof
from overshort.store.lake import Lake
from overshort.store.raw import Vault

__all__ = ["Lineage", "announced", "trace"]


@dataclass(frozen=True, slots=True)
class Lineage:
    """The inputs of one figure.

    Attributes
    ----------
    cycles
        One row a report of the window: settlement, n, position, expected (previous x split ratio), growth,
        vintage (where its rows are not as first published).
    rows
        The members' published rows at the newest report, largest contribution first: symbol, position, previous,
        ratio, runner_up, ratio_basis, contribution, known_at, file, vintage.
    """

    cycles: pl.DataFrame
    rows: pl.DataFrame


def announced(lake: Lake, subject: str, *, settlement: date, as_of: datetime) -> pl.DataFrame:
    """Give the announced rows of an exchange at a settlement date, as known at an instant."""
    rows = asof.newest(lake.scan("totals"), "totals", as_of).filter(
        pl.col("subject") == subject, pl.col("settlement") == settlement
    )
    return _with_file(rows.drop("batch", "subject").sort("market").collect(), lake)


def _with_file(rows: pl.DataFrame, lake: Lake) -> pl.DataFrame:
    names = {r.sha256: r.name for r in Vault(lake.home / "raw").records()}
    file = pl.col("sha256").replace_strict(names, default=None, return_dtype=pl.String)
    return served(lake, rows.with_columns(file.alias("file")))


def trace(lake: Lake, scope: Scope, subject: str, *, first: date, last: date, as_of: datetime) -> Lineage:
    """Trace a crowding figure of one subject to the rows known as of an instant.

    Parameters
    ----------
    first, last
        Base date (excluded; equal to ``last`` for figures of a single report) and date of the figure.
    """
    tables = asof.standing({n: lake.scan(n) for n in schema.TABLES}, as_of)
    own = frame("cycles", tables, scope).filter(pl.col("subject") == subject)
    window = own.filter(pl.col("settlement").is_between(min(first, last), last))
    if first < last:
        window = window.filter(pl.col("settlement") > first)
    cycles = _cycles(window, reports(lake, as_of))
    return Lineage(cycles, _rows(window.filter(pl.col("settlement") == last), tables, lake))


def _cycles(window: pl.DataFrame, vintages: Mapping[str, str]) -> pl.DataFrame:
    chained = window.filter(CHAINED)
    vintage = pl.col("settlement").cast(pl.String).replace_strict(vintages, default=None, return_dtype=pl.String)
    return (
        chained.group_by("settlement")
        .agg(pl.len().alias("n"), pl.col("position").sum(), EXPECTED.sum().alias("expected"))
        .with_columns((pl.col("position") / pl.col("expected") - 1).alias("growth"), vintage.alias("vintage"))
        .sort("settlement")
    )


def _rows(members: pl.DataFrame, tables: Mapping[str, pl.LazyFrame], lake: Lake) -> pl.DataFrame:
    settlement = members["settlement"].max()
    published = (
        tables["short_interest"]
        .filter(pl.col("settlement") == pl.lit(settlement, pl.Date))
        .select("symbol", "symbol_raw", "market", "revised", "split", "source", "sha256", "known_at")
        .collect()
    )
    total = members.filter(CHAINED).select(EXPECTED.sum()).item() or 1.0
    found = (
        members.select("symbol", "position", "previous", "ratio", "runner_up", "ratio_basis")
        .join(published, on="symbol", how="left")
        .with_columns(pl.when(CHAINED).then((pl.col("position") - EXPECTED) / total).alias("contribution"))
        .sort(pl.col("contribution").abs(), "symbol", descending=[True, False], nulls_last=True)
    )
    return _with_file(found, lake)
