"""Announced totals: markets, instants, and the sum of the parts."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from overshort import sessions
from overshort.errors import RefusedFile
from overshort.sources import Extract, Options
from overshort.sources.announcements import ANNOUNCEMENTS
from sources.examples import ANNOUNCED

SOUND = ANNOUNCED[2]


def take(*lines: str) -> Extract:
    return ANNOUNCEMENTS.transform("\n".join([ANNOUNCED[0], *lines, ""]).encode(), "announced", Options())


def test_totals_by_market_and_rows_without_either_number_left_out() -> None:
    rows = take(*ANNOUNCED[1:]).tables["totals"].sort("settlement", "market")
    assert rows.select("settlement", "market", "issues", "shares").rows() == [
        (date(2022, 4, 14), "NNM", 30, 500_000),
        (date(2022, 4, 14), "SC", 20, 100_000),
        (date(2022, 4, 14), "all", 50, 600_001),
        (date(2022, 4, 29), "NNM", 31, 400_000),
    ]
    assert rows["subject"].unique().to_list() == ["NASDAQ"]


def test_known_on_the_announced_day_else_on_the_calendar_s() -> None:
    rows = take("2022-04-29,,31,400000,,,,", SOUND.replace("04-27", "04-28")).tables["totals"]
    known = dict(rows.select("settlement", "known_at").unique().rows())
    assert known[date(2022, 4, 14)] == datetime(2022, 4, 28, 20, 40, tzinfo=UTC)
    assert known[date(2022, 4, 29)] == sessions.publication(date(2022, 4, 29))[0]


def test_publications_are_known_from_settlement_on_and_say_their_basis() -> None:
    rows = take(*ANNOUNCED[1:]).tables["publications"].sort("settlement")
    assert rows["basis"].to_list() == ["announced", "rule"]
    assert rows["dataset"].unique().to_list() == ["finra.short_interest"]
    midnight = datetime(2022, 4, 14, tzinfo=ZoneInfo("America/New_York"))
    assert rows["known_at"][0] == midnight
    assert rows["published_at"][0] == datetime(2022, 4, 27, 20, 40, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("2022-05-13,,1,500000,1,500000,2,1000011", "1000011 shares is not the sum of its parts, 500000 and 500000"),
        ("2022-05-13,2022-05-13,1,5,1,5,2,10", "is not after settlement"),
        ("2022-05-13,soon,1,5,1,5,2,10", "announcement date 'soon' is not a date"),
        ("2022-05-32,,1,5,1,5,2,10", "settlement date '2022-05-32'"),
        ("2022-05-13,,1,-5,1,5,2,10", "global_market_shares '-5'"),
        ("2022-05-13,,1.5,5,1,5,2,10", "global_market_issues '1.5'"),
        ("2022-04-14,,1,5,1,5,2,10", "stands twice for 2022-04-14"),
    ],
)
def test_a_line_that_contradicts_itself_is_refused_whole(line: str, said: str) -> None:
    extract = take(SOUND, line)
    assert extract.refused["line"].to_list() == [3]
    assert said in extract.refused["reason"][0]
    assert extract.refused["text"][0] == line
    assert extract.tables["totals"]["settlement"].unique().to_list() == [date(2022, 4, 14)]
    assert extract.tables["publications"].height == 1


def test_a_total_a_share_or_a_hundred_thousandth_off_is_kept_as_announced() -> None:
    rows = take(SOUND, "2022-05-13,,1,500000,1,500000,2,1000010").tables["totals"]
    assert rows.filter(pl.col("market") == "all")["shares"].to_list() == [600_001, 1_000_010]


def test_a_missing_column_is_named() -> None:
    with pytest.raises(RefusedFile, match="no column total_shares"):
        ANNOUNCEMENTS.transform(ANNOUNCED[0].removesuffix(",total_shares").encode(), "a", Options())
