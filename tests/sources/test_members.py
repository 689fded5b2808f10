"""S&P 500 spells, changes and list, rule by rule."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from overshort.errors import RefusedFile
from overshort.sources import Extract, Options, Source, members
from sources.examples import CHANGED, LISTED, SPELLS

NEW_YORK = ZoneInfo("America/New_York")
Row = tuple[object, ...]


def take(source: Source, *lines: str, dated: date | None = None) -> Extract:
    return source.transform("\n".join([*lines, ""]).encode(), "members", Options(dated=dated))


def rows(extract: Extract) -> list[Row]:
    return sorted(extract.tables["membership"].select("symbol_raw", "first", "last").rows(), key=str)


def test_spells_keep_their_dates_and_run_on_without_an_end() -> None:
    extract = take(members.SPELLS, *SPELLS)
    assert rows(extract) == [
        ("YYQ", date(1999, 5, 6), date(2020, 7, 8)),
        ("ZZ.A", date(2001, 2, 3), date(2010, 11, 12)),
        ("ZZ.A", date(2015, 1, 2), None),
    ]
    table = extract.tables["membership"]
    assert table.select("index", "basis", "dated", "weight").unique().rows() == [("SPX", "spells", None, None)]
    assert table["known_at"][0] == datetime(2001, 2, 3, tzinfo=NEW_YORK)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("ZZ.A,2009-01-01,2012-01-01", "'ZZ.A' from 2009-01-01 overlaps 'ZZ.A' from 2001-02-03 to 2010-11-12"),
        ("ZZA,2016-01-01,", "'ZZA' from 2016-01-01 overlaps 'ZZ.A' from 2015-01-02 to today"),
        ("YYQ,1999-05-06,2020-07-08", "overlaps 'YYQ'"),
        ("XXB,2005-01-02,2005-01-01", "end date 2005-01-01 is before start date 2005-01-02"),
        ("XXB,,2005-01-01", "start date '' is not a date"),
        ("XXB,2005-01-01,now", "end date 'now' is not a date"),
        (".,2005-01-01,", "symbol '.' has no letters"),
    ],
)
def test_a_spell_that_cannot_be_is_refused(line: str, said: str) -> None:
    extract = take(members.SPELLS, *SPELLS, line)
    assert extract.refused["line"].to_list() == [5]
    assert said in extract.refused["reason"][0]
    assert rows(extract) == rows(take(members.SPELLS, *SPELLS))


def test_a_refused_spell_does_not_hide_the_next() -> None:
    lines = ("ZZA,2000-01-01,2010-01-01", "ZZA,2005-01-01,", "ZZA,2015-01-01,", "ZZA,2010-01-01,2012-01-01")
    extract = take(members.SPELLS, SPELLS[0], *lines)
    assert extract.refused["line"].to_list() == [3]
    assert extract.tables["membership"].height == 3


def test_changes_open_and_close_stays() -> None:
    extract = take(members.CHANGES, *CHANGED)
    assert rows(extract) == [
        ("WWC", date(2022, 4, 1), None),
        ("XXB", date(2022, 3, 1), date(2022, 3, 1)),
        ("YYQ", date(2022, 3, 1), date(2022, 6, 1)),
        ("ZZA", date(2022, 3, 1), None),
    ]
    assert extract.tables["membership"].select("index", "basis", "dated").unique().rows() == [("SPX", "changes", None)]
    assert extract.read == 5


def test_a_change_that_cannot_be_is_refused_and_the_rest_of_its_line_taken() -> None:
    extract = take(members.CHANGES, *CHANGED, '2022-07-01,"ZZA,VVD","YYQ"', 'soon,"UUE",')
    assert extract.refused.select("line", "text").rows() == [
        (5, '2022-07-01,"ZZA,VVD","YYQ"'),
        (5, '2022-07-01,"ZZA,VVD","YYQ"'),
        (6, 'soon,"UUE",'),
    ]
    assert ("VVD", date(2022, 7, 1), None) in rows(extract)


def test_changes_without_a_symbol_are_refused() -> None:
    with pytest.raises(RefusedFile, match="no rows"):
        take(members.CHANGES, CHANGED[0], "2022-03-01,,")


def test_a_list_needs_a_date_from_the_user() -> None:
    with pytest.raises(RefusedFile, match="no date; give the date of the list with --dated YYYY-MM-DD"):
        take(members.LIST, *LISTED)
    table = take(members.LIST, *LISTED, dated=date(2022, 3, 4)).tables["membership"]
    assert table.select("index", "symbol", "symbol_raw", "first", "last", "basis", "dated", "weight").row(0) == (
        ("SPX", "ZZA", "ZZ.A", date(2022, 3, 4), None, "snapshot", date(2022, 3, 4), None)
    )
    assert table["known_at"].unique().to_list() == [datetime(2022, 3, 4, 23, 59, tzinfo=NEW_YORK)]


def test_a_list_names_each_once() -> None:
    extract = take(members.LIST, *LISTED, LISTED[1].replace("ZZ.A", "ZZA"), dated=date(2022, 3, 4))
    assert "'ZZ.A' and 'ZZA' are both ZZA" in extract.refused["reason"][0]
