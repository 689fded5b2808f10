"""How much is short at one report: against plain sums, and on markets small enough to do by hand."""

import math
from collections.abc import Callable
from datetime import date, timedelta
from statistics import fmean, median
from typing import Any

import polars as pl
import pytest

from metrics import twins
from metrics.tiny import DAYS, bar, market, outstanding, reports, rows_of, split, values_of
from metrics.twins import Row

SUBJECTS = ("SPX", "NDX", "NASDAQ", "LISTED")
Values = Callable[[str, str], dict[Any, float | None]]


def notional(rows: list[Row]) -> float | None:
    priced = [r for r in rows if r.close is not None]
    return math.fsum(r.position * r.close for r in priced) if len(priced) >= 0.95 * len(rows) else None


def sane(rows: list[Row]) -> list[Row]:
    return [r for r in rows if r.share is not None and 0 <= r.share <= 5]


def cap_weighted(rows: list[Row]) -> float | None:
    own = [r for r in sane(rows) if r.close is not None]
    dollars = math.fsum(r.position * r.close for r in own)
    return dollars / math.fsum(r.outstanding * r.close for r in own) if own else None


def over(function: Callable[[list[float]], float], found: list[float]) -> float | None:
    return function(found) if found else None


def breadth(rows: list[Row]) -> float | None:
    return over(fmean, [float(r.position > r.expected) for r in rows if r.previous > 0])


def dtc(rows: list[Row]) -> float | None:
    traded = [r for r in rows if r.adv is not None]
    volume = sum(r.adv for r in traded)
    return sum(r.position for r in traded) / volume if volume else None


TWINS: dict[str, Callable[[list[Row]], float | None]] = {
    "shares": lambda rows: float(sum(r.position for r in rows)),
    "notional": notional,
    "cap_weighted": cap_weighted,
    "equal_weighted": lambda rows: over(fmean, [r.share for r in sane(rows)]),
    "median": lambda rows: over(median, [r.share for r in sane(rows)]),
    "dtc": dtc,
    "dtc_median": lambda rows: over(median, [r.position / r.adv for r in rows if r.adv]),
    "breadth": breadth,
}


@pytest.mark.parametrize("subject", SUBJECTS)
@pytest.mark.parametrize("name", sorted(TWINS))
def test_levels_equal_their_twins(values: Values, subject: str, name: str) -> None:
    expected = {day: TWINS[name](rows) for day, rows in twins.members_rows(subject).items()}
    assert twins.lined_up(values(f"crowding.{name}", subject), expected) == []


def test_counts_and_coverage(simulated: pl.DataFrame) -> None:
    """Coverage is the count over the members, whether or not they have a row."""
    own = simulated.filter(pl.col("subject") == "NASDAQ")
    for name in ("equal_weighted", "cap_weighted", "notional"):
        rows = own.filter(pl.col("id") == f"crowding.{name}").sort("at")
        members = [len(r) for r in twins.members_rows("NASDAQ").values()]
        expected = [n / m for n, m in zip(rows["n"], members, strict=True)]
        assert rows["coverage"].to_list() == pytest.approx(expected)


TWENTY = {f"S{k:02}".replace("0", "X"): [100] for k in range(20)}


def priced(how_many: int) -> list[dict[str, Any]]:
    return [bar(s, DAYS[0], 10.0) for s in list(TWENTY)[:how_many]]


def test_notional_needs_95_percent_of_the_members_by_count() -> None:
    whole = rows_of(market(TWENTY, bars=priced(20)), "notional")[0]
    assert (whole["value"], whole["n"], whole["coverage"]) == (20_000, 20, 1)
    enough = rows_of(market(TWENTY, bars=priced(19)), "notional")[0]
    assert (enough["value"], enough["n"], enough["coverage"]) == (19_000, 19, 0.95)
    few = rows_of(market(TWENTY, bars=priced(18)), "notional")[0]
    assert (few["value"], few["n"], few["coverage"]) == (None, 18, 0.9)
    assert few["reason"] == "only 90 % of members have an unadjusted close in table bars"
    none = rows_of(market(TWENTY), "notional")[0]
    assert none["reason"] == "no member has an unadjusted close at 2024-01-12 in table bars"


