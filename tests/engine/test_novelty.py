"""New, known or revised: against a slow twin in plain Python."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given

from overshort import schema, sessions
from overshort.engine.novelty import Sorted, sort_out
from store.rows import DAYS, INSTANTS, Row, frame, rows_of, totals, vintages

KEY, VALUES = ("subject", "settlement", "market"), ("issues", "shares")
files = vintages().map(lambda rows: list({tuple(r[k] for k in KEY): r for r in rows}.values()))
"""A file has no key twice."""


def part(row: Row, names: Iterable[str]) -> tuple[object, ...]:
    return tuple(row.get(n) for n in names)


def following(standing: datetime) -> datetime:
    """Give the first publication after an instant, found by trying every settlement date."""
    dates = sessions.settlements_between(standing.date() - timedelta(days=60), standing.date() + timedelta(days=60))
    return min(p for p in (sessions.publication(d)[0] for d in dates) if p > standing)


def twin(rows: list[Row], stored: list[Row]) -> tuple[list[Row], int, int, int]:
    fresh: list[Row] = []
    new = revised = known = 0
    for row in rows:
        same = [s for s in stored if part(s, KEY) == part(row, KEY)]
        if any(part(s, VALUES) == part(row, VALUES) for s in same):
            known += 1
        elif same:
            revised += 1
            standing = max(s["known_at"] for s in same)
            fresh.append({**row, "known_at": max(row["known_at"], following(standing))})
        else:
            new += 1
            fresh.append(row)
    return fresh, new, revised, known


def sorted_out(rows: list[Row], stored: list[Row]) -> Sorted:
    return sort_out("totals", totals(rows), totals(stored).lazy())


def one(shares: int | None, known: datetime = INSTANTS[0], **other: object) -> Row:
    return {"subject": "a", "settlement": DAYS[0], "market": "all", "shares": shares, "known_at": known, **other}


@given(rows=files, stored=vintages())
def test_against_the_twin(rows: list[Row], stored: list[Row]) -> None:
    found = sorted_out(rows, stored)
    fresh, new, revised, known = twin(rows, stored)
    assert rows_of(found.fresh) == rows_of(totals(fresh))
    assert (found.new, found.revised, found.known) == (new, revised, known)
    assert found.fresh.schema == totals([]).schema


@given(rows=files, stored=vintages())
def test_what_went_in_is_known_from_then_on(rows: list[Row], stored: list[Row]) -> None:
    both = pl.concat([totals(stored), sorted_out(rows, stored).fresh])
    again = sort_out("totals", totals(rows), both.lazy())
    assert again.fresh.is_empty()
    assert again.known == len(rows)
    schema.table("totals").schema.validate(both)


def test_equal_to_an_older_vintage_is_known() -> None:
    stored = [one(1), one(2, INSTANTS[3])]
    found = sorted_out([one(1)], stored)
    assert (found.new, found.revised, found.known) == (0, 0, 1)


@pytest.mark.parametrize(("before", "now", "revised"), [(None, None, 0), (None, 1, 1), (1, None, 1), (0, None, 1)])
def test_null_equals_null_and_nothing_else(before: int | None, now: int | None, revised: int) -> None:
    found = sorted_out([one(now)], [one(before)])
    assert (found.revised, found.known) == (revised, 1 - revised)


def test_a_revision_is_known_from_the_next_publication_on() -> None:
    """Settlement 2024-01-12 was published on 2024-01-24, the next report on 2024-02-09."""
    published = datetime(2024, 1, 24, 21, 40, tzinfo=UTC)
    found = sorted_out([one(2, published)], [one(1, published)])
    assert found.fresh["known_at"].to_list() == [datetime(2024, 2, 9, 21, 40, tzinfo=UTC)]


def test_a_revision_is_never_known_before_its_own_file() -> None:
    late = INSTANTS[0] + timedelta(days=90)
    assert sorted_out([one(2, late)], [one(1)]).fresh["known_at"].to_list() == [late]


def test_each_revision_follows_the_newest_vintage() -> None:
    stored = totals([one(1)])
    seen = [INSTANTS[0]]
    for shares in (2, 3, 4):
        fresh = sort_out("totals", totals([one(shares)]), stored.lazy()).fresh
        stored = pl.concat([stored, fresh])
        seen += fresh["known_at"].to_list()
    assert seen == sorted(set(seen))
    assert seen[1:] == [following(k) for k in seen[:-1]]


def reported(**facts: object) -> pl.DataFrame:
    row = {
        "symbol": "ZZA",
        "settlement": DAYS[0],
        "position": 5,
        "split": False,
        "revised": False,
        "market": "NNM",
        "symbol_raw": "ZZA",
        "known_at": INSTANTS[0],
    }
    return frame("short_interest", [row | facts])


DESCRIBED = {
    "split": True,
    "revised": True,
    "exchange": "R",
    "name": "Other",
    "dtc_published": 2.5,
    "symbol_raw": "ZZ.A",
}
MEASURED = {"position": 6, "previous": 4, "adv": 0, "market": "SC"}


@pytest.mark.parametrize("column", DESCRIBED)
def test_a_description_revises_nothing(column: str) -> None:
    found = sort_out("short_interest", reported(**{column: DESCRIBED[column]}), reported().lazy())
    assert (found.new, found.revised, found.known) == (0, 0, 1)


@pytest.mark.parametrize("column", MEASURED)
def test_a_measurement_revises(column: str) -> None:
    found = sort_out("short_interest", reported(**{column: MEASURED[column]}), reported().lazy())
    assert (found.new, found.revised, found.known) == (0, 1, 0)


def test_every_value_column_is_described_or_measured() -> None:
    assert set(DESCRIBED) == schema.table("short_interest").described
    assert set(MEASURED) == set(schema.table("short_interest").values)


@pytest.mark.parametrize("name", [*schema.TABLES])
def test_no_rows(name: str) -> None:
    empty = schema.empty(name)
    found = sort_out(name, empty, empty.lazy())
    assert (found.fresh.height, found.new, found.revised, found.known) == (0, 0, 0, 0)
