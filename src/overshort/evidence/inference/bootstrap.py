"""Percentile intervals by the stationary bootstrap (Politis and Romano 1994) of cases in order of time."""

from typing import NamedTuple

import numpy as np

from overshort.evidence.inference.chance import Flags
from overshort.evidence.inference.resampling import Floats, resampled

__all__ = ["LEVEL", "REPLICATES", "Intervals", "block_length", "intervals", "mean_interval"]

LEVEL = 0.95
REPLICATES = 10_000
SHORTEST = 30
"""Cases; of fewer no block length can be told from the data."""


class Intervals(NamedTuple):
    """Bounds of the flagged mean, of its share above zero, and of its difference from the mean of all.

    ``spread`` is the standard deviation of that difference over the replicates.
    """

    mean: tuple[float, float]
    up: tuple[float, float]
    difference: tuple[float, float]
    spread: float


def block_length(values: Floats) -> float:
    """Give the mean block length that suits a series (Politis and White 2004, corrected 2009); 1 or more.

    A constant series, or one under 30 values, gives 1.
    """
    if len(values) < SHORTEST or np.ptp(values) == 0:
        return 1.0
    from arch.bootstrap import optimal_block_length

    return max(1.0, float(optimal_block_length(values)["stationary"].iloc[0]))


def intervals(flags: Flags, values: Floats, length: float, *, seed: int = 0) -> Intervals | None:
    """Give 95 % intervals of what followed flagged cases.

    Flag and outcome are resampled together, in blocks of cases, so both the flag's persistence and the overlap of
    outcomes are kept.  Resamples without a flagged case say nothing and are left out.

    Returns
    -------
    Intervals or None
        Nothing where more than one resample in twenty holds no flagged case: what is seen rests on too few stretches.
    """
    columns = np.vstack([flags * values, flags * (values > 0), flags, values]).astype(np.float64)
    total, ups, count, every = resampled(columns, length, replicates=REPLICATES, seed=seed).T
    there = count > 0.5
    if there.mean() < LEVEL:
        return None
    mean = total[there] / count[there]
    difference = mean - every[there] / len(values)
    return Intervals(_bounds(mean), _bounds(ups[there] / count[there]), _bounds(difference), float(difference.std()))


def _bounds(draws: Floats) -> tuple[float, float]:
    low, high = np.quantile(draws, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def mean_interval(values: Floats, length: float, *, seed: int = 0) -> tuple[float, float]:
    """Give the 95 % percentile interval of a mean, by resamples in blocks of a mean length."""
    return _bounds(resampled(values[None, :], length, replicates=REPLICATES, seed=seed)[:, 0] / len(values))
