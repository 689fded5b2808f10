"""What the tables hide: every split, the true members, the true chains, and what was planted."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from overshort.demo.grid import EXTRA, Bools, Floats, Grid
from overshort.demo.members import Spell, made_by
from overshort.demo.positions import Reports
from overshort.demo.script import episodes
from overshort.demo.universe import Universe
from overshort.schema import INDEXES

__all__ = ["Truth", "make_truth"]

MEMBERS = {"subject": pl.String, "symbol": pl.String, "first": pl.Date, "last": pl.Date}
EPISODES = {"subject": pl.String, "kind": pl.String, "first": pl.Date, "last": pl.Date}


@dataclass(frozen=True)
class Truth:
    """What is true of a simulated market, whether or not its tables tell.

    Attributes
    ----------
    splits
        ``symbol, settlement, ratio`` (new shares per old) of every row flagged as split.
    chains
        ``subject, settlement, chain``: 100 at the first report, then times Σ current / Σ (previous × ratio) over the
        true members with previous > 0.
    members
        ``subject, symbol, first, last``: true spells, ``last`` exclusive and null while they last.
    positions
        ``symbol, settlement, position, previous, ratio`` of every row of the reports, in shares of the day.
    episodes
        ``subject, kind, first, last``: base settlement and last settlement of everything planted; ``kind`` is exit,
        confirm, covering, crowding or refusal.
    zero_gamma
        ``subject, session, zero_gamma``: the price (USD) at which dealers' gamma in the chain after a session is 0.
    """

    splits: pl.DataFrame
    chains: pl.DataFrame
    members: pl.DataFrame
    positions: pl.DataFrame
    episodes: pl.DataFrame
    zero_gamma: pl.DataFrame


def _chain(reports: Reports, members: Bools) -> Floats:
    counted = members & reports.there & (reports.previous > 0)
    above = np.where(counted, reports.position, 0).sum(axis=1)
    below = np.where(counted, reports.previous * reports.ratio, 0.0).sum(axis=1)
    growth = np.divide(above, below, out=np.ones(len(above)), where=below > 0)
    growth[:2] = 1
    out: Floats = 100 * np.cumprod(growth)
    return out


def _chains(grid: Grid, reports: Reports, spells: list[Spell]) -> pl.DataFrame:
    parts = []
    for subject in INDEXES:
        members = made_by(spells, subject, grid, reports.position.shape[1])
        chain = _chain(reports, members)[1:-EXTRA]
        parts.append(pl.DataFrame({"settlement": grid.reports, "chain": chain}).with_columns(subject=pl.lit(subject)))
    return pl.concat(parts).select("subject", "settlement", "chain")


def _positions(grid: Grid, universe: Universe, reports: Reports) -> pl.DataFrame:
    shown = slice(1, len(grid.settlements) - EXTRA)
    there = reports.there[shown]
    rows, columns = np.nonzero(there)
    values = {n: getattr(reports, n)[shown][there] for n in ("position", "previous", "ratio")}
    symbols, days = pl.Series(universe.symbols), pl.Series(grid.reports)
    return pl.DataFrame({"symbol": symbols.gather(columns), "settlement": days.gather(rows), **values})


def _members(universe: Universe, spells: list[Spell]) -> pl.DataFrame:
    rows: list[tuple[str, str, date, date | None]] = [
        (s.index, universe.symbols[s.stock], s.first, s.last) for s in spells
    ]
    return pl.DataFrame(rows, schema=MEMBERS, orient="row").sort("subject", "symbol", "first")


def make_truth(
    grid: Grid, universe: Universe, reports: Reports, spells: list[Spell], zero_gamma: pl.DataFrame
) -> Truth:
    """Write down the truth of a run."""
    positions = _positions(grid, universe, reports).sort("symbol", "settlement")
    return Truth(
        splits=positions.filter(pl.col("ratio") != 1).select("symbol", "settlement", "ratio"),
        chains=_chains(grid, reports, spells),
        members=_members(universe, spells),
        positions=positions,
        episodes=pl.DataFrame(episodes(grid), schema=EPISODES, orient="row"),
        zero_gamma=zero_gamma,
    )
