"""A stated number means its last digit."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overshort.thesis.judge import Stated, bounds, judge, precision


@pytest.mark.parametrize(
    ("text", "value", "tolerance"),
    [
        ("+45 %", 0.45, 0.005),
        ("2.45%", 0.0245, 0.00005),
        ("−3.0 %", -0.03, 0.0005),
        ("1,234", 1234, 0.5),
        ("7", 7, 0.5),
    ],
)
def test_a_number_as_written(text: str, value: float, tolerance: float) -> None:
    assert precision(text) == pytest.approx((value, tolerance))


@pytest.mark.parametrize("text", ["", "many", "3 or 4"])
def test_a_text_without_one_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="number"):
        precision(text)


FORTY_FIVE = Stated("=", 0.45, 0.005)


@pytest.mark.parametrize(
    ("measured", "verdict"),
    [
        (0.45, "holds"),
        (0.445, "holds"),
        (0.455, "holds"),
        (0.457, "within rounding"),
        (0.44, "within rounding"),
        (0.4601, "contradicted"),
        (-0.45, "contradicted"),
    ],
)
def test_equality_means_the_last_digit(measured: float, verdict: str) -> None:
    assert judge(FORTY_FIVE, measured) == verdict


@pytest.mark.parametrize(
    ("stated", "measured", "verdict"),
    [
        (Stated(">", 0.0), 0.001, "holds"),
        (Stated(">", 0.0), 0.0, "contradicted"),
        (Stated(">", 0.45, 0.005), 0.447, "within rounding"),
        (Stated(">=", 80.0), 80, "holds"),
        (Stated("<=", 10.0), 11, "contradicted"),
        (Stated("~", 0.3, 0.05), 0.36, "contradicted"),
        (Stated("between", (0.03, 0.04)), 0.035, "holds"),
        (Stated("between", (0.03, 0.04), 0.005), 0.046, "within rounding"),
        (Stated("is", "REFUSE"), "CONFIRM", "contradicted"),
        (Stated("is", True), True, "holds"),
        (Stated("is", True, negated=True), True, "contradicted"),
        (Stated("is", True, negated=True), False, "holds"),
        (Stated("=", 100.0, 0.5, negated=True), 83.3, "holds"),
        (Stated("=", 100.0, 0.5, negated=True), 99.2, "within rounding"),
    ],
)
def test_verdicts(stated: Stated, measured: float | bool | str, verdict: str) -> None:
    assert judge(stated, measured) == verdict


def test_a_count_is_exact() -> None:
    eighth = Stated("=", 8, 0.5)
    assert [judge(eighth, n, exact=True) for n in (7, 8, 9)] == ["contradicted", "holds", "contradicted"]


@given(st.floats(-10, 10), st.floats(-10, 10), st.sampled_from(["=", "~", ">", ">=", "<", "<="]))
def test_negation_turns_a_verdict_round(value: float, measured: float, comparison: str) -> None:
    plain, turned = (judge(Stated(comparison, value, 0.05, negated), measured) for negated in (False, True))
    other = {"holds": "contradicted", "contradicted": "holds", "within rounding": "within rounding"}
    assert turned == other[plain]


@given(st.integers(-999, 999), st.integers(0, 3), st.floats(-0.49, 0.49))
def test_whatever_rounds_to_the_stated_digits_holds(digits: int, decimals: int, part: float) -> None:
    stated = f"{digits / 10**decimals:.{decimals}f}"
    value, tolerance = precision(stated)
    assert judge(Stated("=", value, tolerance), (digits + part) / 10**decimals) == "holds"


def test_bounds_are_open_ended_where_the_words_are() -> None:
    assert bounds(Stated(">", 0.1)) == (0.1, math.inf)
    assert bounds(Stated("<=", 0.1)) == (-math.inf, 0.1)
    assert bounds(FORTY_FIVE) == pytest.approx((0.445, 0.455))
