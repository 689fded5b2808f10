"""Triggers and the states of compression on bars written by hand; the numbers are compared in test_structure."""

import math
from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from metrics import tiny
from metrics.test_structure_by_hand import days, hours
from overshort.engine.computing import compute, tables_behind
from overshort.engine.panel import Scope

SCOPE = Scope("market", ("SPY",))
CALENDAR = days(date(2023, 1, 3), 400)
Rows = list[dict[str, Any]]


def day(k: int, close: float, *, high: float | None = None, reach: float = 1.0) -> dict[str, Any]:
    row = tiny.bar("SPY", CALENDAR[k], close, "split")
    return row | {"open": close, "high": high or close + reach, "low": close - reach, "volume": 1}


def daily(closes: Sequence[float], **more: Any) -> Rows:
    return [day(k, close, **more) for k, close in enumerate(closes)]


def found(rows: Rows, id: str) -> list[Any]:
    panel = compute({"bars": tiny.table("bars", rows)}, SCOPE, [f"compression.{id}"]).sort("at")
    return [r["reason"] if r["value"] is None else r["text"] or r["value"] for r in panel.to_dicts()]


def test_the_trigger_is_the_highest_close_of_the_twenty_sessions_before() -> None:
    closes = [100.0 + k for k in range(25)] + [90.0] * 22
    values = found(daily(closes), "trigger_range")
    assert values[19] == "too little history: bar 19 of 20 without a gap of more than a week in table bars"
    assert values[20] == 119, "today's own close does not count"
    assert values[25] == 124
    assert values[44] == 124
    assert values[45] == 90
    assert values[0] == f"no daily bar of the session before {CALENDAR[0]} in table bars"


def test_a_trigger_needs_the_session_before() -> None:
    rows = daily([100.0] * 40)
    assert found(rows[:-2] + rows[-1:], "trigger_range")[-1].startswith("no daily bar of the session before")


@pytest.mark.parametrize(("name", "needs"), [("user", "table levels"), ("gamma", "table option_chain")])
def test_triggers_that_nobody_gives_are_null_and_say_what_they_need(name: str, needs: str) -> None:
    assert all(needs in said for said in found(daily([100.0] * 3), f"trigger_{name}"))
    assert needs.split()[1] in tables_behind(f"compression.state_{name}")
    assert tables_behind("compression.state") == ["bars"]


@pytest.mark.parametrize(("close", "below"), [(99.9, 1), (99.1, 1), (98.9, 0), (100.0, 0), (100.1, 0)])
def test_below_the_trigger_by_half_a_daily_range_at_most(close: float, below: float) -> None:
    """The daily ATR is 2: at most 1 below 100."""
    assert found(daily([100.0] * 40 + [close]), "below_trigger_1d")[-1] == below


def test_a_four_hour_bar_is_measured_by_the_sessions_before_its_own() -> None:
    rows = daily([100.0] * 40) + hours(CALENDAR[40], 99.5, 97)
    assert found(rows, "below_trigger") == [1, 0], "known before the day's own daily bar is there"
    late = [*daily([100.0] * 40), day(40, 300), *hours(CALENDAR[40], 99.5, 97)]
    assert found(late, "below_trigger") == [1, 0]


def breathing(k: int) -> float:
    """Swing less and less: bands that narrow, the lower one rising."""
    return 100 + 6 * math.exp(-k / 60) * math.sin(k)


@pytest.mark.parametrize(("under", "expected"), [(0.01, "COIL"), (0.05, "COIL"), (0.15, "NONE"), (-0.01, "NONE")])
def test_a_coil(under: float, expected: str) -> None:
    closes = [breathing(k) for k in range(260)]
    rows = daily(closes, reach=0.05)
    rows[-1] = day(259, max(closes[-21:-1]) - under, reach=0.05)
    assert found(rows, "state_1d")[-1] == expected


def test_a_wide_band_is_no_coil() -> None:
    closes = [breathing(260 - k) for k in range(260)]
    rows = daily(closes, reach=0.05)
    rows[-1] = day(259, max(closes[-21:-1]) - 0.01, reach=0.05)
    assert (found(rows, "below_trigger_1d")[-1], found(rows, "state_1d")[-1]) == (1, "NONE")


def test_a_rejection_within_three_bars() -> None:
    base = [100 + math.sin(k) for k in range(200)]
    level = max(base[-20:])
    passed = [*daily(base, reach=0.01), day(200, level - 0.2, high=level + 2)]
    for wait, expected in ((0, "REJECTION"), (2, "REJECTION"), (3, "NONE")):
        later = [day(201 + k, 100.3, reach=0.1) for k in range(wait)] + [day(201 + wait, 99.6, reach=0.1)]
        assert found(passed + later, "state_1d")[-1] == expected, wait
    not_passed = [*daily(base, reach=0.01), day(200, level - 0.2, high=level - 0.1), day(201, 99.6, reach=0.1)]
    assert found(not_passed, "state_1d")[-1] == "NONE"


def test_deterioration() -> None:
    closes = [100 + math.sin(k) for k in range(180)] + [99 - 0.8 * k for k in range(12)]
    assert found(daily(closes), "state_1d")[-1] == "DETERIORATION"


def test_a_state_needs_all_of_its_history() -> None:
    values = found(daily([breathing(k) for k in range(150)]), "state_1d")
    assert values[138] == "too little history: bar 139 of 140 without a gap of more than a week in table bars"
    assert values[139] in ("COIL", "REJECTION", "DETERIORATION", "NONE")


def test_a_band_on_a_line_has_a_slope_and_no_t() -> None:
    still = daily([100.0] * 60)
    assert found(still, "lower_band_slope_1d")[-1] == 0
    assert found(still, "lower_band_t_1d")[-1] == "the band of table bars lies exactly on a line for 5 bars"
