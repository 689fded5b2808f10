"""Who truly belongs to an index, and the lists that publishers make of it.

Truth is a list of spells.  The S&P 500 is published as spells, some misdated, with a few dated changes that set
them right; the Nasdaq-100 as yearly lists with dated changes; the Russell 2000 only as holdings on a few days.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from overshort.demo.grid import Bools, Grid
from overshort.demo.universe import LARGE, MEGA, NASDAQ_LARGE, SMALL, Universe

__all__ = ["Spell", "made_by", "make_spells", "published", "snapshot_days"]

ROW = {"index": pl.String, "stock": pl.Int64, "first": pl.Date, "last": pl.Date, "basis": pl.String, "dated": pl.Date}
SNAPSHOTS = (0.24, 0.5, 0.75, 0.96)
"""Days of the Russell 2000 holdings as fractions of the span."""


@dataclass(frozen=True, slots=True)
class Spell:
    """One stock's time in an index, from ``first`` to before ``last``; ``None`` while it lasts."""

    index: str
    stock: int
    first: date
    last: date | None

    def holds(self, day: date) -> bool:
        """Tell whether the stock belongs to the index on a day."""
        return self.first <= day and (self.last is None or day < self.last)


@dataclass(frozen=True, slots=True)
class _Draw:
    rng: np.random.Generator
    grid: Grid
    universe: Universe

    def long_ago(self) -> date:
        return self.grid.days[0] - timedelta(days=int(self.rng.integers(400, 6000)))

    def gone(self, stock: int) -> date | None:
        place = int(self.universe.gone[stock])
        return self.grid.days[place] if place < len(self.grid.days) else None

    def day(self, low: int, high: int) -> date:
        return self.grid.days[int(self.rng.integers(low, high))]

    def joining(self, stock: int) -> date | None:
        """Draw a day well after the listing, inside the asked span, before the end of the stock."""
        low = max(self.grid.begin + 40, int(self.universe.listed[stock]) + 90)
        high = min(self.grid.end - 40, int(self.universe.gone[stock]) - 40)
        return self.day(low, high) if low < high else None

    def leaving(self, after: date) -> date | None:
        low, high = self.grid.index(after) + 60, self.grid.end - 20
        return self.day(low, high) if low < high else None

    def spell(self, index: str, stock: int, first: date, leaves: float) -> Spell:
        left = self.leaving(first) if self.rng.random() < leaves and stock != MEGA else None
        ends = [d for d in (left, self.gone(stock)) if d is not None]
        return Spell(index, stock, first, min(ends, default=None))

    def large(self, index: str, stocks: list[int], share: float) -> list[Spell]:
        """Let most belong from long ago, and most of the rest join later; some of each whatever is drawn."""
        joins, leaves = self.sure(stocks)
        out = []
        for stock in stocks:
            drawn = self.universe.listed[stock] == 0 and self.rng.random() < share
            at_birth = stock == MEGA or stock in leaves or (drawn and stock not in joins)
            first = self.long_ago() if at_birth else self.joining(stock)
            if first is not None and (at_birth or stock in joins or self.rng.random() < 0.8):
                odds = 1.0 if stock in leaves else 0.0 if stock in joins else 0.08
                out.append(self.spell(index, stock, first, odds))
        return out

    def sure(self, stocks: list[int]) -> tuple[list[int], list[int]]:
        """Choose, among stocks that are there throughout, two that join late and one that leaves."""
        never = len(self.grid.days)
        steady = [i for i in stocks if i != MEGA and self.universe.listed[i] == 0 and self.universe.gone[i] == never]
        return (steady[-3::2] if len(steady) > 4 else steady[-1:]), steady[-2:-1]

    def small(self, stocks: list[int]) -> list[Spell]:
        """Let most belong from long ago, and some of the rest join at a yearly reconstitution in June."""
        out = []
        for stock in stocks:
            # Without a price means without a bar in an index: coverage is to fall short somewhere.
            unpriced = self.universe.priced[stock] >= len(self.grid.days)
            at_birth = self.universe.listed[stock] == 0 and (self.rng.random() < 0.93 or unpriced)
            first = self.long_ago() if at_birth else self.reconstitution(stock)
            if first is not None:
                out.append(self.spell("RUT", stock, first, 0.0 if unpriced else 0.05))
        return out

    def reconstitution(self, stock: int) -> date | None:
        """Give a June day on which the stock may join; none when it is listed too late."""
        low, high = self.grid.days[self.grid.begin].year, self.grid.days[self.grid.end - 1].year
        year = int(self.rng.integers(low, high + 1))
        listed = self.grid.days[int(self.universe.listed[stock])]
        june = self.grid.index(date(max(year, listed.year + 1), 6, 26))
        return self.grid.days[june] if june < min(self.grid.end - 10, int(self.universe.gone[stock]) - 10) else None


