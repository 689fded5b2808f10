"""How rare a streak is: closed forms against enumeration and a walk from month to month."""

from datetime import date
from math import comb, isclose
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics import chances, pricing
from metrics.pricing import daily, found, levels
from overshort.metrics.persistence.rarity import LEAST, p_coin, p_permutation, run_lengths

COUNT, COIN, PERMUTATION = (f"persistence.{i}" for i in ("streak_count_since_1945", "streak_p", "streak_p_permutation"))


@pytest.mark.parametrize("months", [1, 2, 3, 5, 8, 12])
def test_probabilities_equal_enumeration_of_all_orders(months: int) -> None:
    for length in {1, 2, 3, months}:
        for count in (0, 1, 2, 3):
            seen = list(chances.enumerated(months, length, count))
            for ups in range(months + 1):
                p = ups / months
                whole = sum(p**k * (1 - p) ** (months - k) for k, enough in seen if enough)
                same = sum(enough for k, enough in seen if k == ups) / comb(months, ups)
                assert p_coin(months, ups, length, count) == pytest.approx(whole, abs=1e-12)
                assert p_permutation(months, ups, length, count) == pytest.approx(same, abs=1e-12)


@settings(max_examples=60)
@given(st.integers(1, 80), st.floats(0, 1), st.integers(1, 9), st.integers(1, 5))
def test_probabilities_equal_a_walk(months: int, share: float, length: int, count: int) -> None:
    ups = round(share * months)
    assert p_coin(months, ups, length, count) == pytest.approx(chances.coin(months, ups, length, count), abs=1e-10)
    walked = chances.permutation(months, ups, length, count)
    assert p_permutation(months, ups, length, count) == pytest.approx(walked, abs=1e-10)


@given(st.integers(1, 300), st.floats(0, 1), st.integers(1, 20), st.integers(0, 12))
def test_probabilities_are_probabilities_and_fall(months: int, share: float, length: int, count: int) -> None:
    ups = round(share * months)
    for p in (p_coin, p_permutation):
        here = p(months, ups, length, count)
        assert 0 <= here <= 1
        assert p(months, ups, length, count + 1) <= here
        assert p(months, ups, length + 1, count) <= here


@given(st.lists(st.booleans(), max_size=40), st.integers(1, 6))
def test_run_lengths(ups: list[bool], length: int) -> None:
    assert sum(run_lengths(ups)) == sum(ups)
    assert sum(run >= length for run in run_lengths(ups)) == chances.streaks_of(ups, length)


ENDS = pricing.last_sessions(date(2021, 1, 1), 60)


def rows(moves: str, *, then: dict[date, float] | None = None) -> dict[str, list[dict[str, Any]]]:
    """Give the panel's rows of an index that rises and falls as written, and of the sessions after."""
    closes, value = {ENDS[0]: 100.0}, 100.0
    for day, move in zip(ENDS[1:], moves, strict=False):
        value += {"u": 1, "d": -1, "0": 0}[move]
        closes[day] = value
    tables = daily(levels("^GSPC", closes | (then or {})))
    return {i: found(tables, i) for i in (COUNT, COIN, PERMUTATION)}


MOVES = "duuuduudduuuuduuu"


def test_the_running_streak_is_counted_among_all_since_the_first_month() -> None:
    own = {i: r[-1] for i, r in rows(MOVES).items()}
    ups = MOVES.count("u")
    assert (own[COUNT]["value"], own[COUNT]["n"], own[COUNT]["base_at"]) == (3, len(MOVES), ENDS[0])
    assert own[COIN]["value"] == pytest.approx(chances.coin(len(MOVES), ups, 3, 3))
    assert own[PERMUTATION]["value"] == pytest.approx(chances.permutation(len(MOVES), ups, 3, 3))
    assert {r["basis"] for r in own.values()} == {"price: ^GSPC"}


def test_a_month_that_is_on_pace_lengthens_the_streak_and_not_the_sample() -> None:
    day = pricing.sessions_between(ENDS[len(MOVES)], ENDS[-1])[3]
    own = {i: r[-1] for i, r in rows(MOVES, then={day: 500.0}).items()}
    assert (own[COUNT]["value"], own[COUNT]["n"]) == (1, len(MOVES))
    assert own[COIN]["value"] == pytest.approx(chances.coin(len(MOVES), MOVES.count("u"), 4, 1))
    done = {i: r[-1] for i, r in rows(MOVES + "u").items()}
    assert (done[COUNT]["value"], done[COUNT]["n"]) == (2, len(MOVES) + 1)


def test_nothing_to_count_without_a_streak() -> None:
    for own in rows("dud").values():
        assert own[-1]["reason"] == "no streak of rising months is running"


def test_short_streaks_are_counted_and_not_tested() -> None:
    own = {i: r[-1] for i, r in rows("duuduu").items()}
    assert own[COUNT]["value"] == 2
    assert own[COIN]["reason"] == own[PERMUTATION]["reason"] == f"a streak under {LEAST} months is too common to test"


def test_an_unknown_streak_is_not_counted() -> None:
    for own in rows("uuu").values():
        assert own[-1]["reason"] == "the running streak is not known from tables levels and bars"


def test_months_before_a_gap_do_not_count() -> None:
    closes = dict(zip(ENDS, [100, 99, 100, 101, 102, None, 100, 99, 100, 101, 102], strict=False))
    tables = daily(levels("^GSPC", {d: float(c) for d, c in closes.items() if c is not None}))
    last = found(tables, COUNT)[-1]
    assert (last["value"], last["n"], last["base_at"]) == (1, 4, ENDS[6])


def test_months_before_september_1945_do_not_count() -> None:
    """Two streaks before it, one through it, of which the months from September on count, and one after."""
    ends = pricing.last_sessions(date(1990, 1, 1), 12)
    old = [date(1945, month, 28) for month in range(1, 12)]
    values = [100, 99, 100, 101, 102, 101, 102, 103, 104, 105, 106]
    published = dict(zip(old, map(float, values), strict=True))
    # So that the two ends meet, the months between are as flat as can be: they fall all the time.
    between = [date(y, m, 28) for y in range(1945, 1990) for m in range(1, 13) if date(y, m, 28) > old[-1]]
    published |= {day: 90 - k / 100 for k, day in enumerate(between)}
    session = dict(zip(ends, [80.0, 81.0, 82.0, 83.0], strict=False))
    tables = daily([*levels("^GSPC", published, frequency="month_end"), *levels("^GSPC", session)])
    last = found(tables, COUNT)[-1]
    assert (last["value"], last["base_at"]) == (2, date(1945, 8, 28))
    assert last["n"] == 3 + len(between) + 4


def test_a_sample_of_two_feeds_names_both() -> None:
    closes = dict(zip(ENDS, [100.0, 99, 100, 101, 102, 103], strict=False))
    index = levels("^GSPC", {day: closes[day] for day in ENDS[:3]})
    last = found(daily(index, pricing.traded("SPY", closes)), COUNT)[-1]
    assert last["basis"] == "price: ^GSPC, SPY"
    assert isclose(last["value"], 1)
