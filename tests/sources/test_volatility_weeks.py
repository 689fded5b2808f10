"""Weekly volatility indices: blanks, holidays, columns."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from overshort.errors import RefusedFile
from overshort.sources import Extract, Options
from overshort.sources.volatility_weeks import WEEKS
from sources.examples import WEEKS as LINES


def take(*lines: str, header: str = LINES[0]) -> Extract:
    return WEEKS.transform("\n".join([header, *lines, ""]).encode(), "weeks", Options())


def test_a_blank_is_no_row_and_a_holiday_keeps_its_friday() -> None:
    table = take(*LINES[1:]).tables["levels"].sort("at", "series")
    assert table.filter(at=date(2022, 4, 8)).select("series", "value", "frequency", "unit").rows() == [
        ("SKEW", 130.25, "week", "index"),
        ("VIX", 31.5, "week", "index"),
    ]
    friday = table.filter(at=date(2022, 4, 15))
    assert friday["series"].to_list() == sorted(LINES[0].split(",")[1:])
    assert friday["known_at"].unique().to_list() == [datetime(2022, 4, 15, 16, 15, tzinfo=ZoneInfo("America/New_York"))]


def test_columns_may_lack_and_others_are_dropped() -> None:
    extract = take("2022-04-08,31.5,1", header="week_ending,VIX,VXD")
    assert extract.tables["levels"].select("series", "value").rows() == [("VIX", 31.5)]
    with pytest.raises(RefusedFile, match="none of the columns VIX, VXN"):
        take("2022-04-08,1", header="week_ending,VXD")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("soon,1,,,,,,,", "week ending 'soon' is not a date YYYY-MM-DD"),
        ("2022-04-22,x,,,,,,,", "VIX 'x' is not a number"),
        ("2022-04-22,,,,,,,,0", "SKEW '0' is not above 0"),
    ],
)
def test_what_is_refused(line: str, reason: str) -> None:
    extract = take(*LINES[1:], line)
    assert extract.refused.select("line", "reason").rows() == [(4, reason)]