def make_spells(rng: np.random.Generator, grid: Grid, universe: Universe) -> list[Spell]:
    """Draw the true spells of all three indices."""
    draw = _Draw(rng, grid, universe)
    return [
        *draw.large("SPX", universe.of(LARGE, NASDAQ_LARGE).tolist(), 0.85),
        *draw.large("NDX", universe.of(NASDAQ_LARGE).tolist(), 0.88),
        *draw.small(universe.of(SMALL).tolist()),
    ]


def made_by(spells: list[Spell], index: str, grid: Grid, size: int) -> Bools:
    """Tell, settlement by security, who belongs to an index."""
    out = np.zeros((len(grid.settlements), size), dtype=np.bool_)
    for spell in (s for s in spells if s.index == index):
        out[:, spell.stock] |= [spell.holds(d) for d in grid.settlements]
    return out


def _later(day: date | None, days: int) -> date | None:
    return None if day is None else day + timedelta(days=days)


def _spx(spells: list[Spell], begin: date) -> list[tuple[object, ...]]:
    """Give the spells; of the first few that begin inside the span, dated changes too, the spells then off by days."""
    joined = [s for s in spells if s.index == "SPX" and s.first >= begin][:4]
    changes = [("SPX", s.stock, s.first, s.last, "changes", None) for s in joined]
    off = {s.stock: (0, 3, 0, 30)[n] for n, s in enumerate(joined)}
    rows = []
    for s in (s for s in spells if s.index == "SPX"):
        days = off.get(s.stock, 0)
        rows.append(("SPX", s.stock, s.first + timedelta(days=days), _later(s.last, min(days, 3)), "spells", None))
    return [*rows, *changes]


def _ndx(spells: list[Spell], grid: Grid) -> list[tuple[object, ...]]:
    """Give for every year who is in on 1 January and who joins later, each until removed or the year ends."""
    rows: list[tuple[object, ...]] = []
    for year in range(grid.days[grid.begin].year, grid.days[grid.end - 1].year + 1):
        start, after = date(year, 1, 1), date(year + 1, 1, 1)
        for s in (s for s in spells if s.index == "NDX" and s.first < after):
            if s.last is None or s.last > start:
                ends = after if s.last is None else min(s.last, after)
                rows.append(("NDX", s.stock, max(s.first, start), ends, "changes", start))
    return rows


def snapshot_days(grid: Grid) -> list[int]:
    """Give the sessions of which holdings of the Russell 2000 are published."""
    return [grid.begin + int(f * (grid.end - 1 - grid.begin)) for f in SNAPSHOTS]


def _rut(spells: list[Spell], grid: Grid) -> list[tuple[object, ...]]:
    days = [grid.days[n] for n in snapshot_days(grid)]
    own = [s for s in spells if s.index == "RUT"]
    return [("RUT", s.stock, d, None, "snapshot", d) for d in days for s in own if s.holds(d)]


def published(spells: list[Spell], grid: Grid) -> pl.DataFrame:
    """Give the published lists: ``index, stock, first, last, basis, dated``."""
    rows = [*_spx(spells, grid.days[grid.begin]), *_ndx(spells, grid), *_rut(spells, grid)]
    return pl.DataFrame(rows, schema=ROW, orient="row")
