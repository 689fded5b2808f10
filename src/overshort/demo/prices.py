"""Index paths, stock prices and volumes, and the VIX, session by session.

1. Draw each month's return of the three indices; planted months replace drawn ones.
2. Spread it over the month's sessions with noise that adds up to nothing.
3. A stock follows its group's index by its beta, with moves of its own, scaled to its price on the last day.
4. Unadjusted prices are these divided by the shares that one first share has become.
"""

from dataclasses import dataclass

import numpy as np

from overshort.demo.grid import Floats, Grid, Ints
from overshort.demo.script import price_drift, vix_anchors
from overshort.demo.universe import FUND, LARGE, NASDAQ_LARGE, OTC, SMALL, Universe

__all__ = ["Candles", "candles", "closes", "index_paths", "pulled", "vix", "volumes"]

FOLLOWS = {NASDAQ_LARGE: 1, LARGE: 0, SMALL: 2, FUND: 0, OTC: 2}
"""The index whose path a group's prices follow."""


@dataclass(frozen=True, slots=True)
class Candles:
    """Open, high, low and close, session by security."""

    open: Floats
    high: Floats
    low: Floats
    close: Floats


def _ages(grid: Grid) -> Floats:
    """Give the age of each month, the oldest first."""
    return np.arange(int(grid.ages[0]), int(grid.ages[-1]) - 1, -1, dtype=float)


def _monthly(rng: np.random.Generator, grid: Grid) -> Floats:
    ages = _ages(grid)
    common = 0.007 + 0.028 * rng.standard_normal((len(ages), 1))
    own = np.array([0.004, 0.013, 0.015]) * rng.standard_normal((len(ages), 3))
    # Less than the smallest planted rise, so that a planted sign stays.
    jitter = rng.uniform(-0.004, 0.004, own.shape)
    return price_drift(ages, np.clip(common + own, -0.065, 0.07)) + jitter


def _without_monthly_mean(noise: Floats, months: Ints) -> Floats:
    starts = np.flatnonzero(np.diff(months, prepend=-1))
    counts = np.diff(starts, append=len(months))
    means = np.add.reduceat(noise, starts) / counts[:, None]
    return noise - means[months]


def index_paths(rng: np.random.Generator, grid: Grid) -> Floats:
    """Give the log level of SPX, NDX and RUT, session by index, 0 before the first session."""
    months = grid.months
    monthly = _monthly(rng, grid)
    wild = 1 + 8 * np.clip(-monthly[months, :1] - 0.02, 0, 0.2)
    common, own = rng.standard_normal((len(months), 1)), rng.standard_normal((len(months), 3))
    noise = wild * (0.0065 * common + np.array([0.002, 0.005, 0.006]) * own)
    sessions_of = np.bincount(months)[months]
    daily: Floats = monthly[months] / sessions_of[:, None] + _without_monthly_mean(noise, months)
    return np.cumsum(daily, axis=0)


def closes(rng: np.random.Generator, grid: Grid, universe: Universe, paths: Floats) -> Floats:
    """Give closing prices in units of the first session: what unadjusted prices are before any split."""
    follows = np.array([FOLLOWS[g] for g in universe.group.tolist()])
    steps = np.array([0.011, 0.011, 0.021, 0.004, 0.02])[universe.group]
    own = steps * rng.standard_normal((len(grid.days), len(follows)))
    for split in universe.splits:
        # A quiet cycle around a split, so that its ratio can be read off prices as in life.
        own[grid.marks[split.cycle - 1] : grid.marks[split.cycle] + 1, split.stock] *= 0.4
    # A weak pull back to the index: ten years of a random walk would leave prices that no exchange lists.
    walk = pulled(own, 0.998)
    log = universe.beta * paths[:, follows] + walk
    out: Floats = universe.target * universe.factor[-1] * np.exp(log - log[grid.end - 1])
    return out


def pulled(steps: Floats, memory: float) -> Floats:
    """Run a first-order autoregression down the rows."""
    out = steps.copy()
    for n in range(1, len(out)):
        out[n] += memory * out[n - 1]
    return out


def candles(rng: np.random.Generator, closes: Floats, spread: float) -> Candles:
    """Give open, high and low around closes; ``spread`` is the size of a session's range beyond its body."""
    before = np.vstack([closes[:1], closes[:-1]])
    opened = before * np.exp(spread * 0.4 * rng.standard_normal(closes.shape))
    top, bottom = np.maximum(opened, closes), np.minimum(opened, closes)
    up, down = np.abs(rng.standard_normal((2, *closes.shape))) * spread
    return Candles(opened, top * np.exp(up), bottom * np.exp(-down), closes)


def volumes(rng: np.random.Generator, universe: Universe, outstanding: Floats) -> Floats:
    """Give daily volumes in shares of the first session, from shares outstanding session by security."""
    noise = rng.standard_normal(outstanding.shape)
    out: Floats = outstanding * universe.turnover * np.exp(0.32 * noise)
    return out


def vix(rng: np.random.Generator, grid: Grid) -> Floats:
    """Give the VIX, one close a session, at its lowest for a year on the last day."""
    ages, days = _ages(grid), len(grid.days)
    anchors = vix_anchors(ages, np.clip(16.5 + 2.0 * rng.standard_normal(len(ages)), 13.5, 21.0))
    middles = [float(np.mean(np.flatnonzero(grid.months == m))) for m in range(len(ages))]
    noise = pulled(0.022 * rng.standard_normal((days, 1)), 0.88)[:, 0]
    out: Floats = np.exp(np.interp(np.arange(days), middles, np.log(anchors)) + noise)
    return np.round(_with_low_end(out, grid.end), 2)


def _with_low_end(level: Floats, end: int, sessions: int = 8) -> Floats:
    start = max(end - sessions - 1, 0)
    lowest = 0.985 * float(level[max(0, start - 260) : start + 1].min())
    out = level.copy()
    out[start:end] = np.geomspace(level[start], lowest, end - start)
    return out
