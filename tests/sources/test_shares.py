"""Shares outstanding and float: nulls, rounding, sightings."""

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from overshort.errors import RefusedFile
from overshort.sources import Extract, Options
from overshort.sources.shares import SHARES
from sources.examples import SEEN, parquet


def take(**columns: Sequence[object]) -> Extract:
    return SHARES.transform(parquet({**SEEN, **columns}), "shares", Options())


def test_counts_spelling_and_instant() -> None:
    extract = take()
    table = extract.tables["shares"]
    assert table.select("symbol", "symbol_raw", "outstanding", "float", "rounding").rows() == [
        ("ZZA", "ZZA", 5e6, 4e6, 10_000),
        ("ZZPRB", "ZZ.PRB", None, 120_000.0, 1),
        ("YYQ", "YYQ", 3e9, None, 10_000_000),
    ]
    assert table["at"][0] == date(2022, 4, 27)
    assert table["known_at"][0] == datetime(2022, 4, 27, 23, 59, tzinfo=ZoneInfo("America/New_York"))
    assert "position" not in table.columns


def test_rows_that_show_neither_count_are_left_out() -> None:
    extract = take()
    assert (extract.read, extract.refused.height) == (3, 0)


def test_zero_and_less_are_null_and_a_row_with_nothing_else_is_refused() -> None:
    extract = take(shares_outstanding=[0.0, -5.0, 3e9, None])
    assert extract.tables["shares"]["outstanding"].to_list() == [None, None, 3e9]
    extract = take(shares_outstanding=[0.0, 1.0, 3e9, None], public_float=[None, None, None, None])
    assert extract.refused["reason"].to_list() == ["outstanding '0.0' and float '' are no numbers of shares above 0"]
    assert extract.refused["line"].to_list() == [None]


def test_a_symbol_seen_twice_on_a_day_is_taken_once() -> None:
    extract = take(symbol=["ZZA", "ZZ.A", "YYQ", "XXB"])
    assert extract.refused["reason"].to_list() == [
        "'ZZA' and 'ZZ.A' are both ZZA 2022-04-27 in letters and digits: only the first is taken"
    ]


def test_a_bad_date_and_a_missing_column() -> None:
    extract = take(first_seen_commit_date=["soon", "2022-04-27", "2022-04-28", "2022-04-28"])
    assert extract.refused["reason"].to_list() == ["date 'soon' is not a date YYYY-MM-DD"]
    slim = {c: v for c, v in SEEN.items() if c != "public_float"}
    assert SHARES.recognise(parquet(slim))
    with pytest.raises(RefusedFile, match="no column public_float"):
        SHARES.transform(parquet(slim), "shares", Options())
