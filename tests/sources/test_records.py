"""Delimited text: what is split many lines at once is what the strict reader gives, damage and lines included."""

import csv
from collections.abc import Callable

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from overshort.errors import RefusedFile
from overshort.sources import records
from overshort.sources.reading import csv_rows
from overshort.sources.records import Layout, Quoting

CELLS = st.sampled_from(["1", "", " ", "a b", "\u00e4", "2024-01-02", '"', '"x,y"', "\x1c", "\x00", "\x85"])
ENDS = st.sampled_from(["\n", "\n", "\n", "\r\n", "\r", "\n\n", "\n \n", ""])
ROWS = st.lists(st.tuples(st.lists(CELLS, min_size=2, max_size=4), ENDS), max_size=12)


def written(rows: list[tuple[list[str], str]]) -> str:
    return "".join(",".join(cells) + end for cells, end in rows)


def found(content: str, quoting: Quoting) -> pl.DataFrame | str:
    try:
        return csv_rows(content, "x", ",", ("b", "a"), quoting=quoting)
    except RefusedFile as error:
        return str(error)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], None]:
    """Read pieces of a few characters, and at will with the strict reader alone."""
    plain = Layout.is_plain

    def setting(strict: bool) -> None:
        monkeypatch.setattr(records, "_PIECE", 1 << 30 if strict else 8)
        monkeypatch.setattr(Layout, "is_plain", (lambda *_: False) if strict else plain)

    return setting


@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_NONE])
@pytest.mark.parametrize("head", ["a,b\n", "a,b\r\n", "a,c,b\n"])
def test_pieces_give_what_the_strict_reader_gives(small: Callable[[bool], None], quoting: Quoting, head: str) -> None:
    @given(ROWS)
    @settings(max_examples=150)
    def check(rows: list[tuple[list[str], str]]) -> None:
        content = head + written(rows)
        small(True)
        strict = found(content, quoting)
        small(False)
        pieces = found(content, quoting)
        if isinstance(strict, str) or isinstance(pieces, str):
            assert pieces == strict
        else:
            assert_frame_equal(pieces, strict, check_exact=True)

    check()


def test_many_rows_are_split_and_not_read_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "_strict", None)
    rows = csv_rows("a,b\n" + "1,2\r\n" * 1000, "x", ",", ("a", "b"))
    assert rows.select("row", "line", "text", "a", "b").row(-1) == (999, 1001, "1,2", "1", "2")


def test_a_ragged_row_far_down_is_told_with_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "_PIECE", 64)
    with pytest.raises(RefusedFile, match="3 fields where the header has 2") as caught:
        csv_rows("a,b\n" + "1,2\n" * 1000 + "1,2,3\n" + "1,2\n" * 5, "x", ",", ("a", "b"))
    assert caught.value.line == 1002
