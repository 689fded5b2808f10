"""Stated changes of closes are set against each other by the bases of their measured figures."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest

from overshort.engine.implied import agreement
from thesis.stated import say


@dataclass
class Made:
    """Figures of an invented close: 100 twelve months ago, 80 at the end of the year, 120 now."""

    calendar: list[date] = field(default_factory=list)
    figures: dict[str, tuple[str, float]] = field(
        default_factory=lambda: {"price.change_12m": ("2023-06-28", 0.2), "price.change_ytd": ("2023-12-29", 0.5)}
    )

    def span(self, _: object) -> None:
        return None

    def figure(self, subject: str, id: str) -> dict[str, Any] | None:
        if subject != "SPY" or id not in self.figures:
            return None
        base, value = self.figures[id]
        return {"value": value, "base_date": base, "at": "2024-06-28", "stale": False}


def found(ytd: float, year: float) -> dict[str, Any]:
    said = [
        say("SPY", "price.change_ytd", "=", ytd, tolerance=0.005),
        say("SPY", "price.change_12m", "=", year, tolerance=0.005),
    ]
    (pair,) = agreement(said, Made())
    return pair


def test_true_numbers_agree() -> None:
    pair = found(0.5, 0.2)
    assert pair["verdict"] == "consistent"
    assert (pair["implied"], pair["measured"]) == (pytest.approx(-0.2), pytest.approx(-0.2))
    assert (pair["from"], pair["to"], pair["table"]) == ("2023-06-28", "2023-12-29", "bars")


def test_numbers_that_cannot_both_be_true() -> None:
    pair = found(0.5, 0.6)
    assert pair["verdict"] == "inconsistent"
    assert pair["implied"] == pytest.approx(1.6 / 1.5 - 1)
    assert pair["instead"] == [pytest.approx(0.2), pytest.approx(1.0)]
    assert "units" not in pair


def test_other_subjects_and_states_take_no_part() -> None:
    said = [
        say("SPY", "price.change_ytd", "=", 0.5, tolerance=0.005),
        say("QQQ", "price.change_12m", "=", 0.6, tolerance=0.005),
        say("SPY", "price.change_12m", ">", 0.0),
        say("SPY", "structure.verdict", "is", "BALANCE"),
        say(None, None, None, None, reason="an opinion"),
    ]
    assert agreement(said, Made()) == []
