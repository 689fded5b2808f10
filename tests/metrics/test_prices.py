"""Which prices stand for an index, and when they were known."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import polars as pl
import pytest

from metrics import pricing, tiny
from metrics.pricing import daily, found, level, levels, only, traded
from overshort import schema, sessions
from overshort.engine.computing import compute, frame
from overshort.engine.panel import Scope, market
from overshort.metrics import registry

ENDS = pricing.last_sessions(date(2025, 1, 1), 6)
BLACK_FRIDAY = date(2025, 11, 28)
"""A session that closes at one o'clock and is the last of its month."""


def valued(close: list[float | None]) -> dict[date, float]:
    return {day: value for day, value in zip(ENDS, close, strict=False) if value is not None}


def month_ends(tables: tiny.Tables, subject: str = "SPX") -> list[dict[str, Any]]:
    return frame("month_ends", tables, Scope("market", (subject,))).to_dicts()


def test_the_index_itself_comes_before_the_fund() -> None:
    tables = daily(levels("^GSPC", valued([100, 110, 121])), traded("SPY", valued([10, 12, 15])))
    rows = found(tables, "persistence.month_return")
    assert only(rows) == pytest.approx({ENDS[1]: 0.1, ENDS[2]: 0.1})
    assert {row["basis"] for row in rows} == {"price: ^GSPC"}


def test_a_change_is_taken_within_the_first_feed_that_has_both_ends() -> None:
    """The index lacks the second month, so neither the second nor the third return is its."""
    tables = daily(levels("^GSPC", valued([100, None, 200, 220])), traded("SPY", valued([10, 11, 12.1, 13])))
    rows = found(tables, "persistence.month_return")
    assert only(rows) == pytest.approx({ENDS[1]: 0.1, ENDS[2]: 0.1, ENDS[3]: 0.1})
    assert only(rows, "basis") == {ENDS[1]: "price: SPY", ENDS[2]: "price: SPY", ENDS[3]: "price: ^GSPC"}
    streak = found(tables, "persistence.month_streak")
    assert {row["basis"] for row in streak} == {"price: SPY", "price: SPY, ^GSPC"}
    assert "basis" in streak[-1]


def test_a_change_is_never_taken_from_one_feed_to_the_other() -> None:
    tables = daily(levels("^GSPC", valued([100, 110])), traded("SPY", valued([None, None, 10, 11])))
    assert only(found(tables, "persistence.month_return")) == pytest.approx({ENDS[1]: 0.1, ENDS[3]: 0.1})


def test_bars_adjusted_for_dividends_are_no_prices() -> None:
    tables = daily(bars=traded("QQQ", valued([10, 20, 30]), "total"))
    assert compute(tables, market())["value"].drop_nulls().is_empty()


def test_bars_adjusted_for_splits_come_before_unadjusted_ones_and_do_not_mix() -> None:
    bars = [*traded("QQQ", valued([10, 11, None, 13]), "split"), *traded("QQQ", valued([20, None, 24, 30]), "none")]
    rows = found(daily(bars=bars), "persistence.month_return", "NDX")
    assert only(rows) == pytest.approx({ENDS[1]: 0.1, ENDS[3]: 0.25})


def test_intraday_bars_are_no_closes() -> None:
    hourly = [row | {"interval": "1h"} for row in traded("QQQ", valued([10, 11]))]
    assert compute(daily(bars=hourly), market()).is_empty()


def test_the_published_month_end_comes_before_the_daily_close() -> None:
    rows = [*levels("^GSPC", valued([100, 111])), *levels("^GSPC", valued([100, 110]), frequency="month_end")]
    assert only(found(daily(rows), "persistence.month_return")) == pytest.approx({ENDS[1]: 0.1})
    assert [row["close"] for row in month_ends(daily(rows[::-1]))] == [100, 110]


def test_monthly_averages_are_no_month_ends() -> None:
    rows = [level("^GSPC", day, 100.0, frequency="month_average") for day in ENDS]
    assert month_ends(daily(rows)) == []


def test_a_month_without_the_close_of_its_last_session_has_no_month_end() -> None:
    days = pricing.sessions_between(date(2025, 3, 1), date(2025, 5, 31))
    without = {day: 100.0 for day in days if day != date(2025, 4, 30)}
    assert [row["at"] for row in month_ends(daily(levels("^GSPC", without)))] == [date(2025, 3, 31), date(2025, 5, 30)]


def test_a_month_may_end_at_an_early_close_or_before_its_last_weekday() -> None:
    days = [date(2024, 3, 28), date(2024, 3, 29), BLACK_FRIDAY]
    rows = month_ends(daily(levels("^GSPC", dict.fromkeys(days, 100.0))))
    assert [row["at"] for row in rows] == [date(2024, 3, 28), BLACK_FRIDAY]


def test_month_ends_older_than_the_calendar_are_taken_as_published() -> None:
    rows = [level("^GSPC", date(1945, 8, 31), 15.0, frequency="month_end")]
    rows += [level("^GSPC", date(1945, 9, 28), 16.0, frequency="month_end")]
    assert only(found(daily(rows), "persistence.month_return")) == pytest.approx({date(1945, 9, 28): 1 / 15})


def test_proxies_have_prices_of_their_own() -> None:
    tables = daily(bars=[*traded("SPY", {ENDS[0]: 100.0}), *traded("SPY", {ENDS[0]: 90.0, ENDS[1]: 95.0}, "none")])
    rows = found(tables, "price.close", "SPY")
    assert only(rows) == {ENDS[0]: 100, ENDS[1]: 95}
    assert only(rows, "basis") == {
        ENDS[0]: "price: SPY bars, adjustment split",
        ENDS[1]: "price: SPY bars, adjustment none",
    }
    assert only(found(tables, "price.open", "SPY")) == pytest.approx({ENDS[0]: 99.9, ENDS[1]: 94.905})


