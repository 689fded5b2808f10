"""States of the shorts against price: against a naive loop over the panel's own chain, and by hand."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.market import market
from metrics import refusing, tiny, twins
from metrics.pricing import daily, found, levels, only, traded
from overshort import schema, sessions
from overshort.metrics.refusal.absorption import standard_errors_off
from overshort.metrics.refusal.states import STATES, WINDOWS, base_rates

Values = Callable[[str, str], dict[Any, float | None]]
DAYS = sessions.settlements_between(date(2020, 1, 1), date(2022, 6, 30))
"""Sixty settlements."""


def closes_of(subject: str) -> refusing.Closes:
    """Closes in the simulated market, the better feed first."""
    tables = market().tables
    index = tables["levels"].filter(series="^GSPC", frequency="day").select("at", "value")
    fund = tables["bars"].filter(symbol={"SPX": "SPY", "NDX": "QQQ", "RUT": "IWM"}[subject])
    own = [dict(fund.select("session", "close").iter_rows())]
    return [dict(index.iter_rows()), *own] if subject == "SPX" else own


@pytest.mark.parametrize("subject", schema.INDEXES)
@pytest.mark.parametrize(("window", "reports"), WINDOWS.items())
def test_every_number_equals_a_naive_loop(values: Values, subject: str, window: str, reports: int) -> None:
    chain, closes = values("crowding.chain", subject), closes_of(subject)
    days, levels_ = list(chain), list(chain.values())
    ranks = {day: refusing.rank(levels_, reports, k) for k, day in enumerate(days)}
    assert twins.lined_up(values(f"refusal.shorts_rank_{window}", subject), ranks) == []
    moves = {
        day: refusing.price(closes, days[k - reports], day) if k >= reports else None for k, day in enumerate(days)
    }
    assert twins.lined_up(values(f"refusal.price_change_{window}", subject), moves) == []
    states = refusing.states(chain, closes, reports)
    found = values(f"refusal.state_{window}", subject)
    assert {day: None if v is None else STATES[round(v)] for day, v in found.items()} == states
    tallies = {day: refusing.tally(list(states.values())[: k + 1]) for k, day in enumerate(days)}
    rates = {day: t and t[1] for day, t in tallies.items()}
    assert twins.lined_up(values(f"refusal.state_{window}_base_rate", subject), rates) == []
    assert values(f"refusal.state_{window}_runs", subject) == {day: t and t[2] for day, t in tallies.items()}


@pytest.mark.parametrize("subject", schema.INDEXES)
def test_absorption_equals_least_squares(values: Values, subject: str) -> None:
    expected = refusing.absorption(values("crowding.chain", subject), closes_of(subject))
    assert sum(v is not None for v in expected.values()) > 100
    assert twins.lined_up(values("refusal.absorption", subject), expected) == []


def test_counts_and_labels(simulated: pl.DataFrame) -> None:
    own = simulated.filter(pl.col("id").str.starts_with("refusal."), pl.col("value").is_not_null())
    last = own.filter(pl.col("subject") == "SPX").sort("at").group_by("id", maintain_order=True).last()
    n = dict(last.select("id", "n").iter_rows())
    assert (n["refusal.shorts_rank_3m"], n["refusal.shorts_rank_12m"], n["refusal.absorption"]) == (120, 120, 190)
    assert n["refusal.state_3m_base_rate"] == n["refusal.state_3m_runs"] == 192 - 6 - 24
    assert n["refusal.state_12m_runs"] == 192 - 24 - 24
    basis = dict(last.select("id", "basis").iter_rows())
    assert basis["refusal.shorts_rank_3m"] == "point-in-time"
    assert basis["refusal.price_change_3m"] == "price: ^GSPC"
    assert basis["refusal.state_3m"] == basis["refusal.absorption"] == "point-in-time; price: ^GSPC"
    text = own.filter(pl.col("id").is_in(["refusal.state_3m", "refusal.state_12m"]))
    assert all(STATES[round(v)] == t for v, t in text.select("value", "text").iter_rows())
    assert own.filter(pl.col("id") != "refusal.absorption")["base_at"].null_count() == 0


def test_a_figure_from_backcast_members_says_so(simulated: pl.DataFrame) -> None:
    own = simulated.filter(pl.col("id") == "refusal.state_3m", pl.col("subject") == "RUT").sort("at")
    assert own["basis"].str.contains(r"backcast.*; price: IWM$").to_list()[-1]


@given(st.lists(st.one_of(st.none(), st.integers(0, len(STATES) - 1)), max_size=40))
def test_base_rates_equal_a_count(states: list[int | None]) -> None:
    n, held, runs = (s.to_list() for s in base_rates(states))
    for k in range(len(states)):
        names = [None if s is None else STATES[s] for s in states[: k + 1]]
        tally = refusing.tally(names)
        assert n[k] == sum(s is not None for s in names)
        assert (held[k], runs[k]) == ((None, None) if tally is None else (pytest.approx(tally[1]), tally[2]))


def tables(chain: list[float], closes: dict[date, float], **more: Any) -> tiny.Tables:
    """Give reports of one member whose positions make a chain, and prices."""
    made = {"short_interest": tiny.reports({"A": [round(c) for c in chain]}, DAYS)}
    made["membership"] = tiny.table("membership", more.get("membership") or tiny.since_2000("A"))
    return made | daily(more.get("levels") or levels("^GSPC", closes), more.get("bars", ()))


def waving(up: bool) -> list[float]:
    """Give positions that wander, and go far up or down over the last six reports."""
    chain = [1e6 * (1 + 0.01 * (k * 37 % 11)) for k in range(len(DAYS))]
    return [c * (1 + (0.2 if up else -0.1) * max(0, k - len(DAYS) + 7)) for k, c in enumerate(chain)]


@pytest.mark.parametrize(
    ("up", "last", "state"),
    [
        (True, 101.0, "REFUSE"),
        (True, 99.0, "CONFIRM"),
        (False, 101.0, "COVER"),
        (False, 99.0, "EXIT"),
        (True, 100.0, "FLAT"),
        (False, 100.0, "FLAT"),
    ],
)
def test_the_states(up: bool, last: float, state: str) -> None:
    closes = dict.fromkeys(DAYS, 100.0) | {DAYS[-1]: last}
    row = found(tables(waving(up), closes), "refusal.state_3m")[-1]
    assert (row["text"], row["base_at"], row["basis"]) == (state, DAYS[-7], "point-in-time; price: ^GSPC")


def test_a_price_is_taken_within_one_feed() -> None:
    index = dict.fromkeys(DAYS, 100.0)
    fund = dict.fromkeys(DAYS, 10.0) | {DAYS[-1]: 11.0}
    del index[DAYS[-7]]
    given = {"levels": levels("^GSPC", index), "bars": traded("SPY", fund)}
    row = found(tables(waving(True), {}, **given), "refusal.price_change_3m")[-1]
    assert (row["value"], row["basis"]) == (pytest.approx(0.1), "price: SPY")


def test_what_is_lacking_is_said() -> None:
    closes = dict.fromkeys(DAYS, 100.0)
    del closes[DAYS[40]]
    rows = {row["at"]: row for row in found(tables(waving(True), closes), "refusal.state_3m")}
    assert rows[DAYS[3]]["reason"] == (
        f"too little history: 6 reports before {DAYS[3]} are not in table short_interest"
    )
    assert rows[DAYS[20]]["reason"] == ("too little history: 14 earlier changes over 6 reports in table short_interest")
    lacking = "no close at both {} and {} in tables levels and bars"
    assert rows[DAYS[40]]["reason"] == lacking.format(DAYS[34], DAYS[40])
    assert rows[DAYS[46]]["reason"] == lacking.format(DAYS[40], DAYS[46])
    assert "value" in rows[DAYS[41]]
    assert rows[DAYS[40]]["basis"] == "point-in-time"


def test_members_that_are_known_late_leave_the_early_reports_without_a_chain() -> None:
    closes = dict.fromkeys(DAYS, 100.0)
    late = [tiny.stay("A", DAYS[10])]
    for window, reports in WINDOWS.items():
        rows = {r["at"]: r for r in found(tables(waving(True), closes, membership=late), f"refusal.state_{window}")}
        assert rows[DAYS[reports + 5]]["reason"] == f"no chain at the base report {DAYS[5]}"
        assert rows[DAYS[9]]["reason"] == f"no member is known at {DAYS[9]} from table membership"


def test_a_missing_report_breaks_the_chain_and_says_so() -> None:
    whole = tables(waving(True), dict.fromkeys(DAYS, 100.0))
    whole["short_interest"] = whole["short_interest"].filter(pl.col("settlement") != DAYS[50])
    row = found(whole, "refusal.state_3m")[-1]
    assert row["reason"] == f"no report of settlement {DAYS[50]} in table short_interest"


@pytest.mark.parametrize("id", ["state_3m", "state_3m_base_rate", "state_3m_runs", "shorts_rank_3m", "absorption"])
def test_nothing_is_known_before_the_closes_and_reports_behind_it(id: str) -> None:
    given = levels("^GSPC", {day: 100.0 + k for k, day in enumerate(DAYS)})
    late = datetime(2022, 3, 1, tzinfo=UTC)
    given[0]["known_at"] = late
    rows = found(tables(waving(True), {}, levels=given), f"refusal.{id}")
    known = only(rows, "known_at")
    published = {day: sessions.publication(day)[0] for day in DAYS}
    resting = DAYS[1 if id == "absorption" else 6 :]
    assert all(known[day] == max(late, published[day]) for day in resting)


def noisy(size: int) -> tuple[list[float], list[float]]:
    growth = [((k * 7919) % 101) / 1000 - 0.05 for k in range(size)]
    return growth, [0.3 * g + ((k * 104729) % 97) / 2000 for k, g in enumerate(growth)]


@pytest.mark.parametrize("least", [3, 10, 60])
def test_a_line_is_fitted_on_earlier_cycles_only(least: int) -> None:
    growth, price = (np.array(v) for v in noisy(80))
    whole = standard_errors_off(growth, price, least)
    for k in (least, least + 1, 79):
        assert standard_errors_off(growth[: k + 1], price[: k + 1], least)[k] == whole[k]
        x, y = growth[:k], price[:k]
        slope, constant = np.polyfit(x, y, 1)
        scale = np.sqrt(((y - constant - slope * x) ** 2).sum() / (k - 2))
        assert whole[k] == pytest.approx((price[k] - constant - slope * growth[k]) / scale, rel=1e-9)
    assert whole[:least] == [None] * least


def test_no_line_through_cycles_that_are_all_alike() -> None:
    same = np.zeros(70)
    assert standard_errors_off(same, np.arange(70.0), 60) == [None] * 70
    assert standard_errors_off(np.arange(70.0), same, 60) == [None] * 70
    rows = found(
        tables([1e6] * len(DAYS), {}, levels=levels("^GSPC", dict.fromkeys(DAYS, 100.0))), "refusal.absorption"
    )
    assert rows[-1]["reason"] == "too little history: 58 earlier cycles in table short_interest"


def test_positions_of_nothing_have_no_growth() -> None:
    chain = [*[1e6 + k for k in range(40)], *[0.0] * (len(DAYS) - 40)]
    rows = found(tables(chain, dict.fromkeys(DAYS, 100.0)), "refusal.absorption")
    assert all(("value" in row) != ("reason" in row) for row in rows)
