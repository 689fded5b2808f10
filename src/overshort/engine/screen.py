"""The squeeze screen: the newest complete report's common stocks as of an instant, each ranked among all of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from overshort import schema
from overshort.engine.computing import frame
from overshort.engine.panel import panel
from overshort.engine.scope import Scope, listed, market
from overshort.errors import NothingToShow, UnknownSubject
from overshort.evidence.squeezes import BASE, CROWD, DECILE, DECILES, LEAST_DAYS
from overshort.metrics.members import complete
from overshort.metrics.splits import cycle_starts
from overshort.metrics.squeeze.score import PARTS
from overshort.store import asof
from overshort.store.lake import Lake

__all__ = ["BY", "UNIVERSES", "Screen", "newest_reports", "screen", "standings"]

UNIVERSES = (*schema.INDEXES, *schema.EXCHANGES)
BY = ("score", *PARTS, "fails")
"""What a screen can be sorted by."""
ON = ["symbol", "settlement"]


@dataclass(frozen=True, slots=True)
class Screen:
    """The stocks of one report.

    Attributes
    ----------
    rows
        ``symbol, name, market, position, adv``; the components; ``rank_…`` and ``score``, in percent; ``parts`` (how
        many of the five are known); ``stand_in``; ``p``, the probability of a covering by the decile of the score;
        ``known_at``; one row a common stock, sorted by symbol.
    listed
        Rows of the universe before those that are no common stock were left out.
    base_rate, cases
        How often all earlier cases were covered, and how many there were; nothing where too few are over.
    """

    universe: str
    settlement: date
    rows: pl.DataFrame
    listed: int
    base_rate: float | None
    cases: int

    def best(self, by: str, top: int | None = None, also: Sequence[str] = ()) -> pl.DataFrame:
        """Give the stocks that stand highest in one column, unknown ones last, ties by symbol.

        Parameters
        ----------
        also
            Symbols to give wherever they stand.

        Returns
        -------
        DataFrame
            The columns of ``rows`` with ``place``, from 1.

        Raises
        ------
        UnknownSubject
            If a symbol of ``also`` is no common stock of this universe.
        """
        if lacking := sorted(set(also) - set(self.rows["symbol"])):
            raise UnknownSubject(
                f"{', '.join(lacking)} is no common stock of {self.universe} in the report of {self.settlement}; "
                "give symbols without separators (BRKB)"
            )
        ordered = self.rows.sort(by, "symbol", descending=[True, False], nulls_last=True).with_row_index("place", 1)
        return ordered.filter((pl.col("place") <= (top or self.rows.height)) | pl.col("symbol").is_in(list(also)))


def screen(lake: Lake, instant: datetime, universe: str) -> Screen:
    """Measure every common stock of a universe as of an instant.

    Parameters
    ----------
    universe
        An index, whose members are those of the newest complete report, or an exchange's market classes.

    Raises
    ------
    UnknownSubject
        If the universe is none of :data:`UNIVERSES`.
    NothingToShow
        If no complete report was known, or none of its rows belongs to the universe.
    """
    if universe not in UNIVERSES:
        raise UnknownSubject(f"{universe!r} is no universe; give one of {', '.join(UNIVERSES)}")
    (newest,), tables = newest_reports(lake, instant, 1)
    alone = tables["short_interest"].filter(pl.col("settlement") == newest)
    own = _universe(tables | {"short_interest": alone}, universe)
    if own.is_empty():
        raise NothingToShow(f"no row of the report of {newest} belongs to {universe}; import lists of its members")
    ranked = _ranked(tables, own["symbol"].to_list(), instant).filter(pl.col("settlement") == newest).drop("settlement")
    known = asof.latest(panel(lake, listed([CROWD])).lazy(), instant).collect()
    rows = _likely(own.join(ranked, on="symbol"), _by_decile(known)).sort("symbol")
    base = known.filter(pl.col("id") == BASE)
    rate, cases = base.select("value", "n").row(0) if base.height else (None, 0)
    return Screen(universe, newest, rows, own.height, rate, cases)


def standings(lake: Lake, instant: datetime, reports: int) -> pl.DataFrame:
    """Say where every listed common stock stood at each of the newest complete reports as of an instant.

    Returns
    -------
    DataFrame
        The columns of :attr:`Screen.rows` with ``settlement``; at the newest report the same values; sorted by symbol
        and settlement.

    Raises
    ------
    NothingToShow
        If no complete report was known.
    """
    dates, tables = newest_reports(lake, instant, reports)
    of_market = pl.col("market").is_in(schema.EXCHANGES["LISTED"])
    rows = tables["short_interest"].filter(of_market, pl.col("settlement").is_in(dates))
    own = rows.select(*ON, "name", "market", "position", "adv").collect()
    ranked = _ranked(tables, own["symbol"].unique().sort().to_list(), instant)
    known = asof.history(panel(lake, listed([CROWD])).lazy(), instant).collect()
    odds = _by_decile(known, pl.col("at").dt.date().alias("settlement"))
    return _likely(own.join(ranked, on=ON), odds, "settlement").sort(ON)


def _by_decile(known: pl.DataFrame, *more: pl.Expr) -> pl.DataFrame:
    own = known.filter(pl.col("id").str.starts_with(DECILES))
    decile = pl.col("id").str.strip_prefix(DECILES).cast(pl.Int64).alias("decile")
    return own.select(decile, pl.col("value").alias("p"), *more)


def _likely(rows: pl.DataFrame, odds: pl.DataFrame, *more: str) -> pl.DataFrame:
    """Add the probability of every stock's decile of scores; none under the least position of a case."""
    found = rows.with_columns(DECILE.alias("decile")).join(odds, on=["decile", *more], how="left")
    return found.with_columns(pl.when(pl.col("dtc") >= LEAST_DAYS).then("p").alias("p")).drop("decile")


