"""Nasdaq-100 years: stays within a year, and YAML that means something else than it seems."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from overshort.errors import RefusedFile
from overshort.sources import Extract, Options
from overshort.sources.nasdaq100 import YEARS
from sources.examples import YEAR

NEXT = date(2023, 1, 1)


def take(*lines: str) -> Extract:
    return YEARS.transform("\n".join([*lines, ""]).encode(), "year", Options())


def test_stays_of_a_year() -> None:
    table = take(*YEAR).tables["membership"]
    assert sorted(table.select("symbol", "first", "last").rows()) == [
        ("ON", date(2022, 1, 1), NEXT),
        ("WWC", date(2022, 3, 1), date(2022, 11, 21)),
        ("YYQ", date(2022, 1, 1), date(2022, 3, 1)),
        ("ZZA", date(2022, 1, 1), NEXT),
    ]
    assert table.select("index", "basis", "dated").unique().rows() == [("NDX", "changes", date(2022, 1, 1))]
    known = dict(table.select("symbol", "known_at").rows())
    assert known["WWC"] == datetime(2022, 3, 1, tzinfo=ZoneInfo("America/New_York"))


@pytest.mark.parametrize("ticker", ["ON", "NO", "Y", "TRUE", "NULL", "NAN", "1E3", "'ON'", '"ON"', "ON  # a note"])
def test_a_ticker_is_text_whatever_yaml_takes_it_for(ticker: str) -> None:
    table = take("year: 2022", "tickers_on_Jan_1:", f"  - {ticker}").tables["membership"]
    assert table["symbol"].to_list() == [ticker.split("#", maxsplit=1)[0].strip().strip("'\"")]


def test_a_symbol_that_leaves_and_comes_back_has_two_stays() -> None:
    back = ("  2022-12-19:", "    union:", "      - YYQ")
    table = take(*YEAR, *back).tables["membership"]
    assert table.filter(symbol="YYQ").sort("first").select("first", "last").rows() == [
        (date(2022, 1, 1), date(2022, 3, 1)),
        (date(2022, 12, 19), NEXT),
    ]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (("  2022-12-19:", "    difference:", "      - VVD"), "'VVD' leaves on 2022-12-19 and is no member then"),
        (("  2022-12-19:", "    union:", "      - ZZA"), "'ZZA' joins on 2022-12-19 and is a member since 2022-01-01"),
        (("  2023-12-19:", "    union:", "      - VVD"), "date '2023-12-19' is not a date YYYY-MM-DD of 2022"),
        (("  soon:", "    union:", "      - VVD"), "date 'soon'"),
        (("  2022-12-19:", "    union:", "      - '-'"), "ticker '-' has no letters"),
    ],
)
def test_a_change_that_cannot_be_is_refused_with_its_line(lines: tuple[str, ...], said: str) -> None:
    extract = take(*YEAR, *lines)
    assert extract.refused["line"].to_list() == [len(YEAR) + 3]
    assert said in extract.refused["reason"][0]
    assert extract.refused["text"][0] == lines[-1].strip()
    assert extract.tables["membership"].equals(take(*YEAR).tables["membership"])


def test_a_member_that_stands_twice_is_taken_once() -> None:
    extract = take("year: 2022", "tickers_on_Jan_1:", "- ZZ.A", "- ZZA", "- YYQ")
    assert "'ZZ.A' and 'ZZA' are both ZZA" in extract.refused["reason"][0]


def test_a_year_without_changes_and_empty_lists_will_do() -> None:
    assert take(*YEAR[:6]).tables["membership"].height == 3
    assert take(*YEAR[:7], "  2022-05-05:", "    union:", "    difference: []").tables["membership"].height == 3


@pytest.mark.parametrize(
    ("lines", "said", "line"),
    [
        (("tickers_on_Jan_1:", "- ZZA"), "no entry 'year'", None),
        (("year: 2022", "changes:"), "no entry 'tickers_on_Jan_1'", None),
        (("year: later", "tickers_on_Jan_1:", "- ZZA"), "'later' is not a year", 1),
        (("year: 9999", "tickers_on_Jan_1:", "- ZZA"), "'9999' is not a year", 1),
        (("year: [2022]", "tickers_on_Jan_1:", "- ZZA"), "is not a year", 1),
        (("year: 2022", "tickers_on_Jan_1: ZZA"), "a list of tickers must stand here", 2),
        (("year: 2022", "tickers_on_Jan_1:", "- [ZZA]"), "a ticker must stand here", 3),
        (("year: 2022", "tickers_on_Jan_1:", "- ZZA", "changes: [1]"), "a mapping of names", 4),
        (("year: 2022", "tickers_on_Jan_1:", "- ZZA", "year: 2023"), "'year' stands twice", 4),
        (("year: 2022", "tickers_on_Jan_1: [ZZA", "changes: }"), "is not YAML", 3),
        (("year: 2022", "tickers_on_Jan_1:", "- ZZA\x01"), "is not YAML", None),
        (("- ZZA", "- tickers_on_Jan_1:"), "a mapping of names", 1),
        (("# nothing",), "no rows", None),
        ((*YEAR, "  '2022-11-21':", "    union:", "    - ZZA"), "'2022-11-21' stands twice", 16),
        ((*YEAR, "  '2022-12-21':", "    added:", "    - ZZA"), "'added' is neither difference nor union", 18),
    ],
)
def test_yaml_of_another_shape_is_refused(lines: tuple[str, ...], said: str, line: int | None) -> None:
    with pytest.raises(RefusedFile) as caught:
        take(*lines)
    assert said in caught.value.cause
    assert caught.value.line == line


def test_deep_nesting_is_refused() -> None:
    with pytest.raises(RefusedFile, match="is not YAML"):
        take("tickers_on_Jan_1: " + "[" * 5000)
