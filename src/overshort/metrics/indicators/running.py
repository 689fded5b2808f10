"""Running a kernel over blocks: as it stands for a chart or a brief, compiled by Numba for a market.

Importing Numba and reading a kept compilation takes longer than a plain loop over tens of thousands of bars, so Numba
is imported only where there are more.  Both ways give the same bits: no fast mathematics, no fused operations.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from itertools import pairwise
from operator import itemgetter
from types import FunctionType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from overshort.metrics.indicators import kernels
from overshort.metrics.ranking import Floats

__all__ = ["COMPILED_FROM", "Columns", "compiled", "over_blocks"]

Columns = Floats | NDArray[np.int8] | tuple[Floats, ...]

COMPILED_FROM = 200_000
"""Bars from which a kernel is compiled."""


@cache
def compiled() -> Mapping[str, Callable[..., Any]]:
    """Give every kernel for Numba to compile at its first call.

    What is compiled is kept in ``__pycache__`` beside the module, in the folder that the environment variable
    ``NUMBA_CACHE_DIR`` names, or in the user's cache where the package's folder cannot be written; where no folder
    can be, it is compiled anew by every process.
    """
    import numba

    # A kernel calls others by name: in this namespace the names mean the compiled ones.
    namespace = dict(vars(kernels))
    for name, plain in kernels.KERNELS.items():
        function = FunctionType(plain.__code__, namespace, name)
        try:
            namespace[name] = numba.njit(cache=True, nogil=True, error_model="numpy")(function)
        except RuntimeError:  # Numba finds no folder that it can write
            namespace[name] = numba.njit(nogil=True, error_model="numpy")(function)
    return {name: namespace[name] for name in kernels.KERNELS}


def over_blocks(
    kernel: str, inputs: Sequence[Columns], starts: Sequence[int], numbers: Sequence[Any], outputs: Sequence[Columns]
) -> None:
    """Run a kernel on every block.

    Parameters
    ----------
    inputs, outputs
        Columns over all bars, or tuples of them; the outputs are written.
    starts
        Where each block begins, and the number of bars at the end.
    numbers
        What stands between inputs and outputs in the kernel's arguments.
    """
    many = starts[-1] >= COMPILED_FROM
    run = compiled()[kernel] if many else kernels.KERNELS[kernel]
    # A memory view gives Python's own numbers, several times faster to work with than an array's.
    reached = [c if many else _each(c, memoryview) for c in (*inputs, *outputs)]
    for begin, end in pairwise(starts):
        own = [_each(c, itemgetter(slice(begin, end))) for c in reached]
        run(*own[: len(inputs)], *numbers, *own[len(inputs) :])


def _each(columns: Any, change: Callable[[Any], Any]) -> Any:
    """Change a column, or each of a tuple of them."""
    return tuple(change(c) for c in columns) if isinstance(columns, tuple) else change(columns)
