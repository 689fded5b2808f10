"""The calendar against the real one: settlement dates, announced publications, decision times."""

from bisect import bisect_left
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from overshort import sessions
from overshort.errors import UsageError


def by_rule(settlement: date) -> date:
    """The rule alone, announcements set aside."""
    return next(islice(sessions._business_days_after(settlement), 6, None))


def test_the_rule_gives_every_announced_publication_day() -> None:
    announced = sessions.announced()
    assert len(announced) == 20
    assert {s: by_rule(s) for s in announced} == announced


def test_an_unscheduled_closure_does_not_move_publication() -> None:
    """The exchange was shut on 2025-01-09 for a day of mourning; the report came on the 10th all the same."""
    assert not sessions.is_session(date(2025, 1, 9))
    assert sessions.is_scheduled_business_day(date(2025, 1, 9))
    at, basis = sessions.publication(date(2024, 12, 31))
    assert at == datetime(2025, 1, 10, 21, 40, tzinfo=UTC)
    assert basis == "announced"


@pytest.mark.parametrize(
    ("settlement", "published"),
    [
        (date(2025, 12, 31), datetime(2026, 1, 12, 21, 40, tzinfo=UTC)),
        (date(2026, 1, 15), datetime(2026, 1, 27, 21, 40, tzinfo=UTC)),
        (date(2026, 9, 15), datetime(2026, 9, 24, 20, 40, tzinfo=UTC)),
        (date(2025, 6, 13), datetime(2025, 6, 25, 20, 40, tzinfo=UTC)),
    ],
)
def test_publication(settlement: date, published: datetime) -> None:
    assert sessions.publication(settlement)[0] == published


@pytest.mark.data
def test_settlement_dates_are_those_of_the_files(data: Path) -> None:
    column = pl.scan_parquet(data / "finra/consolidated_20171229_20250613.parquet").select("settlementDate")
    real = column.unique().sort("settlementDate").collect()["settlementDate"].to_list()
    assert sessions.settlements_between(real[0], real[-1]) == real


def test_settlements_are_the_fifteenth_and_month_end_or_the_session_before() -> None:
    assert sessions.settlements(2018)[4:6] == (date(2018, 3, 15), date(2018, 3, 29))
    assert all(sessions.is_session(d) for year in range(1991, 2035) for d in sessions.settlements(year))


@given(st.dates(date(1991, 1, 1), date(2034, 12, 31)))
def test_end_of_day_is_the_last_instant_of_that_day_in_new_york(day: date) -> None:
    end = sessions.end_of_day(day)
    assert end.tzinfo is UTC
    assert end.astimezone(sessions.NEW_YORK).date() == day
    assert (end + (datetime.resolution)).astimezone(sessions.NEW_YORK).date() > day


@given(st.dates(date(2000, 1, 1), date(2034, 6, 30)))
def test_next_publication_is_the_first_later_one(day: date) -> None:
    after = sessions.end_of_day(day)
    settlement, at = sessions.next_publication(after)
    assert at > after
    earlier = [d for d in sessions.settlements_between(date(day.year - 1, 12, 1), settlement) if d < settlement]
    assert all(sessions.publication(d)[0] <= after for d in earlier)


def test_publications_frame_is_sorted_and_distinct() -> None:
    frame = sessions.publications([date(2025, 6, 13), date(2024, 12, 31), date(2025, 6, 13)])
    assert frame["settlement"].to_list() == [date(2024, 12, 31), date(2025, 6, 13)]
    assert frame["basis"].to_list() == ["announced", "rule"]
    assert frame.schema["published_at"] == pl.Datetime("us", "UTC")


@pytest.mark.parametrize("text", ["2025-13-01", "yesterday", "", "2025-02-30", "20250630", "1985-01-01", "2040-01-01"])
def test_a_date_that_cannot_be_read_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        sessions.parse_day(text)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 2


@given(st.dates(date(1990, 1, 3), date(2035, 12, 28)))
def test_next_and_previous_session(day: date) -> None:
    days = sessions.schedule()["session"].to_list()
    place = bisect_left(days, day)
    assert sessions.previous_session(day) == days[place - 1]
    assert sessions.next_session(day) == days[place + (days[place] == day)]


@pytest.mark.parametrize(
    ("day", "before", "after"),
    [
        (date(2001, 9, 12), date(2001, 9, 10), date(2001, 9, 17)),
        (date(2024, 3, 29), date(2024, 3, 28), date(2024, 4, 1)),
        (date(2025, 11, 27), date(2025, 11, 26), date(2025, 11, 28)),
        (date(2025, 12, 31), date(2025, 12, 30), date(2026, 1, 2)),
    ],
)
def test_sessions_beside_holidays(day: date, before: date, after: date) -> None:
    assert (sessions.previous_session(day), sessions.next_session(day)) == (before, after)


def test_last_completed_session() -> None:
    friday_noon = datetime(2025, 6, 13, 16, 0, tzinfo=UTC)
    assert sessions.last_completed_session(friday_noon) == date(2025, 6, 12)
    sunday = datetime(2025, 6, 15, 16, 0, tzinfo=UTC)
    assert sessions.last_completed_session(sunday) == date(2025, 6, 13)


def test_the_schedule_knows_early_closes() -> None:
    rows = {s: (o, c) for s, o, c in sessions.schedule().iter_rows()}
    assert rows[date(2025, 11, 28)] == (
        datetime(2025, 11, 28, 14, 30, tzinfo=UTC),
        datetime(2025, 11, 28, 18, tzinfo=UTC),
    )
    assert rows[date(2025, 7, 7)] == (datetime(2025, 7, 7, 13, 30, tzinfo=UTC), datetime(2025, 7, 7, 20, tzinfo=UTC))
    assert all(sessions.is_session(s) for s in rows)
    assert sessions.last_completed_session(datetime(2025, 11, 28, 18, tzinfo=UTC)) == date(2025, 11, 28)
    assert sessions.last_completed_session(datetime(2025, 11, 28, 17, 59, tzinfo=UTC)) == date(2025, 11, 26)
