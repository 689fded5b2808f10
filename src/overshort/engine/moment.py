"""The one place that reads the clock."""

import time
from dataclasses import dataclass
from datetime import UTC, date, datetime

from overshort import sessions

__all__ = ["Moment", "moment", "now", "pause", "ticks"]


@dataclass(frozen=True, slots=True)
class Moment:
    """A decision time: the day as asked, and the instant up to which rows count as known."""

    day: date
    instant: datetime


def now() -> datetime:
    """Read the clock, UTC."""
    return datetime.now(UTC)


def ticks() -> float:
    """Read the clock that only runs forward: seconds from any start."""
    return time.monotonic()


def pause(seconds: float) -> None:
    """Wait."""
    time.sleep(seconds)


def moment(as_of: str | None) -> Moment:
    """Give the decision time of ``--as-of``: the end of that day in New York, or this instant where left out.

    Raises
    ------
    UsageError
        If the text is no date within the exchange calendar.
    """
    if as_of is None:
        instant = now()
        return Moment(instant.astimezone(sessions.NEW_YORK).date(), instant)
    day = sessions.parse_day(as_of)
    return Moment(day, sessions.end_of_day(day))
