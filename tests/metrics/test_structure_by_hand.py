"""Value areas, verdicts and gaps of charts on bars written by hand."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics import charting, tiny
from metrics.test_four_hour import bar
from overshort import sessions
from overshort.engine.computing import compute, frame
from overshort.engine.panel import Scope
from overshort.metrics.structure.value_area import area_of, grown, profile

SCOPE = Scope("market", ("SPY",))
WEEK_ONE = date(2024, 4, 1)
Rows = list[dict[str, Any]]


def days(first: date, count: int) -> list[date]:
    calendar = sessions.schedule()["session"]
    return calendar.filter(calendar >= first)[:count].to_list()


def hours(day: date, one: float, two: float, *, reach: float = 1.0, **more: Any) -> Rows:
    """Give a session whose first four-hour bar trades around one price and whose second around another."""
    starts = [charting.at_clock(day, 9, 30) + timedelta(hours=k) for k in range(7)]
    rows = [bar(at, one if k < 4 else two, **more) for k, at in enumerate(starts)]
    for row in rows:
        end = min(row["end"], charting.at_clock(day, 16))
        row |= {"end": end, "known_at": end, "high": row["close"] + reach, "low": row["close"] - reach}
    return rows


def value(rows: Rows, id: str) -> list[dict[str, Any]]:
    return compute({"bars": tiny.table("bars", rows)}, SCOPE, [f"structure.{id}"]).sort("at").to_dicts()


def last(rows: Rows, id: str) -> Any:
    row = value(rows, id)[-1]
    return row["reason"] if row["value"] is None else row["text"] or row["value"]


def test_volume_is_spread_over_the_range() -> None:
    low, high, volume = np.array([10.0, 11.0, 12.0]), np.array([12.0, 12.0, 12.0]), np.array([100.0, 30.0, 7.0])
    assert profile(low, high, volume, 0.5).tolist() == [25, 25, 40, 47]


def test_the_area_grows_by_two_rows_on_the_heavier_side() -> None:
    assert grown([1, 5, 6, 20, 9, 3, 1], 0.7) == (3, 3, 5), "12 above before 11 below; 32 of 45 are in"
    assert grown([1, 5, 6, 20, 9, 3, 1], 0.8) == (1, 3, 5)
    assert grown([4, 4, 20, 4, 4], 0.7) == (2, 2, 4), "above where both hold the same"
    assert grown([5, 1, 5], 0.5) == (0, 2, 2), "of two busiest rows the higher; at the top only below is left"
    assert grown([3], 0.7) == (0, 0, 0)


def test_rounding_breaks_no_tie_and_reaches_the_share() -> None:
    """Ten rows of 3.1 each: the highest first, downwards by two until seven hold 70 %."""
    one = area_of(np.array([0.0]), np.array([10.0]), np.array([31.0]), 1.0)
    assert one == (3, 9.5, 10)
    assert grown([0.1 + 0.2, 1, 0.3], 0.9)[2] == 2


def test_an_area_by_hand() -> None:
    low, high, volume = np.array([100.0, 101.0, 104.0]), np.array([101.0, 102.0, 105.0]), np.array([30.0, 60.0, 10.0])
    assert area_of(low, high, volume, 1.0) == (100, 101.5, 102), "60, then 30 below against nothing in two rows above"


bars_with_volume = st.lists(
    st.tuples(st.integers(0, 40), st.integers(0, 12), st.integers(1, 500)), min_size=1, max_size=12
)


@given(bars_with_volume, st.integers(1, 8))
def test_areas_equal_a_slow_twin(bars: list[tuple[int, int, int]], row: int) -> None:
    rows = [(0, 0, 0, float(low + size), float(low), 0, float(volume)) for low, size, volume in bars]
    low, high, volume = (np.array([r[k] for r in rows]) for k in (4, 3, 6))
    slow = charting.value_area(rows, float(row))
    assert area_of(low, high, volume, float(row)) == pytest.approx(slow)


def week(first: date, prices: Sequence[tuple[float, float]], **more: Any) -> Rows:
    return [
        r
        for day, (one, two) in zip(days(first, len(prices)), prices, strict=True)
        for r in hours(day, one, two, **more)
    ]


BASE = week(date(2024, 3, 18), [(100, 101)] * 9)
"""Two weeks, the second of four sessions: the first ends before there is an average true range."""
SIDEWAYS = BASE + week(WEEK_ONE, [(100, 101), (101, 100)] * 2 + [(100, 101)])


def test_a_week_has_an_area_once_it_is_over() -> None:
    rows = value(SIDEWAYS, "vah")
    assert [r["at"].date() for r in rows] == [date(2024, 3, 22), date(2024, 3, 28), date(2024, 4, 5)]
    assert rows[0]["reason"].startswith("too little history: bar 10 of 11")
    row = rows[-1]
    assert row["known_at"] == charting.at_clock(date(2024, 4, 5), 16)
    assert (row["base_at"], row["n"], row["coverage"]) == (WEEK_ONE, 35, 1)
    assert row["value"] == pytest.approx(101), (
        "between 100 and 101 twice as much trades: from the highest of these down"
    )
    running = value(SIDEWAYS[:-7], "vah")[-1]
    assert (running["value"], running["known_at"]) == (None, row["known_at"])
    assert running["reason"] == "bars with volume cover 80% of the week from 2024-04-01 in table bars, under 95%"


@pytest.mark.parametrize(("bad", "said"), [(1, None), (2, "93%")])
def test_hours_without_volume_are_not_taken_for_none(bad: int, said: str | None) -> None:
    rows = [r | {"volume": 0} if len(BASE) <= k < len(BASE) + bad else r for k, r in enumerate(SIDEWAYS)]
    row = value(rows, "vah")[-1]
    assert (said is None) == (row["value"] is not None)
    assert said is None or said in row["reason"]


NEXT = date(2024, 4, 8)
PROBING = week(NEXT, [(99, 98)] * 3) + week(date(2024, 4, 11), [(100, 100)] * 2, reach=3)


def test_acceptance_distribution_and_balance() -> None:
    up = SIDEWAYS + week(NEXT, [(103, 104)] * 4)
    assert last(up, "verdict") == "ACCEPTANCE"
    assert last(up, "closes_above_vah") == 0.8
    assert last(up, "volume_above_vah") == pytest.approx(0.8, abs=0.05)
    assert last(SIDEWAYS + week(NEXT, [(103, 104)] * 4 + [(103, 101)]), "verdict") == "BALANCE", (
        "the last close is inside"
    )
    down = SIDEWAYS + week(NEXT, [(99, 98)] * 5)
    assert (last(down, "failed_probes"), last(down, "verdict")) == (0, "BALANCE")
    assert (last(SIDEWAYS + PROBING, "failed_probes"), last(SIDEWAYS + PROBING, "verdict")) == (4, "DISTRIBUTION")


def test_distribution_asks_that_the_area_has_not_risen() -> None:
    rising = week(date(2024, 3, 18), [(90, 91)] * 9) + SIDEWAYS[len(BASE) :]
    assert last(rising + PROBING, "verdict") == "BALANCE"


def test_a_verdict_that_hangs_on_an_area_that_is_not_there_is_null() -> None:
    thin = [r | {"volume": 0} if r["session"] < WEEK_ONE else r for r in SIDEWAYS]
    assert last(thin + PROBING, "verdict") == "no value area two weeks before the one from 2024-04-08 in table bars"
    assert last(thin + week(NEXT, [(103, 104)] * 4), "verdict") == "ACCEPTANCE"


@pytest.mark.parametrize(
    ("low", "then", "held"), [(102.2, 103.5, 1.0), (100.7, 103.5, 1.0), (100.2, 103.5, 0.0), (100.7, 99.9, 0.0)]
)
def test_a_pullback_holds_above_the_area(low: float, then: float, held: float) -> None:
    """vah is 101 and a quarter of the ATR is near 0.6: 100.7 is a shade below vah, 100.2 far."""
    rows = SIDEWAYS + week(NEXT, [(104, 103.5), (low + 1, then), (then + 0.5, 105)])
    assert last(rows, "pullback_holds") == held
    assert value(rows, "pullback_holds")[-1]["n"] == 1


def test_a_pullback_needs_two_bars_to_be_one() -> None:
    rows = SIDEWAYS + week(NEXT, [(104, 103.5), (103, 104)])
    assert last(rows, "pullback_holds") == "no swing low so far in the week after that from 2024-04-01"


def test_a_bar_of_which_an_hour_is_missing_enters_no_average() -> None:
    many = [r for day in days(date(2024, 2, 1), 30) for r in hours(day, 100, 101)]
    wild = hours(days(date(2024, 2, 1), 31)[-1], 500, 101)
    broken = many + wild[:3] + wild[4:]
    rows = value(broken, "bb_mid_4h")
    assert rows[-2]["value"] is None
    assert rows[-2]["reason"].endswith("does not count: 60 of 240 minutes are missing")
    assert rows[-2]["known_at"] == rows[-2]["at"]
    assert rows[-1]["value"] == pytest.approx((9 * 100 + 11 * 101) / 20, abs=0.06)
    assert rows[-1]["value"] < 101


@pytest.mark.parametrize(("away", "begins_anew"), [(4, False), (5, True), (300, True)])
def test_a_chart_begins_anew_after_a_gap(away: int, begins_anew: bool) -> None:
    calendar = days(date(2023, 1, 3), 340)
    kept = calendar[:20] + calendar[20 + away : 25 + away]
    chart = frame("chart_4h", {"bars": tiny.table("bars", [r for d in kept for r in hours(d, 100, 101)])}, SCOPE)
    assert chart["run"].n_unique() == 1 + begins_anew
    assert chart["k"][-1] == (10 if begins_anew else 50)
    assert chart.filter(pl.col("bb_mid").is_null())["k"].max() == 19


def test_bands_that_lie_on_each_other_place_nothing() -> None:
    still = [r for day in days(date(2024, 1, 26), 16) for r in hours(day, 100, 100, reach=0)]
    assert last(still, "u_bb") == "the lines lie on each other: the prices in table bars do not move"
    assert last(still, "u_kc") == last(still, "u_bb")
    assert last(still, "envelope_4h") == "NONE"
    assert last(still, "vah") == "the prices in table bars do not move: no height for a row"


def test_no_bars_no_rows() -> None:
    ids = ["structure.verdict", "structure.vah", "structure.u_bb_1d", "compression.state", "compression.trigger_user"]
    assert compute({}, SCOPE, ids).is_empty()


def test_stocks_have_no_chart() -> None:
    assert compute({"bars": tiny.table("bars", SIDEWAYS)}, Scope("stock", ("SPY",)), ["structure.u_bb"]).is_empty()
