"""What followed, as of an instant: put together from panels made by hand, against naive loops."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import polars as pl
import pytest

from contracts.market import measured, tables
from overshort import schema, sessions
from overshort.engine.computing import compute
from overshort.engine.panel import market
from overshort.engine.studies import Known, flag_study, refusal_study, streak_study, studies
from overshort.metrics.persistence.rarity import p_coin, p_permutation
from overshort.metrics.refusal.states import STATES

FAR = datetime(2035, 1, 1, tzinfo=UTC)
Row = dict[str, Any]


def row(id: str, subject: str, at: date, value: float | None, known: datetime | None = None, **more: Any) -> Row:
    instant = datetime(at.year, at.month, at.day, tzinfo=UTC)
    closed = known or sessions.at_new_york(at, time(16))
    null = {"reason": "for a test"} if value is None else {}
    return {"id": id, "subject": subject, "at": instant, "value": value, "known_at": closed} | null | more


def panel(rows: list[Row]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=schema.PANEL)


def ends(first: date, months: int) -> list[date]:
    """Give the last weekday of every month."""
    out = []
    for k in range(months):
        number = first.year * 12 + first.month + k
        day = date(number // 12, number % 12 + 1, 1) - timedelta(days=1)
        while day.weekday() > 4:
            day -= timedelta(days=1)
        out.append(day)
    return out


def monthly(changes: list[float | None], first: date = date(2020, 1, 1), subject: str = "SPX") -> list[Row]:
    """Give the rows of completed months; none where a month is unknown."""
    rows: list[Row] = []
    streak: int | None = None
    for day, change in zip(ends(first, len(changes)), changes, strict=True):
        if change is None:
            streak = None
            continue
        ended, rose = streak, change > 0
        streak = 0 if not rose else None if streak is None else streak + 1
        values = {"month_return": change, "month_streak": streak, "month_streak_ended": None if rose else ended}
        rows += [row(f"persistence.{i}", subject, day, v) for i, v in values.items()]
    return rows


def running(at: date, value: float | None, subject: str = "SPX") -> Row:
    return row("persistence.month_streak_running", subject, at, value, text="on pace")


UP, DOWN = 0.01, -0.01
STREAKS = [DOWN, UP, UP, UP, DOWN, UP, DOWN, UP, UP, UP, UP, DOWN, UP, UP, UP]


def lengths(rows: list[Row], as_of: datetime = FAR) -> dict[str, int]:
    found = studies(Known(panel(rows), as_of))
    return {s["subject"]: s["length"] for s in found if s["id"] == "persistence.streaks"}


def test_a_streak_study() -> None:
    found = streak_study(Known(panel(monthly(STREAKS)), FAR), "SPX", 3)
    assert found is not None
    days = [str(day) for day in ends(date(2020, 1, 1), len(STREAKS))]
    assert (found["months"], found["rising"], found["from"], found["to"]) == (15, 11, days[0], days[-1])
    assert [(r["first"], r["reached"], r["final"]) for r in found["occurrences"]] == [
        (days[1], days[3], 3),
        (days[7], days[9], 4),
        (days[12], days[14], None),
    ]
    assert found["count"] == 3
    assert found["p_coin"] == p_coin(15, 11, 3, 3)
    assert found["p_permutation"] == p_permutation(15, 11, 3, 3)
    assert (found["after"]["1m"]["n"], found["after"]["3m"]["n"], found["after"]["6m"]["n"]) == (2, 2, 1)
    assert found["unconditional"]["1m"]["n"] == 14
    assert found["after"]["1m"]["mean"] == pytest.approx(0.0)


def test_only_what_was_known_counts() -> None:
    rows = monthly(STREAKS)
    day = ends(date(2020, 1, 1), len(STREAKS))[10]
    found = streak_study(Known(panel(rows), sessions.end_of_day(day)), "SPX", 3)
    assert found is not None
    assert (found["months"], found["to"], found["count"]) == (11, str(day), 2)
    assert found["occurrences"][1]["final"] is None
    assert found["after"]["3m"]["n"] == 1


def test_months_before_september_1945_or_before_a_gap_do_not_count() -> None:
    old = streak_study(Known(panel(monthly(STREAKS, date(1945, 1, 1))), FAR), "SPX", 3)
    assert old is not None
    assert (old["from"], old["months"], old["count"]) == ("1945-09-28", 7, 2)
    gap = streak_study(Known(panel(monthly([UP, UP, UP, None, *STREAKS])), FAR), "SPX", 3)
    assert gap is not None
    assert (gap["months"], gap["count"]) == (15, 3)
    assert streak_study(Known(panel([]), FAR), "SPX", 3) is None


NEXT = date(2021, 4, 15)
"""A day in the month after the last of STREAKS."""


def test_the_running_month_lengthens_the_streak_under_study() -> None:
    assert lengths([*monthly(STREAKS), running(NEXT, 4)]) == {"SPX": 4}


def test_the_completed_streak_is_studied_while_the_running_month_has_not_risen() -> None:
    assert lengths([*monthly(STREAKS), running(NEXT, 0)]) == {"SPX": 3}


def test_the_streak_that_the_last_month_ended_is_studied() -> None:
    assert lengths(monthly([*STREAKS, DOWN])) == {"SPX": 3}
    assert lengths([*monthly([*STREAKS, DOWN]), running(date(2021, 5, 14), 0)]) == {"SPX": 3}
    assert lengths([*monthly([*STREAKS, DOWN]), running(date(2021, 5, 14), 1)]) == {}
    assert lengths(monthly([*STREAKS, DOWN, DOWN])) == {}


def test_a_running_month_that_is_over_does_not_count_twice() -> None:
    last = ends(date(2020, 1, 1), len(STREAKS))[-1]
    assert lengths([*monthly(STREAKS), running(last, 3)]) == {"SPX": 3}


def test_short_streaks_are_not_studied() -> None:
    assert lengths(monthly([DOWN, UP, UP])) == {}
    assert lengths([*monthly([DOWN, UP, UP]), running(date(2020, 4, 15), 3)]) == {"SPX": 3}


def test_an_older_length_never_stands_in_for_one_that_is_not_known() -> None:
    """After a gap the streak is unknown until a month falls."""
    rows = monthly([*STREAKS, None, UP, UP])
    assert lengths(rows) == {}
    assert lengths([*rows, running(date(2021, 7, 15), None)]) == {}
    assert lengths([*monthly(STREAKS), running(date(2021, 3, 15), 3), running(NEXT, None)]) == {"SPX": 3}


def reports(states: list[str], **more: Any) -> list[Row]:
    days = sessions.settlements_between(date(2020, 1, 1), date(2024, 12, 31))
    return [
        row("refusal.state_3m", "NDX", day, STATES.index(state), sessions.publication(day)[0], text=state, **more)
        for day, state in zip(days, states, strict=False)
    ]


def proxy(first: date, last: date, subject: str = "QQQ") -> list[Row]:
    days = [d for d in sessions.schedule()["session"].to_list() if first <= d <= last]
    out = []
    for k, day in enumerate(days):
        close = 100 + (k * 37 % 101) / 5
        out.append(row("price.close", subject, day, close, basis="price: QQQ bars, adjustment split"))
        out.append(row("price.open", subject, day, close - 1, basis="price: QQQ bars, adjustment split"))
    return out


CASES = ["REFUSE", "REFUSE", "FLAT", "REFUSE", "COVER", "FLAT", "FLAT", "EXIT", "REFUSE", "CONFIRM"]


def entered(prices: list[Row], published: date, held: int) -> float | None:
    """Look for the first session after a day and hold from its open."""
    closes = [(r["at"].date(), r["value"]) for r in prices if r["id"] == "price.close"]
    own = [value for day, value in closes if day > published]
    return own[held - 1] / (own[0] - 1) - 1 if len(own) >= held else None


def test_a_refusal_study_equals_a_naive_loop() -> None:
    prices, rows = proxy(date(2020, 1, 2), date(2020, 8, 14)), reports(CASES)
    found = refusal_study(Known(panel([*rows, *prices]), FAR), "NDX", "3m")
    assert found is not None
    assert (found["reports"], found["proxy"], found["now"], found["from"]) == (10, "QQQ", "CONFIRM", "2020-01-15")
    after = [entered(prices, r["known_at"].astimezone(sessions.NEW_YORK).date(), 63) for r in rows]
    assert 3 < sum(a is not None for a in after) < 10
    for state in found["states"]:
        own = [a for a, s in zip(after, CASES, strict=True) if s == state["state"] and a is not None]
        assert (state["reports"], state["base_rate"]) == (
            CASES.count(state["state"]),
            CASES.count(state["state"]) / 10,
        )
        assert state["after"]["3m"]["n"] == len(own)
        assert not own or state["after"]["3m"]["mean"] == pytest.approx(sum(own) / len(own))
    runs = {state["state"]: state["runs"] for state in found["states"]}
    assert runs == {"REFUSE": 3, "CONFIRM": 1, "COVER": 1, "EXIT": 1, "FLAT": 2}
    over = [a for a in after if a is not None]
    assert found["unconditional"]["3m"]["n"] == len(over)
    assert found["unconditional"]["3m"]["worst"] == pytest.approx(min(over))


def test_a_later_revision_neither_changes_nor_moves_a_report() -> None:
    """A revised row makes all later chains known anew; what a report said at its publication stays what it said."""
    prices, rows = proxy(date(2020, 1, 2), date(2021, 8, 31)), reports(CASES)
    later = datetime(2021, 8, 1, tzinfo=UTC)
    revised = [r | {"known_at": later, "value": 4.0, "text": "FLAT"} for r in rows]
    before, after = (
        refusal_study(Known(panel([*own, *prices]), FAR), "NDX", "3m") for own in (rows, [*revised, *rows])
    )
    assert before == after


def test_a_state_that_was_null_at_first_counts_from_when_it_was_known() -> None:
    prices, rows = proxy(date(2020, 1, 2), date(2021, 8, 31)), reports(CASES)
    nothing = [r | {"value": None, "text": None, "reason": "no close"} for r in rows[:1]]
    later = [r | {"known_at": datetime(2020, 3, 2, tzinfo=UTC)} for r in rows[:1]]
    known = Known(panel([*nothing, *later, *rows[1:], *prices]), FAR)
    assert known.first("refusal.state_3m", "NDX")["known_at"][0] == datetime(2020, 3, 2, tzinfo=UTC)
    found = refusal_study(known, "NDX", "3m")
    assert found is not None
    assert found["reports"] == len(CASES)


def test_no_state_no_study() -> None:
    assert refusal_study(Known(panel(reports(CASES)), datetime(2020, 1, 1, tzinfo=UTC)), "NDX", "3m") is None


def test_a_flag_study() -> None:
    days = [date(2024, 1, 2) + timedelta(days=k) for k in range(8)]
    flags = [0, 1, 1, None, 1, 0, 0, 1]
    rows = [row("volatility.cycle_low", "VIX", day, flag) for day, flag in zip(days, flags, strict=True)]
    found = flag_study(Known(panel(rows), FAR), "volatility.cycle_low", "VIX")
    assert found is not None
    assert (found["sessions"], found["share"], found["runs"], found["from"]) == (7, 4 / 7, 2, "2024-01-02")
    assert flag_study(Known(panel([]), FAR), "volatility.cycle_low", "VIX") is None


def test_the_studies_of_a_simulated_market_need_nothing_later() -> None:
    instant = sessions.end_of_day(date(2025, 12, 23))
    known = {n: t.filter(pl.col("known_at") <= instant).lazy() for n, t in tables().items()}
    found = studies(Known(measured(), instant))
    assert [(s["id"], s["subject"], s.get("window")) for s in found] == [
        *(("refusal.after", subject, window) for subject in schema.INDEXES for window in ("3m", "12m")),
        *(("persistence.streaks", subject, None) for subject in schema.INDEXES),
        ("volatility.cycle_low", "VIX", None),
    ]
    alone = studies(Known(compute(known, market()), instant))
    # Members of the Russell 2000 before its first holdings file are backcast from it: the same file at either time.
    assert found == alone


def test_no_panel_no_studies() -> None:
    assert studies(Known(panel([]), FAR)) == []
