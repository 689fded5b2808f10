"""Bars of four hours and every metric of a chart in plain Python: slow, obvious, and without Polars or NumPy."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from statistics import fmean, pstdev
from typing import Any

from overshort import sessions

NEW_YORK = sessions.NEW_YORK
Raw = tuple[datetime, datetime, float, float, float, float, float]
"""Start, end, open, high, low, close, volume."""
Value = float | None


@dataclass
class Bar:
    """A whole bar; ``heard`` tells whether all of its volume is there."""

    at: datetime | date
    session: date
    open: float
    high: float
    low: float
    close: float
    volume: float
    heard: bool = True
    coverage: float = 1.0

    @property
    def week(self) -> date:
        return self.session - timedelta(days=self.session.weekday())


@cache
def hours() -> dict[date, tuple[datetime, datetime]]:
    return {d: (opens, closes) for d, opens, closes in sessions.schedule().iter_rows()}


def buckets(session: date) -> list[tuple[datetime, datetime]]:
    opens, closes = hours()[session]
    middle = opens + timedelta(hours=4)
    return [(opens, middle), (middle, closes)] if middle < closes else [(opens, closes)]


def four_hour(rows: Sequence[Raw]) -> list[Bar]:
    """Join shorter bars of one symbol and interval in regular hours; also those of which minutes are missing."""
    by_day: dict[date, list[Raw]] = {}
    for row in sorted(rows):
        by_day.setdefault(row[0].astimezone(NEW_YORK).date(), []).append(row)
    out = []
    for session, own in by_day.items():
        for start, end in buckets(session):
            inside = [r for r in own if start <= r[0] and r[1] <= end]
            if not inside:
                continue
            covered = sum(((r[1] - r[0]) for r in inside), timedelta())
            out.append(
                Bar(
                    at=end,
                    session=session,
                    open=inside[0][2],
                    high=max(r[3] for r in inside),
                    low=min(r[4] for r in inside),
                    close=inside[-1][5],
                    volume=sum(r[6] for r in inside),
                    heard=all(r[6] > 0 for r in inside),
                    coverage=covered / (end - start),
                )
            )
    return out


def sma(values: Sequence[Value], n: int) -> list[Value]:
    out: list[Value] = []
    for k in range(len(values)):
        window = values[max(0, k - n + 1) : k + 1]
        out.append(fmean(window) if len(window) == n and None not in window else None)
    return out


def smoothed(values: Sequence[Value], n: int, weight: float) -> list[Value]:
    """Begin with the simple average of the first n values that are there."""
    out: list[Value] = []
    seen: list[float] = []
    for value in values:
        if value is not None:
            seen.append(value)
        if value is None or len(seen) < n:
            out.append(None)
        elif len(seen) == n:
            out.append(fmean(seen))
        else:
            assert out[-1] is not None
            out.append(out[-1] + weight * (value - out[-1]))
    return out


def ema(values: Sequence[Value], n: int) -> list[Value]:
    return smoothed(values, n, 2 / (n + 1))


def true_ranges(bars: Sequence[Bar]) -> list[Value]:
    pairs = pairwise(bars)
    return [
        None,
        *(max(b.high - b.low, abs(b.high - a.close), abs(b.low - a.close)) for a, b in pairs),
    ]


def atr(bars: Sequence[Bar], n: int) -> list[Value]:
    return smoothed(true_ranges(bars), n, 1 / n)


def bollinger(closes: Sequence[float], n: int = 20) -> list[tuple[Value, Value, Value]]:
    out: list[tuple[Value, Value, Value]] = []
    for k in range(len(closes)):
        window = closes[max(0, k - n + 1) : k + 1]
        mid, reach = fmean(window), 2 * pstdev(window)
        out.append((mid, mid + reach, mid - reach) if len(window) == n else (None, None, None))
    return out


def line(values: Sequence[float]) -> tuple[float, float]:
    """Give slope and its standard error."""
    n = len(values)
    xs = range(n)
    mx, my = fmean(xs), fmean(values)
    sxx = sum((x - mx) ** 2 for x in xs)
    slope = sum((x - mx) * (y - my) for x, y in zip(xs, values, strict=True)) / sxx
    left = sum((y - my - slope * (x - mx)) ** 2 for x, y in zip(xs, values, strict=True))
    return slope, math.sqrt(left / (n - 2) / sxx)


def mid_rank(value: float, earlier: Sequence[float]) -> float:
    return 100 * (sum(e < value for e in earlier) + 0.5 * sum(e == value for e in earlier)) / len(earlier)


def ordered(values: Sequence[float]) -> float:
    pairs = [(a, b) for k, a in enumerate(values) for b in values[k + 1 :]]
    return sum(a > b for a, b in pairs) / len(pairs)


def indicators(bars: Sequence[Bar], spans: Sequence[int], near: int) -> list[dict[str, Value]]:
    """Give for every bar of one stretch what metrics of both charts are called, without suffix."""
    closes = [b.close for b in bars]
    bands, ranges, centre = bollinger(closes), atr(bars, 10), ema(closes, 20)
    stack, simple, wide = [ema(closes, n) for n in spans], sma(closes, 20), sma(true_ranges(bars), 20)
    widths: list[float] = []
    out: list[dict[str, Value]] = []
    for k, bar in enumerate(bars):
        row: dict[str, Value] = {}
        mid, upper, lower = bands[k]
        if mid is not None and upper is not None and lower is not None:
            assert centre[k] is not None
            assert ranges[k] is not None
            reach = 2 * ranges[k]
            row |= {"bb_mid": mid, "bb_upper": upper, "bb_lower": lower}
            row |= {"kc_mid": centre[k], "kc_upper": centre[k] + reach, "kc_lower": centre[k] - reach}
            row |= {"u_bb": (bar.close - mid) / (upper - mid), "u_kc": (bar.close - centre[k]) / reach}
            if len(widths) >= 120:
                row["width_rank"] = mid_rank((upper - lower) / mid, widths[-120:])
            widths.append((upper - lower) / mid)
        if k >= 23:
            slope, error = line([b[2] for b in bands[k - 4 : k + 1]])
            row |= {"lower_band_slope": slope / ranges[k], "lower_band_t": slope / error}
        if wide[k] is not None:
            squeezed = upper < simple[k] + 1.5 * wide[k] and lower > simple[k] - 1.5 * wide[k]
            row["ttm"] = float(squeezed)
        lines = [s[k] for s in stack]
        row |= {f"ema{n}": value for n, value in zip(spans, lines, strict=True)}
        if None not in lines:
            row["ema_stack"] = ordered(lines)
            fast = stack[spans.index(near)]
            rising = fast[k - 3] is not None and fast[k] > fast[k - 3]
            row["ema_supportive"] = float(row["ema_stack"] == 1 and bar.close >= fast[k] and rising)
        if k >= 22:
            row["rejection"] = float(
                bar.close < bands[k][0] and any(bars[j].high > bands[j][1] for j in range(k - 3, k + 1))
            )
        if k >= 28:
            last = [(out[j] if j < k else row) for j in range(k - 9, k + 1)]
            up = sum(0.5 <= r["u_bb"] <= 1 and 0.5 <= r["u_kc"] <= 1 for r in last)
            down = sum(-1 <= r["u_bb"] <= -0.5 and -1 <= r["u_kc"] <= -0.5 for r in last)
            row["envelope"] = 0 if up >= 6 else 1 if down >= 6 else 2
            row["envelope_upper"] = float(up >= 6)
        out.append(row)
    return out


def spread(rows: Sequence[Raw], row: float) -> tuple[float, list[float]]:
    """Give the lowest price and the volume of each row above it."""
    bottom, top = min(r[4] for r in rows), max(r[3] for r in rows)
    count = max(1, math.ceil((top - bottom) / row))
    out = [0.0] * count
    for _, _, _, high, low, _, volume in rows:
        for k in range(count):
            a, b = bottom + k * row, bottom + (k + 1) * row
            if high > low:
                out[k] += volume * max(0.0, min(b, high) - max(a, low)) / (high - low)
        if high == low:
            out[min(int((low - bottom) // row), count - 1)] += volume
    return bottom, out


def value_area(rows: Sequence[Raw], row: float) -> tuple[float, float, float]:
    """Give lower bound, middle of the busiest row and upper bound; rows without volume are not given."""
    bottom, held = spread(rows, row)
    held = [round(v / sum(held), 9) for v in held]
    busiest = max(k for k, v in enumerate(held) if v == max(held))
    inside = [busiest]
    while round(sum(held[k] for k in inside), 7) < 0.7:
        above = [k for k in (max(inside) + 1, max(inside) + 2) if k < len(held)]
        below = [k for k in (min(inside) - 1, min(inside) - 2) if k >= 0]
        up = bool(above) and (not below or round(sum(held[k] for k in above) - sum(held[k] for k in below), 8) >= 0)
        inside += above if up else below
    return bottom + row * min(inside), bottom + row * (busiest + 0.5), bottom + row * (max(inside) + 1)


def raw(frame: Any) -> list[Raw]:
    columns = ("start", "end", "open", "high", "low", "close", "volume")
    return [tuple(r) for r in frame.select(columns).iter_rows()]


def at_clock(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), NEW_YORK).astimezone(UTC)
