"""The strongest week in how many: against a naive loop, and by hand."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics import pricing, twins
from metrics.pricing import daily, found, levels, only, traded
from overshort.metrics.persistence.weeks import best_of

RETURN, BEST = "persistence.week_return", "persistence.best_week_of"
steps = st.lists(st.tuples(st.sampled_from([0, 0, 0, 1, 3]), st.integers(-3, 3)), max_size=40)


def naive(numbers: list[int], values: list[float]) -> list[int]:
    out = []
    for k, value in enumerate(values):
        back = 0
        while k - back - 1 >= 0 and numbers[k - back - 1] == numbers[k] - back - 1 and values[k - back - 1] < value:
            back += 1
        out.append(back)
    return out


@given(steps)
def test_best_of_equals_a_naive_loop(steps: list[tuple[int, int]]) -> None:
    numbers = [k + sum(gap for gap, _ in steps[: k + 1]) for k in range(len(steps))]
    values = [float(value) for _, value in steps]
    assert best_of(numbers, values) == naive(numbers, values)


def test_an_equal_week_is_not_exceeded() -> None:
    assert best_of([1, 2, 3, 4], [0.01, 0.02, 0.02, 0.03]) == [0, 1, 0, 3]


def weekly(days: list[date]) -> dict[tuple[int, int], date]:
    """Give the last session of every ISO week."""
    return {day.isocalendar()[:2]: day for day in sorted(days)}


@pytest.mark.parametrize("span", [(date(2001, 8, 1), date(2002, 2, 1)), (date(2020, 10, 1), date(2021, 5, 28))])
def test_weeks_run_from_last_close_to_last_close(span: tuple[date, date]) -> None:
    """Through Good Friday, the turn of a year with 53 weeks, and the week of September 2001 that ended on a Monday."""
    days = pricing.sessions_between(*span)
    closes = {day: 100 + (k * 31 % 47) / 7 for k, day in enumerate(days)}
    ends = list(weekly(days).values())
    returns = {b: closes[b] / closes[a] - 1 for a, b in pairwise(ends)}
    tables = daily(levels("^GSPC", closes))
    ours = only(found(tables, RETURN))
    assert twins.lined_up(ours, returns) == []
    order = sorted(returns)
    counted = naive(list(range(len(order))), [returns[d] for d in order])
    assert only(found(tables, BEST)) == dict(zip(order, map(float, counted), strict=True))


def test_september_2001() -> None:
    closes = {date(2001, 9, 7): 100.0, date(2001, 9, 10): 101.0, date(2001, 9, 21): 90.9}
    rows = found(daily(levels("^GSPC", closes)), RETURN)
    assert only(rows) == pytest.approx({date(2001, 9, 10): 0.01, date(2001, 9, 21): -0.1})
    assert only(rows, "base_at") == {date(2001, 9, 10): date(2001, 9, 7), date(2001, 9, 21): date(2001, 9, 10)}


def test_a_week_that_is_not_over_has_no_return() -> None:
    fridays = [date(2025, 6, 6), date(2025, 6, 13)]
    closes = dict.fromkeys(fridays, 100.0) | {date(2025, 6, 18): 105.0}
    assert [row["at"] for row in found(daily(levels("^GSPC", closes)), RETURN)] == fridays[1:]


def test_nothing_is_compared_across_a_gap() -> None:
    fridays = [date(2025, 5, 2) + timedelta(days=7 * k) for k in range(7)]
    closes = dict(zip(fridays, [100, 101, 103, None, 100, 101, 103], strict=True))
    rows = found(daily(levels("^GSPC", {d: float(c) for d, c in closes.items() if c is not None})), BEST)
    assert only(rows) == {fridays[1]: 0, fridays[2]: 1, fridays[5]: 0, fridays[6]: 1}


def test_a_week_is_measured_within_one_feed() -> None:
    fridays = [date(2025, 5, 2) + timedelta(days=7 * k) for k in range(3)]
    index, fund = {fridays[0]: 100.0, fridays[1]: 110.0}, {fridays[1]: 10.0, fridays[2]: 12.0}
    rows = found(daily(levels("^GSPC", index), traded("SPY", fund)), RETURN)
    assert only(rows) == pytest.approx({fridays[1]: 0.1, fridays[2]: 0.2})
    assert [row["basis"] for row in rows] == ["price: ^GSPC", "price: SPY"]
