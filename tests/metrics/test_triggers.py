"""The triggers of a user and of dealers' gamma: what counts from when, and against scipy on a dense grid."""

from datetime import date, datetime, time, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.stats import norm

from contracts.market import lazily, market, tables
from metrics import tiny
from metrics.pricing import level, sessions_between, traded
from overshort import sessions
from overshort.engine.computing import compute, tables_behind
from overshort.engine.panel import Scope
from overshort.metrics.compression.gamma import FEWEST, Contracts, dealer_gamma, zero_near

SCOPE = Scope("market", ("QQQ",))
DAYS = sessions_between(date(2024, 1, 2), date(2024, 3, 28))
ENDLESS = float((date(9999, 12, 31) - date(1970, 1, 1)).days)
Rows = list[dict[str, Any]]


def given_for(day: date, value: float, last: date | None = None) -> Rows:
    ends = ENDLESS if last is None else float((last - date(1970, 1, 1)).days)
    known = sessions.at_new_york(day, time(0))
    pairs = {"trigger:QQQ": value, "trigger_end:QQQ": ends}
    return [level(series, day, v, known=known) for series, v in pairs.items()]


def panel(ids: list[str], *, levels: Rows = (), chain: Rows = (), close: float = 400.0) -> pl.DataFrame:
    bars = traded("QQQ", {d: close + 0.01 * k for k, d in enumerate(DAYS)})
    bars = [b | {"high": b["close"] + 2, "low": b["close"] - 2} for b in bars]
    whole = {"bars": tiny.table("bars", bars), "levels": tiny.table("levels", levels)}
    whole |= {"option_chain": tiny.table("option_chain", chain)}
    return compute(whole, SCOPE, ids)


def found(id: str, **more: Any) -> dict[date, Any]:
    rows = panel([id], **more).to_dicts()
    return {r["at"].date(): r["reason"] if r["value"] is None else r["value"] for r in rows}


def test_a_level_counts_from_its_day_until_it_ends_or_the_next_begins() -> None:
    rows = [*given_for(DAYS[3], 405, DAYS[5]), *given_for(DAYS[8], 410), *given_for(DAYS[10], 412.5)]
    values = list(found("compression.trigger_user", levels=rows).values())
    assert set(values[:3]) == {"no level given by the user for it is in table levels"}
    assert values[3:6] == [405] * 3
    assert set(values[6:8]) == {f"the level from {DAYS[3]} in table levels, given by the user, ended on {DAYS[5]}"}
    assert values[8:10] == [410] * 2
    assert set(values[10:]) == {412.5}


def test_a_level_of_a_day_off_counts_from_the_next_session() -> None:
    values = found("compression.trigger_user", levels=given_for(date(2024, 1, 6), 405))
    assert next(d for d, v in values.items() if v == 405) == date(2024, 1, 8)


def test_a_level_for_a_day_to_come_makes_no_session() -> None:
    rows = panel(["compression.trigger_user", "price.close"], levels=given_for(date(2025, 1, 6), 405))
    assert rows["at"].dt.date().max() == DAYS[-1]


def test_nearness_to_a_users_level_is_that_of_the_range_trigger() -> None:
    """The daily ATR is 4: at most 2 below."""
    for value, near in ((401.0, 1), (402.2, 1), (403.0, 0), (399.0, 0)):
        rows = found("compression.below_trigger_user_1d", levels=given_for(DAYS[20], value))
        assert rows[DAYS[20]] == near
        assert isinstance(rows[DAYS[19]], str)


def test_a_users_level_needs_no_twenty_sessions_and_says_what_nearness_needs() -> None:
    rows = list(found("compression.below_trigger_user_1d", levels=given_for(DAYS[0], 400.5)).values())
    assert rows[0] == f"no daily bar of the session before {DAYS[0]} in table bars"
    assert rows[14] == "too little history: bar 14 of 15 without a gap of more than a week in table bars"
    assert rows[15] in (0, 1)


