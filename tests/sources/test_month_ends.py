"""Month-end closes: the day that stands for a month, when it is known, what is refused."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from overshort.sources import Extract, Options
from overshort.sources.month_ends import MONTH_ENDS
from sources.examples import MONTH_ENDS as LINES


def take(*lines: str) -> Extract:
    return MONTH_ENDS.transform("\n".join([LINES[0], *lines, ""]).encode(), "months", Options())


def test_series_frequency_unit_and_value() -> None:
    row = take("202204,3400.5,x").tables["levels"].row(0, named=True)
    assert row.pop("known_at") == datetime(2022, 4, 29, 16, tzinfo=ZoneInfo("America/New_York"))
    assert row == {
        "source": "sp500.month_ends",
        "series": "^GSPC",
        "at": date(2022, 4, 29),
        "frequency": "month_end",
        "value": 3400.5,
        "unit": "index",
    }


@pytest.mark.parametrize(
    ("month", "day"),
    [
        ("187101", date(1871, 1, 31)),
        ("188502", date(1885, 2, 27)),
        ("198905", date(1989, 5, 31)),  # Memorial Day was the 29th
        ("200012", date(2000, 12, 29)),
        ("202105", date(2021, 5, 28)),  # Memorial Day was the 31st
        ("202403", date(2024, 3, 28)),  # Good Friday was the 29th
        ("203511", date(2035, 11, 30)),
    ],
)
def test_a_month_stands_at_its_last_session_or_before_1990_its_last_weekday(month: str, day: date) -> None:
    assert take(f"{month},1,x").tables["levels"]["at"].to_list() == [day]


@pytest.mark.parametrize("month", ["202213", "202200", "2022-04", "179912", "203512", "", "20220401", "April"])
def test_a_month_must_be_a_month(month: str) -> None:
    extract = take(LINES[1], f"{month},1,x")
    assert extract.refused["reason"].to_list() == [f"month '{month}' is not a month YYYYMM"]


@pytest.mark.parametrize("close", ["0", "-1", "", "nan", "1e3", "1.234,5"])
def test_a_close_must_be_a_number_above_0(close: str) -> None:
    extract = take(LINES[1], f'202204,"{close}",x')
    assert extract.refused["reason"].to_list() == [f"close '{close}' is not a number above 0"]


def test_a_month_that_stands_twice_is_taken_once() -> None:
    extract = take("202204,1,x", "202204,2,x")
    assert extract.tables["levels"]["value"].to_list() == [1.0]
    assert "stands twice" in extract.refused["reason"][0]
