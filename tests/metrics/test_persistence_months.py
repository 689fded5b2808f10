"""Streaks of rising months: against a plain count, and by hand."""

from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics import pricing, twins
from metrics.pricing import daily, found, levels, only, reading, traded
from overshort.metrics.persistence.months import Streak, streaks

IDS = ("month_return", "month_streak", "month_streak_ended", "month_streak_missed_bp")
ENDS = pricing.last_sessions(date(2022, 1, 1), 40)
GAP = "the month-end close before {} is in neither table levels nor bars: the streak may have begun earlier"
Months = dict[date, dict[str, Any]]


def said(closes: list[float | None], start: int = 0) -> Months:
    """Give the panel's rows by month and id."""
    pairs = zip(ENDS[start:], closes, strict=False)
    tables = daily(levels("^GSPC", {day: value for day, value in pairs if value is not None}))
    out: Months = {}
    for name in IDS:
        for row in found(tables, f"persistence.{name}"):
            out.setdefault(row["at"], {})[name] = row
    return out


def twin(closes: list[float | None]) -> dict[date, dict[str, float | None]]:
    """Count every month's streak backwards, anew."""
    change = [
        None if k == 0 or None in (closes[k - 1], closes[k]) else closes[k] / closes[k - 1] - 1
        for k in range(len(closes))
    ]

    def length(k: int) -> int | None:
        count = 0
        while change[k] is not None and change[k] > 0:
            count, k = count + 1, k - 1
        return None if change[k] is None else count

    out: dict[date, dict[str, float | None]] = {}
    for k, own in enumerate(change):
        if own is not None:
            fell = own <= 0
            ended = length(k - 1) if fell else None
            missed = -1e4 * own if fell else None
            values = (own, length(k), ended, missed)
            out[ENDS[k]] = dict(zip(IDS, values, strict=True))
    return out


closes = st.lists(st.one_of(st.none(), st.integers(95, 105).map(float)), min_size=1, max_size=len(ENDS))


@given(st.lists(st.tuples(st.booleans(), st.sampled_from([-0.01, 0.0, 0.01, 0.02])), max_size=30))
def test_streaks_equal_a_count_backwards(steps: list[tuple[bool, float]]) -> None:
    """A month after a gap is numbered two on."""
    numbers = [k + sum(gap for gap, _ in steps[: k + 1]) for k in range(len(steps))]
    returns = [change for _, change in steps]
    for k, got in enumerate(streaks(numbers, returns)):
        first = k
        while first and returns[first] > 0 and returns[first - 1] > 0 and numbers[first - 1] == numbers[first] - 1:
            first -= 1
        reached = first and returns[first - 1] <= 0 and numbers[first - 1] == numbers[first] - 1
        expected = 0 if returns[k] <= 0 else k - first + 1 if reached else None
        assert got == Streak(expected, k if returns[k] <= 0 else first)


@pytest.mark.parametrize("seed", range(4))
def test_every_number_equals_its_slow_twin(seed: int) -> None:
    noise = pl.Series([(k * 7919 + seed * 104729) % 13 for k in range(len(ENDS))])
    invented = [None if n == 0 else 100.0 + min(n, 9) for n in noise]
    expected = twin(invented)
    ours = {day: {i: row.get("value") for i, row in rows.items()} for day, rows in said(invented).items()}
    assert ours.keys() == expected.keys()
    for name in IDS:
        assert twins.lined_up({d: r[name] for d, r in ours.items()}, {d: r[name] for d, r in expected.items()}) == []


def test_a_streak_and_its_end() -> None:
    rows = said([100, 99, 100, 101, 102, 101.949])
    assert [rows[d]["month_streak"]["value"] for d in ENDS[1:6]] == [0, 1, 2, 3, 0]
    assert {rows[d]["month_streak"]["base_at"] for d in ENDS[2:5]} == {ENDS[1]}
    last = rows[ENDS[5]]
    assert last["month_streak_ended"]["value"] == 3
    assert last["month_streak_missed_bp"]["value"] == pytest.approx(5.0)
    assert last["month_streak_ended"]["base_at"] == last["month_return"]["base_at"] == ENDS[4]
    rose = "the last completed month rose: it ended no streak"
    assert [rows[ENDS[4]][i]["reason"] for i in IDS[2:]] == [rose, rose]


def test_a_month_without_change_ends_a_streak_and_missed_by_nothing() -> None:
    rows = said([100, 99, 100, 101, 101])
    last = rows[ENDS[4]]
    assert [last[i]["value"] for i in IDS[1:]] == [0, 2, 0]
    assert str(last["month_streak_missed_bp"]["value"]) == "0.0"
    after = said([100, 99, 100, 101, 101, 100])[ENDS[5]]
    assert after["month_streak_ended"]["value"] == 0


def test_a_streak_back_to_the_first_month_is_not_known() -> None:
    rows = said([100, 101, 102, 103, 102])
    for day in ENDS[1:4]:
        assert rows[day]["month_streak"]["reason"] == GAP.format(ENDS[0])
    last = rows[ENDS[4]]
    assert last["month_streak"]["value"] == 0
    assert last["month_streak_ended"]["reason"] == GAP.format(ENDS[0])
    assert last["month_streak_missed_bp"]["value"] == pytest.approx(1e4 / 103)


def test_a_gap_makes_streaks_unknown_until_the_next_fall() -> None:
    rows = said([100, 99, 100, None, 100, 101, 102, 101, 102, 103])
    assert ENDS[3] not in rows
    assert ENDS[4] not in rows
    assert [rows[d]["month_streak"].get("value") for d in ENDS[5:10]] == [None, None, 0, 1, 2]
    assert {rows[d]["month_streak"]["reason"] for d in ENDS[5:7]} == {GAP.format(ENDS[4])}
    assert rows[ENDS[7]]["month_streak_ended"]["reason"] == GAP.format(ENDS[4])


def test_a_fall_right_after_a_gap_ended_no_known_streak() -> None:
    last = said([100, 99, 100, None, 100, 99])[ENDS[5]]
    assert last["month_streak"]["value"] == 0
    assert last["month_streak_ended"]["reason"] == GAP.format(ENDS[4])


def test_each_index_counts_its_own() -> None:
    bars = [*traded("QQQ", dict(zip(ENDS, [10, 9, 10, 11, 12], strict=False)))]
    bars += traded("IWM", dict(zip(ENDS, [10, 9, 10, 9, 8], strict=False)))
    assert reading(daily(bars=bars), "persistence.month_streak", "NDX") == [0, 1, 2, 3]
    assert reading(daily(bars=bars), "persistence.month_streak", "RUT") == [0, 1, 0, 0]


def test_a_streak_over_two_feeds_names_both_and_takes_no_change_between_them() -> None:
    index = {ENDS[k]: v for k, v in enumerate([100, 99, 100, 101])}
    fund = {ENDS[k]: v for k, v in enumerate([10, 11, 12, 13, 14, 15])}
    tables = daily(levels("^GSPC", index), traded("SPY", fund))
    assert reading(tables, "persistence.month_streak") == [0, 1, 2, 3, 4]
    named = only(found(tables, "persistence.month_streak"), "basis")
    assert named == dict(zip(ENDS[1:], ["price: ^GSPC"] * 3 + ["price: ^GSPC, SPY"] * 2, strict=False))


@settings(max_examples=15)
@given(closes)
def test_nulls_have_reasons_that_name_tables(closes: list[float | None]) -> None:
    for rows in said(closes).values():
        for row in rows.values():
            assert ("value" in row) != ("reason" in row)
            assert "value" in row or "table" in row["reason"] or "rose" in row["reason"]
