"""Where a value stands among earlier ones."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

__all__ = ["Floats", "at_or_below", "mid_rank", "trailing"]

Floats = NDArray[np.float64]


def mid_rank(value: float, earlier: Floats) -> float:
    """Give ``100 (#below + ½ #equal) / N`` of a value among earlier ones."""
    return float(100 * ((earlier < value).sum() + 0.5 * (earlier == value).sum()) / earlier.size)


def at_or_below(value: float, earlier: Floats) -> float:
    """Give the percentage of earlier values at or below a value."""
    return float(100 * (earlier <= value).sum() / earlier.size)


def trailing(values: Floats, span: int, least: int, rank: Callable[[float, Floats], float]) -> list[float | None]:
    """Rank every value among the ``span`` values before it; ``None`` where fewer than ``least`` are."""
    out: list[float | None] = []
    for k, value in enumerate(values):
        earlier = values[max(0, k - span) : k]
        out.append(rank(value, earlier) if earlier.size >= least else None)
    return out
