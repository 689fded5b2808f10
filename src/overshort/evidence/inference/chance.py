"""What chance alone gives: circular shifts of a flag against outcomes, and p-values of a family of claims.

Shifting a flag against the outcomes in time leaves the persistence of both as it is and breaks only their link; all n
shifts are taken, so the p-value is exact given the data and needs no seed.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from overshort.evidence.inference.resampling import Floats

__all__ = ["benjamini_hochberg", "p_of", "romano_wolf", "shifted"]

Flags = NDArray[np.bool_]
ROUNDING = 1e-9
"""Relative; two shifts that give the same cases differ by no more."""


def shifted(flags: Flags, values: Floats) -> Floats:
    """Give, for every circular shift, how far the flagged mean lies above the mean of all.

    Parameters
    ----------
    flags
        At least one of them is up.

    Returns
    -------
    ndarray
        Shape (n,); the first entry is the unshifted difference.
    """
    n, centred = len(values), values - values.mean()
    products = np.conj(np.fft.rfft(flags.astype(np.float64))) * np.fft.rfft(centred)
    found: Floats = np.fft.irfft(products, n) / flags.sum()
    return found


def p_of(differences: Floats) -> float:
    """Give the two-sided p-value of the first of all shifts' differences: the share that lies as far from zero."""
    sizes = np.abs(differences)
    return float((sizes >= sizes[0] - ROUNDING * sizes.max()).mean())


def romano_wolf(observed: Floats, null: Floats) -> list[float]:
    """Give step-down p-values that allow for a family's dependence (Romano and Wolf 2005).

    Parameters
    ----------
    observed
        Studentised statistics of k claims; large sizes speak against chance.
    null
        The same under chance, drawn jointly: shape (draws, k).

    Returns
    -------
    list of float
        In the order given; never below the claim's own p-value, and rising down the steps.
    """
    sizes, draws = np.abs(observed), np.abs(null)
    order = np.argsort(-sizes, kind="stable")
    found, least = [0.0] * len(sizes), 0.0
    for step, k in enumerate(order):
        greatest = draws[:, order[step:]].max(axis=1)
        least = max(least, float((greatest >= sizes[k] - ROUNDING).mean()))
        found[k] = least
    return found


def benjamini_hochberg(p: Sequence[float]) -> list[float]:
    """Give p-values adjusted for the share of false discoveries among a family's claims (Benjamini, Hochberg 1995)."""
    count = len(p)
    order = sorted(range(count), key=lambda k: p[k])
    found, least = [1.0] * count, 1.0
    for rank in range(count, 0, -1):
        k = order[rank - 1]
        least = min(least, p[k] * count / rank)
        found[k] = least
    return found
