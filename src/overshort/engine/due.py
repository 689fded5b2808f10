"""What was due by an instant: the newest date that each grid should have reached."""

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from itertools import pairwise
from types import MappingProxyType

from overshort import sessions

__all__ = ["due", "due_settlement"]

GRACE = timedelta(days=1)
"""Prices of a session count as late once its close is a day old: publishers' files come overnight."""
SOONEST = timedelta(days=8)
"""No report comes sooner after its settlement, by rule or announcement: it takes seven weekdays."""
_PERIODS: Mapping[str, Callable[[date], object]] = MappingProxyType(
    {"session": lambda day: day, "week": lambda day: day.isocalendar()[:2], "month": lambda day: (day.year, day.month)}
)


def due_settlement(as_of: datetime) -> date:
    """Give the settlement date of the newest report that was published by an instant; else the calendar's first day."""
    day = as_of.astimezone(sessions.NEW_YORK).date()
    dates = sessions.settlements_between(max(day - timedelta(days=62), sessions.FIRST), day - SOONEST)
    return max((d for d in dates if sessions.publication(d)[0] <= as_of), default=sessions.FIRST)


@cache
def _ends(period: str) -> tuple[Sequence[date], Sequence[datetime]]:
    """Give the last sessions of all weeks or months, ascending, and when they closed."""
    rows = list(sessions.schedule().select("session", "closes").iter_rows())
    of = _PERIODS[period]
    kept = [before for before, after in pairwise(rows) if of(before[0]) != of(after[0])]
    return [day for day, _ in kept], [close for _, close in kept]


def _last_of(as_of: datetime, period: str) -> date:
    """Give the newest due session that is the last one of its week or month; else the calendar's first day."""
    days, closes = _ends(period)
    place = bisect_right(closes, as_of - GRACE)
    return days[place - 1] if place else sessions.FIRST


def due(as_of: datetime) -> Mapping[str, date]:
    """Give for every grid the date that its newest figure should have by an instant."""
    session = _last_of(as_of, "session")
    return {
        "report": due_settlement(as_of),
        "session": session,
        "bar_4h": session,
        "week": _last_of(as_of, "week"),
        "month": _last_of(as_of, "month"),
    }
