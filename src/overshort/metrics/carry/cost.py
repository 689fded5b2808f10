"""What it costs to stay short for a year, by one broker's indicative borrow terms.

In the one list at hand fee and rebate of 17,403 of 17,461 securities add up to the same rate on cash.
"""

from datetime import timedelta

import polars as pl

from overshort import sessions
from overshort.metrics.carry.rows import LEAST, carry_rows, declared
from overshort.metrics.declare import Inputs, intermediate, metrics
from overshort.metrics.rows import in_order, reason

__all__ = ["cost", "costs"]

FRESH = timedelta(days=7)
"""How old borrow terms may be at a session."""
COST = declared(
    "cost_annual",
    "fraction",
    "Borrow fee, a fraction a year, by the newest terms known at the session's close and no older than seven days; of "
    "an index weighted by dollars short.  The rebate is the rate on cash less this fee: subtracting it would count the "
    "fee twice.  Dividends, which a short pays too, are left out: no table has a dividend yield.",
    null="null where the fee is unknown (table borrow); of an index where it is for over 20 % of members",
    lookback=0,
)


@intermediate("costs", reads=frozenset({"marks", "held", "borrow_at_session"}))
def costs(inputs: Inputs) -> pl.LazyFrame:
    """Give the marks with the yearly cost of the shorts.

    Returns
    -------
    LazyFrame
        The columns of ``marks``, ``cost`` (null under 80 % of members)``, costed`` (members with terms)``,
        costed_coverage``; ``known_at`` of the terms too; sorted.
    """
    at = ["subject", "session"]
    day = pl.col("at").dt.convert_time_zone(sessions.NEW_YORK.key).dt.date()
    terms = inputs["borrow_at_session"].filter(pl.col("session") - day <= FRESH, pl.col("fee").is_not_null())
    priced = inputs["held"].filter(pl.col("price").is_not_null()).select(*at, "symbol", "position", "price")
    own = priced.join(
        terms.select("symbol", "session", "fee", pl.col("known_at").alias("terms")), on=["symbol", "session"]
    )
    dollars = pl.col("position") * pl.col("price")
    sums = (
        own.sort(*at, "symbol")
        .group_by(at, maintain_order=True)
        .agg(
            (in_order(dollars * pl.col("fee")) / in_order(dollars)).alias("cost"),
            pl.len().cast(pl.Int64).alias("costed"),
            pl.col("terms").max(),
        )
    )
    whole = inputs["marks"].join(sums, on=at, how="left", maintain_order="left")
    covered = pl.col("costed").fill_null(0) / pl.col("members").fill_null(1)
    return (
        whole.with_columns(
            pl.col("costed").fill_null(0),
            covered.alias("costed_coverage"),
            pl.when(covered >= LEAST).then(pl.col("cost").fill_nan(None)).alias("cost"),
            pl.max_horizontal("known_at", "terms").alias("known_at"),
        )
        .drop("terms")
        .sort(at)
    )


@metrics(COST, reads=frozenset({"costs"}))
def cost(inputs: Inputs) -> pl.LazyFrame:
    """Give what the shorts cost a year."""
    return carry_rows(inputs["costs"], COST, "cost", uncosted(), n="costed", coverage="costed_coverage")


def uncosted() -> pl.Expr:
    """Say why the cost is not known; null where it is."""
    few = pl.format(
        "only {} % of members have a fee in table borrow",
        (100 * pl.col("costed_coverage")).floor().cast(pl.Int64),
    )
    none = pl.lit("no fee of the last seven days in table borrow")
    some = (pl.col("kind") == "index") & (pl.col("costed") > 0)
    return reason((pl.col("cost").is_null() & some, few), (pl.col("cost").is_null(), none))
