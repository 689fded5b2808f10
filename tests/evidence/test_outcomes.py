"""What followed: against naive loops, with nothing counted before it is over."""

from datetime import date, timedelta
from itertools import groupby
from math import prod
from statistics import fmean, median

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overshort.evidence.outcomes import MONTHS, SESSIONS, after_reports, after_streaks, months_after, summary

moves = st.lists(st.sampled_from([-0.05, -0.01, 0.0, 0.01, 0.04]), max_size=40)
FIRST = date(2020, 1, 1)


def months(changes: list[float]) -> pl.DataFrame:
    days = [FIRST + timedelta(days=31 * k) for k in range(len(changes))]
    return pl.DataFrame({"at": days, "change": changes}, schema={"at": pl.Date, "change": pl.Float64})


def later(changes: list[float], k: int, ahead: int) -> float | None:
    """Compound the months after one; none where they are not all there."""
    own = changes[k + 1 : k + 1 + ahead]
    return prod(1 + c for c in own) - 1 if len(own) == ahead else None


def near(found: list[float | None], expected: list[float | None]) -> bool:
    pairs = zip(found, expected, strict=True)
    return all((a is None) == (b is None) and (a is None or a == pytest.approx(b, abs=1e-12)) for a, b in pairs)


@given(moves)
def test_months_after_compound(changes: list[float]) -> None:
    found = months_after(months(changes))
    for name, ahead in MONTHS.items():
        assert near(found[f"after_{name}"].to_list(), [later(changes, k, ahead) for k in range(len(changes))])


@given(moves, st.integers(1, 6))
def test_streaks_equal_a_walk_through_runs(changes: list[float], length: int) -> None:
    frame, k = months(changes), 0
    days, expected = frame["at"].to_list(), []
    for up, run in groupby(c > 0 for c in changes):
        size = len(list(run))
        if up and size >= length:
            final = size if k + size < len(changes) else None
            expected.append((days[k], days[k + length - 1], final, k + length - 1))
        k += size
    found = after_streaks(frame, length)
    assert found.select("first", "reached", "final").rows() == [row[:3] for row in expected]
    for name, ahead in MONTHS.items():
        assert near(found[f"after_{name}"].to_list(), [later(changes, row[3], ahead) for row in expected])


def test_a_streak_that_runs_has_no_final_length_and_what_is_not_over_is_null() -> None:
    found = after_streaks(months([-0.01, 0.01, 0.02, -0.01, 0.01, 0.01]), 2).to_dicts()
    assert [row["final"] for row in found] == [2, None]
    assert found[0]["after_1m"] == pytest.approx(-0.01)
    assert found[0]["after_3m"] == pytest.approx(0.99 * 1.01 * 1.01 - 1)
    assert found[0]["after_6m"] is None
    assert {found[1][f"after_{h}"] for h in MONTHS} == {None}


prices = st.lists(st.integers(50, 150).map(float), min_size=1, max_size=12)


def traded(closes: list[float], *, feeds: list[str] | None = None) -> pl.DataFrame:
    """Give every second day's bar, opening 1 below its close."""
    days = [FIRST + timedelta(days=2 * k) for k in range(len(closes))]
    opens = [c - 1 for c in closes]
    columns = {"session": days, "open": opens, "close": closes, "feed": feeds or ["A"] * len(days)}
    return pl.DataFrame(columns, schema_overrides={"session": pl.Date, "open": pl.Float64, "close": pl.Float64})


@pytest.fixture
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("overshort.evidence.outcomes.SESSIONS", {"3m": 2, "12m": 5})


