"""Single-leg premium bought and sold so far, minute by minute: the same sides and legs as what a session bought."""

import polars as pl

from overshort.metrics.tape.bought import SINGLE_LEG
from overshort.metrics.tape.cells import RIGHTS
from overshort.metrics.tape.sides import dollars

__all__ = ["FLOWS", "TAPE", "flow", "minutes"]

FLOWS = {"bought": ("a", "aa"), "sold": ("b", "bb")}
"""What is summed, and the sides of the quote that it was traded on."""
TAPE = ("vendor", "underlying", "session")
PER_MINUTE = 60_000_000_000


def flow(right: str, name: str) -> str:
    """Give the column of one right and one of :data:`FLOWS`."""
    return f"{right}_{name}"


def minutes(signed: pl.LazyFrame) -> pl.LazyFrame:
    """Sum signed trades of each session up to the end of every minute in which something was bought or sold.

    Parameters
    ----------
    signed
        Trades, with ``premium`` in hundredths of a cent.

    Returns
    -------
    LazyFrame
        ``vendor, underlying, session, at`` (UTC, the minute's end)``, call_bought, call_sold, put_bought, put_sold``
        (USD since the session began, never null), sorted.  No row for a minute without such a trade; trades between
        the quotes, without a side, of several legs or cancelled are in none.
    """
    own = signed.filter(pl.col("leg").is_in(SINGLE_LEG), pl.col("side").is_in([s for f in FLOWS.values() for s in f]))
    at = ((pl.col("ts_ns") // PER_MINUTE + 1) * PER_MINUTE // 1000).cast(pl.Datetime("us", "UTC")).alias("at")
    sums = own.group_by(*TAPE, at).agg(_of(r, name, sides) for r in RIGHTS for name, sides in FLOWS.items())
    columns = [flow(r, name) for r in RIGHTS for name in FLOWS]
    return sums.sort(*TAPE, "at").with_columns(dollars(pl.col(c).cum_sum().over(TAPE)).alias(c) for c in columns)


def _of(right: str, name: str, sides: tuple[str, ...]) -> pl.Expr:
    holds = (pl.col("right") == right) & pl.col("side").is_in(sides)
    return pl.col("premium").filter(holds).sum().alias(flow(right, name))
