"""How cheap the VIX is: against slow plain twins, and DuckDB SQL over the publisher's file."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics import pricing, twins
from metrics.pricing import daily, found, levels, only
from overshort import sessions
from overshort.engine.figures import figures, select
from overshort.metrics.volatility import cycles_of

IDS = ("close", "rank_1y", "rank_all", "cycle_low", "cycle_low_since", "cycle_low_days", "cycle_low_ratio")
DAYS = pricing.sessions_between(date(2023, 1, 3), date(2024, 6, 28))


def invented(seed: int, size: int = len(DAYS)) -> dict[date, float]:
    """Give rounded closes between 10 and 40, so that some tie and some cycles end."""
    steps = np.random.default_rng(seed).standard_normal(size)
    wandering = 18 * np.exp(0.35 * np.sin(np.cumsum(0.2 * steps)) + 0.25 * steps)
    return dict(zip(DAYS, np.round(wandering, 1).tolist(), strict=False))


def rows(closes: dict[date, float]) -> dict[str, dict[date, Any]]:
    tables = daily(levels("VIX", closes))
    return {i: only(found(tables, f"volatility.{i}", "VIX")) for i in IDS}


def rank(value: float, earlier: list[float]) -> float:
    return 100 * sum(1.0 if e < value else 0.5 * (e == value) for e in earlier) / len(earlier)


def twin(closes: dict[date, float]) -> dict[str, dict[date, Any]]:
    """Say everything of every day from its own past, searched anew."""
    out: dict[str, dict[date, Any]] = {i: {} for i in IDS}
    days, values = list(closes), list(closes.values())
    for k, (day, value) in enumerate(closes.items()):
        year = rank(value, values[k - 252 : k]) if k >= 252 else None
        stressed = [j for j in range(k + 1) if values[j] >= 25]
        start = max(stressed, default=None)
        ratio = None if start is None else value / min(values[start : k + 1])
        out["close"][day] = value
        out["rank_1y"][day] = year
        out["rank_all"][day] = rank(value, values[:k]) if k >= 252 else None
        out["cycle_low_since"][day] = None if start is None else (days[start] - date(1970, 1, 1)).days
        out["cycle_low_days"][day] = None if start is None else (day - days[start]).days
        out["cycle_low_ratio"][day] = ratio
        out["cycle_low"][day] = None if year is None or ratio is None else float(year <= 5 and ratio <= 1.05)
    return out


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_everything_equals_its_slow_twin(seed: int) -> None:
    closes = invented(seed)
    ours, expected = rows(closes), twin(closes)
    assert max(closes.values()) >= 25
    for i in IDS:
        assert twins.lined_up(ours[i], expected[i]) == [], i


@given(st.lists(st.sampled_from([10.0, 11.0, 12.0, 24.9, 25.0, 30.0]), max_size=30))
def test_cycles_are_found_by_search_too(closes: list[float]) -> None:
    expected = []
    for k in range(len(closes)):
        start = max((j for j in range(k + 1) if closes[j] >= 25), default=None)
        span = range(0 if start is None else start, k + 1)
        expected.append(None if start is None else (start, min(span, key=lambda j: closes[j])))
    assert cycles_of(np.array(closes)) == expected


def test_days_that_are_no_sessions_count_as_any_other() -> None:
    """Cboe computes the index on some holidays of the exchange."""
    closes = invented(5)
    holiday = date(2024, 1, 15)
    assert not sessions.is_session(holiday)
    whole = dict(sorted((closes | {holiday: 13.0}).items()))
    ours, expected = rows(whole), twin(whole)
    assert [i for i in IDS if twins.lined_up(ours[i], expected[i])] == []
    assert ours["close"][holiday] == 13.0
    without = rows(closes)["rank_1y"]
    assert {day for day, value in without.items() if value != ours["rank_1y"][day]}


def test_changes_are_between_closes_of_sessions_that_are_there() -> None:
    closes = invented(5)
    holiday, gone = date(2024, 1, 15), DAYS[40]
    whole = dict(sorted((closes | {holiday: 13.0}).items()))
    del whole[gone]
    tables = daily(levels("VIX", whole))
    for window, span in (("1d", 1), ("1w", 5), ("1m", 21)):
        rows = {r["at"]: r for r in found(tables, f"volatility.change_{window}", "VIX")}
        assert set(rows) == set(whole)
        for k, day in enumerate(DAYS):
            base = DAYS[k - span] if k >= span else None
            if base in whole and day in whole:
                assert rows[day]["value"] == whole[day] / whole[base] - 1
                assert rows[day]["base_at"] == base
        assert rows[DAYS[40 + span]]["reason"] == f"no close of {gone} in table levels"
        assert rows[holiday]["reason"] == f"no session {span} before {holiday} in the exchange's calendar"


def test_nulls_say_what_is_lacking() -> None:
    calm = {day: 12.0 + k % 3 for k, day in enumerate(DAYS)}
    tables = daily(levels("VIX", calm))
    reasons = {i: [r.get("reason") for r in found(tables, f"volatility.{i}", "VIX")] for i in IDS}
    short = [f"too little history: {k} earlier closes in table levels" for k in range(252)]
    none = "no close of 25 or more so far in table levels"
    assert reasons["rank_1y"] == reasons["rank_all"] == [*short, *[None] * (len(DAYS) - 252)]
    assert reasons["cycle_low"] == [*short, *[none] * (len(DAYS) - 252)]
    assert set(reasons["cycle_low_days"]) == set(reasons["cycle_low_ratio"]) == {none}


def test_what_a_figure_shows_beside_its_value() -> None:
    closes = dict.fromkeys(DAYS[:260], 20.0) | {DAYS[3]: 26.0, DAYS[255]: 12.0, DAYS[259]: 12.3}
    tables = daily(levels("VIX", closes))
    last = {i: found(tables, f"volatility.{i}", "VIX")[-1] for i in IDS}
    assert last["cycle_low"]["value"] == 1
    assert (last["rank_1y"]["n"], last["rank_all"]["n"]) == (252, 259)
    assert last["cycle_low"]["base_at"] == last["cycle_low_ratio"]["base_at"] == DAYS[255]
    assert last["cycle_low_days"]["base_at"] == DAYS[3]
    assert last["cycle_low_since"]["text"] == str(DAYS[3])
    assert {r["basis"] for r in last.values()} == {"price: VIX"}


@pytest.mark.parametrize(("close", "low"), [(12.6, 1), (12.61, 0)])
def test_near_the_low_is_within_5_percent(close: float, low: int) -> None:
    closes = dict.fromkeys(DAYS[:259], 20.0) | {DAYS[3]: 26.0, DAYS[255]: 12.0, DAYS[259]: close}
    assert found(daily(levels("VIX", closes)), "volatility.cycle_low", "VIX")[-1]["value"] == low


def test_a_close_that_came_late_holds_up_all_later_ranks() -> None:
    given = levels("VIX", invented(4))
    late = datetime(2024, 3, 1, tzinfo=UTC)
    given[10]["known_at"] = late
    known = pricing.known(found(daily(given), "volatility.rank_all", "VIX"))
    assert all(at >= late for day, at in known.items() if day >= DAYS[10])
    assert known[DAYS[9]] == sessions.at_new_york(DAYS[9], time(16))


SQL = """
with closes as (select DATE::date as day, CLOSE::double as close, row_number() over (order by DATE::date) as k
                from read_csv(?, all_varchar = true)),
     ranked as (select a.day, a.close, a.k,
                       100 * avg(case when b.close < a.close then 1.0 when b.close = a.close then 0.5 else 0 end)
                           filter (b.k >= a.k - 252) as rank_1y,
                       100 * avg(case when b.close < a.close then 1.0 when b.close = a.close then 0.5 else 0 end)
                           as rank_all
                from closes a join closes b on b.k < a.k where a.day between ? and ? group by all),
     begun as (select r.*, (select max(day) from closes c where c.close >= 25 and c.day <= r.day) as since
               from ranked r)
