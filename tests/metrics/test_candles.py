"""The bars that a chart is drawn from are the four-hour bars themselves."""

from functools import cache

import polars as pl
import pytest

from contracts.market import lazily, tables
from metrics import charting
from overshort.engine.computing import compute
from overshort.engine.panel import Scope
from overshort.metrics.four_hour import four_hour_bars
from overshort.metrics.structure.candles import AVERAGES, CANDLES

PROXIES = ("SPY", "QQQ", "IWM")


@cache
def panel() -> pl.DataFrame:
    ids = [m.id for m in (*CANDLES.values(), *AVERAGES.values())]
    return compute(lazily(tables()), Scope("market", PROXIES), ids)


@cache
def bars() -> pl.DataFrame:
    return four_hour_bars(tables()["bars"].filter(pl.col("symbol").is_in(PROXIES)).lazy()).collect()


@pytest.mark.parametrize("proxy", PROXIES)
@pytest.mark.parametrize("field", CANDLES)
def test_prices_are_those_of_the_four_hour_bars(proxy: str, field: str) -> None:
    own = panel().filter(pl.col("id") == f"price.{field}_4h", pl.col("subject") == proxy)
    expected = bars().filter(pl.col("symbol") == proxy)
    assert own.height == expected.height > 900
    assert own["at"].to_list() == expected["end"].to_list()
    assert own["value"].to_list() == expected[field].to_list()
    assert own["known_at"].to_list() == expected["known_at"].cum_max().to_list()


@pytest.mark.parametrize("proxy", PROXIES)
@pytest.mark.parametrize("span", AVERAGES)
def test_averages_are_those_of_plain_loops(proxy: str, span: int) -> None:
    own = panel().filter(pl.col("id") == f"structure.ema{span}_4h", pl.col("subject") == proxy)
    closes = bars().filter(pl.col("symbol") == proxy)["close"].to_list()
    expected = charting.ema(closes, span)
    assert expected[: span - 1] == own["value"][: span - 1].to_list() == [None] * (span - 1)
    assert own["value"][span - 1 :].to_list() == pytest.approx(expected[span - 1 :], rel=1e-12)


def test_a_bar_of_which_minutes_are_missing_stays_says_so_and_has_no_average() -> None:
    source = tables()["bars"].filter(pl.col("symbol") == "SPY", pl.col("interval") == "1h").sort("start")
    hole = source["start"][200]
    found = compute(
        lazily({"bars": source.filter(pl.col("start") != hole)}),
        Scope("market", ("SPY",)),
        [
            "price.close_4h",
            "structure.ema8_4h",
        ],
    )
    close, average = (
        found.filter(pl.col("id") == id, pl.col("subject") == "SPY") for id in ("price.close_4h", "structure.ema8_4h")
    )
    lame = close.filter(pl.col("basis").str.contains("minutes are missing"))
    assert lame.height == 1
    assert lame["value"].null_count() == 0
    own = average.filter(pl.col("at") == lame["at"][0])
    assert own["value"].to_list() == [None]
    assert "does not count" in own["reason"][0]
