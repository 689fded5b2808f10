"""What stated changes imply, against invented levels of which the truth is known."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overshort.thesis.consistency import Change, clashes, pairs
from overshort.thesis.judge import Stated

END, YEAR_END, YEAR_AGO = date(2025, 12, 15), date(2024, 12, 31), date(2024, 12, 13)


def change(
    value: float, base: date, tolerance: float = 0.005, number: int = 0, comparison: str = "=", **other: object
) -> Change:
    fields = {"subject": "RUT", "series": "crowding.chain", "window": "", "end": END} | other
    return Change(base=base, stated=Stated(comparison, value, tolerance), statements=(number,), **fields)


@pytest.mark.parametrize(
    ("ytd", "year", "tolerance", "fall"),
    [(0.45, 0.23, 0.005, -0.152), (0.308, 0.144, 0.0005, -0.125), (0.453, 0.221, 0.0005, -0.160)],
)
def test_the_three_pairs_of_a_real_commentary(ytd: float, year: float, tolerance: float, fall: float) -> None:
    (found,) = pairs([change(ytd, YEAR_END, tolerance), change(year, YEAR_AGO, tolerance, 1)])
    assert found.value == pytest.approx(fall, abs=0.0005)
    assert found.low < found.value < found.high
    assert (found.earlier.base, found.later.base) == (YEAR_AGO, YEAR_END)


LEVEL = st.floats(0.05, 20)


@given(LEVEL, LEVEL, LEVEL, st.integers(0, 3), st.integers(0, 3))
def test_true_numbers_never_contradict_each_other(
    first: float, last: float, end: float, digits: int, more: int
) -> None:
    """However they are rounded, the interval that they imply holds the true move between the bases."""
    stated = [round(100 * (end / base - 1), d) / 100 for base, d in ((first, digits), (last, more))]
    halves = [0.5 * 10.0 ** -(d + 2) for d in (digits, more)]
    found = pairs(
        change(v, b, h, k) for k, (v, b, h) in enumerate(zip(stated, (YEAR_AGO, YEAR_END), halves, strict=True))
    )
    for pair in found:
        assert pair.low - 1e-9 <= last / first - 1 <= pair.high + 1e-9


@pytest.mark.parametrize(
    ("measured", "verdict"),
    [(0.0, "consistent"), (0.009, "consistent"), (0.015, "within rounding"), (0.03, "inconsistent")],
)
def test_a_miss_of_another_half_digit_is_within_rounding(measured: float, verdict: str) -> None:
    (found,) = pairs([change(0.1, YEAR_END), change(0.1, YEAR_AGO, number=1)])
    assert (found.low, found.high) == pytest.approx((1.095 / 1.105 - 1, 1.105 / 1.095 - 1))
    assert found.agrees(measured) == verdict


def test_what_is_said_roughly_is_no_wider_than_that() -> None:
    (found,) = pairs([change(0.1, YEAR_END, comparison="~"), change(0.1, YEAR_AGO, comparison="~")])
    assert found.agrees(0.015) == "inconsistent"


def test_only_the_same_series_and_end_are_compared() -> None:
    base = change(0.45, YEAR_END)
    others = [
        change(0.23, YEAR_AGO, subject="NDX"),
        change(0.23, YEAR_AGO, series="price"),
        change(0.23, YEAR_AGO, end=date(2025, 11, 28)),
        change(0.23, YEAR_AGO, comparison=">"),
        change(-0.999, YEAR_AGO),
    ]
    assert not [p for other in others for p in pairs([base, other])]
    assert not pairs([base, change(0.46, YEAR_END)])


def test_a_repeated_number_counts_once() -> None:
    (found,) = pairs([change(0.45, YEAR_END), change(0.45, YEAR_END, number=2), change(0.23, YEAR_AGO, number=1)])
    assert (found.earlier.statements, found.later.statements) == ((1,), (0, 2))


def test_a_change_stated_twice_with_different_numbers() -> None:
    assert [c.statements for c in clashes([change(0.45, YEAR_END), change(0.47, YEAR_END, number=3)], [])] == [(0, 3)]
    assert not clashes([change(0.45, YEAR_END), change(0.4521, YEAR_END, 0.00005, number=3)], [])


TOP, BOTTOM = Stated("=", 100.0, 0.5), Stated("=", 0.0, 0.5)


@pytest.mark.parametrize(
    ("rank", "value", "clash"),
    [(TOP, -0.05, True), (TOP, 0.05, False), (BOTTOM, 0.05, True), (BOTTOM, -0.05, False), (TOP, -0.004, False)],
)
def test_the_top_of_a_year_is_above_every_base_within_it(rank: Stated, value: float, clash: bool) -> None:
    found = clashes([change(value, YEAR_END)], [(5, "RUT", "1y", rank)])
    assert [c.statements for c in found] == ([(5, 0)] if clash else [])


def test_the_top_of_a_year_says_nothing_of_longer_windows() -> None:
    assert not clashes([change(-0.3, date(2021, 12, 31))], [(5, "RUT", "1y", TOP)])
    assert not clashes([change(-0.3, YEAR_END)], [(5, "NDX", "1y", TOP)])
    assert not clashes([change(-0.3, YEAR_END)], [(5, "RUT", "1y", Stated("=", 100.0, 0.5, negated=True))])
