"""Average entries, costs and reasons on a handful of rows."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from metrics.tiny import DAYS, Tables, bar, since_2000, split, table
from metrics.tiny import reports as short
from overshort import sessions
from overshort.engine.computing import compute
from overshort.engine.panel import Scope, stocks
from overshort.metrics.carry.cohorts import Cycle, Entry, average_entries
from overshort.metrics.carry.profit import last_profits

LATE = date(2024, 4, 5)
Price = Callable[[date], float]


def traded(symbol: str, price: Price, adjustment: str = "split", volume: float | None = None) -> list[dict[str, Any]]:
    """Give daily bars from the first cycle on, three weeks beyond the last report's publication."""
    days, day = [], date(2024, 1, 2)
    while day <= LATE:
        days += [day] if sessions.is_session(day) else []
        day += timedelta(days=1)
    return [bar(symbol, d, price(d), adjustment) | {"volume": volume} for d in days]


def steps(*prices: float) -> Price:
    """Give a price a cycle; the last one afterwards too."""
    return lambda day: prices[min(sum(d < day for d in DAYS), len(prices) - 1)]


def market(positions: dict[str, list[int | None]], bars: list[dict[str, Any]], **more: Any) -> Tables:
    own = {"short_interest": short(positions), "bars": table("bars", bars)}
    return own | {"membership": table("membership", since_2000(*positions))} | more


def rows(own: Tables, id: str, subject: str = "A") -> list[dict[str, Any]]:
    scope = Scope("market", (subject,)) if subject in ("SPX", "SPY") else stocks([subject])
    found = compute(own, scope, [f"carry.{id}"]).to_dicts()
    return [r | {"at": r["at"].date()} for r in found]


def last(own: Tables, id: str, subject: str = "A") -> dict[str, Any]:
    return rows(own, id, subject)[-1]


def cycle(settlement: int, position: int, before: float, price: float | None, **more: Any) -> Cycle:
    given = {"follows": True, "scale": 1.0, "weighted": False} | more
    return Cycle(DAYS[settlement], position, before, given["follows"], given["scale"], price, given["weighted"])


def prices_of(cycles: list[Cycle]) -> list[float | None]:
    return [None if e is None else e.price for e in average_entries(cycles)]


def test_new_shorts_enter_at_their_cycle_and_covers_leave_at_average() -> None:
    cycles = [cycle(0, 100, 0, 10), cycle(1, 300, 100, 20), cycle(2, 150, 300, 50), cycle(3, 200, 150, 30)]
    one, two = 10, (100 * 10 + 200 * 20) / 300
    assert prices_of(cycles) == pytest.approx([one, two, two, (150 * two + 50 * 30) / 200])


def test_a_revised_position_before_is_the_one_that_keeps_its_average() -> None:
    """The report says 200 were short before, not 100: only 100 of the 300 are new."""
    assert prices_of([cycle(0, 100, 0, 10), cycle(1, 300, 200, 40)]) == pytest.approx([10, 20])


def test_the_reckoning_ends_and_begins_anew() -> None:
    gone = [cycle(0, 100, 0, 10), cycle(1, 0, 100, 20), cycle(2, 50, 0, 30)]
    assert prices_of(gone) == [10, None, 30]
    missing = [cycle(0, 100, 0, 10), cycle(2, 100, 100, 30, follows=False)]
    assert prices_of(missing) == [10, 30]
    assert [e and e.since for e in average_entries(missing)] == [DAYS[0], DAYS[2]]
    unpriced = [cycle(0, 100, 0, 10), cycle(1, 120, 100, None), cycle(2, 130, 120, 30)]
    assert prices_of(unpriced) == [10, None, 30]


def test_covers_need_no_price() -> None:
    assert prices_of([cycle(0, 100, 0, 10), cycle(1, 60, 100, None), cycle(2, 60, 60, 30)]) == [10, 10, 10]


def test_a_split_shrinks_the_average_of_unadjusted_prices() -> None:
    assert prices_of([cycle(0, 100, 0, 10), cycle(1, 300, 200, 8, scale=2.0)]) == [
        10,
        pytest.approx((1000 + 800) / 300),
    ]


def test_by_volume_only_where_every_cohort_is() -> None:
    mixed = [cycle(0, 100, 0, 10, weighted=True), cycle(1, 200, 100, 10), cycle(2, 150, 200, 10, weighted=True)]
    assert list(average_entries(mixed)) == [
        Entry(10, DAYS[0], True),
        Entry(10, DAYS[0], False),
        Entry(10, DAYS[0], False),
    ]


def test_a_report_counts_from_its_publication_on() -> None:
    own = market({"A": [100, 300, 300, 300, 300]}, traded("A", steps(10, 40, 20)))
    known = {k: sessions.publication(day)[0] for k, day in enumerate(DAYS)}
    for row in rows(own, "entry"):
        close = sessions.at_new_york(row["at"], time(16))
        out = sum(at <= close for at in known.values())
        assert row["value"] == (10 if out == 1 else 30)
        assert (row["base_at"], row["n"], row["coverage"]) == (DAYS[0], 1, 1)
    assert rows(own, "entry")[0]["at"] == date(2024, 1, 25)
    assert last(own, "mtm")["value"] == pytest.approx((30 - 20) / 30)


