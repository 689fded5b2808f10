"""A simulated market, whole.

1. Lay out sessions and settlements.
2. Draw securities, index members, prices and volumes, each aspect from a generator of its own: a new aspect does
   not reshuffle the others.
3. Print the reports.
4. Write the tables as publishers would, and the truth beside them.
"""

import json
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from overshort.demo import bars, chain, prices, quotes, tables, tape
from overshort.demo.grid import Grid, make_grid
from overshort.demo.members import make_spells
from overshort.demo.names import CAPACITY
from overshort.demo.positions import make_reports
from overshort.demo.truth import Truth, make_truth
from overshort.demo.universe import make_universe
from overshort.errors import UsageError

__all__ = ["Market", "describe", "simulate"]

ASPECTS = (
    "names",
    "markets",
    "lives",
    "traits",
    "splits",
    "priced",
    "members",
    "indexes",
    "closes",
    "candles",
    "proxies",
    "volumes",
    "vix",
    "factors",
    "positions",
    "revised",
    "liquidity",
    "shares",
    "hours",
    "tape",
    "chain",
)
"""Append only: a child generator belongs to its place."""
FEWEST, MOST = 24, CAPACITY * 20 // 21 - 2
SHORTEST = 26
EARLIEST, LATEST = date(1991, 1, 1), date(2034, 12, 31)


@dataclass(frozen=True)
class Market:
    """A simulated market.

    Attributes
    ----------
    tables
        Table name to rows: all columns of :func:`overshort.schema.table` but ``sha256`` and ``batch``, which the
        importer fills.  Every key occurs once: nothing is revised later.
    description
        The seed and parameters as JSON: kept as the content of the file that the rows came from.
    truth
        What the tables hide.
    """

    tables: dict[str, pl.DataFrame]
    description: bytes
    truth: Truth


def _generators(seed: int) -> dict[str, np.random.Generator]:
    children = np.random.SeedSequence(seed).spawn(len(ASPECTS))
    return {a: np.random.default_rng(c) for a, c in zip(ASPECTS, children, strict=True)}


def describe(seed: int, stocks: int, first: date, last: date) -> bytes:
    """Give the description of a run; ``version`` rises with whatever changes its tables."""
    text = {"kind": "simulated market", "version": 5, "seed": seed, "stocks": stocks}
    return (json.dumps(text | {"first": first.isoformat(), "last": last.isoformat()}) + "\n").encode()


def _check(seed: int, stocks: int, first: date, last: date) -> None:
    if seed < 0:
        raise UsageError(f"seed {seed} is negative; give 0 or more")
    if not FEWEST <= stocks <= MOST:
        raise UsageError(f"{stocks} stocks cannot be simulated; give {FEWEST} to {MOST}")
    if not EARLIEST <= first <= last <= LATEST:
        raise UsageError(f"{first} to {last} cannot be simulated; give a span within {EARLIEST} to {LATEST}")


def _grid(first: date, last: date) -> Grid:
    grid = make_grid(first, last)
    if len(grid.reports) < SHORTEST:
        raise UsageError(
            f"{first} to {last} holds {len(grid.reports)} settlement dates, fewer than {SHORTEST}; give a longer span"
        )
    return grid


def simulate(
    seed: int = 7, *, stocks: int = 240, first: date = date(2018, 1, 2), last: date = date(2025, 12, 31)
) -> Market:
    """Simulate a market.

    Parameters
    ----------
    seed
        Equal seeds and parameters give equal markets.
    stocks
        How many listed stocks; a few funds and securities traded over the counter come on top.
    first, last
        Span of the sessions; reports are those of the settlement dates within it.

    Returns
    -------
    Market
        Tables ``short_interest``, ``splits``, ``bars``, ``membership``, ``shares``, ``totals``, ``publications``,
        ``levels``, ``option_trades``, ``option_quotes`` and ``option_chain``, with the truth behind them.

    Raises
    ------
    UsageError
        If the seed is negative, or the number of stocks or the span cannot be simulated.
    """
    _check(seed, stocks, first, last)
    rngs, grid = _generators(seed), _grid(first, last)
    universe = make_universe(rngs, stocks, grid)
    spells = make_spells(rngs["members"], grid, universe)
    paths = prices.index_paths(rngs["indexes"], grid)
    closes = prices.closes(rngs["closes"], grid, universe, paths)
    supply = universe.supply(len(grid.days))
    volume = prices.volumes(rngs["volumes"], universe, supply)
    reports = make_reports(rngs, grid, universe, volume)
    vix = prices.vix(rngs["vix"], grid)
    traded = bars.bars(rngs, grid, universe, closes, volume, paths)
    chains, planted = chain.option_chain(rngs["chain"], traded, tuple(bars.PROXIES))
    trades, quoted = quotes.parted(tape.option_trades(rngs["tape"], grid, vix))
    found = {
        "short_interest": tables.short_interest(grid, universe, reports),
        "splits": tables.splits(grid, universe, reports),
        "totals": tables.totals(grid, universe, reports),
        "publications": tables.publications(grid),
        "membership": tables.membership(grid, universe, spells, closes * supply),
        "shares": tables.shares(rngs["shares"], grid, universe, supply * universe.factor),
        "bars": traded,
        "levels": bars.levels(grid, paths, vix),
        "option_trades": trades,
        "option_quotes": quoted,
        "option_chain": chains,
    }
    return Market(found, describe(seed, stocks, first, last), make_truth(grid, universe, reports, spells, planted))
