"""Indicators of price bars, block by block: a block is the consecutive bars of one symbol.

Every function takes arrays of all bars and ``starts``: where each block begins, and the number of bars at the end.
Values are NaN until enough bars of the block are there, and rest on bars up to their own only.

Conventions are TA-Lib's where it has the indicator: an exponential average begins with the simple average of its first
values, Wilder's average true range with that of the first n true ranges, of which a block's first bar has none; bands
use the population deviation.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from overshort.metrics.indicators.running import COMPILED_FROM, Columns, compiled, over_blocks
from overshort.metrics.ranking import Floats

__all__ = [
    "COMPILED_FROM",
    "Fit",
    "Lines",
    "atr",
    "bollinger",
    "compiled",
    "ema",
    "keltner",
    "slope",
    "sma",
    "squeeze",
    "stack",
    "true_range",
    "width_rank",
]

Starts = Sequence[int]


class Lines(NamedTuple):
    """A middle line and those above and below it."""

    mid: Floats
    upper: Floats
    lower: Floats


class Fit(NamedTuple):
    """Slope per bar and its standard error, 0 where the values lie exactly on a line."""

    slope: Floats
    error: Floats


def _of(kernel: str, inputs: Sequence[Columns], starts: Starts, *numbers: object, outputs: int = 1) -> list[Floats]:
    out = [np.empty(starts[-1]) for _ in range(outputs)]
    over_blocks(kernel, inputs, starts, numbers, out)
    return out


def sma(values: Floats, starts: Starts, n: int) -> Floats:
    """Simple average of the last ``n`` values."""
    return _of("means", [values], starts, n)[0]


def ema(values: Floats, starts: Starts, spans: Sequence[int]) -> Floats:
    """Exponential averages, one row a span: weight 2/(n + 1), begun with the simple average of the first n values."""
    out = np.empty((len(spans), starts[-1]))
    weights = tuple(2.0 / (n + 1.0) for n in spans)
    over_blocks("emas", [values], starts, (tuple(spans), weights), [tuple(out)])
    return out


def true_range(high: Floats, low: Floats, close: Floats, starts: Starts) -> Floats:
    """True range; NaN at a block's first bar, which has no close before it."""
    return _of("ranges", [high, low, close], starts)[0]


def atr(
    high: Floats, low: Floats, close: Floats, starts: Starts, n: int, smoothing: Literal["wilder", "simple"] = "wilder"
) -> Floats:
    """Average true range: Wilder's, begun with the simple average of n true ranges, or the simple one throughout."""
    kernel = "wilder" if smoothing == "wilder" else "means"
    return _of(kernel, [true_range(high, low, close, starts)], starts, n)[0]


def bollinger(values: Floats, starts: Starts, n: int = 20, width: float = 2.0) -> Lines:
    """Simple average of the last ``n`` values, and ``width`` population deviations around it."""
    return Lines(*_of("bands", [values], starts, n, float(width), outputs=3))


def keltner(
    high: Floats,
    low: Floats,
    close: Floats,
    starts: Starts,
    *,
    n: int = 20,
    ranges: int = 10,
    width: float = 2.0,
    average: Literal["ema", "sma"] = "ema",
    smoothing: Literal["wilder", "simple"] = "wilder",
) -> Lines:
    """Average of the last ``n`` closes, and ``width`` average true ranges of ``ranges`` bars around it."""
    mid = ema(close, starts, [n])[0] if average == "ema" else sma(close, starts, n)
    reach = atr(high, low, close, starts, ranges, smoothing)
    return Lines(mid, *_of("channel", [mid, reach], starts, float(width), outputs=2))


def squeeze(high: Floats, low: Floats, close: Floats, starts: Starts) -> NDArray[np.int8]:
    """TTM squeeze: 1 where Bollinger(20, 2) lies inside Keltner(20, 1.5), 0 where not, -1 where unknown.

    That channel's middle and average true range are both simple averages over 20 bars, as the squeeze was published.
    """
    inner = bollinger(close, starts)
    outer = keltner(high, low, close, starts, ranges=20, width=1.5, average="sma", smoothing="simple")
    out = np.empty(starts[-1], dtype=np.int8)
    over_blocks("inside", [inner.upper, inner.lower, outer.upper, outer.lower], starts, (), [out])
    return out


def slope(values: Floats, starts: Starts, n: int) -> Fit:
    """Least-squares line through the last ``n`` values; the t statistic is slope over error, n - 2 degrees."""
    found = _of("slopes", [values], starts, n)[0]
    return Fit(found, _of("errors", [values, found], starts, n)[0])


def width_rank(lines: Lines, starts: Starts, span: int = 120) -> Floats:
    """Mid-rank in percent of (upper - lower) / middle among the ``span`` widths before it, itself excluded."""
    return _of("ranks", [(lines.upper - lines.lower) / lines.mid], starts, span)[0]


def stack(lines: Floats, starts: Starts) -> Floats:
    """Share of the pairs of lines, one a row, of which the one named first lies above the later one."""
    return _of("ordered", [tuple(lines)], starts)[0]