def test_only_unadjusted_closes_of_the_day_count() -> None:
    bars = [bar("A", DAYS[0], 10.0, "split"), bar("B", date(2024, 1, 11), 10.0)]
    assert values_of(market({"A": [1], "B": [1]}, bars=bars), "notional") == [None]


SHARES = [outstanding("A", date(2024, 1, 5), 1000), outstanding("B", date(2024, 1, 5), 100)]


def test_shares_of_shares_outstanding() -> None:
    """A: 100 of 1,000 at 10 dollars; B: 30 of 100 at 1 dollar."""
    bars = [bar("A", DAYS[0], 10.0), bar("B", DAYS[0], 1.0)]
    tables = market({"A": [100], "B": [30]}, bars=bars, shares=SHARES)
    assert values_of(tables, "equal_weighted") == pytest.approx([0.2])
    assert values_of(tables, "median") == pytest.approx([0.2])
    assert values_of(tables, "cap_weighted") == pytest.approx([1030 / 10_100])


@pytest.mark.parametrize("name", ["equal_weighted", "median", "cap_weighted"])
def test_a_share_outside_0_to_5_is_left_out_and_named(name: str) -> None:
    bars = [bar(s, DAYS[0], 10.0) for s in "ABC"]
    odd = [*SHARES, outstanding("C", date(2024, 1, 5), 7)]
    row = rows_of(market({"A": [100], "B": [10], "C": [36]}, bars=bars, shares=odd), name)[0]
    assert row["text"] == "left out: C 5.14"
    assert row["n"] == 2
    assert row["coverage"] == pytest.approx(2 / 3)
    assert row["value"] == pytest.approx(110 / 1100 if name == "cap_weighted" else 0.1)
    at_the_bound = rows_of(market({"A": [100], "B": [10], "C": [35]}, bars=bars, shares=odd), name)[0]
    assert (at_the_bound["text"], at_the_bound["n"]) == (None, 3)


def test_shares_outstanding_count_from_the_report_by_whose_publication_they_were_known() -> None:
    """The report of 12 January was published on the 24th; a count visible that evening comes too late for it."""
    late = [outstanding("A", date(2024, 1, 24), 1000)]
    assert values_of(market({"A": [100, 100]}, shares=late), "equal_weighted") == [None, 0.1]
    early = [outstanding("A", date(2024, 1, 23), 1000)]
    assert values_of(market({"A": [100, 100]}, shares=early), "equal_weighted") == [0.1, 0.1]


def test_shares_outstanding_follow_splits_of_later_cycles() -> None:
    """Counted on the 5th; a 2:1 split in the cycle to the 31st doubles the count from that report on."""
    tables = market({"A": [100, 200]}, shares=SHARES[:1], splits=[split("A", DAYS[1], 2.0)])
    assert values_of(tables, "equal_weighted") == [0.1, 0.1]


def test_a_count_within_the_cycle_of_a_split_is_taken_as_it_stands() -> None:
    within = [outstanding("A", date(2024, 1, 20), 2000)]
    tables = market({"A": [100, 200]}, shares=within, splits=[split("A", DAYS[1], 2.0)])
    assert values_of(tables, "equal_weighted")[1] == 0.1


def test_a_count_of_more_than_400_days_before_is_none() -> None:
    for days, value in ((400, 0.1), (401, None)):
        old = [outstanding("A", DAYS[0] - timedelta(days=days), 1000)]
        row = rows_of(market({"A": [100]}, shares=old), "equal_weighted")[0]
        assert row["value"] == value
        assert ("400 days" in (row["reason"] or "")) == (value is None)


def test_days_to_cover_leave_out_missing_volumes() -> None:
    """A 300 / 100, B without a volume, C without a trade, D 100 / 400."""
    adv = {("A", 0): 100, ("B", 0): None, ("C", 0): 0, ("D", 0): 400}
    held = {"A": [300], "B": [999], "C": [50], "D": [100]}
    tables = market(held) | {"short_interest": reports(held, adv=adv)}
    assert values_of(tables, "dtc") == pytest.approx([450 / 500])
    assert values_of(tables, "dtc_median") == pytest.approx([(3 + 0.25) / 2])
    assert [rows_of(tables, name)[0]["n"] for name in ("dtc", "dtc_median")] == [3, 2]