# ---------------------------------------------------------------------------------------------------- dealers' gamma


def slow_gamma(price: float | np.ndarray, contracts: Contracts) -> float | np.ndarray:
    """Black and Scholes's gamma from scipy, contract by contract, at one price or at an array of them."""
    total = 0.0
    for strike, years, iv, held in zip(*contracts, strict=True):
        spread = iv * years**0.5
        d1 = (np.log(price / strike) + iv * iv / 2 * years) / spread
        total += held * 100 * norm.pdf(d1) / (price * spread) * price * price * 0.01
    return total


def slow_zero(spot: float, contracts: Contracts) -> float | None:
    """Look for the sign's changes on a dense grid, and bisect the nearest."""
    grid = np.linspace(0.8 * spot, 1.2 * spot, 2001)
    values = slow_gamma(grid, contracts)
    brackets = [(a, b) for a, b, u, v in zip(grid, grid[1:], values, values[1:], strict=False) if u * v < 0]
    zeros = [brentq(slow_gamma, a, b, args=(contracts,)) for a, b in brackets]
    return min(zeros, key=lambda z: abs(z - spot), default=None)


def contracts(seed: int, count: int = 30) -> Contracts:
    rng = np.random.default_rng(seed)
    sign = np.where(rng.random(count) < 0.5, -1.0, 1.0)
    strike = np.rint(rng.uniform(85, 115, count))
    return Contracts(
        strike, rng.uniform(0.01, 0.5, count), rng.uniform(0.15, 0.5, count), sign * rng.integers(1, 900, count)
    )


@given(st.integers(0, 10_000), st.floats(70, 140))
def test_gamma_equals_the_textbook_formula_with_scipys_density(seed: int, price: float) -> None:
    own = contracts(seed)
    scale = float(np.abs(dealer_gamma(np.array([price]), own._replace(held=np.abs(own.held))))[0])
    assert dealer_gamma(np.array([price]), own)[0] == pytest.approx(slow_gamma(price, own), abs=1e-12 * scale)


@pytest.mark.parametrize("seed", range(12))
def test_the_zero_is_that_of_a_dense_grid_and_a_root_finder(seed: int) -> None:
    own = contracts(seed)
    slow = slow_zero(100.0, own)
    fast = zero_near(100.0, own)
    assert (slow is None) == (fast is None)
    assert slow is None or fast == pytest.approx(slow, rel=2e-4)


def test_calls_alone_have_no_zero_and_far_from_every_strike_nothing_is_no_zero() -> None:
    own = contracts(1)
    assert zero_near(100.0, own._replace(held=np.abs(own.held))) is None
    far = own._replace(years=np.full(30, 1e-4), strike=np.full(30, 300.0))
    assert zero_near(100.0, far) is None


def test_open_interest_counts_by_its_share_and_not_by_its_size() -> None:
    own = contracts(5)
    assert zero_near(100.0, own) == pytest.approx(zero_near(100.0, own._replace(held=7 * own.held)), rel=1e-12)


def chain(at: datetime, *, put_from: float = 390, count: int = 60, iv: float | None = 0.2, **more: Any) -> Rows:
    """Give contracts of a month at 370, 371, …: puts held below ``put_from``, calls above."""
    expiry = (at + timedelta(days=30)).date()
    rows = []
    for k in range(count):
        strike = 370 + k
        contract = f"QQQ   {expiry:%y%m%d}{'P' if strike < put_from else 'C'}{strike * 1000:08d}"
        row = {"underlying": "QQQ", "at": at, "contract": contract, "open_interest": 1000, "iv": iv}
        rows.append(row | {"known_at": at + timedelta(minutes=15)} | more)
    return rows


def close_of(day: date) -> datetime:
    return sessions.at_new_york(day, time(16))