def test_a_bar_without_an_opening_price_has_a_close_only() -> None:
    tables = daily(bars=[tiny.bar("IWM", ENDS[0], 50.0, "split")])
    assert only(found(tables, "price.close", "IWM")) == {ENDS[0]: 50}
    assert found(tables, "price.open", "IWM") == []


LATE = datetime(2025, 12, 20, tzinfo=UTC)
KNOWING = ("persistence.month_return", "persistence.month_streak", "persistence.month_streak_running")
WEEKS = [date(2025, 10, 3) + timedelta(days=7 * k) for k in range(4)]


@pytest.mark.parametrize("id", KNOWING)
def test_nothing_is_known_before_the_close_that_it_starts_from(id: str) -> None:
    """The first month-end came late: all that rests on it, and every later streak, came no earlier."""
    rows = levels("^GSPC", valued([100, 101, 102, 103]))
    rows[0]["known_at"] = LATE
    assert min(row["known_at"] for row in found(daily(rows), id) if row.get("base_at") == ENDS[0]) >= LATE
    assert min(row["known_at"] for row in found(daily(rows), id) if row["at"] > ENDS[1]) >= LATE


@pytest.mark.parametrize("id", ["persistence.week_return", "persistence.best_week_of"])
def test_a_week_is_not_known_before_its_base(id: str) -> None:
    rows = levels("^GSPC", {day: 100.0 + k for k, day in enumerate(WEEKS)})
    rows[0]["known_at"] = LATE
    assert set(pricing.known(found(daily(rows), id)).values()) == {LATE}


def test_what_counts_completed_months_is_not_known_before_they_are() -> None:
    """On 2025-11-28 trade ended at one; the month's close was published at four and counts from then on."""
    ends = pricing.last_sessions(date(2025, 5, 1), 7)
    assert ends[-1] == BLACK_FRIDAY
    published = levels("^GSPC", {day: 100.0 + abs(k - 1) for k, day in enumerate(ends)}, frequency="month_end")
    session = level("^GSPC", ends[-1], 105.0, known=sessions.at_new_york(BLACK_FRIDAY, time(13)))
    tables = daily([*published, session])
    running = found(tables, "persistence.month_streak_running")[-1]
    assert (running["value"], running["text"], running["known_at"].hour) == (5, "completed", 18)
    for id in ("streak_count_since_1945", "streak_p", "streak_p_permutation"):
        assert found(tables, f"persistence.{id}")[-1]["known_at"] == sessions.at_new_york(BLACK_FRIDAY, time(16))


def test_a_revised_close_changes_nothing_that_was_known_before() -> None:
    """From its own instant on it changes what it bears on, and all that rests on that is known anew."""
    rows = levels("^GSPC", valued([100, 99, 100, 101, 102]))
    revised = [*rows, rows[2] | {"value": 98.0, "known_at": LATE}]
    before, after = (found(daily(own), "persistence.month_streak") for own in (rows, revised))
    assert [r for r in after if r["known_at"] < LATE] == before
    assert [(r["at"], r["value"]) for r in after if r["known_at"] == LATE] == [(ENDS[2], 0), (ENDS[3], 1), (ENDS[4], 2)]
    assert [(r["at"], r["value"]) for r in before[-3:]] == [(ENDS[2], 1), (ENDS[3], 2), (ENDS[4], 3)]


PRICED = [i for i in registry() if i.startswith(("persistence.", "volatility.", "price.", "refusal."))]


def test_there_are_price_metrics() -> None:
    assert len(PRICED) > 25


def some_levels() -> pl.DataFrame:
    rows = [*levels("VIX", dict.fromkeys(ENDS, 15.0)), *levels("^GSPC", dict.fromkeys(ENDS, 100.0))]
    return tiny.table("levels", rows).collect()


@pytest.mark.parametrize(
    "given", [{}, {"levels": some_levels()}, {"bars": schema.empty("bars")}], ids=["", "levels", ""]
)
def test_empty_tables_give_no_rows_and_no_error(given: dict[str, pl.DataFrame]) -> None:
    panel = compute({n: t.lazy() for n, t in given.items()}, market())
    assert set(panel["subject"]) == ({"SPX", "VIX"} if "levels" in given else set())


def test_reports_alone_say_what_they_lack() -> None:
    days = sessions.settlements_between(date(2021, 1, 1), date(2022, 12, 31))
    positions = {"A": [100 + k for k in range(len(days))], "B": [90] * len(days)}
    tables = {"short_interest": tiny.reports(positions, days)}
    tables["membership"] = tiny.table("membership", tiny.since_2000("A", "B"))
    panel = compute(tables, market(), PRICED)
    assert set(panel["id"]) == {i for i in PRICED if i.startswith("refusal.")}
    lacking = panel.filter(pl.col("id").str.contains("price_change|state|absorption"), pl.col("base_at").is_not_null())
    assert lacking["value"].null_count() == lacking.height > 0
    own = lacking.filter(pl.col("id") == "refusal.price_change_3m")
    assert own["reason"].str.contains(r"no close at both .* in tables levels and bars").all()
    assert panel.filter(pl.col("value").is_null(), ~pl.col("reason").str.contains("table")).is_empty()
