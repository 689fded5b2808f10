"""Simulated prices, members and shares, with the faults that they are meant to have."""

import math
from datetime import date, time
from itertools import pairwise

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from demo.markets import reports, small, stock_bars, true_members
from overshort import sessions
from overshort.demo import Market


def test_bars_are_consistent(market: Market) -> None:
    bars = market.tables["bars"]
    body_low, body_high = pl.min_horizontal("open", "close"), pl.max_horizontal("open", "close")
    assert bars.filter((pl.col("low") > body_low) | (pl.col("high") < body_high) | (pl.col("low") <= 0)).is_empty()
    assert bars["volume"].min() > 0
    daily = bars.filter(pl.col("interval") == "1d")
    hours = daily.select("session", pl.col("start").alias("opens"), pl.col("end").alias("closes")).unique()
    assert hours.join(sessions.schedule(), on=hours.columns, how="anti").is_empty()
    new_york = pl.col("closes").dt.convert_time_zone("America/New_York").dt.time()
    assert set(hours.select(new_york.unique())["closes"]) == {time(13), time(16)}


def test_hours_add_up_to_their_days(market: Market) -> None:
    bars = market.tables["bars"].sort("symbol", "start")
    hourly = bars.filter(pl.col("interval") == "1h")
    whole = hourly.group_by("symbol", "session", maintain_order=True).agg(
        pl.col("start").first(),
        pl.col("end").last(),
        pl.col("open").first(),
        pl.col("high").max(),
        pl.col("low").min(),
        pl.col("close").last(),
        pl.col("volume").sum(),
    )
    daily = bars.filter(pl.col("interval") == "1d")
    assert_frame_equal(whole, daily.select(whole.columns).join(whole, on=["symbol", "session"], how="semi"))
    assert set(whole["symbol"]) == {"SPY", "QQQ", "IWM"}
    assert whole.filter(pl.col("session") > date(2023, 12, 31)).height == whole.height > 3 * 490


def test_hours_follow_on_each_other(market: Market) -> None:
    hourly = market.tables["bars"].filter(pl.col("interval") == "1h").sort("symbol", "start")
    day = ["symbol", "session"]
    gaps = hourly.filter(
        (pl.col("start") != pl.col("end").shift().over(day)) | (pl.col("open") != pl.col("close").shift().over(day))
    )
    assert gaps.is_empty()
    counts = hourly.group_by(day).len()["len"]
    assert set(counts) == {7, 4}
    assert (counts == 4).sum() == 3 * 6


def test_prices_jump_where_a_stock_splits(market: Market) -> None:
    days = reports(market)
    seen = 0
    for symbol, settlement, ratio in market.truth.splits.iter_rows():
        own = dict(stock_bars(market, symbol).select("session", "close").iter_rows())
        before = days[days.index(settlement) - 1]
        if before in own:
            seen += 1
            assert abs(math.log(own[before] / own[settlement] / ratio)) < 0.3
    assert seen >= 0.8 * market.truth.splits.height


def test_proxies_are_adjusted_stocks_are_not(market: Market) -> None:
    kinds = market.tables["bars"].select("symbol", "adjustment").unique()
    assert set(kinds.filter(pl.col("adjustment") == "split")["symbol"]) == {"SPY", "QQQ", "IWM"}
    assert set(kinds["adjustment"]) == {"none", "split"}


def coverage(market: Market, subject: str) -> list[float]:
    priced = set(market.tables["bars"].select("symbol", "session").iter_rows())
    out = []
    for day in reports(market):
        members = true_members(market, subject, day)
        out.append(sum((s, day) in priced for s in members) / len(members))
    return out


def test_price_coverage_fails_only_where_it_should() -> None:
    assert min(coverage(small(), "SPX")) >= 0.95
    assert min(coverage(small(), "NDX")) >= 0.95
    russell = coverage(small(), "RUT")
    assert max(russell[:20]) < 0.95 <= min(russell[40:])


