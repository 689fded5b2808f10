"""Short positions as the reports print them, settlement by security.

1. A position is a fraction of the shares, times its group's common factor, times a wandering factor of its own
   whose average over the group is mostly taken out: what is planted in the group shows in the index.
2. In whole shares of the day: a split multiplies it.
3. ``previous`` is the position printed one report earlier, not adjusted for a split; a revised row carries a
   corrected one.
"""

from dataclasses import dataclass

import numpy as np

from overshort.demo.grid import Bools, Floats, Grid, Ints
from overshort.demo.prices import pulled
from overshort.demo.script import short_growth
from overshort.demo.universe import FUND, LARGE, NASDAQ_LARGE, OTC, SMALL, Universe

__all__ = ["Reports", "make_reports"]

FACTOR = {LARGE: 0, NASDAQ_LARGE: 1, SMALL: 2, FUND: 0, OTC: 2}
COMMON = 0.9
"""Share of a group's average own growth that is taken out."""
ILLIQUID = np.array([0.0, 0.0, 0.004, 0.01, 0.15])
"""Share of rows, by group, with no average volume or one of 0."""


@dataclass(frozen=True, slots=True)
class Reports:
    """Every figure of the reports, settlement by security.

    ``there`` says where a row exists, ``traded`` where it has an average volume; ``ratio`` is the true one of every
    split in the cycle, 1 without.
    """

    position: Ints
    previous: Ints
    adv: Ints
    ratio: Floats
    there: Bools
    traded: Bools
    revised: Bools

    @property
    def split(self) -> Bools:
        out: Bools = self.ratio != 1
        return out


def _group_factors(rng: np.random.Generator, grid: Grid) -> Floats:
    """Give the log factor of each group, 0 at the settlement before the first report."""
    ages = np.arange(int(grid.ages[0]), int(grid.ages[-1]) - 1, -1, dtype=float)
    growth = short_growth(ages)[grid.months[grid.marks]] / 2
    growth[0] = 0
    noise = pulled(0.006 * rng.standard_normal(growth.shape), 0.8)
    out: Floats = np.cumsum(growth, axis=0) + noise - noise[0]
    return out


def _own(rng: np.random.Generator, grid: Grid, universe: Universe) -> Floats:
    """Give each security's own log factor, with most of its group's average growth taken out."""
    size = np.array([0.045, 0.045, 0.075, 0.1, 0.15])[universe.group]
    out = pulled(size * rng.standard_normal((len(grid.marks), len(size))), 0.92)
    weight = universe.outstanding * universe.short * universe.factor[grid.marks] * universe.alive(grid.marks)
    for group in np.unique(universe.group).tolist():
        own = universe.of(group)
        out[:, own] -= COMMON * _average(out[:, own], weight[:, own])[:, None]
    return out


def _average(log: Floats, weight: Floats) -> Floats:
    """Give the log of what a chain over all columns would grow to by these factors alone."""
    below = (weight[1:] * np.exp(log[:-1])).sum(axis=1)
    above = (weight[1:] * np.exp(log[1:])).sum(axis=1)
    return np.concatenate([[0.0], np.cumsum(np.log(above / below))])


def _ramp(grid: Grid, universe: Universe) -> Floats:
    """Give what a new listing still lacks: shorts need some months to build."""
    age = np.arange(len(grid.marks))[:, None] - np.searchsorted(grid.marks, universe.listed)
    out: Floats = np.where(universe.listed > 0, -1.2 * np.exp(-np.maximum(age, 0) / 5), 0.0)
    return out


def _positions(rngs: dict[str, np.random.Generator], grid: Grid, universe: Universe) -> Ints:
    follows = np.array([FACTOR[g] for g in universe.group.tolist()])
    log = _group_factors(rngs["factors"], grid)[:, follows]
    log = log + _own(rngs["positions"], grid, universe) + _ramp(grid, universe)
    clean = universe.outstanding * universe.short * np.exp(log)
    return np.maximum(np.rint(clean * universe.factor[grid.marks]), 1).astype(np.int64)


def _ratios(universe: Universe, printed: Bools) -> Floats:
    out = np.ones(printed.shape)
    for split in universe.splits:
        out[split.cycle, split.stock] *= split.ratio
    return np.where(printed, out, 1.0)


def _revised(rng: np.random.Generator, allowed: Bools) -> Bools:
    """Choose the same small number of rows in every report."""
    count = max(2, round(0.012 * allowed.shape[1]))
    drawn = np.where(allowed, rng.random(allowed.shape), np.inf)
    out: Bools = (drawn <= np.sort(drawn, axis=1)[:, count - 1 : count]) & allowed
    return out


def _corrected(rng: np.random.Generator, previous: Ints, revised: Bools) -> Ints:
    other = np.rint(previous * np.exp(0.03 * rng.standard_normal(previous.shape))).astype(np.int64)
    return np.where(revised, np.where(other == previous, previous + 1, other), previous)


def _volumes(grid: Grid, universe: Universe, volumes: Floats) -> Ints:
    """Average a cycle's volumes, in shares after any split."""
    starts = np.concatenate([[0], grid.marks[:-1] + 1])
    means = np.add.reduceat(volumes, starts) / np.diff(starts, append=len(volumes))[:, None]
    return np.rint(means * universe.factor[grid.marks]).astype(np.int64)


def make_reports(rngs: dict[str, np.random.Generator], grid: Grid, universe: Universe, volumes: Floats) -> Reports:
    """Print the reports; the first row is the settlement before the first report."""
    there = universe.alive(grid.marks)
    position = np.where(there, _positions(rngs, grid, universe), 0)
    earlier = np.vstack([np.zeros_like(position[:1]), position[:-1]])
    ratio = _ratios(universe, there & (earlier > 0))
    revised = _revised(rngs["revised"], there & (earlier > 0) & (ratio == 1))
    drawn = rngs["liquidity"].random(there.shape)
    rare = ILLIQUID[universe.group]
    adv = np.where(drawn < rare / 2, 0, _volumes(grid, universe, volumes))
    return Reports(
        position=position,
        previous=_corrected(rngs["revised"], earlier, revised),
        adv=adv,
        ratio=ratio,
        there=there,
        traded=(drawn < rare / 2) | (drawn >= rare),
        revised=revised,
    )
