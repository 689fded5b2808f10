"""Streaks of the real S&P 500, against the publisher's file read plainly."""

import csv
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from metrics import chances
from overshort import schema, sessions
from overshort.engine.computing import compute
from overshort.engine.figures import Figure, figures, select
from overshort.engine.panel import Scope
from overshort.engine.studies import Known, streak_study
from overshort.store.lake import Lake

pytestmark = pytest.mark.data
REACHED = ["1950-02", "1954-04", "1958-10", "1964-07", "1980-11", "1983-03", "1995-07", "1996-06", "2007-01", "2017-11"]


def as_of(panel: pl.DataFrame, day: date, subject: str = "SPX") -> dict[str, Figure]:
    own = select(figures(panel, sessions.end_of_day(day), simulated=False), subject)
    return {i.removeprefix("persistence."): f for i, f in own.items()}


@pytest.fixture(scope="module")
def moves(data: Path) -> dict[str, float]:
    """Returns of the months since September 1945, by month."""
    (file,) = data.glob("prices/sp500_month_end_*.csv")
    rows = [(r["yyyymm"], float(r["sp500_month_end_close"])) for r in csv.DictReader(file.read_text().splitlines())]
    return {f"{m[:4]}-{m[4:]}": b / a - 1 for (_, a), (m, b) in pairwise(rows) if m >= "194509"}


def up_to(moves: dict[str, float], month: str) -> dict[str, float]:
    return {m: v for m, v in moves.items() if m <= month}


def test_every_completed_month(real: pl.DataFrame, moves: dict[str, float]) -> None:
    """Streaks of the months since September 1945, from there on counted backwards."""
    own = real.filter(pl.col("subject") == "SPX", pl.col("id") == "persistence.month_streak")
    found = {f"{at:%Y-%m}": value for at, value in own.select("at", "value").iter_rows()}
    length = int(found["1945-08"])
    for month, change in moves.items():
        length = length + 1 if change > 0 else 0
        assert found[month] == length, month


def test_seven_months_to_november_2025(real: pl.DataFrame) -> None:
    own = as_of(real, date(2025, 12, 1))
    assert (own["month_streak"].value, own["month_streak"].at) == (7, "2025-11-28")
    assert (own["month_streak"].base_date, own["month_streak"].price_source) == ("2025-04-30", "^GSPC")
    assert own["month_streak"].known_at == "2025-11-28T21:00:00Z"


def test_december_missed_by_five_basis_points(real: pl.DataFrame, moves: dict[str, float]) -> None:
    own = as_of(real, date(2025, 12, 31))
    assert (own["month_streak"].value, own["month_streak_ended"].value) == (0, 7)
    assert own["month_streak_missed_bp"].value == pytest.approx(5.2, abs=0.1)
    assert own["month_streak_missed_bp"].value == pytest.approx(-1e4 * moves["2025-12"])
    assert (own["month_streak_running"].value, own["month_streak_running"].note) == (0, "completed")


def test_below_the_last_month_end_in_mid_december(real: pl.DataFrame, data: Path) -> None:
    own = as_of(real, date(2025, 12, 15))
    (file,) = data.glob("prices/sp500_index_*.csv")
    closes = {r["date"]: float(r["close"]) for r in csv.DictReader(file.read_text().splitlines())}
    margin = 1e4 * (closes["2025/12/15"] / closes["2025/11/28"] - 1)
    assert (own["month_streak_running"].value, own["month_streak"].value) == (0, 7)
    assert own["month_margin_bp"].value == pytest.approx(margin, rel=1e-6)
    assert own["month_margin_bp"].value < 0
    assert own["streak_count_since_1945"].reason == "no streak of rising months is running"


def test_on_pace_for_eight_on_christmas_eve(real: pl.DataFrame, moves: dict[str, float]) -> None:
    own = as_of(real, date(2025, 12, 24))
    assert (own["month_streak_running"].value, own["month_streak_running"].note) == (8, "on pace")
    assert own["month_streak_running"].known_at == "2025-12-24T18:00:00Z"
    sample = up_to(moves, "2025-11")
    ups = sum(v > 0 for v in sample.values())
    count = chances.streaks_of([v > 0 for v in sample.values()], 8)
    assert (own["streak_count_since_1945"].value, own["streak_count_since_1945"].n) == (count, len(sample)) == (10, 963)
    assert own["streak_count_since_1945"].base_date == "1945-08-31"
    coin, permutation = own["streak_p"].value, own["streak_p_permutation"].value
    assert coin == pytest.approx(chances.coin(len(sample), ups, 8, 10), abs=1e-9)
    assert permutation == pytest.approx(chances.permutation(len(sample), ups, 8, 10), abs=1e-9)
    assert (coin, permutation) == (pytest.approx(0.138, abs=0.0005), pytest.approx(0.103, abs=0.0005))


def reached(moves: dict[str, float], length: int) -> list[str]:
    out, run = [], 0
    for month, change in moves.items():
        run = run + 1 if change > 0 else 0
        out += [month] if run == length else []
    return out


def study(panel: pl.DataFrame, day: date, length: int) -> dict[str, Any]:
    found = streak_study(Known(panel, sessions.end_of_day(day)), "SPX", length)
    assert found is not None
    return found


def test_the_ten_streaks_of_eight_months(real: pl.DataFrame, moves: dict[str, float]) -> None:
    found = study(real, date(2025, 12, 24), 8)
    months = [row["reached"][:7] for row in found["occurrences"]]
    assert months == reached(up_to(moves, "2025-11"), 8) == REACHED
    assert (found["count"], found["months"], found["from"], found["to"]) == (10, 963, "1945-09-28", "2025-11-28")
    assert found["p_coin"] == pytest.approx(0.138, abs=0.0005)
    assert found["p_permutation"] == pytest.approx(0.103, abs=0.0005)


def test_what_followed_the_ten(real: pl.DataFrame, moves: dict[str, float]) -> None:
    found = study(real, date(2025, 12, 24), 8)
    order = list(up_to(moves, "2025-11"))
    for row in found["occurrences"]:
        k = order.index(row["reached"][:7])
        for name, ahead in (("1m", 1), ("3m", 3), ("6m", 6), ("12m", 12)):
            growth = 1.0
            for month in order[k + 1 : k + 1 + ahead]:
                growth *= 1 + moves[month]
            assert row[f"after_{name}"] == pytest.approx(growth - 1)
    assert found["after"]["12m"]["up"] == sum(r["after_12m"] > 0 for r in found["occurrences"]) / 10
    assert found["unconditional"]["12m"]["n"] == 963 - 12


def test_values_of_christmas_eve_need_nothing_later(lake: Lake, real: pl.DataFrame) -> None:
    day = date(2025, 12, 24)
    instant = sessions.end_of_day(day)
    known = {n: lake.scan(n).filter(pl.col("known_at") <= instant) for n in schema.TABLES}
    then = compute(known, Scope("market", ("SPX", "VIX", "QQQ")))
    for subject in ("SPX", "VIX", "QQQ"):
        assert as_of(real, day, subject) == as_of(then, day, subject)
    whole, alone = study(real, day, 8), study(then, day, 8)
    assert whole == alone


def test_after_the_index_ends_the_fund_goes_on(real: pl.DataFrame) -> None:
    own = as_of(real, date(2026, 6, 30))
    assert (own["month_return"].at, own["month_return"].price_source) == ("2026-06-30", "SPY")
    assert own["month_return"].base_date == "2026-05-29"
    assert own["week_return"].price_source == "SPY"
    assert not own["month_return"].stale
