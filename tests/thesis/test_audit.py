"""Verdicts on single statements."""

import pytest

from overshort.thesis.audit import OPEN, Measured, at_least_as_far, check, stated_of, with_default
from overshort.thesis.judge import Stated
from thesis.stated import say

UP = say("SPX", "crowding.change_ytd", "=", 0.453, tolerance=0.0005)


def figure(value: float | bool | str, kind: str = "number") -> Measured:
    return Measured(figure={"value": value, "kind": kind})


@pytest.mark.parametrize(("value", "verdict"), [(0.4531, "holds"), (0.4538, "within rounding"), (0.40, "contradicted")])
def test_a_number(value: float, verdict: str) -> None:
    assert check(UP, figure(value)) == (verdict, None)


def test_a_count_is_never_within_rounding() -> None:
    eighth = say("SPX", "persistence.month_streak", "=", 8, tolerance=0.5)
    assert check(eighth, figure(7, "count")) == ("contradicted", None)


def test_without_a_figure_it_stays_open() -> None:
    assert check(UP, Measured(lacking="no report")) == (OPEN, "no report")


def test_what_nothing_measures_stays_open_whatever_was_measured() -> None:
    said = say(None, None, None, None, reason="no metric for opinions")
    assert check(said, figure(1.0)) == (OPEN, "no metric for opinions")


@pytest.mark.parametrize("value", [None, "REFUSE"])
def test_a_number_is_not_set_against_a_state(value: str | None) -> None:
    said = say("SPX", "crowding.change_ytd", "is", value)
    assert check(said, figure(0.2))[0] == OPEN


@pytest.mark.parametrize(
    ("stated", "middle", "rarity"),
    [
        (Stated("=", 0.45, 0.005), 0.0, (">=", 0.445)),
        (Stated("=", -0.03, 0.005), 0.0, ("<=", -0.025)),
        (Stated("~", 0.3, 0.05), None, (">=", 0.25)),
        (Stated("=", 0.0, 0.5), 50.0, ("<=", 0.5)),
        (Stated(">", 0.0), 0.0, (">", 0.0)),
        (Stated("is", True), None, ("is", True)),
        (Stated("=", 12.0, 0.5), 50.0, ("<=", 12.5)),
        (Stated("=", 0.0, 0.005), None, ("<=", 0.005)),
        (Stated("between", (1.0, 2.0)), None, ("between", (1.0, 2.0))),
    ],
)
def test_rarity_counts_what_is_as_far_out_or_farther(
    stated: Stated, middle: float | None, rarity: tuple[str, object]
) -> None:
    found = at_least_as_far(stated, middle=middle)
    assert (found.comparison, found.value) == (rarity[0], pytest.approx(rarity[1]))


def test_a_count_is_as_far_out_from_its_own_number_on() -> None:
    assert at_least_as_far(Stated("=", 8, 0.5), exact=True) == Stated(">=", 8.0)


def test_a_statement_without_a_value_states_nothing() -> None:
    assert stated_of(say("SPX", "probability.cover5_3m", ">", None)) is None


@pytest.mark.parametrize(
    ("metric", "given", "subject"),
    [
        ("crowding.change_ytd", None, "NDX"),
        ("compression.ttm", None, "QQQ"),
        ("crowding.change_ytd", "RUT", "RUT"),
        ("no.such", None, None),
    ],
)
def test_a_default_subject(metric: str, given: str | None, subject: str | None) -> None:
    found = with_default(say(given, metric, ">", 0.0), "NDX").readings[0]
    assert found.subject == subject
    assert ("as told" in found.why) == (found.subject != given)
