"""What joining, leaving and prices did, and the exchange's own totals: against plain twins."""

from collections.abc import Callable
from datetime import date
from functools import cache
from typing import Any

import polars as pl
import pytest

from contracts.market import lazily, market, tables
from metrics import twins
from metrics.tiny import DAYS, bar, reports, rows_of, since_2000, split, stay, table, values_of
from metrics.tiny import market as tiny
from overshort import sessions
from overshort.engine.computing import compute
from overshort.engine.panel import Scope

SUFFIX = {"12m": "", "ytd": "_ytd", "last": "_last"}
Values = Callable[[str, str], dict[Any, float | None]]


@cache
def by_symbol() -> dict[date, dict[str, int]]:
    rows = market().tables["short_interest"].select("settlement", "symbol", "position")
    out: dict[date, dict[str, int]] = {}
    for day, symbol, position in rows.iter_rows():
        out.setdefault(day, {})[symbol] = position
    return out


def factor(symbol: str, base: date, at: date) -> float:
    """Give the shares of ``at`` that one share of ``base`` became."""
    product = 1.0
    for name, day, ratio in market().truth.splits.iter_rows():
        product *= ratio if name == symbol and base < day <= at else 1.0
    return product


def membership_effect(subject: str, base: int, at: int) -> float | None:
    rows = twins.members_rows(subject)
    days = list(rows)
    then, own = by_symbol()[days[base]], rows[days[at]]
    worth = sum(then.get(r.symbol, 0) * factor(r.symbol, days[base], days[at]) for r in own)
    change = twins.change(twins.growths(subject), base, at)
    return sum(r.position for r in own) / worth - 1 - change if worth else None


@pytest.mark.parametrize("subject", ["SPX", "NDX", "NASDAQ"])
@pytest.mark.parametrize("window", SUFFIX)
def test_membership_effect(values: Values, subject: str, window: str) -> None:
    found = values(f"crowding.membership_effect{SUFFIX[window]}", subject)
    days = list(twins.members_rows(subject))
    pairs = list(enumerate(twins.bases(days, window)))
    assert all(found[days[k]] is None for k, base in pairs if base is None)
    for k, base in [(k, b) for k, b in pairs if b is not None][::5]:
        assert found[days[k]] == pytest.approx(membership_effect(subject, base, k), abs=1e-11)


@pytest.mark.parametrize("subject", ["SPX", "NDX", "NASDAQ"])
@pytest.mark.parametrize("window", SUFFIX)
def test_price_effect(values: Values, subject: str, window: str) -> None:
    """The dollars' change less the shares' change, from closes and positions."""
    dollars, shares = values("crowding.notional", subject), values("crowding.shares", subject)
    days = sorted(dollars)
    expected: dict[date, float | None] = {}
    for k, base in enumerate(twins.bases(days, window)):
        then = None if base is None else dollars[days[base]]
        now = dollars[days[k]]
        known = base is not None and then and now is not None
        expected[days[k]] = now / then - shares[days[k]] / shares[days[base]] if known else None
    assert twins.lined_up(values(f"crowding.price_effect{SUFFIX[window]}", subject), expected) == []


def test_membership_effect_by_hand() -> None:
    """B joins between the second report and the third, with 300 after 100, and leaves nothing of the second cycle."""
    members = [*since_2000("A"), stay("B", date(2024, 2, 10))]
    days = [date(2023, 12, 29), *DAYS[:3]]
    own = tiny({}, members=members) | {
        "short_interest": reports({"A": [100, 100, 110, 110], "B": [50, 80, 100, 300]}, days)
    }
    chained = (110 / 100) * (410 / 210)
    assert values_of(own, "change_ytd")[3] == pytest.approx(chained - 1)
    assert values_of(own, "sum_change_ytd")[3] == pytest.approx(410 / 100 - 1)
    assert values_of(own, "membership_effect_ytd")[3] == pytest.approx(410 / 150 - chained)


def test_a_listing_between_is_a_membership_effect() -> None:
    """C was listed between two reports: it has no position before, so the chain leaves it out and the effect has it."""
    own = tiny({"A": [100, 110], "C": [None, 40]})
    assert values_of(own, "change_last")[1] == pytest.approx(0.1)
    assert values_of(own, "membership_effect_last")[1] == pytest.approx(150 / 100 - 1 - 0.1)


def test_base_positions_are_split_adjusted_whichever_report_splits() -> None:
    held = {"A": [100, 200, 220], "B": [100, 100, 100]}
    own = tiny(held, splits=[split("A", DAYS[1], 2)])
    assert values_of(own, "membership_effect_last")[1:] == pytest.approx([0, 0])


def test_price_effect_by_hand() -> None:
    """Ten shares at 1 dollar become 20 at 3: dollars +500 %, shares +100 %."""
    own = tiny({"A": [10, 20]}, bars=[bar("A", DAYS[0], 1.0), bar("A", DAYS[1], 3.0)])
    assert values_of(own, "price_effect_last") == [None, pytest.approx(4.0)]
    half = tiny({"A": [10, 20]}, bars=[bar("A", DAYS[1], 3.0)])
    assert rows_of(half, "price_effect_last")[1]["reason"] == (
        "no member has an unadjusted close at 2024-01-12 in table bars"
    )


@pytest.mark.parametrize("name", ["shares", "issues"])
def test_announced_totals_are_the_exchanges_own(simulated: pl.DataFrame, name: str) -> None:
    own = market().tables["totals"].filter(pl.col("market") == "all").sort("settlement")
    found = simulated.filter(pl.col("id") == f"crowding.announced_{name}").sort("at")
    assert found["value"].to_list() == own[name].to_list()
    assert found["at"].dt.date().to_list() == own["settlement"].to_list()
    assert found["known_at"].to_list() == own["known_at"].to_list()
    assert found.select("subject", "basis").unique().rows() == [("NASDAQ", "announced")]


def test_announced_totals_go_on_where_no_rows_are_and_are_not_chained() -> None:
    """After the last report the totals are shown; the chain stays where it ended."""
    known = sessions.publication(DAYS[2])[0]
    total = {
        "subject": "NASDAQ",
        "settlement": DAYS[2],
        "known_at": known,
        "market": "all",
        "shares": 777,
        "issues": None,
    }
    part = total | {"market": "NNM", "shares": 700}
    held = {"A": [100, 110]}
    nasdaq = {(s, k): "NNM" for s in held for k in (0, 1)}
    own = {"short_interest": reports(held, market=nasdaq), "totals": table("totals", [total, part])}
    shown = rows_of(own, "announced_shares", subject="NASDAQ")
    assert [(r["at"], r["value"], r["n"]) for r in shown] == [(DAYS[2], 777, None)]
    assert rows_of(own, "announced_issues", subject="NASDAQ") == []
    assert [r["at"] for r in rows_of(own, "chain", subject="NASDAQ")] == DAYS[:2]
    assert rows_of(own, "announced_shares", subject="LISTED") == []


def test_totals_of_exchanges_that_are_not_asked_for_are_left_out() -> None:
    found = compute(lazily(tables()), Scope("index", ("SPX",)), ["crowding.announced_shares"])
    assert found.is_empty()
