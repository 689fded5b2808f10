"""How good probabilities were: Brier score and its parts, log loss, reliability, and skill with an interval.

Everything takes probabilities and outcomes (0 or 1) of the same length, in order of time.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from overshort.evidence.inference import Floats, resampled

__all__ = [
    "LEVEL",
    "brier",
    "decomposition",
    "log_loss",
    "reliability",
    "runs_of",
    "skill",
    "skill_of",
    "z",
]

LEVEL = 0.90
"""Of every interval."""
z = 1.6448536269514722
"""The normal quantile of a two-sided interval of :data:`LEVEL`."""
DRAWS, SEED = 400, 1929
CLIP = 0.001
"""Log loss takes no probability for nearer to 0 or 1 than this: what has not happened so far is not impossible."""
BINS = 10


def brier(given: Floats, happened: Floats) -> float:
    """Give the mean squared distance of probabilities from what happened."""
    return float(((given - happened) ** 2).mean())


def log_loss(given: Floats, happened: Floats) -> float:
    """Give the mean negative log likelihood, natural logarithm, of probabilities clipped at :data:`CLIP`."""
    clipped = np.clip(given, CLIP, 1 - CLIP)
    return float(-(happened * np.log(clipped) + (1 - happened) * np.log1p(-clipped)).mean())


def _places(given: Floats, bins: int) -> NDArray[np.intp]:
    return np.searchsorted(np.linspace(0, 1, bins + 1)[1:-1], given)


def reliability(given: Floats, happened: Floats, bins: int = BINS) -> list[dict[str, Any]]:
    """Group probabilities into equal bins and set the mean of each beside the share that happened.

    Returns
    -------
    list of dict
        ``low, high`` (bounds), ``n``, ``given`` (mean probability), ``happened`` (share); empty bins left out.
    """
    places, out = _places(given, bins), []
    for k in np.unique(places).tolist():
        own = places == k
        row = {"low": k / bins, "high": (k + 1) / bins, "n": int(own.sum())}
        out.append(row | {"given": float(given[own].mean()), "happened": float(happened[own].mean())})
    return out


def decomposition(given: Floats, happened: Floats, bins: int = BINS) -> dict[str, float]:
    """Part the Brier score into reliability − resolution + uncertainty (Murphy 1973).

    Returns
    -------
    dict
        ``reliability``, ``resolution``, ``uncertainty`` and ``within``: what is left because probabilities within a
        bin differ; the Brier score is reliability − resolution + uncertainty + within.
    """
    share = float(happened.mean())
    parts = {"reliability": 0.0, "resolution": 0.0, "uncertainty": share * (1 - share)}
    for row in reliability(given, happened, bins):
        weight = row["n"] / given.size
        parts["reliability"] += weight * (row["given"] - row["happened"]) ** 2
        parts["resolution"] += weight * (row["happened"] - share) ** 2
    whole = parts["reliability"] - parts["resolution"] + parts["uncertainty"]
    return parts | {"within": brier(given, happened) - whole}


def skill(given: Floats, reference: Floats, happened: Floats, block: int) -> Mapping[str, float | int] | None:
    """Give the Brier skill over a reference, 1 − Brier / Brier of the reference, with a bootstrap interval.

    Parameters
    ----------
    block
        Mean block of the stationary bootstrap: the reports of a window, for neighbouring windows overlap.

    Returns
    -------
    Mapping or None
        ``n, skill, low, high`` (percentiles of :data:`LEVEL`); nothing where the reference is never off.
    """
    return skill_of((given - happened) ** 2, (reference - happened) ** 2, block)


def skill_of(own: Floats, other: Floats, block: int) -> Mapping[str, float | int] | None:
    """Give the skill from losses: each case's, or their sums over cases that belong together."""
    if not own.size or other.sum() == 0:
        return None
    above, below = resampled(np.vstack([own, other]), float(block), replicates=DRAWS, seed=SEED).T
    ratios = np.divide(above, below, out=np.ones_like(below), where=below > 0)
    tail = 50 * (1 - LEVEL)
    low, high = np.percentile(1 - ratios, [tail, 100 - tail])
    return {"n": own.size, "skill": float(1 - own.sum() / other.sum()), "low": float(low), "high": float(high)}


def runs_of(happened: Floats) -> int:
    """Count the runs of cases that happened one after the other."""
    return int(((happened == 1) & (np.concatenate([[0.0], happened[:-1]]) != 1)).sum())
