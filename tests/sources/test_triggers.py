"""A user's own triggers."""

from datetime import UTC, date, datetime

import pytest

from overshort.sources import Extract, Options
from overshort.sources.triggers import TRIGGERS
from sources.examples import TRIGGERS as LINES


def take(*lines: str, header: str = LINES[0]) -> Extract:
    return TRIGGERS.transform("\n".join([header, *lines, ""]).encode(), "triggers", Options())


def test_a_level_and_its_last_day_are_known_when_the_day_begins_in_new_york() -> None:
    rows = take(*LINES[1:]).tables["levels"]
    assert set(rows["known_at"]) == {datetime(2022, 4, 14, 4, tzinfo=UTC)}
    assert set(rows.select("at", "frequency", "source").iter_rows()) == {
        (date(2022, 4, 14), "day", "overshort.triggers")
    }
    days = {s: (v - date(1970, 1, 1)).days for s, v in (("YYQ", date(2022, 5, 2)), ("ZZA", date(9999, 12, 31)))}
    assert set(rows.select("series", "value", "unit").iter_rows()) == {
        ("trigger:ZZA", 605.5, "USD"),
        ("trigger:YYQ", 30.0, "USD"),
        *((f"trigger_end:{s}", float(n), "days since 1970-01-01") for s, n in days.items()),
    }


def test_the_last_day_and_other_columns_may_lack() -> None:
    assert take("QQQ,2024-01-03,400", header="symbol,from,level").tables["levels"].height == 2


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("QQQ,2022-02-30,400,,x", "from '2022-02-30' is not a date"),
        ("QQQ,2022-04-14,0,,x", "level '0' is not a number above 0"),
        ("QQQ,2022-04-14,inf,,x", "level 'inf' is not a number above 0"),
        ("QQQ,2022-04-14,,,x", "level '' is not a number above 0"),
        ("QQQ,2022-04-14,400,soon,x", "to 'soon' is not a date"),
        ("QQQ,2022-04-14,400,2022-04-13,x", "to '2022-04-13' is before from '2022-04-14'"),
        ("-,2022-04-14,400,,x", "symbol '-' has no letters or digits"),
        ("Z.Z.A,2022-04-14,1,,x", "'ZZ.A' and 'Z.Z.A' are both ZZA 2022-04-14"),
    ],
)
def test_a_line_that_cannot_be_taken_says_why(line: str, said: str) -> None:
    extract = take(*LINES[1:], line)
    assert extract.refused["line"].to_list() == [4]
    assert said in extract.refused["reason"][0]
    assert extract.tables["levels"].height == 4
