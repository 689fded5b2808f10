"""Daily prices: bars of symbols, levels of indices, and the rows that cannot be taken."""

from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from overshort import sessions
from overshort.errors import RefusedFile
from overshort.sources import SOURCES, Extract, Options, recognised
from overshort.sources.daily import CLOSES, DAILY, SERIES
from overshort.sources.intraday import IBKR
from overshort.sources.quotes import canonical
from sources.examples import ADJUSTED, DAYS, MISPRINTED, VALUES, parquet, text

HEADER = "Date,Open,High,Low,Close,Volume"
SOUND = "2022-03-03,10.5,11,10,10.75,1500"


def take(*lines: str, symbol: str | None = "ZZA", **more: Any) -> Extract:
    return DAILY.transform(text(*lines), "prices", Options(symbol=symbol, **more))


def bars(*lines: str, **more: Any) -> pl.DataFrame:
    return take(*lines, **more).tables["bars"]


def refused(*lines: str, symbol: str = "ZZA") -> list[str]:
    """Give the reasons of the refused rows beside a sound one."""
    return take(HEADER, SOUND, *lines, symbol=symbol).refused["reason"].to_list()


def test_a_row_becomes_a_bar_of_its_session() -> None:
    close = datetime(2022, 3, 3, 21, tzinfo=UTC)
    assert bars(*DAYS, symbol="zz.a").row(0, named=True) == {
        "known_at": close,
        "source": "prices.daily",
        "symbol": "ZZA",
        "interval": "1d",
        "start": datetime(2022, 3, 3, 14, 30, tzinfo=UTC),
        "end": close,
        "session": date(2022, 3, 3),
        "open": 10.5,
        "high": 11.0,
        "low": 10.0,
        "close": 10.75,
        "volume": 1500.0,
        "adjustment": "split",
        "currency": "USD",
        "symbol_raw": "ZZ.A",
    }


def test_an_early_close_ends_the_bar() -> None:
    row = bars(HEADER, "2021-11-26,10.5,11,10,10.75,1500").row(0, named=True)
    assert (row["start"].hour, row["end"].hour, row["known_at"].hour) == (14, 18, 18)


def test_summer_and_winter() -> None:
    found = bars(HEADER, "2022-03-11,1,1,1,1,1", "2022-03-14,1,1,1,1,1")
    assert [(s.hour, e.hour) for s, e in found.select("start", "end").rows()] == [(14, 21), (13, 20)]


@pytest.mark.parametrize("adjustment", ["none", "split", "total"])
def test_what_prices_are_adjusted_for_can_be_said(adjustment: str) -> None:
    assert bars(*DAYS, adjustment=adjustment)["adjustment"].unique().to_list() == [adjustment]


def test_names_stand_in_any_case_and_order_and_volume_may_lack() -> None:
    turned = bars("close,DATE,Low,high,OPEN", "10.75,2022-03-03,10,11,10.5")
    assert turned.drop("volume").equals(bars(HEADER, SOUND).drop("volume"))
    assert turned["volume"].to_list() == [None]


@pytest.mark.parametrize("day", ["2022-03-03", "2022/3/3", "2022/03/03", "03/03/2022", "20220303"])
def test_dates_in_several_forms(day: str) -> None:
    assert bars(HEADER, SOUND.replace("2022-03-03", day))["session"].to_list() == [date(2022, 3, 3)]


def test_an_index_becomes_levels_known_at_the_close() -> None:
    extract = take("date,open,high,low,close,volume", "2022/3/3,10.5,11,10,10.75,0", symbol="SPX")
    assert extract.tables["bars"].height == 0
    assert extract.tables["levels"].row(0, named=True) == {
        "known_at": datetime(2022, 3, 3, 21, tzinfo=UTC),
        "source": "prices.daily",
        "series": "^GSPC",
        "at": date(2022, 3, 3),
        "frequency": "day",
        "value": 10.75,
        "unit": "index",
    }


def test_a_volatility_index_is_known_a_quarter_of_an_hour_after_the_close() -> None:
    lines = (*MISPRINTED, "", "11/26/2021,20,21,19,20.5")
    levels = DAILY.transform(b"\xef\xbb\xbf" + text(*lines), "vix", Options(symbol="^vix")).tables["levels"]
    assert levels["series"].unique().to_list() == ["VIX"]
    assert levels.select("at", "value", "known_at").rows() == [
        (date(2022, 3, 3), 31.1, datetime(2022, 3, 3, 21, 15, tzinfo=UTC)),
        (date(2022, 3, 4), 32.2, datetime(2022, 3, 4, 21, 15, tzinfo=UTC)),
        (date(2022, 3, 7), 35.5, datetime(2022, 3, 7, 21, 15, tzinfo=UTC)),
        (date(2021, 11, 26), 20.5, datetime(2021, 11, 26, 18, 15, tzinfo=UTC)),
    ]