def test_the_cycles_price_is_weighted_by_volume_where_every_session_has_one() -> None:
    heavy = date(2024, 1, 5)
    bars = [
        b | {"volume": 8.0 if b["session"] == heavy else 1.0} for b in traded("A", lambda d: 20 if d == heavy else 10)
    ]
    own = market({"A": [100]}, bars)
    assert last(own, "entry")["value"] == pytest.approx((8 * 20 + 8 * 10) / 16)
    assert last(own, "entry")["basis"] == "price: A's closes, split-adjusted; cohorts at volume-weighted prices"
    without = market({"A": [100]}, [*bars[:-1], bars[-1]][:2] + [b | {"volume": None} for b in bars[2:]])
    assert last(without, "entry")["value"] == pytest.approx((20 + 8 * 10) / 9)
    assert last(without, "entry")["basis"].endswith("cohorts at mean closes")


def test_closes_with_dividends_say_so() -> None:
    own = market({"A": [100]}, traded("A", steps(10), "total"))
    words = "price: A's closes, total-adjusted (dividends count as price); cohorts at mean closes"
    assert last(own, "mtm")["basis"] == words


@pytest.mark.parametrize("ratio", [2, 0.1])
def test_a_split_on_file_changes_nothing(ratio: float) -> None:
    """A splits on 7 February, in the cycle that ends on the 15th."""
    day = date(2024, 2, 7)
    plain = market({"A": [100, 200, 400, 400, 300]}, traded("A", steps(10, 12, 13, 11), "none", 100))
    cut = [
        b | ({"close": b["close"] / ratio, "volume": 100 * ratio} if b["session"] >= day else {})
        for b in traded("A", steps(10, 12, 13, 11), "none", 100)
    ]
    held: list[int | None] = [100, 200, *(int(p * ratio) for p in (400, 400, 300))]
    rows_of = short({"A": held}, previous={("A", 2): 200}, split={("A", 2): True})
    on_file = table("splits", [split("A", DAYS[2], ratio)])
    own = market({"A": held}, cut, short_interest=rows_of, splits=on_file)
    before, after = {r["at"]: r for r in rows(plain, "mtm")}, {r["at"]: r for r in rows(own, "mtm")}
    published = sessions.publication(DAYS[2])[0]
    for at, row in before.items():
        hidden = day <= at and sessions.at_new_york(at, time(16)) < published
        assert after[at]["value"] == (None if hidden else pytest.approx(row["value"]))
        assert ("as a split would" in (after[at]["reason"] or "")) == hidden
    assert before.keys() == after.keys()


def test_of_several_series_the_best_that_has_entry_and_close() -> None:
    both = traded("A", steps(10, 20), "total") + traded("A", steps(30, 40), "split")
    assert last(market({"A": [100, 100]}, both), "entry")["value"] == 30
    late = [b for b in both if b["adjustment"] == "total" or b["session"] > DAYS[4]]
    assert last(market({"A": [100, 100]}, late), "entry")["value"] == 10


def test_an_index_weighs_dollars() -> None:
    own = market({"A": [1000, 1000], "B": [10, 10]}, traded("A", steps(10, 5)) + traded("B", steps(100, 120)))
    row = last(own, "mtm", "SPX")
    assert row["value"] == pytest.approx((1000 * 5 - 10 * 20) / (1000 * 10 + 10 * 100))
    assert (row["n"], row["coverage"], row["base_at"]) == (2, 1, DAYS[0])
    assert row["basis"] == "point-in-time; price: members' closes, split-adjusted; cohorts at mean closes"
    assert last(own, "mtm_median", "SPX")["value"] == pytest.approx((0.5 - 0.2) / 2)


def test_a_member_that_is_not_reported_is_missing() -> None:
    bars = [b for s in "ABCDEF" for b in traded(s, steps(10))]
    own = market({s: [100, 100] for s in "ABCDE"} | {"F": [100, None]}, bars)
    row = last(own, "mtm", "SPX")
    assert (row["n"], row["coverage"], row["value"]) == (5, pytest.approx(5 / 6), 0)
    few = market({s: [100, 100] for s in "ABC"} | {s: [100, None] for s in "DEF"}, bars)
    row = last(few, "mtm", "SPX")
    assert (row["value"], row["n"], row["coverage"]) == (None, 3, 0.5)
    text = "only 50 % of members have an average short entry and a close (tables short_interest and bars)"
    assert row["reason"] == text


