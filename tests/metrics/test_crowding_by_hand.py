"""Three stocks and a handful of reports: chains that can be checked by hand, and where they end."""

from datetime import date

import pytest

from metrics.tiny import DAYS, market, reports, rows_of, since_2000, split, stay, table, values_of
from overshort import sessions

HELD = {"A": [100, 110, 121, 121], "B": [200, 200, 100, 150], "C": [300, 330, 330, None]}


def reasons(rows: list[dict[str, object]]) -> list[object]:
    return [r["reason"] for r in rows]


def test_days_are_consecutive_settlements() -> None:
    assert sessions.settlements_between(DAYS[0], DAYS[-1]) == DAYS


def test_chain() -> None:
    """640 / 600, then 551 / 640, then 271 / 221 without C, which has gone."""
    growths = [640 / 600, 551 / 640, 271 / 221]
    expected = [100.0]
    for growth in growths:
        expected.append(expected[-1] * growth)
    rows = rows_of(market(HELD), "chain")
    assert [r["value"] for r in rows] == pytest.approx(expected)
    assert [r["n"] for r in rows] == [3, 3, 3, 2]
    assert [r["coverage"] for r in rows] == pytest.approx([1, 1, 1, 2 / 3])
    assert [r["known_at"] for r in rows] == [sessions.publication(d)[0] for d in DAYS[:4]]


def test_companions() -> None:
    own = market(HELD)
    assert values_of(own, "change_last")[1:] == pytest.approx([640 / 600 - 1, 551 / 640 - 1, 271 / 221 - 1])
    assert values_of(own, "sum_change_last")[1:] == pytest.approx([640 / 600 - 1, 551 / 640 - 1, 271 / 551 - 1])
    assert values_of(own, "median_change_last")[1:] == pytest.approx([0.1, 0, 0.25])
    assert values_of(own, "breadth") == pytest.approx([None, 2 / 3, 1 / 3, 0.5])


def test_a_split_leaves_the_chain_alone_and_moves_the_raw_columns() -> None:
    held = {"A": [100, 200], "B": [100, 100]}
    own = market(held, splits=[split("A", DAYS[1], 2)])
    assert values_of(own, "change_last")[1] == pytest.approx(0)
    assert values_of(own, "naive_change_last")[1] == pytest.approx(0.5)


def test_a_revised_previous_is_chained() -> None:
    """The later file says 120 where the earlier one said 100: the growth is that of the later file's columns."""
    own = market({"A": [100, 132]})
    own["short_interest"] = reports({"A": [100, 132]}, previous={("A", 1): 120}, revised={("A", 1): True})
    assert values_of(own, "change_last")[1] == pytest.approx(0.1)


def test_a_missing_cycle_ends_the_chain_for_good() -> None:
    days = [DAYS[0], DAYS[1], DAYS[3], DAYS[4]]
    own = market({}, members=since_2000("A"))
    own["short_interest"] = reports({"A": [100, 110, 120, 130]}, days)
    rows = rows_of(own, "chain")
    gap = "no report of settlement 2024-02-15 in table short_interest"
    assert [r["value"] for r in rows] == [100, pytest.approx(110), None, None]
    assert reasons(rows) == [None, None, gap, gap]
    for id in ("change_last", "rank_1y", "since", "contribution_last.up1", "membership_effect_last"):
        assert reasons(rows_of(own, id))[2:] == [gap, gap]
    assert values_of(own, "shares") == [100, 110, 120, 130]
    assert values_of(own, "sum_change_last")[1:] == pytest.approx([0.1, 120 / 110 - 1, 130 / 120 - 1])


def test_a_chain_begins_with_the_first_report_that_has_members() -> None:
    own = market({"A": [100, 110, 121, 130]}, members=[stay("A", date(2024, 2, 10))])
    rows = rows_of(own, "chain")
    assert [r["value"] for r in rows] == [None, None, 100, pytest.approx(100 * 130 / 121)]
    assert reasons(rows)[:2] == [f"no member is known at {d} from table membership" for d in DAYS[:2]]
    assert reasons(rows_of(own, "shares"))[0] == f"no member is known at {DAYS[0]} from table membership"
    assert reasons(rows_of(own, "change_last"))[2] == f"no chain at the base report {DAYS[1]}"


def test_a_gap_before_the_first_member_does_not_count() -> None:
    days = [DAYS[0], DAYS[2], DAYS[3], DAYS[4]]
    own = market({}, members=[stay("A", date(2024, 2, 20))])
    own["short_interest"] = reports({"A": [100, 110, 121, 130]}, days)
    assert values_of(own, "chain") == [None, None, 100, pytest.approx(100 * 130 / 121)]