@pytest.mark.usefixtures("_short")
@settings(max_examples=60)
@given(st.data())
def test_reports_are_entered_at_the_next_sessions_open(data: st.DataObject) -> None:
    closes = data.draw(prices)
    published = sorted(data.draw(st.lists(st.integers(-3, 26), max_size=8)))
    frame = traded(closes)
    reports = pl.DataFrame({"published": [FIRST + timedelta(days=n) for n in published]}, schema={"published": pl.Date})
    found = after_reports(reports, frame)
    days = frame["session"].to_list()
    for row in found.to_dicts():
        place = next((k for k, day in enumerate(days) if day > row["published"]), None)
        assert row["entry"] == (None if place is None else days[place])
        for name, held in (("3m", 2), ("12m", 5)):
            over = place is not None and place + held <= len(days)
            expected = closes[place + held - 1] / (closes[place] - 1) - 1 if over else None
            assert near([row[f"after_{name}"]], [expected])


def test_a_report_of_a_session_is_entered_the_session_after() -> None:
    """Reports come after the close: the session of that day is gone."""
    reports = pl.DataFrame({"published": [FIRST - timedelta(days=1), FIRST, FIRST + timedelta(days=1)]})
    entries = after_reports(reports, traded([100.0, 101.0]))["entry"].to_list()
    assert entries == [FIRST, FIRST + timedelta(days=2), FIRST + timedelta(days=2)]


def test_the_holding_ends_with_the_63rd_session_the_entrys_own_counted() -> None:
    closes = [100.0 + k for k in range(300)]
    reports = pl.DataFrame({"published": [FIRST - timedelta(days=1)]})
    row = after_reports(reports, traded(closes)).row(0, named=True)
    assert dict(SESSIONS) == {"3m": 63, "12m": 252}
    assert row["after_3m"] == pytest.approx(closes[62] / 99 - 1)
    assert row["after_12m"] == pytest.approx(closes[251] / 99 - 1)
    last = after_reports(reports, traded(closes[:62])).row(0, named=True)
    assert (last["entry"], last["after_3m"]) == (FIRST, None)


def test_no_entry_without_an_opening_price_or_a_session() -> None:
    frame = traded([100.0] * 70).with_columns(pl.when(pl.col("session") > FIRST).then("open").alias("open"))
    reports = pl.DataFrame({"published": [FIRST - timedelta(days=1), FIRST, FIRST + timedelta(days=999)]})
    found = after_reports(reports, frame)
    assert found["entry"].to_list() == [None, FIRST + timedelta(days=2), None]
    assert [v is None for v in found["after_3m"]] == [True, False, True]


def test_no_return_from_one_feed_to_the_other() -> None:
    reports = pl.DataFrame({"published": [FIRST - timedelta(days=1), FIRST]})
    found = after_reports(reports, traded([100.0] * 64, feeds=["A"] + ["B"] * 63))
    assert [v is None for v in found["after_3m"]] == [True, False]


def test_nothing_at_all() -> None:
    none = pl.DataFrame(schema={"published": pl.Date})
    assert after_reports(none, traded([100.0])).is_empty()
    reports = pl.DataFrame({"published": [FIRST]})
    assert after_reports(reports, traded([]).cast({"feed": pl.String})).row(0) == (FIRST, None, None, None)
    assert after_streaks(months([]), 3).is_empty()


cases = st.lists(
    st.tuples(st.one_of(st.none(), st.integers(-4, 4).map(lambda n: n / 100)), st.sampled_from([True, False, None])),
    max_size=30,
)


@given(cases)
def test_summaries_equal_the_statistics_module(cases: list[tuple[float | None, bool | None]]) -> None:
    values, flags = [v for v, _ in cases], [f for _, f in cases]
    frame = pl.DataFrame({"after_1m": values}, schema={"after_1m": pl.Float64})
    found = summary(frame, pl.Series(flags, dtype=pl.Boolean), "1m")
    over = [bool(f) and v is not None for v, f in cases]
    own = [v for v, f in cases if f and v is not None]
    assert (found["n"], found["runs"]) == (len(own), sum(k for k, _ in groupby(over)))
    expected = (fmean(own), median(own), sum(v > 0 for v in own) / len(own), min(own), max(own)) if own else (None,) * 5
    assert near([found[k] for k in ("mean", "median", "up", "worst", "best")], list(expected))
