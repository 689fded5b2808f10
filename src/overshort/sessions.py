"""Exchange sessions and the publication calendar of short interest.

This module alone owns ``exchange_calendars``; it is imported on first use because it brings pandas along.

A report is known on its publication day at 16:40 New York, not at its settlement date.  The publication day is
the announced one where an announcement is on file, else the seventh weekday after settlement that is not a
*scheduled* holiday of the New York Stock Exchange: closures decreed at short notice (a day of mourning) do
not move it.
"""

import csv
import warnings
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from itertools import islice
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import polars as pl

from overshort.errors import UsageError

if TYPE_CHECKING:
    from exchange_calendars import ExchangeCalendar

__all__ = [
    "NEW_YORK",
    "PUBLISHED",
    "TAPE_ENDS",
    "announced",
    "at_new_york",
    "end_of_day",
    "is_scheduled_business_day",
    "is_session",
    "last_completed_session",
    "next_publication",
    "next_session",
    "parse_day",
    "previous_session",
    "publication",
    "publications",
    "schedule",
    "settlements",
    "settlements_between",
    "tape_sessions",
]

NEW_YORK = ZoneInfo("America/New_York")
PUBLISHED = time(16, 40)
TAPE_ENDS = time(17)
"""From then on a session's option tape is whole: what trades later, overnight, belongs to the next session."""
FIRST, LAST = date(1990, 1, 1), date(2035, 12, 31)
"""Explicit bounds: the library's defaults read the clock and begin too late."""


def at_new_york(day: date, clock: time) -> datetime:
    """Give the UTC instant of a wall-clock time in New York."""
    return datetime.combine(day, clock, NEW_YORK).astimezone(UTC)


def end_of_day(day: date) -> datetime:
    """Give the last microsecond of a day in New York: what ``--as-of DAY`` means."""
    return at_new_york(day, time(23, 59, 59, 999_999))


def parse_day(text: str) -> date:
    """Read a date written YYYY-MM-DD.

    Raises
    ------
    UsageError
        If the text is not such a date, or lies outside 1990 to 2035, which the exchange calendar covers.
    """
    try:
        day = datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        raise UsageError(f"{text!r} is not a date; write it YYYY-MM-DD, for example 2025-06-30") from None
    if not FIRST <= day <= LAST:
        raise UsageError(f"{day} lies outside {FIRST} to {LAST}, which the exchange calendar covers; give a day within")
    return day


@cache
def _calendar() -> "ExchangeCalendar":
    with warnings.catch_warnings():
        # exchange_calendars 4.13 reads Series.values of zoned dates, which pandas 3.1 deprecates.
        warnings.filterwarnings("ignore", message="Series.values returning", category=DeprecationWarning)
        from exchange_calendars import get_calendar

        return get_calendar("XNYS", start=FIRST.isoformat(), end=LAST.isoformat())


@cache
def _sessions() -> frozenset[date]:
    return frozenset(_calendar().sessions.date)


@cache
def _scheduled_holidays() -> frozenset[date]:
    holidays = _calendar().regular_holidays
    return frozenset(holidays.holidays(FIRST.isoformat(), LAST.isoformat()).date)


def is_session(day: date) -> bool:
    """Tell whether the New York Stock Exchange trades on a day, early closes included."""
    return day in _sessions()


def is_scheduled_business_day(day: date) -> bool:
    """Tell whether a day is a weekday and no scheduled holiday; unscheduled closures count as business days."""
    return day.weekday() < 5 and day not in _scheduled_holidays()


def _business_days_after(day: date) -> Iterable[date]:
    while (day := day + timedelta(days=1)) <= LAST:
        if is_scheduled_business_day(day):
            yield day


@cache
def schedule() -> pl.DataFrame:
    """Give the regular hours of every session from 1990 to 2035, early closes included.

    Returns
    -------
    DataFrame
        ``session`` (Date), ``opens`` and ``closes`` (UTC, microseconds), sorted.
    """
    calendar = _calendar()
    hours = {"opens": calendar.opens, "closes": calendar.closes}
    columns = {n: pl.Series(v.dt.tz_convert(None).to_numpy().astype("datetime64[us]")) for n, v in hours.items()}
    frame = pl.DataFrame({"session": list(calendar.sessions.date), **columns})
    return frame.with_columns(pl.col(n).dt.replace_time_zone("UTC") for n in hours)


