"""A book's file: what is taken, what is not, and why."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overshort.errors import RefusedFile
from overshort.surfaces.book.reading import MOST, Position, read


def text(*lines: str) -> bytes:
    return "\n".join(lines).encode()


def test_a_book_is_read() -> None:
    found, rejected = read("b", b"\xef\xbb\xbfSymbol, Shares ,note,ENTRY\r\nbrk.b,-10,x,400.5\r\n\r\nGME,1.5,,\r\n")
    assert rejected == []
    assert found == [
        Position(row=2, symbol="BRKB", shares=-10, price=None, entry=400.5),
        Position(row=4, symbol="GME", shares=1.5, price=None, entry=None),
    ]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (",5", "no symbol"),
        ("=cmd|x,5", "no symbol"),
        ("ABCDEFGHIJKLM,5", "no symbol"),
        ("A,", "no shares"),
        ("A,0", "no shares"),
        ("A", "no shares"),
        ("A,1e9", "'1e9' is no plain number"),
        ("A,nan", "'nan' is no plain number"),
        ('A,"1,000"', "'1,000' is no plain number"),
        ("A,5,-2", "price '-2' is not above 0"),
        ("A,5,1,0", "entry '0' is not above 0"),
        ("gme,5", "GME stands in row 2 already"),
    ],
)
def test_a_row_that_is_not_taken_says_why(line: str, why: str) -> None:
    found, rejected = read("b", text("symbol,shares,price,entry", "GME,-1", line))
    assert [p.symbol for p in found] == ["GME"]
    assert [(r.row, why in r.reason) for r in rejected] == [(3, True)]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "it is empty"),
        (b"symbol,shares", "it has 0 rows"),
        (b"a,b\n1,2", "its heading is 'a, b'"),
        (b"symbol,shares,shares\nA,1,2", "names shares twice"),
        (b"\xff\xfe", "no UTF-8"),
        (b"symbol,shares\nA\0,1", "null characters"),
        (b'symbol,shares\n"A"x,1', "no CSV"),
        (text("symbol,shares", *(f"S{k},1" for k in range(MOST + 1))), f"it has {MOST + 1} rows"),
    ],
)
def test_a_file_that_is_no_book_is_refused(content: bytes, why: str) -> None:
    with pytest.raises(RefusedFile, match=why):
        read("b", content)


@given(st.binary(max_size=200))
def test_no_content_whatever_does_anything_else(content: bytes) -> None:
    for head in (b"", b"symbol,shares,price\n"):
        try:
            found, rejected = read("b", head + content)
        except RefusedFile:
            continue
        assert len({p.row for p in found} | {r.row for r in rejected}) == len(found) + len(rejected)
