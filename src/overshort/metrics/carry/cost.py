"""What it costs to stay short for a year, by one broker's indicative borrow terms.

In the one list at hand fee and rebate of 17,403 of 17,461 securities add up to the same rate on cash.
"""

from datetime import timedelta

import polars as pl

from overshort import sessions
from overshort.metrics.carry.rows import LEAST, SINGLE, carry_rows, declared
from overshort.metrics.declare import Inputs, intermediate, metrics
from overshort.metrics.rows import in_order, reason

__all__ = ["cost", "costs", "fee"]

FRESH = timedelta(days=7)
"""How old borrow terms may be at a session."""
NO_FEE = "no fee of the last seven days in table borrow"
COST = declared(
    "cost_annual",
    "fraction",
    "Borrow fee, a fraction a year, by the newest terms known at the session's close and no older than seven days; of "
    "an index weighted by dollars short.  The rebate is the rate on cash less this fee: subtracting it would count the "
    "fee twice.  Dividends, which a short pays too, are left out: no table has a dividend yield.",
    null="null where the fee is unknown (table borrow); of an index where it is for over 20 % of members",
    lookback=0,
)
FEE = declared(
    "fee",
    "fraction",
    "Borrow fee of the security, a fraction a year, by the newest terms known at the session's close and no older than "
    "seven days, whether anything is short in it or not: indicative, of one broker.",
    null="null where the fee is unknown (table borrow)",
    lookback=0,
    subjects=SINGLE,
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
    terms = _fresh(inputs)
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


def _fresh(inputs: Inputs) -> pl.LazyFrame:
    """Give the terms that are not too old at a session and have a fee."""
    day = pl.col("at").dt.convert_time_zone(sessions.NEW_YORK.key).dt.date()
    return inputs["borrow_at_session"].filter(pl.col("session") - day <= FRESH, pl.col("fee").is_not_null())


@metrics(FEE, reads=frozenset({"borrow_at_session", "daily", "subjects"}))
def fee(inputs: Inputs) -> pl.LazyFrame:
    """Give each security's own fee at each of its sessions."""
    asked = inputs["subjects"].filter(pl.col("kind").is_in(list(SINGLE))).select("subject").unique()
    days = inputs["daily"].group_by(pl.col("symbol").alias("subject"), "session").agg(pl.col("known_at").min())
    terms = _fresh(inputs).select(pl.col("symbol").alias("subject"), "session", "fee", pl.col("known_at").alias("said"))
    whole = days.join(asked, on="subject", how="semi").join(terms, on=["subject", "session"], how="left")
    frame = whole.with_columns(
        pl.max_horizontal("known_at", "said").alias("known_at"),
        pl.lit(None, pl.String).alias("basis"),
        pl.lit(1, pl.Int64).alias("n"),
        pl.lit(None, pl.Float64).alias("coverage"),
    ).sort("subject", "session")
    return carry_rows(frame, FEE, "fee", reason((pl.col("fee").is_null(), NO_FEE)))


def uncosted() -> pl.Expr:
    """Say why the cost is not known; null where it is."""
    few = pl.format(
        "only {} % of members have a fee in table borrow",
        (100 * pl.col("costed_coverage")).floor().cast(pl.Int64),
    )
    none = pl.lit(NO_FEE)
    some = (pl.col("kind") == "index") & (pl.col("costed") > 0)
    return reason((pl.col("cost").is_null() & some, few), (pl.col("cost").is_null(), none))
