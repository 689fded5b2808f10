"""The loops behind the indicators, each written once: plain Python that Numba can compile.

A kernel works on one block: the consecutive bars of one symbol, floats in time order behind anything that slices
without copying (arrays, memory views); its last arguments are written.  Nothing is known before enough bars are there:
NaN.  A window is summed afresh for every bar, in the order of time, so that nothing drifts; the loop over the window
stands outside that over the bars because a processor then works on several bars at once, and takes two steps at a time
to read and write the sums half as often.

All kernels live in this one file: Numba keeps what it compiled until the file of a function changes, and does not
notice changes of what that function calls elsewhere.
"""

from math import nan, sqrt
from types import MappingProxyType
from typing import Any

__all__ = ["KERNELS"]


def first_valid(values: Any) -> int:
    """Give the place of the first value that is not NaN; the length where there is none."""
    for i in range(len(values)):
        if values[i] == values[i]:
            return i
    return len(values)


def unknown(count: int, out: Any) -> None:
    """Leave the first values out."""
    for i in range(min(count, len(out))):
        out[i] = nan


def means(values: Any, n: int, out: Any) -> None:
    """Simple average of the last ``n`` values."""
    windows, found = len(values) - n + 1, out[n - 1 :]
    unknown(n - 1, out)
    for i in range(windows):
        found[i] = values[i] if n % 2 else 0.0
    for j in range(n % 2, n, 2):
        one, two = values[j:], values[j + 1 :]
        for i in range(windows):
            found[i] = found[i] + one[i] + two[i]
    for i in range(windows):
        found[i] /= n


def bands(values: Any, n: int, width: float, mid: Any, upper: Any, lower: Any) -> None:
    """Bollinger bands: the average of the last ``n`` values and ``width`` population deviations around it."""
    means(values, n, mid)
    unknown(n - 1, upper)
    unknown(n - 1, lower)
    windows, centre, above, below = len(values) - n + 1, mid[n - 1 :], upper[n - 1 :], lower[n - 1 :]
    for i in range(windows):
        apart = values[i] - centre[i] if n % 2 else 0.0
        above[i] = apart * apart
    for j in range(n % 2, n, 2):
        one, two = values[j:], values[j + 1 :]
        for i in range(windows):
            apart, next_apart = one[i] - centre[i], two[i] - centre[i]
            above[i] = above[i] + apart * apart + next_apart * next_apart
    for i in range(windows):
        reach = width * sqrt(above[i] / n)
        above[i] = centre[i] + reach
        below[i] = centre[i] - reach


def emas(values: Any, spans: Any, weights: Any, out: Any) -> None:
    """Exponential averages of several spans, each begun with the simple average of its first values.

    Side by side, because each waits for its own last value and none for another.
    """
    size = len(values)
    longest = 0
    for k in range(len(spans)):
        longest = max(longest, spans[k])
    for k in range(len(spans)):
        n, weight, total = spans[k], weights[k], 0.0
        for i in range(min(n, size)):
            total += values[i]
            out[k][i] = nan
        if n <= size:
            out[k][n - 1] = total / n
        for i in range(n, min(longest, size)):
            out[k][i] = weight * values[i] + (1.0 - weight) * out[k][i - 1]
    for i in range(longest, size):
        for k in range(len(spans)):
            out[k][i] = weights[k] * values[i] + (1.0 - weights[k]) * out[k][i - 1]


def ranges(high: Any, low: Any, close: Any, out: Any) -> None:
    """True range: of the bar and the close before it; unknown at the first bar."""
    unknown(1, out)
    for i in range(1, len(close)):
        out[i] = max(high[i], close[i - 1]) - min(low[i], close[i - 1])


def wilder(values: Any, n: int, out: Any) -> None:
    """Wilder's average: begun with the simple average of the first ``n`` values, then 1/n of each new one."""
    size = len(values)
    begun = first_valid(values) + n - 1
    unknown(begun, out)
    if begun < size:
        total = 0.0
        for i in range(begun - n + 1, begun + 1):
            total += values[i]
        weight, last = 1.0 / n, total / n
        out[begun] = last
        for i in range(begun + 1, size):
            last = weight * values[i] + (1.0 - weight) * last
            out[i] = last


def channel(mid: Any, reach: Any, width: float, upper: Any, lower: Any) -> None:
    """Lines ``width`` reaches above and below the middle."""
    for i in range(len(mid)):
        upper[i] = mid[i] + width * reach[i]
        lower[i] = mid[i] - width * reach[i]


def inside(upper: Any, lower: Any, outer_upper: Any, outer_lower: Any, out: Any) -> None:
    """Tell where one pair of lines lies within another: 1 inside, 0 not, -1 where a line is unknown."""
    for i in range(len(upper)):
        unknown = not (outer_upper[i] - outer_lower[i] + upper[i] - lower[i] >= 0.0)
        within = upper[i] < outer_upper[i] and lower[i] > outer_lower[i]
        out[i] = -1 if unknown else 1 if within else 0


def slopes(values: Any, n: int, out: Any) -> None:
    """Slope per bar of the straight line through the last ``n`` values, by least squares."""
    windows, found, middle = len(values) - n + 1, out[n - 1 :], 0.5 * (n - 1)
    squares = n * (n * n - 1.0) / 12.0
    unknown(n - 1, out)
    for i in range(windows):
        found[i] = -middle / squares * values[i] if n % 2 else 0.0
    for j in range(n % 2, n, 2):
        one, two, weight, next_weight = values[j:], values[j + 1 :], (j - middle) / squares, (j + 1 - middle) / squares
        for i in range(windows):
            found[i] = found[i] + weight * one[i] + next_weight * two[i]


def errors(values: Any, slope: Any, n: int, out: Any) -> None:
    """Standard error of that slope, with n - 2 degrees of freedom."""
    middle, squares = 0.5 * (n - 1), n * (n * n - 1.0) / 12.0
    unknown(n - 1, out)
    for i in range(n - 1, len(values)):
        total, left = 0.0, 0.0
        for j in range(n):
            total += values[i - n + 1 + j]
        for j in range(n):
            off = values[i - n + 1 + j] - total / n - slope[i] * (j - middle)
            left += off * off
        out[i] = sqrt(left / (n - 2) / squares)


def ranks(values: Any, span: int, out: Any) -> None:
    """Mid-rank in percent among the ``span`` values before, itself excluded; NaN may stand before the first value."""
    begun = first_valid(values) + span
    unknown(begun, out)
    for i in range(begun, len(values)):
        now, before, twice = values[i], values[i - span : i], 0
        for j in range(span):
            twice += 2 * (before[j] < now) + (before[j] == now)
        out[i] = 50.0 * twice / span


def ordered(lines: Any, out: Any) -> None:
    """Share of the pairs of lines of which the one named first lies above."""
    count = len(lines)
    for i in range(len(out)):
        above, known = 0.0, True
        for a in range(count):
            known = known and lines[a][i] == lines[a][i]
            for b in range(a + 1, count):
                above += 1.0 if lines[a][i] > lines[b][i] else 0.0
        out[i] = above / (0.5 * count * (count - 1)) if known else nan


KERNELS = MappingProxyType(
    {
        f.__name__: f
        for f in (
            first_valid,
            unknown,
            means,
            bands,
            emas,
            ranges,
            wilder,
            channel,
            inside,
            slopes,
            errors,
            ranks,
            ordered,
        )
    }
)
"""Every kernel by name, each after those that it calls."""
