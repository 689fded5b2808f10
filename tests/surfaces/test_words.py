"""The words and number forms that every surface shares."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overshort.metrics import Metric, registry
from overshort.surfaces import words
from overshort.surfaces.words import (
    article,
    bare_percent,
    capital,
    counted,
    in_order,
    month_name,
    number,
    ordinal,
    percent,
    points,
    published,
    written,
)
from surfaces.made import figure

UNITS = {(m.unit, m.kind): m for m in registry().values()}
NUMBERS = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e15, max_value=1e15)


@pytest.mark.parametrize(
    ("id", "value", "text"),
    [
        ("crowding.change_12m", -0.0751, "−7.5 %"),
        ("crowding.change_12m", 0.04, "+4.0 %"),
        ("crowding.breadth", 0.634, "63.4 %"),
        ("crowding.shares", 2_211_093_067, "2.21 bn"),
        ("crowding.shares", 950, "950"),
        ("crowding.notional", 1.5e12, "1.50 tn"),
        ("crowding.notional", -1.5e9, "−1.50 bn"),
        ("crowding.rank_1y", 8.333, "8.3"),
        ("crowding.announced_issues", 5169, "5,169"),
        ("crowding.chain", None, "–"),
        ("crowding.since", "2024-05-15", "2024-05-15"),
        ("refusal.state_12m", "REFUSE", "REFUSE"),
        ("refusal.price_change_12m", 0.184, "+18.4 %"),
        ("refusal.absorption", -0.414, "−0.41"),
        ("refusal.absorption", -0.004, "0.00"),
        ("persistence.month_streak", 7, "7"),
        ("persistence.month_margin_bp", -12.34, "−12.3"),
        ("persistence.streak_p", 0.0514, "0.051"),
        ("volatility.close", 12.9, "12.90"),
        ("volatility.cycle_low", True, "yes"),
        ("volatility.cycle_low", False, "no"),
        ("volatility.cycle_low_ratio", 1.0514, "1.051"),
        ("price.close", 1234.5, "1,234.50"),
    ],
)
def test_numbers_are_written_in_their_unit(id: str, value: float | str | bool | None, text: str) -> None:
    found = figure(id, value)
    assert number(found) == written(found.as_dict()) == text


def plain(text: str) -> None:
    """Check that a number is readable: no NaN, no exponent, no hyphen for a minus, no negative zero."""
    assert "nan" not in text.lower()
    assert "e+" not in text
    assert "-" not in text
    if text.startswith("−"):
        assert any(c in "123456789" for c in text)


@pytest.mark.parametrize("metric", UNITS.values(), ids=lambda m: f"{m.unit}-{m.kind}")
@given(value=NUMBERS)
def test_every_unit_is_written_readably(metric: Metric, value: float) -> None:
    given_value = round(value) if metric.kind == "count" else value
    if metric.kind in ("number", "count"):
        plain(number(figure(metric.id, given_value)))
    assert number(figure(metric.id, None)) == "–"


@given(NUMBERS)
def test_percent_and_points(value: float) -> None:
    for text in (percent(value), percent(value, signed=False), bare_percent(value), points(value)):
        plain(text)
    assert percent(value).startswith(("+", "−"))


@pytest.mark.parametrize("value", [-0.0, -0.0004, 0.0, 1e-9])
def test_there_is_no_negative_zero(value: float) -> None:
    assert percent(value) == "+0.0 %"
    assert percent(value, signed=False) == "0.0 %"
    assert bare_percent(value) == "+0.0"
    assert points(value / 100) == "+0.00"


def test_null_is_a_dash() -> None:
    assert percent(None) == bare_percent(None) == "–"


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (1, "a 1st"),
        (2, "a 2nd"),
        (3, "a 3rd"),
        (4, "a 4th"),
        (8, "an 8th"),
        (11, "an 11th"),
        (12, "a 12th"),
        (13, "a 13th"),
        (18, "an 18th"),
        (21, "a 21st"),
        (80, "an 80th"),
        (88, "an 88th"),
        (101, "a 101st"),
        (111, "a 111th"),
        (113, "a 113th"),
    ],
)
def test_ordinals_with_their_article(count: int, text: str) -> None:
    assert f"{article(count)} {ordinal(count)}" == text


def test_counts_with_their_noun() -> None:
    assert [counted(n, "month") for n in (0, 1, 2, 1200)] == ["0 months", "1 month", "2 months", "1,200 months"]


def test_a_sentence_begins_with_a_capital() -> None:
    assert [capital(t) for t in ("the VIX", "S&P 500", "")] == ["The VIX", "S&P 500", ""]


@given(st.dates(min_value=date(1900, 1, 1)))
def test_months_by_name(day: date) -> None:
    name = month_name(day.isoformat())
    assert name.endswith(f" {day.year}")
    assert not any(c.isdigit() for c in name.partition(" ")[0])


def test_stamps_are_written_as_new_york_time() -> None:
    assert published("2025-06-25T20:40:00Z") == "2025-06-25 16:40 New York"
    assert published("2026-01-12T21:40:00Z") == "2026-01-12 16:40 New York"


def test_subjects_come_once_and_in_order() -> None:
    assert in_order(["ZION", "VIX", "NDX", "AAPL", "SPX", "NDX"]) == ["SPX", "NDX", "VIX", "AAPL", "ZION"]


def test_everything_that_is_public_is_named() -> None:
    own = {
        n for n, v in vars(words).items() if not n.startswith("_") and getattr(v, "__module__", "") == words.__name__
    }
    assert own <= set(words.__all__)