select day, close, rank_1y, rank_all, since, day - since as days,
       close / (select min(close) from closes c where c.day between since and begun.day) as ratio
from begun order by day
"""


@pytest.mark.data
def test_real_rows_equal_duckdb(data: Path, real: pl.DataFrame) -> None:
    (file,) = data.glob("prices/vix-daily*.csv")
    first, last = date(2025, 1, 1), date(2025, 12, 31)
    expected = duckdb.execute(SQL, [str(file), first, last]).fetchall()
    assert len(expected) > 245
    ours = {i: by_day(real, f"volatility.{i}") for i in IDS}
    wrong = []
    for day, close, year, whole, since, days, ratio in expected:
        flag = float(year <= 5 and ratio <= 1.05)
        wanted = (close, year, whole, flag, (since - date(1970, 1, 1)).days, days, ratio)
        wrong += [(day, i) for i, w in zip(IDS, wanted, strict=True) if ours[i].get(day) != pytest.approx(w, rel=1e-9)]
    assert wrong == []


def by_day(panel: pl.DataFrame, id: str) -> dict[date, float]:
    own = panel.filter(pl.col("id") == id, pl.col("subject") == "VIX")
    return dict(own.select(pl.col("at").dt.date(), "value").iter_rows())


@pytest.mark.data
def test_the_published_facts(real: pl.DataFrame) -> None:
    """The rank of 2025-06-30 counts the closes that Cboe computed on holidays of the exchange."""
    shown = {day: as_of(real, day) for day in (date(2025, 6, 30), date(2025, 12, 24), date(2025, 12, 30))}
    assert shown[date(2025, 6, 30)]["volatility.rank_1y"].value == pytest.approx(37.1, abs=0.05)
    low = shown[date(2025, 12, 24)]
    assert (low["volatility.rank_1y"].value, low["volatility.cycle_low"].value) == (0.0, True)
    over = shown[date(2025, 12, 30)]
    assert over["volatility.cycle_low"].value is False
    assert over["volatility.cycle_low_ratio"].value == pytest.approx(1.064, abs=0.0005)
    assert over["volatility.cycle_low_ratio"].base_date == "2025-12-24"
    assert {f.stale for f in low.values()} == {False}


def as_of(panel: pl.DataFrame, day: date) -> dict[str, Any]:
    return select(figures(panel, sessions.end_of_day(day), simulated=False), "VIX")


@pytest.mark.data
def test_it_goes_stale_a_day_after_a_session_without_a_close(real: pl.DataFrame) -> None:
    own = real.filter(pl.col("subject") == "VIX", pl.col("id") == "volatility.close")
    last = own["at"].dt.date().max()
    assert isinstance(last, date)
    closed = sessions.at_new_york(sessions.next_session(last), time(16)) + timedelta(days=1)
    before, after = (select(figures(own, at, simulated=False), "VIX") for at in (closed - timedelta(seconds=1), closed))
    assert not before["volatility.close"].stale
    assert after["volatility.close"].stale
