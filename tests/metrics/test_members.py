"""Who belongs at each report: changes before spells before snapshots, and the label of each list."""

from datetime import date
from typing import Any

import pytest

from metrics.tiny import DAYS, Tables, bar, market, outstanding, reports, rows_of, stay, table

ONES = {"A": 1, "B": 10, "C": 100, "D": 1000}
LONG_AGO = date(2000, 1, 3)
POINT = "point-in-time"


def members_at(*stays: dict[str, Any], days: int = 4) -> list[str]:
    """Name the members at each of the reports by their digits in the sum of shares."""
    held = {s: [v] * days for s, v in ONES.items()}
    rows = rows_of(market(held, members=list(stays)), "shares")
    return ["".join(s for s, v in ONES.items() if int(r["value"] or 0) // v % 10) for r in rows]


def changed(symbol: str, first: date, last: date | None = None) -> dict[str, Any]:
    return stay(symbol, first, last, basis="changes")


def listed(dated: date, *symbols: str) -> list[dict[str, Any]]:
    return [stay(s, dated, basis="snapshot") for s in symbols]


def test_a_spell_runs_from_its_first_day_to_before_its_last() -> None:
    assert members_at(stay("A", LONG_AGO), stay("B", DAYS[1], DAYS[3])) == ["A", "AB", "AB", "A"]


def test_a_change_speaks_for_its_symbol_from_its_first_day_on() -> None:
    """By the spell B stays and C never comes; the changes say otherwise, and until they speak the spell counts."""
    spells = [stay("A", LONG_AGO), stay("B", LONG_AGO)]
    out, joined = changed("B", DAYS[2], DAYS[2]), changed("C", DAYS[1])
    assert members_at(*spells, out) == ["AB", "AB", "A", "A"]
    assert members_at(*spells, joined) == ["AB", "ABC", "ABC", "ABC"]


def test_an_empty_stay_says_no_member_from_here_on_until_the_next_change() -> None:
    spells = [stay("A", LONG_AGO), stay("B", LONG_AGO)]
    assert members_at(*spells, changed("B", DAYS[1], DAYS[1]), changed("B", DAYS[3])) == ["AB", "A", "A", "AB"]


def test_a_change_ends_a_member_whose_spell_goes_on() -> None:
    assert members_at(stay("A", LONG_AGO), stay("B", LONG_AGO), changed("B", DAYS[0], DAYS[2])) == [
        "AB",
        "AB",
        "A",
        "A",
    ]


def test_snapshots_are_silent_where_spells_run() -> None:
    assert members_at(stay("A", LONG_AGO), *listed(DAYS[1], "C", "D")) == ["A"] * 4


def test_changes_without_a_whole_list_do_not_outdo_a_snapshot() -> None:
    """A publisher that lists changes only does not say who the other members are."""
    assert members_at(changed("B", DAYS[1]), *listed(DAYS[0], "C", "D")) == ["CD"] * 4


def test_changes_that_start_from_a_whole_list_do() -> None:
    whole = [changed("A", LONG_AGO), changed("B", LONG_AGO, DAYS[2]), changed("D", DAYS[2])]
    dated = [row | {"dated": LONG_AGO} for row in whole]
    assert members_at(*dated, *listed(DAYS[0], "C")) == ["AB", "AB", "AD", "AD"]


def test_the_newest_snapshot_dated_by_the_report_counts_before_the_first_the_first() -> None:
    assert members_at(*listed(DAYS[1], "A", "B"), *listed(DAYS[3], "C")) == ["AB", "AB", "AB", "C"]


YEARS = [date(2023, 12, 15), date(2023, 12, 29), *DAYS[:4]]
FIRST, SECOND = YEARS[3], YEARS[4]


@pytest.fixture
def lists() -> Tables:
    """Six reports from 2023-12-15; files dated 2024-01-31 and 2024-02-15."""
    held = {s: [100 + k for k in range(6)] for s in "ABC"}
    own = market({}, members=[*listed(FIRST, "A", "B"), *listed(SECOND, "A", "B", "C")])
    bars = [bar(s, d, 10.0) for s in held for d in YEARS]
    shares = [outstanding(s, date(2023, 12, 1), 1000) for s in held]
    more = {"bars": table("bars", bars), "shares": table("shares", shares)}
    return own | more | {"short_interest": reports(held, YEARS)}


def labels(tables: Tables, id: str) -> list[str]:
    return [r["basis"] for r in rows_of(tables, id)]


BACKCAST = "snapshot 2024-01-31 backcast"
HELD = ["snapshot 2024-01-31", "snapshot 2024-02-15", "snapshot 2024-02-15"]


@pytest.mark.parametrize("id", ["shares", "breadth", "equal_weighted", "notional"])
def test_a_figure_of_one_report_names_its_list(lists: Tables, id: str) -> None:
    assert labels(lists, id) == [BACKCAST] * 3 + HELD


@pytest.mark.parametrize("id", ["change_last", "contribution_last.up1", "ex_largest_change_last", "median_change_last"])
def test_a_cycle_is_made_of_the_members_at_its_end(lists: Tables, id: str) -> None:
    assert labels(lists, id) == [BACKCAST] * 3 + HELD


LATER = "snapshot 2024-02-15, backcast before 2024-01-31"


@pytest.mark.parametrize("id", ["change_ytd", "contribution_ytd.up1", "membership_effect_ytd", "naive_change_ytd"])
def test_a_window_with_backcast_cycles_says_so(lists: Tables, id: str) -> None:
    """The cycle that ends on 2024-01-12 has backcast members; its figures' newest list may be a later one."""
    assert labels(lists, id) == [BACKCAST] * 4 + [LATER] * 2


@pytest.mark.parametrize("id", ["chain", "since", "sii", "rank_5y_detrended"])
def test_a_figure_of_all_history_says_so(lists: Tables, id: str) -> None:
    assert labels(lists, id) == [BACKCAST] * 4 + [LATER] * 2


@pytest.mark.parametrize("id", ["sum_change_last", "price_effect_last"])
def test_a_sum_against_a_backcast_base_says_so(lists: Tables, id: str) -> None:
    """The base report's sum is over the base report's members, who are backcast on 2024-01-12 and not after."""
    assert labels(lists, id) == [BACKCAST] * 4 + HELD[1:]


def test_members_by_spells_and_changes_are_point_in_time() -> None:
    own = market({"A": [1, 2], "B": [1, 2]}, members=[stay("A", LONG_AGO), changed("B", DAYS[1])])
    for id in ("chain", "change_last", "shares", "rank_1y", "sii"):
        assert set(labels(own, id)) == {POINT}
