"""How likely streaks are by chance, step by step: slow twins of the closed forms."""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby, product

import numpy as np
from numpy.typing import NDArray

__all__ = ["coin", "enumerated", "permutation", "streaks_of"]


def streaks_of(ups: Sequence[bool], length: int) -> int:
    """Count the runs of rising months that are long enough."""
    return sum(up and len(list(run)) >= length for up, run in groupby(ups))


def enumerated(months: int, length: int, count: int) -> Iterator[tuple[int, bool]]:
    """Give of every order of ups and downs the number of ups, and whether it has enough streaks."""
    for ups in product((False, True), repeat=months):
        yield sum(ups), streaks_of(ups, length) >= count


def _walk(
    months: int, length: int, count: int, rises: Callable[[int, NDArray[np.int64]], NDArray[np.float64]]
) -> float:
    """Carry the distribution of (ups so far, run so far, streaks so far) from month to month; runs and streaks cap."""
    size = months + 1
    chance = np.zeros((size, length + 1, count + 1))
    chance[0, 0, 0] = 1.0
    for month in range(months):
        p = np.clip(rises(month, np.arange(size)), 0, 1)[:, None, None]
        up, after = chance * p, np.zeros_like(chance)
        after[:, 0] = (chance * (1 - p)).sum(axis=1)
        after[1:, 1:length] += up[:-1, : length - 1]
        # A run that gets to the length is one streak more; one that is longer already is not.
        after[1:, length, 1:] += up[:-1, length - 1, :-1]
        after[1:, length, count] += up[:-1, length - 1, count]
        after[1:, length] += up[:-1, length]
        chance = after
    return float(chance[:, :, count].sum())


def coin(months: int, ups: int, length: int, count: int) -> float:
    return _walk(months, length, count, lambda _month, so_far: np.full(so_far.shape, ups / months))


def permutation(months: int, ups: int, length: int, count: int) -> float:
    """Draw the months one by one without putting them back."""
    return _walk(months, length, count, lambda month, so_far: (ups - so_far) / (months - month))
