"""The rows that every crowding figure is made of, and the chains they give.

A cycle is a report and the one before it.  Its growth is Σ current / Σ (previous x split ratio) over the members at
the later one that have both: composition, revisions and splits drop out.
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from overshort.metrics.declare import Inputs, intermediate
from overshort.metrics.rows import in_order

__all__ = ["CHAINED", "EXPECTED", "KEY", "WINDOWS", "chains", "cycles", "places", "windows"]

KEY = ["subject", "settlement"]
CHAINED = pl.col("previous").fill_null(0) > 0
EXPECTED = pl.col("previous") * pl.col("ratio")
SECOND = pl.col("previous") * pl.coalesce("runner_up", "ratio")
YEAR = 24
"""Reports in twelve months."""
WINDOWS = {
    "last": "the report before",
    "ytd": "the last settlement of the year before",
    "12m": "the report 24 cycles before",
}


@intermediate("cycles", reads=frozenset({"members", "short_interest", "ratios", "reports"}))
def cycles(inputs: Inputs) -> pl.LazyFrame:
    """Give every subject's member rows.

    Returns
    -------
    LazyFrame
        ``subject, settlement, symbol, position, previous, adv, ratio, runner_up, ratio_basis, known_at``, sorted;
        ``ratio`` is 1 where no split is known, ``runner_up`` null unless the ratio was inferred.
    """
    rows = inputs["short_interest"].select("symbol", "settlement", "position", "previous", "adv", "known_at")
    split = inputs["ratios"].rename({"basis": "ratio_basis", "known_at": "ratio_known_at"})
    own = rows.join(split, on=["symbol", "settlement"], how="left", maintain_order="left").with_columns(
        pl.col("ratio").fill_null(1.0), pl.max_horizontal("known_at", "ratio_known_at").alias("known_at")
    )
    found = inputs["members"].select(*KEY, "symbol").join(own, on=["symbol", "settlement"])
    return _sorted(found.drop("ratio_known_at").collect())


def places(values: pl.Series, among: pl.Series) -> NDArray[np.int64]:
    """Give the places of texts in a sorted list that has them all."""
    return values.cast(pl.Enum(among)).to_physical().to_numpy().astype(np.int64)


def _sorted(rows: pl.DataFrame) -> pl.LazyFrame:
    """Sort millions of rows by subject, settlement and symbol: by one whole number each, as text takes far longer."""
    subject, symbol = (places(rows[c], rows[c].unique().sort()) for c in ("subject", "symbol"))
    day = rows["settlement"].to_physical().to_numpy().astype(np.int64)
    order = np.argsort((subject * 2**20 + day) * 2**32 + symbol, kind="stable")
    return rows[order].lazy()


def _growths(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Give one row a report: sums, and the growth of the cycle that ends there under each rule."""
    chained = pl.col("position").filter(CHAINED)
    rise = (pl.col("position") / EXPECTED).filter(CHAINED)
    return rows.group_by(KEY, maintain_order=True).agg(
        pl.len().cast(pl.Int64).alias("n"),
        pl.col("position").sum().alias("shares"),
        chained.len().cast(pl.Int64).alias("chained"),
        (chained.sum() / in_order(EXPECTED.filter(CHAINED))).alias("clean"),
        (chained.sum() / pl.col("previous").filter(CHAINED).sum()).alias("naive"),
        (chained.sum() / in_order(SECOND.filter(CHAINED))).alias("runner_up"),
        rise.median().alias("median"),
        (pl.col("ratio_basis") == "inferred").filter(CHAINED).sum().cast(pl.Int64).alias("inferred"),
        pl.col("known_at").max().alias("rows_known_at"),
    )


def _labelled(members: pl.LazyFrame) -> pl.LazyFrame:
    """Give one row a report: how many members, by which list."""
    first = pl.col("dated").min().over("subject")
    return (
        members.group_by(KEY)
        .agg(pl.len().alias("members"), pl.col("basis").first(), pl.col("dated").first())
        .with_columns(first.alias("first_list"), pl.col("basis").str.contains("backcast").alias("backcast"))
    )


