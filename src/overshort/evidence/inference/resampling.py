"""The stationary bootstrap of sums, fast: a block's sum is the difference of two prefix sums.

A resample of n values in blocks of mean length L costs n / L look-ups and not n, and nothing is copied.  A replicate
draws from its own seed (splitmix64 of the seed and the replicate's number), so any number of threads gives the same
bits.  One 64-bit draw makes a block: its upper half the start, its lower half the geometric length.

The loops are plain Python that Numba compiles at the first call.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import pairwise
from math import log, log1p
from types import FunctionType
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Blocks", "Floats", "blocks", "blocks_of", "compiled", "resampled", "sums_of"]

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Blocks = tuple[Whole, Whole]
"""Starts and lengths of a resample's blocks; a block runs on from the end to the beginning."""
THREADS = 2
GOLDEN, MIX1, MIX2 = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
S27, S30, S31, S32 = np.uint64(27), np.uint64(30), np.uint64(31), np.uint64(32)
LOW = np.uint64(0xFFFFFFFF)


def mixed(x: Any) -> Any:
    """Scramble 64 bits (splitmix64)."""
    x = (x ^ (x >> S30)) * MIX1
    x = (x ^ (x >> S27)) * MIX2
    return x ^ (x >> S31)


def drawn(seed: Any, replicate: int, n: int, rate: float, starts: Any, lengths: Any) -> int:
    """Draw one replicate's blocks and give their number; ``rate`` is 1 / log(1 - 1/L), 0 where L is 1."""
    state = mixed(seed + np.uint64(replicate + 1) * GOLDEN)
    count, left = 0, n
    while left > 0:
        state = state + GOLDEN
        bits = mixed(state)
        length = 1 + int(log((float(bits & LOW) + 0.5) / 4294967296.0) * rate)
        starts[count] = np.int64(((bits >> S32) * np.uint64(n)) >> S32)
        lengths[count] = min(length, left)
        left -= lengths[count]
        count += 1
    return count


def summed(prefix: Any, starts: Any, lengths: Any, count: int) -> float:
    """Sum the values of blocks; ``prefix`` holds the sums of the values laid twice, from 0 on."""
    total = 0.0
    for i in range(count):
        total += prefix[starts[i] + lengths[i]] - prefix[starts[i]]
    return total


def replicates(first: int, last: int, seed: Any, rate: float, prefixes: Any, out: Any) -> None:
    """Write the sums of every column over the blocks of each replicate."""
    n = (prefixes.shape[1] - 1) // 2
    starts, lengths = np.empty(n, np.int64), np.empty(n, np.int64)
    for r in range(first, last):
        count = drawn(seed, r, n, rate, starts, lengths)
        for k in range(prefixes.shape[0]):
            out[r, k] = summed(prefixes[k], starts, lengths, count)


_KERNELS = {"mixed": mixed, "drawn": drawn, "summed": summed, "replicates": replicates}


@cache
def compiled() -> Mapping[str, Callable[..., Any]]:
    """Give every loop for Numba to compile at its first call; kept between processes where a folder can be written."""
    import numba

    namespace = dict(globals())
    for name, plain in _KERNELS.items():
        function = FunctionType(plain.__code__, namespace, name)
        try:
            namespace[name] = numba.njit(cache=True, nogil=True, error_model="numpy")(function)
        except RuntimeError:  # Numba finds no folder that it can write
            namespace[name] = numba.njit(nogil=True, error_model="numpy")(function)
    return {name: namespace[name] for name in _KERNELS}


def _rate(length: float) -> float:
    return 1 / log1p(-1 / length) if length > 1 else 0.0


def _prefixes(columns: Floats) -> Floats:
    twice = np.concatenate([columns, columns], axis=1)
    return np.concatenate([np.zeros((len(columns), 1)), np.cumsum(twice, axis=1)], axis=1)


def resampled(columns: Floats, length: float, *, replicates: int = 10_000, seed: int = 0) -> Floats:
    """Give the sums of columns over stationary-bootstrap resamples of their rows.

    Parameters
    ----------
    columns
        Shape (columns, n), n below 2³²; all columns are resampled together.
    length
        Mean length of a block, 1 or more.

    Returns
    -------
    ndarray
        Shape (replicates, columns); the same bits for the same arguments on any number of threads.
    """
    prefixes, out = _prefixes(columns), np.empty((replicates, len(columns)))
    run, cuts = compiled()["replicates"], np.linspace(0, replicates, THREADS + 1).astype(int).tolist()
    with ThreadPoolExecutor(THREADS) as pool:
        jobs = [pool.submit(run, a, b, np.uint64(seed), _rate(length), prefixes, out) for a, b in pairwise(cuts)]
        for job in jobs:
            job.result()
    return out


def blocks(n: int, length: float, *, replicate: int, seed: int = 0) -> Blocks:
    """Give the blocks that :func:`resampled` draws for one replicate."""
    starts, lengths = np.empty(n, np.int64), np.empty(n, np.int64)
    count = compiled()["drawn"](np.uint64(seed), replicate, n, _rate(length), starts, lengths)
    return starts[:count], lengths[:count]


def blocks_of(index: Whole) -> Blocks:
    """Give the blocks of a resample that is written as one index a value, as ``arch`` writes it."""
    n = len(index)
    begins = np.flatnonzero(np.concatenate([[True], (index[:-1] + 1) % n != index[1:]]))
    return index[begins], np.diff(np.append(begins, n))


def sums_of(values: Floats, of: Blocks) -> float:
    """Sum the values of blocks by the loop that :func:`resampled` uses."""
    starts, lengths = of
    return float(compiled()["summed"](_prefixes(values[None, :])[0], starts, lengths, len(starts)))
