"""Base dates come from the publication calendar, whether or not the reports are there."""

from datetime import date

import pytest

from overshort import sessions
from overshort.thesis.windows import base_report, completed_year, since

NEWEST = date(2025, 12, 15)
CALENDAR = sessions.settlements_between(date(2017, 12, 1), date(2026, 1, 31))


@pytest.mark.parametrize(
    ("window", "base"),
    [
        ("last_report", date(2025, 11, 28)),
        ("ytd", date(2024, 12, 31)),
        ("12m", date(2024, 12, 13)),
        ("3m", date(2025, 9, 15)),
        ("since:2022", date(2021, 12, 31)),
        ("since:2025-06", date(2025, 5, 30)),
        ("since:2025-06-13", date(2025, 6, 13)),
        ("since:2025-06-12", date(2025, 5, 30)),
        ("since:2012", None),
        ("today", None),
    ],
)
def test_the_base_of_a_window(window: str, base: date | None) -> None:
    assert base_report(window, NEWEST, CALENDAR) == base


@pytest.mark.parametrize("window", ["since:20", "since:2022-13", "since:2022-02-30", "2022", "since:1800"])
def test_what_is_no_since(window: str) -> None:
    assert since(window) is None


def test_a_year_counts_once_it_is_over() -> None:
    assert completed_year("2024", NEWEST) == 2024
    assert completed_year("2025", NEWEST) is None
    assert completed_year("12m", NEWEST) is None