def test_a_chain_of_the_close_counts_for_the_next_session_and_for_a_week() -> None:
    values = found("compression.trigger_gamma", chain=chain(close_of(DAYS[9])))
    held = [d for d, v in values.items() if isinstance(v, float)]
    assert held[0] == DAYS[10]
    assert (held[-1] - DAYS[9]).days <= 7 < (DAYS[DAYS.index(held[-1]) + 1] - DAYS[9]).days
    assert values[DAYS[9]] == f"no chain of QQQ known before the session of {DAYS[9]} in table option_chain"
    assert "the newest by then, is over 7 days older than" in values[DAYS[30]]


@pytest.mark.parametrize(("clock", "first"), [(time(9, 15), 9), (time(9, 16), 10), (time(12), 10)])
def test_a_chain_that_is_known_after_the_opening_is_for_the_session_after(clock: time, first: int) -> None:
    values = found("compression.trigger_gamma", chain=chain(sessions.at_new_york(DAYS[9], clock)))
    assert next(d for d, v in values.items() if isinstance(v, float)) == DAYS[first]


def test_the_newest_chain_counts() -> None:
    rows = [*chain(close_of(DAYS[9])), *chain(close_of(DAYS[10]), put_from=410)]
    values = found("compression.trigger_gamma", chain=rows)
    assert values[DAYS[10]] < values[DAYS[11]]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"count": FEWEST - 1}, f"has {FEWEST - 1} contracts with volatility and open interest, fewer than {FEWEST}"),
        ({"iv": None}, f"has 0 contracts with volatility and open interest, fewer than {FEWEST}"),
        ({"open_interest": 0}, f"has 0 contracts with volatility and open interest, fewer than {FEWEST}"),
        ({"put_from": 0}, "has no price within 20% of the close at which dealers' gamma changes its sign"),
    ],
)
def test_a_chain_that_gives_no_zero_says_why(more: dict[str, Any], said: str) -> None:
    value = found("compression.trigger_gamma", chain=chain(close_of(DAYS[9]), **more))[DAYS[10]]
    assert value.startswith(f"the chain of QQQ of {DAYS[9]} in table option_chain {said}")


def test_adjusted_contracts_and_those_beyond_the_window_have_no_say() -> None:
    at = close_of(DAYS[9])
    rows = chain(at)
    own = panel(["compression.trigger_gamma"], chain=rows).filter(pl.col("value").is_not_null())
    other = [r | {"contract": "QQQ1  " + r["contract"][6:], "open_interest": 9000} for r in rows[:20]]
    today = [r | {"contract": f"QQQ   {DAYS[9]:%y%m%d}" + r["contract"][12:]} for r in rows[:20]]
    late = [r | {"contract": f"QQQ   {at + timedelta(days=366):%y%m%d}" + r["contract"][12:]} for r in rows[:20]]
    more = panel(["compression.trigger_gamma"], chain=[*rows, *other, *today, *late])
    assert more.filter(pl.col("value").is_not_null()).equals(own)
    assert set(own["n"]) == {60}
    assert set(own["base_at"]) == {DAYS[9]}


def test_the_simulated_markets_planted_zero_is_found() -> None:
    truth = market().truth.zero_gamma
    rows = compute(lazily(tables()), Scope("market", ("SPY", "QQQ", "IWM")), ["compression.trigger_gamma"])
    both = rows.filter(pl.col("value").is_not_null()).join(
        truth, left_on=["subject", "base_at"], right_on=["subject", "session"]
    )
    assert both.height == truth.height - 3, "the chains of the last session wait for the next one"
    assert (both["value"] / both["zero_gamma"] - 1).abs().max() < 1e-4
    off = (both["value"] / both["zero_gamma"].shift(3) - 1).abs()
    assert off.mean() > 1e-3, "another chain's zero would not do"


def test_what_a_trigger_needs_is_told() -> None:
    assert tables_behind("compression.trigger_gamma") == ["bars", "option_chain"]
    assert "levels" not in tables_behind("compression.trigger_range")
