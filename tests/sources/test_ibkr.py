"""Shares to borrow: the stamp, percent, nothing, capped numbers, the count of rows."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from overshort.errors import RefusedFile
from overshort.sources import Extract, Options
from overshort.sources.ibkr import BORROW
from sources.examples import BORROW as LINES


def take(*lines: str, first: str = LINES[0], header: str = LINES[1], count: str | None = None) -> Extract:
    last = f"#EOF|{len(lines)}" if count is None else count
    return BORROW.transform("\n".join([first, header, *lines, last, ""]).encode(), "borrow", Options())


def test_rates_are_fractions_and_numbers_may_be_capped_or_missing() -> None:
    table = take(*LINES[2:]).tables["borrow"]
    columns = ("symbol", "symbol_raw", "fee", "rebate", "available", "capped")
    assert table.select(columns).rows() == [
        ("ZZA", "ZZ A", pytest.approx(0.0325), pytest.approx(-0.015), 10_000_000, True),
        ("YYQPRC", "YYQ PRC", None, None, None, False),
        ("XXB", "XXB", pytest.approx(0.0025), pytest.approx(0.0025), 300, False),
    ]
    stamp = datetime(2022, 3, 4, 9, 30, 15, tzinfo=ZoneInfo("America/New_York"))
    assert table["at"].unique().to_list() == table["known_at"].unique().to_list() == [stamp]


def test_a_figi_may_stand_behind() -> None:
    header = f"{LINES[1]}FIGI|"
    assert take("ZZA|USD|Z|1|X|1|2|3|BBG000000001|", header=header).tables["borrow"]["available"].to_list() == [3]


@pytest.mark.parametrize(
    ("count", "match"),
    [
        ("#EOF|2", "says 2 rows and it has 3: it is cut off or damaged"),
        ("", "last line does not say its rows: it is cut off"),
        ("#EO", "the row has 1 fields where the header has 9"),
    ],
)
def test_the_last_line_must_count_the_rows(count: str, match: str) -> None:
    with pytest.raises(RefusedFile, match=match) as caught:
        take(*LINES[2:], count=count)
    assert caught.value.line == 6


@pytest.mark.parametrize("first", ["#BOF|2022.02.30|09:30:15", "#BOF|2022.03.04", "#BOF|1066.03.04|09:30:15", "list"])
def test_the_first_line_must_stamp_the_list(first: str) -> None:
    with pytest.raises(RefusedFile, match=r"is not '#BOF\|date\|time'") as caught:
        take(*LINES[2:], first=first)
    assert (caught.value.line, repr(first) in caught.value.cause) == (1, True)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (".|USD|Z|1|X|1|2|3|", "symbol '.' has no letters or digits"),
        ("ZZB|CAD|Z|1|X|1|2|3|", "currency 'CAD' is not USD"),
        ("ZZB|USD|Z|1|X|1|x|3|", "FEERATE 'x' is not a number of percent"),
        ("ZZB|USD|Z|1|X|n/a|2|3|", "REBATERATE 'n/a' is not a number of percent"),
        ("ZZB|USD|Z|1|X|1|2|-3|", "available '-3' is not a number of shares"),
        ("ZZB|USD|Z|1|X|1|2|<3|", "available '<3' is not a number of shares"),
        ("ZZA|USD|Z|1|X|1|2|3|", "'ZZ A' and 'ZZA' are both ZZA 2022-03-04"),
    ],
)
def test_what_is_refused(line: str, reason: str) -> None:
    extract = take(*LINES[2:], line)
    assert extract.refused["line"].to_list() == [6]
    assert extract.refused["reason"][0].startswith(reason)