def test_a_series_of_two_columns_names_itself() -> None:
    levels = SERIES.transform(text(*VALUES), "x", Options()).tables["levels"]
    assert levels.select("series", "at", "value").rows() == [
        ("VVIX", date(2022, 3, 3), 131.1),
        ("VVIX", date(2022, 3, 4), 132.2),
    ]
    assert levels["known_at"][0] == datetime(2022, 3, 3, 21, 15, tzinfo=UTC)
    own = SERIES.transform(text("DATE,SPX", "03/03/2022,4363.49"), "x", Options()).tables["levels"]
    assert own.select("series", "known_at").row(0) == ("^GSPC", datetime(2022, 3, 3, 21, tzinfo=UTC))


@pytest.mark.parametrize(
    ("given", "symbol", "is_index"),
    [
        ("spy", "SPY", False),
        ("brk.b", "BRKB", False),
        ("SPX", "^GSPC", True),
        ("sp500", "^GSPC", True),
        ("^GSPC", "^GSPC", True),
        ("^VIX", "VIX", True),
        ("vix3m", "VIX3M", True),
        ("^N225", "^N225", True),
    ],
)
def test_names_of_symbols_and_indices(given: str, symbol: str, is_index: bool) -> None:
    found = canonical(given)
    assert (found.symbol, found.is_index) == (symbol, is_index)


@pytest.mark.parametrize("symbol", ["", ".", "^"])
def test_a_symbol_has_letters_or_digits(symbol: str) -> None:
    with pytest.raises(RefusedFile, match="give --symbol"):
        take(*DAYS, symbol=symbol)


def test_a_file_of_nobody_s_prices_is_refused() -> None:
    with pytest.raises(RefusedFile, match="does not say whose prices these are; give --symbol"):
        take(*DAYS, symbol=None)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("2022-03-0x,1,1,1,1,1", "'2022-03-0x' is not a date"),
        ("2022-02-30,1,1,1,1,1", "'2022-02-30' is not a date"),
        ("2022-03-05,1,1,1,1,1", "2022-03-05 is no session"),
        ("2022-02-21,1,1,1,1,1", "2022-02-21 is no session"),
        ("1989-12-29,1,1,1,1,1", "1989-12-29 lies before 1990"),
        ("2022-03-04,1,1,1,,1", "close '' is not a price above 0"),
        ("2022-03-04,null,null,null,null,null", "open 'null' is not a price above 0"),
        ("2022-03-04,1,1,0,1,1", "low '0' is not a price above 0"),
        ("2022-03-04,1,1,1,-1,1", "close '-1' is not a price above 0"),
        ("2022-03-04,2,1,3,2,1", "high 1 lies below low 3"),
        ("2022-03-04,2,3,1,4,1", "close 4 lies outside low 1 and high 3"),
        ("2022-03-04,0.5,3,1,2,1", "open 0.5 lies outside low 1 and high 3"),
        ("2022-03-04,1,1,1,1,-5", "volume '-5' is not a number of shares"),
        ("2022-03-04,1,1,1,1,many", "volume 'many' is not a number of shares"),
        ("2022-03-03,1,1,1,1,1", "'2022-03-03' stands twice for 2022-03-03"),
    ],
)
def test_bad_rows_are_listed_with_value_and_rule(row: str, reason: str) -> None:
    assert [r.startswith(reason) for r in refused(row)] == [True]


def test_rounding_does_not_put_a_close_outside() -> None:
    high, close = 10.7499999, 10.75
    assert refused(f"2022-03-04,10.5,{high},10,{close},1") == []
    assert len(refused(f"2022-03-04,10.5,10.7,10,{close},1")) == 1


def test_an_index_is_judged_by_its_close() -> None:
    kept = "2022-03-04,99,11,10,10.5,x"
    assert refused(kept, symbol="VIX") == []
    assert len(refused(kept)) == 1
    assert refused("2022-03-04,10,11,10,12,0", symbol="VIX") == ["close 12 lies outside low 10 and high 11"]


def test_holidays_and_old_years_of_an_index_are_listed_and_no_damage() -> None:
    """More than ten, and most of the file: a history from 1927 on."""
    old = [f"1987-10-{d:02},10,11,10,10.5,0" for d in range(5, 30)]
    extract = take(HEADER, SOUND, *old, "2022-02-21,10,11,10,10.5,0", symbol="^GSPC")
    assert (extract.read, extract.refused.height, extract.tables["levels"].height) == (27, 26, 1)
    assert "2022-02-21 is no session of the New York Stock Exchange" in extract.refused["reason"][25]
    with pytest.raises(RefusedFile, match=r"25 of its 25 rows cannot be taken.*before 1990"):
        take(HEADER, *old, symbol="^GSPC")


