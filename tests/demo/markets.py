"""Two simulated markets, shared by the tests, and ways to look at them."""

from datetime import date
from functools import cache

import polars as pl

from overshort.demo import Market, simulate

FIRST, LAST = date(2018, 1, 2), date(2025, 12, 31)
NASDAQ = ("NNM", "SC")
KEY = ["symbol", "settlement"]


@cache
def small() -> Market:
    return simulate(11, stocks=60)


@cache
def large() -> Market:
    return simulate(7, stocks=240, first=date(2016, 1, 4))


def reports(market: Market) -> list[date]:
    return market.tables["short_interest"]["settlement"].unique().sort().to_list()


def chain(market: Market, subject: str) -> dict[date, float]:
    own = market.truth.chains.filter(pl.col("subject") == subject)
    return dict(own.select("settlement", "chain").iter_rows())


def prices(market: Market, subject: str) -> dict[date, float]:
    """Closes of what stands for an index's price."""
    if subject == "SPX":
        own = market.tables["levels"].filter(pl.col("series") == "^GSPC").select("at", "value")
    else:
        proxy = {"NDX": "QQQ", "RUT": "IWM"}[subject]
        own = market.tables["bars"].filter(pl.col("symbol") == proxy).select("session", "close")
    return dict(own.iter_rows())


def true_members(market: Market, subject: str, day: date) -> set[str]:
    rows = market.truth.members.filter(pl.col("subject") == subject)
    return {s for _, s, first, last in rows.iter_rows() if first <= day and (last is None or day < last)}


def with_truth(market: Market) -> pl.DataFrame:
    """Rows of the reports with the true ratio, and the position of the report before under ``earlier``."""
    rows = market.tables["short_interest"].join(market.truth.splits, on=KEY, how="left").sort(KEY)
    return rows.with_columns(
        pl.col("ratio").fill_null(1.0),
        pl.col("position").shift().over("symbol").alias("earlier"),
    )


def stock_bars(market: Market, symbol: str) -> pl.DataFrame:
    return market.tables["bars"].filter(pl.col("symbol") == symbol).sort("session")


def split_session(cycle: pl.DataFrame, own: pl.DataFrame, ratio: float) -> date:
    """Find the session of a cycle whose close is nearest to the last one divided by the ratio."""
    jumps = own.with_columns((pl.col("close").shift() / pl.col("close") / ratio).log().abs().alias("off"))
    return jumps.filter(pl.col("session").is_in(cycle["session"].implode())).sort("off")["session"][0]
