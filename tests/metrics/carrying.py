"""Average entries and marks by plain loops: what the carry metrics are held against."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from math import log
from statistics import fmean
from typing import Any

from overshort.sessions import is_session

__all__ = ["Bar", "entries", "mid_rank", "newest", "price_of"]

Bar = tuple[float, float | None]
"""Close and volume."""


def split_day(own: Sequence[date], bars: Mapping[date, Bar], ratio: float) -> date:
    """Give the session of a cycle whose close moved most nearly as a split would."""
    days = sorted(bars)
    moves = {d: abs(log(bars[days[days.index(d) - 1]][0] / bars[d][0] / ratio)) for d in own if days.index(d)}
    return min(moves, key=lambda d: (moves[d], d))


def price_of(bars: Mapping[date, Bar], start: date, end: date, ratio: float = 1.0) -> tuple[float, bool] | None:
    """Give the price of the sessions after ``start`` up to ``end`` in the shares of the end, and whether by volume."""
    own = [d for d in sorted(bars) if start < d <= end]
    if 2 * len(own) < sum(is_session(start + timedelta(days=k)) for k in range(1, (end - start).days + 1)):
        return None
    split = split_day(own, bars, ratio) if ratio != 1 else own[0]
    closes = [bars[d][0] / (ratio if d < split else 1) for d in own]
    volumes = [bars[d][1] for d in own]
    if any(v is None for v in volumes):
        return fmean(closes), False
    scaled = [(v or 0) * (ratio if d < split else 1) for d, v in zip(own, volumes, strict=True)]
    return sum(c * v for c, v in zip(closes, scaled, strict=True)) / sum(scaled), True


def entries(
    rows: Sequence[Mapping[str, Any]],
    bars: Mapping[date, Bar],
    calendar: Sequence[date],
    ratios: Mapping[date, float],
    *,
    adjusted: bool,
) -> dict[date, float | None]:
    """Give the average entry at every report of one security.

    Parameters
    ----------
    rows
        Its reports in order: ``settlement, position, previous``.
    adjusted
        Whether the closes are adjusted for splits already.
    """
    out: dict[date, float | None] = {}
    dollars = shares = 0.0
    before: date | None = None
    for row in rows:
        at = row["settlement"]
        start, ratio = calendar[calendar.index(at) - 1], ratios.get(at, 1.0)
        found = price_of(bars, start, at, 1.0 if adjusted else ratio)
        was, held = (row["previous"] or 0) * ratio, row["position"]
        known = before == start and shares > 0 and was > 0
        average = dollars / shares / (1 if adjusted else ratio) if known else None
        if average is None and found:
            dollars = held * found[0]
        elif average is not None and held <= was:
            dollars = held * average
        elif average is not None and found:
            dollars = was * average + (held - was) * found[0]
        else:
            held = 0
        shares, before = float(held), at
        out[at] = dollars / shares if shares else None
    return out


def newest(published: Sequence[tuple[datetime, date]], close: datetime) -> date | None:
    """Give the newest settlement whose report was out by an instant; reports in order of publication."""
    place = bisect_right([known for known, _ in published], close)
    return max((at for _, at in published[:place]), default=None)


def mid_rank(values: Sequence[float], k: int, span: int = 1260, least: int = 252) -> float | None:
    """Rank a value among those before it."""
    earlier = values[max(0, k - span) : k]
    if len(earlier) < least:
        return None
    return 100 * sum(1.0 if v < values[k] else 0.5 if v == values[k] else 0.0 for v in earlier) / len(earlier)