def test_a_volatility_index_counts_on_a_holiday_too() -> None:
    """Cboe computed the VIX on Presidents' Day, when the exchange was closed."""
    levels = take(HEADER, SOUND, "2022-02-21,10,11,10,10.5,0", symbol="VIX").tables["levels"]
    holiday = levels.filter(at=date(2022, 2, 21)).row(0, named=True)
    assert (holiday["value"], holiday["known_at"]) == (10.5, datetime(2022, 2, 21, 21, 15, tzinfo=UTC))


def test_weekends_of_an_index_are_damage() -> None:
    weekends = [f"2022-01-{d:02},10,11,10,10.5,0" for d in (1, 2, 8, 9, 15, 16, 22, 23, 29, 30)]
    with pytest.raises(RefusedFile, match="is no session"):
        take(HEADER, SOUND, *weekends, "2022-02-05,10,11,10,10.5,0", symbol="VIX")


def test_adjusted_closes_of_many() -> None:
    rows = CLOSES.transform(parquet(ADJUSTED, ticker=pl.Categorical(), adj_close=pl.Float32()), "p", Options())
    found = rows.tables["bars"]
    assert found.select("symbol", "session", "close", "adjustment", "symbol_raw").rows() == [
        ("ZZA", date(2022, 3, 3), 10.5, "total", "ZZA"),
        ("YYB", date(2022, 3, 3), 20.25, "total", "YY-B"),
        ("ZZA", date(2022, 3, 4), 11.125, "total", "ZZA"),
    ]
    assert found.select("open", "high", "low", "volume").null_count().row(0) == (3, 3, 3, 3)
    assert found["known_at"][0] == datetime(2022, 3, 3, 21, tzinfo=UTC)


def test_bad_adjusted_closes() -> None:
    days = [datetime(2022, 3, d) for d in (3, 4, 5, 7, 3)]  # noqa: DTZ001 a cell has no zone
    bad = {"Date": days, "ticker": ["ZZA", "..", "ZZA", "ZZA", "ZZ-A"], "adj_close": [1.0, 1.0, 1.0, -1.0, 1.0]}
    extract = CLOSES.transform(parquet(bad), "p", Options())
    assert extract.tables["bars"].height == 1
    assert sorted(extract.refused["reason"]) == [
        "'ZZA' and 'ZZ-A' are both ZZA 2022-03-03 in letters and digits: only the first is taken",
        "2022-03-05 is no session of the New York Stock Exchange",
        "close '-1.0' is not a price above 0",
        "symbol '..' has no letters or digits",
    ]


def test_a_reason_is_one_line_even_of_a_value_with_line_ends() -> None:
    assert refused('2022-03-04,"1\r\n2",1,1,1,1') == ["open '1 2' is not a price above 0"]


@pytest.mark.parametrize(
    "header",
    [
        "Date,SP500,Dividend,Earnings",
        "yyyymm,sp500_month_end_close,source",
        "week_ending,VIX,VXN,GVZ",
        "underlying_symbol,quote_date,root,expiration,strike,option_type,open,high,low,close",
        "Date,Open,High,Low,Close,Volume,Dividends,Stock Splits",
        "Date,Timestamp,Open,High,Low,Close",
        "DATE,PRICE",
        "DATE,VIX,VVIX",
    ],
)
def test_other_headers_are_left_alone(header: str) -> None:
    content = text(header, "2022-03-03" + ",1" * header.count(","))
    ours = {s for s in SOURCES if s.name.startswith("prices.") or s in (SERIES, IBKR)}
    assert recognised(content) not in ours


days = st.sampled_from(sessions.schedule()["session"].to_list()[:9000])
prices = st.floats(0.01, 1e5, allow_nan=False).map(lambda x: round(x, 4))


@given(st.lists(st.tuples(days, prices, prices, prices), min_size=1, max_size=20, unique_by=lambda r: r[0]))
def test_what_is_written_is_read(rows: list[tuple[date, float, float, float]]) -> None:
    ordered = [(d, *sorted(p)) for d, *p in rows]
    found = bars(HEADER, *(f"{d},{m!r},{h!r},{low!r},{m!r},7" for d, low, m, h in ordered))
    assert found.select("session", "low", "close", "high").rows() == ordered
    assert found.select((pl.col("start") < pl.col("end")).all()).item()