def test_members_without_a_row_give_no_chain() -> None:
    own = market({"A": [100, 110]}, members=since_2000("B"))
    wanted = [f"no member has a row at {d} in table short_interest" for d in DAYS[:2]]
    assert reasons(rows_of(own, "chain")) == reasons(rows_of(own, "shares")) == wanted


def test_members_without_a_position_before_end_the_chain() -> None:
    own = market({"A": [0, 110, 121]})
    assert (
        reasons(rows_of(own, "chain"))[1:] == [f"no member had a position before {DAYS[1]} in table short_interest"] * 2
    )


def test_bases() -> None:
    """The last settlement of the year before is the base of all reports of a year, the first included."""
    days = [date(2023, 12, 15), date(2023, 12, 29), *DAYS]
    own = market({}, members=since_2000("A"))
    own["short_interest"] = reports({"A": [100, 110, 121, 130, 140, 150, 160]}, days)
    rows = rows_of(own, "change_ytd")
    assert [r["base_at"] for r in rows] == [None, None, *[date(2023, 12, 29)] * 5]
    assert rows[-1]["value"] == pytest.approx(160 / 110 - 1)
    assert rows[0]["reason"] == (
        "too little history: the last settlement of the year before is not in table short_interest"
    )
    assert reasons(rows_of(own, "change_12m"))[-1] == (
        "too little history: the report 24 cycles before is not in table short_interest"
    )


def test_a_stock_is_an_index_of_one() -> None:
    own = market(HELD, members=[], splits=[split("B", DAYS[2], 0.5)])
    rows = rows_of(own, "chain", subject="B", kind="stock")
    assert [r["value"] for r in rows] == pytest.approx([100, 100, 100, 150])
    assert {r["basis"] for r in rows} == {"point-in-time"}
    assert values_of(own, "breadth", subject="A", kind="stock") == [None, 1, 1, 0]
    assert values_of(own, "shares", subject="C", kind="stock") == [300, 330, 330]


def test_a_stock_s_chain_ends_where_its_row_is_missing() -> None:
    own = market({"A": [100, None, 121], "B": [1, 1, 1]}, members=[])
    rows = rows_of(own, "chain", subject="A", kind="stock")
    assert reasons(rows) == [None, "no report of settlement 2024-01-31 in table short_interest"]


TEN = {s: [100, 100, None, 100] for s in "ABCDEFGHIJ"}


@pytest.mark.parametrize(("exported", "days"), [(1, 3), (4, 3), (5, 4)])
def test_a_settlement_of_single_names_alone_is_no_report(exported: int, days: int) -> None:
    """Complete is at least half as many rows as the last complete report had."""
    held = TEN | {s: [100, 100, 150, 100] for s in list(TEN)[:exported]}
    own = market({}, members=since_2000(*TEN)) | {"short_interest": reports(held)}
    rows = rows_of(own, "shares")
    assert [r["at"] for r in rows] == [d for d in DAYS[:4] if d != DAYS[2] or days == 4]
    broken = reasons(rows_of(own, "chain"))[-1]
    assert broken == (None if days == 4 else "no report of settlement 2024-02-15 in table short_interest")
    assert len(rows_of(own, "shares", subject="A", kind="stock")) == 4


def test_rows_of_unlisted_classes_do_not_make_a_report_complete() -> None:
    held = TEN | {f"Q{s}": [None, None, 5, None] for s in TEN}
    unlisted = {(f"Q{s}", 2): "OTC" for s in TEN}
    own = market({}, members=since_2000(*TEN)) | {"short_interest": reports(held, market=unlisted)}
    assert [r["at"] for r in rows_of(own, "shares")] == [DAYS[0], DAYS[1], DAYS[3]]


def test_exchanges_are_their_market_classes() -> None:
    classes = {("A", 0): "NNM", ("B", 0): "SC", ("C", 0): "NYSE", ("D", 0): "OTC"}
    own = {"short_interest": reports({"A": [1], "B": [20], "C": [300], "D": [4000]}, market=classes)}
    assert values_of(own, "shares", subject="NASDAQ", kind="exchange") == [21]
    assert values_of(own, "shares", subject="LISTED", kind="exchange") == [321]


def test_no_tables_no_rows() -> None:
    assert rows_of({}, "chain") == []
    assert rows_of({"membership": table("membership", since_2000("A"))}, "rank_5y") == []
