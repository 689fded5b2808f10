"""The month that is running: on pace until its last session, then completed."""

from datetime import date
from typing import Any

import pytest

from metrics import pricing
from metrics.pricing import daily, found, level, levels, only, traded
from overshort import sessions

ENDS = pricing.last_sessions(date(2025, 1, 1), 12)
RUNNING, MARGIN = "persistence.month_streak_running", "persistence.month_margin_bp"
BEFORE = dict(zip(ENDS, [100.0, 99.0, 100.0, 101.0], strict=False))
"""A fall and two rises, to 2025-04-30."""


def shown(closes: dict[date, float], id: str = RUNNING) -> dict[date, dict[str, Any]]:
    return {row["at"]: row for row in found(daily(levels("^GSPC", BEFORE | closes)), id)}


def test_a_rising_month_counts_one_more() -> None:
    rows = shown({date(2025, 5, 5): 102.01})
    own = rows[date(2025, 5, 5)]
    assert (own["value"], own["text"], own["base_at"]) == (3, "on pace", ENDS[3])
    margin = shown({date(2025, 5, 5): 102.01}, MARGIN)[date(2025, 5, 5)]
    assert margin["value"] == pytest.approx(100)
    assert margin["text"] == "on pace"


@pytest.mark.parametrize("close", [101.0, 100.0])
def test_a_month_that_has_not_risen_leaves_no_streak(close: float) -> None:
    assert shown({date(2025, 5, 5): close})[date(2025, 5, 5)]["value"] == 0
    margin = shown({date(2025, 5, 5): close}, MARGIN)[date(2025, 5, 5)]["value"]
    assert margin == pytest.approx(1e4 * (close / 101 - 1))


def test_completed_on_the_last_session_of_a_month_and_no_sooner() -> None:
    days = [date(2025, 5, 28), date(2025, 5, 29), date(2025, 5, 30)]
    rows = shown(dict.fromkeys(days, 102.0))
    assert [rows[day]["text"] for day in days] == ["on pace", "on pace", "completed"]
    assert [rows[day]["value"] for day in days] == [3, 3, 3]


@pytest.mark.parametrize(
    ("last", "before"),
    [(date(2024, 3, 28), date(2024, 3, 27)), (date(2025, 11, 28), date(2025, 11, 26)), (date(2023, 12, 29), None)],
)
def test_months_that_end_on_a_holiday_a_weekend_or_an_early_close(last: date, before: date | None) -> None:
    ends = pricing.last_sessions(date(last.year - 1, last.month, 1), 12)
    days = {day: 100.0 + (k > 3) for k, day in enumerate(ends)} | {last: 102.0}
    days |= {before: 102.0} if before else {}
    rows = {row["at"]: row for row in found(daily(levels("^GSPC", days)), RUNNING)}
    assert rows[last]["text"] == "completed"
    assert before is None or rows[before]["text"] == "on pace"


def test_the_first_session_of_a_month_starts_from_the_last_close_of_the_one_before() -> None:
    rows = shown({date(2025, 5, 1): 101.5}, MARGIN)
    assert rows[date(2025, 5, 1)]["base_at"] == date(2025, 4, 30)
    assert rows[date(2025, 4, 30)]["base_at"] == date(2025, 3, 31)


def test_every_session_agrees_with_the_streak_of_its_month() -> None:
    """On its last session a running month says what the completed one does."""
    days = pricing.sessions_between(date(2024, 1, 2), date(2025, 12, 31))
    wave = {day: 100 + (k * 37 % 61) / 10 + (k // 40) % 3 for k, day in enumerate(days)}
    tables = daily(levels("^GSPC", wave))
    done = only(found(tables, "persistence.month_streak"))
    running = {row["at"]: row for row in found(tables, RUNNING)}
    assert {day for day, row in running.items() if row.get("text") == "completed"} == set(done) | {date(2024, 1, 31)}
    assert {day: running[day].get("value") for day in done} == done
    assert sum(value is not None and value > 1 for value in done.values()) > 2


def test_without_the_month_end_before_nothing_is_known() -> None:
    rows = shown({date(2025, 6, 2): 102.0})
    assert "value" not in rows[date(2025, 6, 2)]
    assert rows[date(2025, 6, 2)]["reason"] == "no month-end close before 2025-06-02 in tables levels and bars"


def test_a_month_that_rises_on_an_unknown_streak_is_unknown_and_one_that_falls_is_not() -> None:
    days = {ENDS[0]: 100.0, ENDS[1]: 101.0, date(2025, 3, 5): 102.0, date(2025, 3, 6): 100.0}
    rows = {row["at"]: row for row in found(daily(levels("^GSPC", days)), RUNNING)}
    assert "tables levels and bars" in rows[date(2025, 3, 5)]["reason"]
    assert rows[date(2025, 3, 6)]["value"] == 0


def test_the_fund_stands_in_once_the_index_ends_and_its_own_base_counts() -> None:
    fund = dict.fromkeys(ENDS[:5], 10.0) | {ENDS[4]: 11.0, date(2025, 6, 2): 11.11}
    tables = daily(levels("^GSPC", BEFORE), traded("SPY", fund))
    margin = found(tables, MARGIN)[-1]
    assert (margin["basis"], margin["base_at"]) == ("price: SPY", ENDS[4])
    assert margin["value"] == pytest.approx(100)
    running = found(tables, RUNNING)[-1]
    assert (running["value"], running["basis"]) == (4, "price: ^GSPC, SPY")


def test_the_index_of_a_session_is_measured_from_its_published_month_end() -> None:
    rows = [*levels("^GSPC", {ENDS[0]: 90.0, ENDS[1]: 89.0}, frequency="month_end")]
    rows += levels("^GSPC", {ENDS[1]: 88.0, date(2025, 3, 3): 89.89})
    assert found(daily(rows), MARGIN)[-1]["value"] == pytest.approx(100)


def test_it_is_known_with_the_last_of_what_it_rests_on() -> None:
    late = sessions.at_new_york(date(2025, 5, 20), sessions.PUBLISHED)
    rows = [*levels("^GSPC", BEFORE), level("^GSPC", date(2025, 5, 5), 102.0), level("^GSPC", date(2025, 5, 21), 102.0)]
    rows[1]["known_at"] = late
    known = pricing.known(found(daily(rows), RUNNING))
    assert known[date(2025, 5, 5)] == late
    assert known[date(2025, 5, 21)].date() == date(2025, 5, 21)