@cache
def _closes() -> dict[date, datetime]:
    return dict(schedule().select("session", "closes").iter_rows())


def last_completed_session(now: datetime) -> date:
    """Give the newest session whose close lies before an instant."""
    day = now.astimezone(NEW_YORK).date()
    while not (is_session(day) and _closes()[day] <= now):
        day -= timedelta(days=1)
    return day


@cache
def announced() -> dict[date, date]:
    """Give the announced publication day of each settlement date on file.

    The facts are the exchange's own announcements, typed into ``data/nasdaq_announcements.csv``.
    """
    text = files("overshort.data").joinpath("nasdaq_announcements.csv").read_text("utf-8")
    rows = csv.DictReader(text.splitlines())
    return {
        date.fromisoformat(r["settlement_date"]): date.fromisoformat(r["published_date"])
        for r in rows
        if r["published_date"]
    }


@cache
def publication(settlement: date) -> tuple[datetime, str]:
    """Give the publication instant (UTC) of a settlement date's report, and its basis.

    Returns
    -------
    tuple
        The instant, and ``"announced"`` or ``"rule"``.
    """
    if (day := announced().get(settlement)) is not None:
        return at_new_york(day, PUBLISHED), "announced"
    day = next(islice(_business_days_after(settlement), 6, None))
    return at_new_york(day, PUBLISHED), "rule"


def publications(dates: Iterable[date]) -> pl.DataFrame:
    """Give the publication instants of settlement dates.

    Returns
    -------
    DataFrame
        ``settlement`` (Date), ``published_at`` (UTC, microseconds), ``basis``; one row per distinct date, sorted.
    """
    rows = [(d, *publication(d)) for d in sorted(set(dates))]
    return pl.DataFrame(
        rows,
        schema={"settlement": pl.Date(), "published_at": pl.Datetime("us", "UTC"), "basis": pl.String()},
        orient="row",
    )


def next_session(day: date) -> date:
    """Give the first session after a day."""
    while not is_session(day := day + timedelta(days=1)):
        pass
    return day


def previous_session(day: date) -> date:
    """Give the last session before a day."""
    return _session_on_or_before(day - timedelta(days=1))


def _session_on_or_before(day: date) -> date:
    while not is_session(day):
        day -= timedelta(days=1)
    return day


@cache
def settlements(year: int) -> tuple[date, ...]:
    """Give the settlement dates of a year: the 15th or the session before it, and the last session of a month."""
    out = []
    for month in range(1, 13):
        out.append(_session_on_or_before(date(year, month, 15)))
        first_of_next = date(year + month // 12, month % 12 + 1, 1)
        out.append(_session_on_or_before(first_of_next - timedelta(days=1)))
    return tuple(out)


def settlements_between(first: date, last: date) -> list[date]:
    """Give the settlement dates from ``first`` to ``last``, both included."""
    return [d for year in range(first.year, last.year + 1) for d in settlements(year) if first <= d <= last]


def next_publication(after: datetime) -> tuple[date, datetime]:
    """Give the first report published later than an instant, as (settlement date, publication instant)."""
    day = after.astimezone(NEW_YORK).date()
    start = max(day - timedelta(days=31), FIRST)
    for settlement in settlements_between(start, max(start, day) + timedelta(days=62)):
        published = publication(settlement)[0]
        if published > after:
            return settlement, published
    raise UsageError(f"{day} lies too near the end of the exchange calendar ({LAST}); give an earlier day")


def tape_sessions(instants: pl.Series) -> pl.Series:
    """Give the session on whose option tape each instant stands.

    Parameters
    ----------
    instants
        UTC.

    Returns
    -------
    Series
        The first session that has not ended by then, at 17:00 New York; null outside the calendar.
    """
    wall = instants.dt.convert_time_zone("America/New_York").dt.replace_time_zone(None)
    days = (wall + timedelta(hours=24 - TAPE_ENDS.hour)).dt.date()
    own = {day: _session_from(day) for day in days.unique().drop_nulls()}
    return days.replace_strict(own, default=None, return_dtype=pl.Date)


def _session_from(day: date) -> date | None:
    week = (day + timedelta(days=k) for k in range(7))
    return next((d for d in week if is_session(d)), None)