@intermediate("chains", reads=frozenset({"cycles", "members", "reports"}))
def chains(inputs: Inputs) -> pl.LazyFrame:
    """Give every subject's chains: split-clean, raw columns, median member, runner-up ratios.

    Returns
    -------
    LazyFrame
        One row a report, sorted: ``subject, kind, settlement, k`` (number of the report from 0), ``n, members,
        coverage, basis, shares, chained``; the chains ``clean, naive, median, runner_up`` (100 at the first report
        that has members, null from a missing cycle on, with ``broken`` saying why); ``growth`` of the clean chain;
        ``inferred`` and ``backcasts``, the cumulated numbers of inferred ratios and of backcast reports;
        ``first_list``; and ``known_at``, the latest of all cycles so far.
    """
    kinds = ["clean", "naive", "median", "runner_up"]
    whole = (
        inputs["reports"]
        .join(_growths(inputs["cycles"]), on=KEY, how="left")
        .join(_labelled(inputs["members"]), on=KEY, how="left")
        .sort(KEY)
        .with_columns(
            pl.int_range(pl.len()).over("subject").alias("k"),
            (pl.col("n") / pl.col("members")).alias("coverage"),
            pl.coalesce("rows_known_at", "known_at").cum_max().over("subject").alias("known_at"),
            pl.col("inferred").fill_null(0).cum_sum().over("subject"),
            pl.col("backcast").fill_null(False).cast(pl.Int64).cum_sum().over("subject").alias("backcasts"),
        )
    )
    begun = (pl.col("n").fill_null(0) > 0).cum_max().over("subject")
    first = pl.col("begun") & ~pl.col("begun").shift(1, fill_value=False).over("subject")
    growths = [pl.when("first").then(1.0).when("begun").then(pl.col(c)).alias(c) for c in kinds]
    levels = [(100 * pl.col(c).cum_prod()).over("subject").alias(c) for c in kinds]
    sound = pl.col("broken").is_null()
    return (
        whole.with_columns(begun.alias("begun"))
        .with_columns(first.alias("first"))
        .with_columns(_break().alias("broken"))
        .with_columns(pl.col("broken").forward_fill().over("subject", "begun"), pl.col("clean").alias("growth"))
        .with_columns(growths)
        .with_columns(levels)
        .with_columns(pl.when(sound).then(pl.col(c)).alias(c) for c in kinds)
        .drop("begun", "first")
        .sort(KEY)
    )


def _break() -> pl.Expr:
    """Say why the chain cannot be carried to a report."""
    gap_counts = pl.col("missing").is_not_null() & pl.col("begun") & ~pl.col("first")
    day = pl.col("settlement").cast(pl.String)
    gap = pl.format("no report of settlement {} in table short_interest", pl.col("missing").cast(pl.String))
    return (
        pl.when(gap_counts)
        .then(gap)
        .when(pl.col("members").is_null())
        .then(pl.format("no member is known at {} from table membership", day))
        .when(pl.col("n").is_null() | (pl.col("n") == 0))
        .then(pl.format("no member has a row at {} in table short_interest", day))
        .when(~pl.col("first") & (pl.col("chained") == 0))
        .then(pl.format("no member had a position before {} in table short_interest", day))
    )


@intermediate("windows", reads=frozenset({"chains"}))
def windows(inputs: Inputs) -> pl.LazyFrame:
    """Pair every report with its base report in each window.

    Returns
    -------
    LazyFrame
        ``subject, settlement, k, window`` (last, ytd, 12m), ``base`` (settlement of the base report; null where
        there is none), ``base_k``.
    """
    grid = inputs["chains"].select(*KEY, "k").sort(KEY)
    year = pl.col("settlement").dt.year()
    before = grid.group_by("subject", year.alias("year"), maintain_order=True).agg(
        pl.col("settlement").last().alias("base"), pl.col("k").last().alias("base_k")
    )
    last_year = before.with_columns(pl.col("year") + 1)
    parts = [
        _shifted(grid, 1).with_columns(pl.lit("last").alias("window")),
        grid.with_columns(year.alias("year"))
        .join(last_year, on=["subject", "year"], how="left")
        .with_columns(pl.lit("ytd").alias("window"))
        .drop("year"),
        _shifted(grid, YEAR).with_columns(pl.lit("12m").alias("window")),
    ]
    columns = [*KEY, "k", "window", "base", "base_k"]
    return pl.concat([p.select(columns) for p in parts]).sort(*KEY, "window")


def _shifted(grid: pl.LazyFrame, steps: int) -> pl.LazyFrame:
    return grid.with_columns(
        pl.col("settlement").shift(steps).over("subject").alias("base"),
        pl.col("k").shift(steps).over("subject").alias("base_k"),
    )
