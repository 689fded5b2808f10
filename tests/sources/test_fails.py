"""Fails to deliver: last lines that count, prices, CUSIPs of one symbol, when a half month is known."""

from datetime import date, time

import pytest

from overshort import sessions
from overshort.errors import RefusedFile
from overshort.sources import Extract, Options
from overshort.sources.fails import FAILS
from sources.examples import FAILS as LINES

COUNTED = ("Trailer record count 3", "Trailer total quantity of shares 2005")


def take(*lines: str, header: str = LINES[0]) -> Extract:
    return FAILS.transform("\n".join([header, *lines, ""]).encode("latin-1"), "fails", Options())


def test_quantity_price_and_literal_quotation_marks() -> None:
    extract = take(*LINES[1:], *COUNTED)
    assert (extract.read, extract.remark) == (3, "")
    table = extract.tables["flows"]
    assert table.select("symbol", "session", "kind", "quantity", "total", "price").rows() == [
        ("ZZA", date(2022, 3, 3), "fails", 1200.0, None, 10.25),
        ("YYQ", date(2022, 3, 14), "fails", 5.0, None, None),
        ("ZZA", date(2022, 3, 15), "fails", 800.0, None, 10.5),
    ]


@pytest.mark.parametrize(
    ("settled", "known"),
    [
        ("20220301", date(2022, 3, 31)),
        ("20220314", date(2022, 3, 31)),
        ("20220315", date(2022, 4, 15)),
        ("20220331", date(2022, 4, 15)),
        ("20221230", date(2023, 1, 15)),
        ("20240201", date(2024, 2, 29)),
    ],
)
def test_a_half_month_is_known_late(settled: str, known: date) -> None:
    table = take(f"{settled}|1|ZZA|5|X|1").tables["flows"]
    assert table["known_at"].to_list() == [sessions.at_new_york(known, time(18))]


@pytest.mark.parametrize(
    ("after", "match", "line"),
    [
        (("Trailer record count 4", COUNTED[1]), "says 4 rows and it has 3", 5),
        ((COUNTED[0], "Trailer total quantity of shares 200"), "says 200 shares and it has 2,005", 6),
        ((COUNTED[0],), "does not say its shares: it is cut off", 6),
        ((COUNTED[1],), "does not say its rows: it is cut off", 5),
        ((COUNTED[0], "Trailer total quan"), "fields where the header has", 5),
    ],
)
def test_last_lines_must_count_rows_and_shares(after: tuple[str, ...], match: str, line: int) -> None:
    with pytest.raises(RefusedFile, match=match) as caught:
        take(*LINES[1:], *after)
    assert caught.value.line == line


def test_a_file_without_them_is_taken_with_a_remark_if_its_last_line_ends() -> None:
    assert take(*LINES[1:], "").remark == "it has no lines that count it: whether it is whole is not known"
    with pytest.raises(RefusedFile, match="last line has no line end"):
        FAILS.transform("\n".join(LINES).encode("latin-1"), "fails", Options())


def test_cusips_of_one_symbol_and_price_are_added_up() -> None:
    extract = take(
        "20220303|1|ZZA|5|OLD|1.5", "20220303|2|ZZA|7|NEW|1.50", "20220303|3|YYQ|1|X|.", "20220303|4|YYQ|1|X|."
    )
    assert extract.refused.height == 0
    assert extract.tables["flows"].select("symbol", "quantity", "price").rows() == [("ZZA", 12, 1.5), ("YYQ", 2, None)]
    assert extract.remark.startswith(
        "2 times two CUSIPs of one symbol and day are added up, the first time ZZA 2022-03-03"
    )


def test_another_price_spelling_or_the_same_cusip_again_is_taken_once() -> None:
    extract = take(
        "20220303|1|ZZA|5|A|1.5", "20220303|2|ZZA|7|B|99", "20220303|1|ZZA|9|C|1.5", "20220303|3|ZZ.A|9|C|1.5"
    )
    assert extract.tables["flows"]["quantity"].to_list() == [5.0]
    assert extract.refused["line"].to_list() == [3, 4, 5]
    assert "'ZZA' and 'ZZ.A' are both ZZA 2022-03-03" in extract.refused["reason"][2]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("20221303|1|ZZA|5|X|1", "settlement date '20221303' is not a date YYYYMMDD"),
        ("20220303|1|-|5|X|1", "symbol '-' has no letters or digits"),
        ("20220303|1|XXB|5.5|X|1", "fails '5.5' are not a whole number of shares, 0 or more"),
        ("20220303|1|XXB|5|X|", "price '' is neither a number, 0 or more, nor '.'"),
        ("20220303|1|XXB|5|X|-1", "price '-1' is neither a number, 0 or more, nor '.'"),
    ],
)
def test_what_is_refused(line: str, reason: str) -> None:
    extract = take(*LINES[1:], line)
    assert extract.refused.select("line", "reason").rows() == [(5, reason)]
