"""Shiller's monthly averages: what 0 means, when each column is known, which months are left out."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from overshort.sources import Extract, Options
from overshort.sources.shiller import SHILLER
from sources.examples import SHILLER as LINES

NEW_YORK = ZoneInfo("America/New_York")


def take(*lines: str, header: str = LINES[0]) -> Extract:
    return SHILLER.transform("\n".join([header, *lines, ""]).encode(), "shiller", Options())


def test_series_values_and_the_days_on_which_they_are_known() -> None:
    table = take(*LINES[1:]).tables["levels"].filter(pl.col("at") == date(2022, 1, 31))
    assert table["frequency"].unique().to_list() == ["month_average"]
    found = {s: (v, u, k) for s, v, u, k in table.select("series", "value", "unit", "known_at").rows()}
    close = datetime(2022, 1, 31, 16, tzinfo=NEW_YORK)
    third = datetime(2022, 4, 30, 23, 59, tzinfo=NEW_YORK)
    assert found == {
        "^GSPC": (3400.5, "index", close),
        "Shiller dividend": (50.5, "index points a year", third),
        "Shiller earnings": (150.5, "index points a year", third),
        "Shiller consumer prices": (280.5, "index", datetime(2022, 2, 28, 23, 59, tzinfo=NEW_YORK)),
        "Shiller long rate": (1.75, "percent", close),
        "Shiller PE10": (30.5, "ratio", third),
    }


def test_0_is_no_value_save_in_the_price() -> None:
    table = take(*LINES[1:]).tables["levels"].filter(pl.col("at") == date(1885, 2, 27))
    assert "Shiller PE10" not in table["series"].to_list()
    assert table.height == 5
    extract = take(LINES[1], LINES[2], "2022-02-01,0.0,0,0,0,0,0,0,0,0")
    assert extract.refused["reason"].to_list() == ["SP500 '0.0' is not a number above 0"]


def test_the_newest_month_is_left_out_with_a_remark() -> None:
    extract = take(*LINES[1:])
    assert extract.read == 3
    assert date(2022, 2, 28) not in extract.tables["levels"]["at"].to_list()
    assert extract.remark == "2022-02 left out: the newest month of an edition may be an average of a few days"


def test_the_month_of_the_real_prices_is_left_out_too() -> None:
    """A copy that goes on after the author's last edition keeps the price that he had of his newest month."""
    based = "2022-01-01,3400.5,50.5,150.5,280.5,1.75,3400.5,50.5,150.5,30.5"
    extract = take(LINES[1], based, "2022-02-01,1,0,0,0,0,0,0,0,0", "2022-03-01,1,0,0,0,0,0,0,0,0")
    assert sorted(set(extract.tables["levels"]["at"])) == [date(1885, 2, 27), date(2022, 2, 28)]
    assert extract.remark.startswith("2022-01 and 2022-03 left out")


def test_an_older_real_price_that_equals_the_price_by_chance_is_taken() -> None:
    by_chance = "2021-12-01,3400.5,50.5,150.5,280.5,1.75,3400.5,50.5,150.5,30.5"
    assert date(2021, 12, 31) in take(by_chance, *LINES[2:]).tables["levels"]["at"].to_list()


def test_real_values_may_lack() -> None:
    slim = [",".join(c for k, c in enumerate(line.split(",")) if k not in (6, 7, 8)) for line in LINES]
    assert take(*slim[1:], header=slim[0]).tables["levels"].height == 11


@pytest.mark.parametrize(("cell", "column"), [("x", "Earnings"), ("1e5", "Earnings")])
def test_what_is_no_number_refuses_the_row(cell: str, column: str) -> None:
    extract = take(LINES[1], LINES[2].replace(",150.5,280", f",{cell},280"), LINES[3])
    assert extract.refused.select("line", "reason").rows() == [(3, f"{column} '{cell}' is not a number")]