def test_a_fund_has_its_own_shorts_and_never_its_indexs() -> None:
    bars = traded("SPY", steps(100, 110)) + traded("A", steps(10, 20))
    own = market({"SPY": [100, 100], "A": [100, 100]}, bars)
    alone = own | {"membership": table("membership", since_2000("A"))}
    assert last(alone, "mtm", "SPY")["value"] == pytest.approx(-0.1)
    assert last(alone, "mtm", "SPX")["value"] == pytest.approx(-1.0)
    without = market({"A": [100, 100]}, bars)
    row = last(without, "mtm", "SPY")
    assert (row["value"], row["n"], row["reason"]) == (None, 0, "no report of SPY is known from table short_interest")


def test_a_position_of_nothing_has_no_entry() -> None:
    own = market({"A": [100, 0]}, traded("A", steps(10)))
    text = f"no short position at {DAYS[1]} that closes in table bars put a price on"
    assert (last(own, "mtm")["value"], last(own, "mtm")["reason"]) == (None, text)
    assert last(own, "underwater_days")["reason"] == text


def test_days_under_water() -> None:
    assert last_profits(DAYS, [-1, 0.1, 0, -1, 2]) == [None, DAYS[1], DAYS[1], DAYS[1], DAYS[4]]
    own = market({"A": [100, 100]}, traded("A", lambda d: 10 if d < date(2024, 3, 1) else 12))
    row = last(own, "underwater_days")
    never = "the average short was never in profit since the first mark on 2024-01-25 (tables short_interest, bars)"
    assert (row["value"], row["reason"]) == (None, never)
    fell = market({"A": [100, 100]}, traded("A", lambda d: 9 if d == date(2024, 3, 1) else 10))
    assert [r["value"] for r in rows(fell, "underwater_days") if r["at"] == date(2024, 3, 1)] == [0]
    row = last(fell, "underwater_days")
    assert (row["value"], row["base_at"]) == ((LATE - date(2024, 3, 1)).days, date(2024, 3, 1))


def terms(symbol: str, at: datetime, fee: float | None, rebate: float | None) -> dict[str, Any]:
    row = {"symbol": symbol, "at": at, "fee": fee, "rebate": rebate, "available": 1, "capped": False}
    return row | {"symbol_raw": symbol, "known_at": at}


def borrowed(own: Tables, *given: dict[str, Any]) -> Tables:
    return own | {"borrow": table("borrow", given)}


def test_the_cost_is_that_of_the_newest_terms_at_the_close() -> None:
    noon = sessions.at_new_york(date(2024, 3, 5), time(12))
    night = sessions.at_new_york(date(2024, 3, 6), time(20))
    own = borrowed(
        market({"A": [100, 100]}, traded("A", steps(10))), terms("A", noon, 0.05, 0.02), terms("A", night, 0.07, 0.01)
    )
    found = {r["at"]: r["value"] for r in rows(own, "cost_annual")}
    assert found[date(2024, 3, 4)] is None
    assert found[date(2024, 3, 5)] == found[date(2024, 3, 6)] == pytest.approx(0.05)
    assert found[date(2024, 3, 7)] == found[date(2024, 3, 13)] == pytest.approx(0.07)
    assert found[date(2024, 3, 14)] is None
    assert last(own, "cost_annual")["reason"] == "no fee of the last seven days in table borrow"


@pytest.mark.parametrize(("fee", "rebate", "cost"), [(None, 0.01, None), (0.01, None, 0.01), (0.01, 0.04, 0.01)])
def test_the_fee_alone_is_the_cost(fee: float | None, rebate: float | None, cost: float | None) -> None:
    """The rebate is the rate on cash less the fee: it says nothing that the fee does not."""
    at = sessions.at_new_york(date(2024, 4, 4), time(12))
    own = borrowed(market({"A": [100, 100]}, traded("A", steps(10))), terms("A", at, fee, rebate))
    assert last(own, "cost_annual")["value"] == cost


def test_an_indexs_cost_weighs_dollars_short() -> None:
    at = sessions.at_new_york(LATE, time(9))
    held = market({"A": [300, 300], "B": [10, 10]}, traded("A", steps(10)) + traded("B", steps(100)))
    own = borrowed(held, terms("A", at, 0.10, 0.04), terms("B", at, 0.01, 0.03))
    assert last(own, "cost_annual", "SPX")["value"] == pytest.approx((3000 * 0.10 + 1000 * 0.01) / 4000)
    half = borrowed(held, terms("A", at, 0.10, 0.04))
    row = last(half, "cost_annual", "SPX")
    assert (row["n"], row["coverage"]) == (1, 0.5)
    assert row["reason"] == "only 50 % of members have a fee in table borrow"


def test_pressure_in_two_parts_where_the_fee_is_not_known() -> None:
    own = market({"A": [100, 100]}, traded("A", steps(10)))
    assert last(own, "pressure_fee")["reason"] == "no fee of the last seven days in table borrow"
    short_past = last(own, "pressure_price")
    assert short_past["reason"].startswith("too little history: ")
    assert last(own, "pressure")["reason"] == short_past["reason"]
