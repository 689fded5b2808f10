"""What was due by an instant, on every grid."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache

import pytest

from overshort import sessions
from overshort.engine.due import due, due_settlement

SECOND = timedelta(seconds=1)


def at(day: date, clock: time) -> datetime:
    return sessions.at_new_york(day, clock)


@cache
def closes() -> dict[date, datetime]:
    return dict(sessions.schedule().select("session", "closes").iter_rows())


def naive(as_of: datetime, period: str) -> date:
    """Walk back from today to the last session that closed a day ago, then to the last of its week or month."""
    day = as_of.astimezone(sessions.NEW_YORK).date()

    def ends(session: date) -> bool:
        after = sessions.next_session(session)
        week = after.isocalendar()[:2] != session.isocalendar()[:2]
        return {"session": True, "week": week, "month": after.month != session.month}[period]

    while not (day in closes() and closes()[day] <= as_of - timedelta(days=1) and ends(day)):
        day -= timedelta(days=1)
    return day


@pytest.mark.parametrize("period", ["session", "week", "month"])
@pytest.mark.parametrize("year", [2001, 2018, 2024, 2025])
def test_prices_equal_a_walk_back(period: str, year: int) -> None:
    for n in range(0, 365, 3):
        as_of = datetime(year, 1, 1, 17 + n % 6, 30, tzinfo=UTC) + timedelta(days=n)
        assert due(as_of)[period] == naive(as_of, period)
        assert due(as_of)["bar_4h"] == due(as_of)["session"]


@pytest.mark.parametrize(
    ("grid", "change", "before", "after"),
    [
        # A Friday is due on Saturday afternoon; on Sunday nothing more is.
        ("session", at(date(2025, 6, 14), time(16)), date(2025, 6, 12), date(2025, 6, 13)),
        ("week", at(date(2025, 6, 14), time(16)), date(2025, 6, 6), date(2025, 6, 13)),
        # Thanksgiving has no session, the day after it closes at one.
        ("session", at(date(2025, 11, 27), time(16)), date(2025, 11, 25), date(2025, 11, 26)),
        ("session", at(date(2025, 11, 29), time(13)), date(2025, 11, 26), date(2025, 11, 28)),
        ("week", at(date(2025, 11, 29), time(13)), date(2025, 11, 21), date(2025, 11, 28)),
        ("month", at(date(2025, 11, 29), time(13)), date(2025, 10, 31), date(2025, 11, 28)),
        # Good Friday: the week, and in 2024 the month, end on Thursday.
        ("week", at(date(2024, 3, 29), time(16)), date(2024, 3, 22), date(2024, 3, 28)),
        ("month", at(date(2024, 3, 29), time(16)), date(2024, 2, 29), date(2024, 3, 28)),
        # A month that ends on a Sunday ends with Friday's session.
        ("month", at(date(2024, 6, 29), time(16)), date(2024, 5, 31), date(2024, 6, 28)),
        # New Year's Eve is a session, New Year's Day none.
        ("month", at(date(2026, 1, 1), time(16)), date(2025, 11, 28), date(2025, 12, 31)),
        # The clocks go forward: a day old is 24 hours.
        ("session", at(date(2025, 3, 8), time(16)), date(2025, 3, 6), date(2025, 3, 7)),
    ],
)
def test_the_instant_at_which_something_gets_due(grid: str, change: datetime, before: date, after: date) -> None:
    assert due(change - SECOND)[grid] == before
    assert due(change)[grid] == after


def test_a_report_is_due_the_instant_it_is_published() -> None:
    published = sessions.publication(date(2025, 6, 13))[0]
    assert due(published - SECOND)["report"] == date(2025, 5, 30)
    assert due(published)["report"] == due_settlement(published) == date(2025, 6, 13)


def test_no_report_comes_within_eight_days() -> None:
    days = [d for year in range(1990, 2035) for d in sessions.settlements(year)]
    taken = [sessions.publication(d)[0].astimezone(sessions.NEW_YORK).date() - d for d in days]
    assert min(taken) > timedelta(days=8)


@pytest.mark.parametrize("day", [date(1990, 1, 1), date(1990, 1, 2), date(1990, 1, 20), date(1990, 2, 1)])
def test_at_the_calendars_first_days_little_is_due(day: date) -> None:
    found = due(sessions.end_of_day(day))
    assert set(found) == {"report", "session", "bar_4h", "week", "month"}
    assert all(date(1990, 1, 1) <= d <= day for d in found.values())


def test_at_the_calendars_last_day() -> None:
    found = due(sessions.end_of_day(date(2035, 12, 31)))
    assert (found["report"], found["session"], found["month"]) == (
        date(2035, 12, 14),
        date(2035, 12, 28),
        date(2035, 11, 30),
    )