def newest_reports(lake: Lake, instant: datetime, count: int) -> tuple[list[date], dict[str, pl.LazyFrame]]:
    """Give the newest complete reports known at an instant, ascending, and the tables as they stood.

    Of ``short_interest`` these tables hold the reports and the one before them: a split that no other table knows is
    told by the volume before it.

    Raises
    ------
    NothingToShow
        If no complete report was known.
    """
    tables = asof.standing({n: lake.scan(n) for n in schema.TABLES}, instant)
    of_market = tables["short_interest"].filter(pl.col("market").is_in(schema.EXCHANGES["LISTED"]))
    counts = complete(of_market.group_by("settlement").agg(pl.len().cast(pl.Int64).alias("rows")).collect())
    if counts.is_empty():
        raise NothingToShow(
            "no complete report of short interest was known then; import FINRA's files or give a later day"
        )
    dates: list[date] = counts["settlement"].to_list()[-count:]
    begun = cycle_starts(dates).get(dates[0], dates[0])
    tables["short_interest"] = tables["short_interest"].filter(pl.col("settlement").is_between(begun, dates[-1]))
    return dates, tables


def _universe(tables: dict[str, pl.LazyFrame], universe: str) -> pl.DataFrame:
    rows = tables["short_interest"].select("symbol", "name", "market", "position", "adv").collect()
    if universe in schema.EXCHANGES:
        return rows.filter(pl.col("market").is_in(schema.EXCHANGES[universe]))
    members = frame("members", tables, Scope("market", tuple(market().names)))
    own = members.filter(pl.col("subject") == universe).select("symbol").unique()
    return rows.join(own, on="symbol", how="semi")


def _ranked(tables: dict[str, pl.LazyFrame], symbols: list[str], instant: datetime) -> pl.DataFrame:
    """Give the newest vintage known at the instant: a float counted since publication counts."""
    every = frame("squeezed", tables, listed(symbols)).lazy().filter(pl.col("symbol").is_in(symbols))
    rows = asof.known(every, instant).sort(*ON, "known_at")
    newest = rows.group_by(ON, maintain_order=True).last().collect()
    ranks = [f"rank_{p}" for p in PARTS]
    return newest.select(*ON, "known_at", "counted", *PARTS, "fails", *ranks, "score", "parts", "stand_in")