def test_months_rise_late_and_volatility_ends_low(market: Market) -> None:
    levels = market.tables["levels"]
    ends = levels.filter(pl.col("frequency") == "month_end").sort("at")
    daily = dict(levels.filter(series="^GSPC", frequency="day").select("at", "value").iter_rows())
    assert all(daily[d] == v for d, v in ends.select("at", "value").iter_rows())
    moves = [b - a for a, b in pairwise(ends["value"].to_list())]
    assert min(moves[-8:]) > 0 > moves[-9]
    vix = levels.filter(pl.col("series") == "VIX").sort("at")["value"].to_list()
    assert vix[-1] == min(vix[-253:])
    assert 9 < vix[-1] < 15
    assert max(vix[-253:-1]) > 25


def listed_members(market: Market, index: str, day: date) -> set[str]:
    """Apply the precedence of changes over spells, row by row."""
    rows = market.tables["membership"].filter(pl.col("index") == index).select("symbol", "first", "last", "basis")
    begun = [r for r in rows.iter_rows() if r[1] <= day]
    spoken = {symbol for symbol, _, _, basis in begun if basis == "changes"}
    return {
        symbol
        for symbol, _, last, basis in begun
        if (last is None or day < last) and (basis == "changes" or symbol not in spoken)
    }


@pytest.mark.parametrize("index", ["SPX", "NDX"])
def test_published_members_are_the_true_ones(index: str) -> None:
    for day in reports(small()):
        assert listed_members(small(), index, day) == true_members(small(), index, day)


def test_spells_alone_are_misdated_and_some_members_join_and_leave(market: Market) -> None:
    rows = market.tables["membership"].filter(pl.col("index") == "SPX")
    days = reports(market)
    refined = rows.filter(pl.col("basis") == "changes").join(
        rows.filter(pl.col("basis") == "spells"), on="symbol", suffix="_spell"
    )
    assert refined.filter(pl.col("first") == pl.col("first_spell")).height
    assert refined.filter(pl.col("first") < pl.col("first_spell")).height
    assert refined["dated"].null_count() == refined.height
    for index in ("SPX", "NDX"):
        sets = [true_members(market, index, d) for d in (days[0], days[-1])]
        assert sets[0] - sets[1]
        assert sets[1] - sets[0]


def test_nasdaq_100_is_listed_by_year(market: Market) -> None:
    rows = market.tables["membership"].filter(pl.col("index") == "NDX")
    assert rows["basis"].unique().to_list() == ["changes"]
    assert rows.filter(pl.col("dated") != pl.col("first").dt.truncate("1y")).is_empty()
    assert rows.filter(pl.col("last") > pl.col("dated").dt.offset_by("1y")).is_empty()


def test_russell_2000_is_known_by_snapshots_only(market: Market) -> None:
    rows = market.tables["membership"].filter(pl.col("index") == "RUT")
    assert rows["basis"].unique().to_list() == ["snapshot"]
    dates = rows["dated"].unique().sort().to_list()
    assert 3 <= len(dates) <= 4
    assert 550 < (dates[0] - reports(market)[0]).days < 950
    for day in dates:
        own = rows.filter(pl.col("dated") == day)
        assert set(own["symbol"]) == true_members(market, "RUT", day)
        assert own["weight"].sum() == pytest.approx(1)


def test_shares_are_known_throughout_with_two_gross_errors(market: Market) -> None:
    shares = market.tables["shares"].select("symbol", "known_at", "outstanding", "float").sort("known_at")
    stocks = market.tables["short_interest"].filter(~pl.col("market").is_in(["OTC", "ARCA", "BZX"])).sort("known_at")
    joined = stocks.join_asof(shares, on="known_at", by="symbol", check_sortedness=False)
    assert joined.filter(pl.col("outstanding").is_not_null()).height >= 0.95 * joined.height
    known = joined.filter(pl.col("settlement") == reports(market)[0])
    assert known["outstanding"].null_count() <= 0.05 * known.height
    wrong = joined.filter(pl.col("position") > 5 * pl.col("outstanding"))
    assert wrong["symbol"].n_unique() == 2
    sound = joined.filter(pl.col("position") <= 5 * pl.col("outstanding"))
    assert (sound["position"] / sound["outstanding"]).max() < 1.5
    assert market.tables["shares"].filter(pl.col("float") > pl.col("outstanding")).is_empty()
