"""Joins and leaves into stays, against a walk day by day that asks who is a member."""

from collections.abc import Mapping
from datetime import date, timedelta

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from overshort.sources.stays import Event, stays

D = [date(2022, 1, 1) + timedelta(days=k) for k in range(8)]
Row = tuple[str, date, date | None]


def walk(*events: tuple[int, str, bool], standing: Mapping[str, date] | None = None) -> tuple[list[Row], list[int]]:
    at_start = None if standing is None else {s: (s, d) for s, d in standing.items()}
    found, faults = stays((Event(k, D[d], s, s, j) for k, (d, s, j) in enumerate(events)), at_start)
    return found.select("symbol", "first", "last").rows(), faults["row"].to_list()


def test_a_join_opens_and_a_leave_closes() -> None:
    assert walk((1, "A", True), (3, "A", False), (5, "A", True)) == ([("A", D[1], D[3]), ("A", D[5], None)], [])


def test_an_unexplained_leave_is_an_empty_stay_where_the_start_is_unknown() -> None:
    assert walk((2, "A", False), (4, "A", True)) == ([("A", D[2], D[2]), ("A", D[4], None)], [])
    assert walk((2, "A", False), standing={}) == ([], [0])


def test_a_second_leave_and_a_second_join_are_faults() -> None:
    assert walk((2, "A", False), (4, "A", False)) == ([("A", D[2], D[2])], [1])
    assert walk((2, "A", True), (4, "A", True)) == ([("A", D[2], None)], [1])


def test_out_and_in_on_one_day_changes_nothing() -> None:
    assert walk((1, "A", True), (3, "A", True), (3, "A", False)) == ([("A", D[1], None)], [])
    assert walk((3, "A", True), (3, "A", False)) == ([("A", D[3], None)], [])
    assert walk((3, "A", True), (3, "A", False), standing={}) == ([("A", D[3], None)], [1])


def test_events_may_stand_in_any_order() -> None:
    assert walk((5, "A", False), (1, "A", True)) == ([("A", D[1], D[5])], [])


def test_those_who_stand_at_the_start_leave_and_come_back() -> None:
    rows, faults = walk((2, "A", False), (4, "A", True), (6, "B", True), standing={"A": D[0], "B": D[0]})
    assert rows == [("A", D[0], D[2]), ("B", D[0], None), ("A", D[4], None)]
    assert faults == [2]


def test_a_fault_names_spellings_and_dates() -> None:
    events = [Event(0, D[1], "ZZB", "ZZ.B", True), Event(1, D[2], "ZZB", "ZZ-B", True)]
    assert stays(events)[1]["reason"].to_list() == [
        "'ZZ-B' joins on 2022-01-03 and is a member since 2022-01-02 (as 'ZZ.B')"
    ]


@given(st.lists(st.tuples(st.integers(0, 7), st.sampled_from("AB"), st.booleans()), max_size=12, unique=True))
def test_membership_on_every_day_is_that_of_a_plain_walk(events: list[tuple[int, str, bool]]) -> None:
    rows, _ = walk(*events, standing={"A": D[0]})
    members = {"A"}
    for k, day in enumerate(D):
        joining = {s for d, s, joins in events if d == k and joins}
        leaving = {s for d, s, joins in events if d == k and not joins}
        members = (members - (leaving - joining)) | joining
        assert {s for s, first, last in rows if first <= day and (last is None or day < last)} == members
    assert pl.Series([(s, f) for s, f, _ in rows], dtype=pl.Object).len() == len({(s, f) for s, f, _ in rows})
