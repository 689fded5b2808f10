"""The real price files against DuckDB, the csv module, and each other."""

import csv
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import polars as pl
import pytest

from overshort import sessions
from overshort.errors import RefusedFile
from overshort.sources import Extract, Options, recognised

pytestmark = pytest.mark.data
DAILY = "{}_yahoo_unadj_to_2026-08-21.csv"
HOURLY = "{}_1h_2024-01_2026-01.csv"
QUARTERS, SLID = "SPY_15min_IBKR_2019-05_2022-07_CET.csv", "QQQ_1h_IBKR_2015-07_2022-07_CET.csv"
INDEX, VIX = "sp500_index_ohlcv_2010_2025.csv", "vix-daily_cboe_1990_2026-07-23.csv"
MEMBERS = "sp500_members_adj_close_2010_2025_long.parquet"


def take(path: Path, **options: str) -> Extract:
    content = path.read_bytes()
    source = recognised(content)
    assert source is not None
    return source.transform(content, path.name, Options(**options))


@pytest.fixture(scope="module")
def prices(data: Path) -> Path:
    return data / "prices"


@pytest.fixture(scope="module")
def quarters(prices: Path) -> pl.DataFrame:
    return take(prices / QUARTERS, symbol="SPY", zone="Europe/Amsterdam").tables["bars"]


@pytest.fixture(scope="module")
def spy(prices: Path) -> pl.DataFrame:
    return take(prices / DAILY.format("SPY"), symbol="SPY").tables["bars"]


@pytest.mark.parametrize(("symbol", "rows"), [("SPY", 8448), ("QQQ", 6906), ("IWM", 6598), ("DIA", 7192)])
def test_daily_bars_equal_what_duckdb_reads(prices: Path, symbol: str, rows: int) -> None:
    path = prices / DAILY.format(symbol)
    extract = take(path, symbol=symbol)
    found = extract.tables["bars"]
    assert (extract.read, extract.refused.height, found.height) == (rows, 0, rows)
    counted = duckdb.sql(
        f"""select min(Date), max(Date), sum(Open), sum(High), sum(Low), sum(Close), sum(Volume)
        from read_csv('{path}', types={{'Date': 'DATE'}})"""
    ).fetchall()
    columns = ("open", "high", "low", "close", "volume")
    ours = found.select(
        pl.col("session").min(), pl.col("session").max().alias("last"), *(pl.col(c).sum() for c in columns)
    )
    assert ours.row(0)[:2] == counted[0][:2]
    assert ours.row(0)[2:] == pytest.approx(counted[0][2:], rel=1e-12)


def test_every_session_since_1993_has_its_bar(spy: pl.DataFrame) -> None:
    days = sessions.schedule().filter(pl.col("session").is_between(spy["session"].min(), spy["session"].max()))
    assert spy["session"].to_list() == days["session"].to_list()
    assert spy["known_at"].to_list() == days["closes"].to_list()


def test_the_index_is_levels_and_three_closed_days_are_refused(prices: Path) -> None:
    """Yahoo has rows of the two days of the hurricane and of a Thanksgiving, repeating the day before."""
    extract = take(prices / INDEX, symbol="SP500")
    levels = extract.tables["levels"]
    with (prices / INDEX).open() as file:
        rows = {r["date"]: float(r["close"]) for r in csv.DictReader(file)}
    assert (extract.read, levels.height, len(rows)) == (4027, 4024, 4027)
    assert [r[:10] for r in extract.refused["reason"]] == ["2012-10-29", "2012-10-30", "2016-11-24"]
    assert {f"{d:%Y}/{d.month}/{d.day}": v for d, v in levels.select("at", "value").rows()}.items() <= rows.items()
    assert levels.filter(at=date(2024, 7, 3))["known_at"].to_list() == [datetime(2024, 7, 3, 17, tzinfo=UTC)]
    assert levels["series"].unique().to_list() == ["^GSPC"]


def test_the_vix_and_the_holidays_on_which_cboe_computes_it(prices: Path) -> None:
    extract = take(prices / VIX, symbol="VIX")
    levels = extract.tables["levels"]
    with (prices / VIX).open(newline="") as file:
        rows = {r["DATE"]: float(r["CLOSE"]) for r in csv.DictReader(file)}
    assert (extract.read, levels.height, extract.refused.height) == (9235, 9235, 0)
    assert {d.isoformat(): v for d, v in levels.select("at", "value").rows()} == rows
    days = set(sessions.schedule()["session"])
    closed = levels.filter(~pl.col("at").is_in(list(days)))
    assert (closed.height, closed.filter(pl.col("at") >= date(2022, 1, 1)).height) == (33, 32)
    assert closed.filter(at=date(2025, 6, 19))["known_at"].to_list() == [datetime(2025, 6, 19, 20, 15, tzinfo=UTC)]
    assert levels.row(0, named=True)["known_at"] == datetime(1990, 1, 2, 21, 15, tzinfo=UTC)


@pytest.mark.parametrize(("symbol", "empty"), [("SPY", 3), ("QQQ", 12), ("IWM", 3)])
def test_hourly_bars_equal_the_file_and_end_at_the_close(prices: Path, symbol: str, empty: int) -> None:
    path = prices / HOURLY.format(symbol)
    extract = take(path, symbol=symbol)
    found = extract.tables["bars"]
    assert (extract.read, found.height, extract.refused.height) == (3491, 3491, 0)
    with path.open() as file:
        rows = [
            (datetime.fromisoformat(r["timestamp"]), float(r["close"]), float(r["volume"]))
            for r in csv.DictReader(file)
        ]
    assert found.select("start", "close", "volume").rows() == rows
    assert found["interval"].unique().to_list() == ["1h"]
    assert found.filter(volume=0).height == empty
    hours = found.join(sessions.schedule(), on="session")
    assert hours.select(((pl.col("start") >= pl.col("opens")) & (pl.col("end") <= pl.col("closes"))).all()).item()
    last = (
        hours.group_by("session")
        .agg(pl.col("end").max(), pl.col("closes").first())
        .filter(pl.col("end") != pl.col("closes"))
    )
    half = {
        date(2024, 7, 3),
        date(2024, 11, 29),
        date(2024, 12, 24),
        date(2025, 7, 3),
        date(2025, 11, 28),
        date(2025, 12, 24),
    }
    assert set(last["session"]) == half | {date(2026, 1, 2)}, "Yahoo leaves out half days' bar of 12:30; the file ends"


def test_local_quarters_of_an_hour_equal_the_file_in_utc(prices: Path, quarters: pl.DataFrame) -> None:
    path = prices / QUARTERS
    with path.open() as file:
        rows = [(float(r["Close"]), 100 * float(r["Volume"])) for r in csv.DictReader(file)]
    assert quarters.select("close", "volume").rows() == rows
    assert len(rows) == 51_176
    assert quarters["interval"].unique().to_list() == ["15m"]
    assert quarters.select("symbol", "adjustment").unique().rows() == [("SPY", "split")]
    theirs = duckdb.sql(
        f"""select min(t), max(t), count(distinct t) from (select
        timezone('Europe/Amsterdam', column0::timestamp) as t from
        read_csv('{path}', header=false, skip=1))"""
    ).fetchall()[0]
    starts = quarters["start"]
    assert (starts.min(), starts.max(), starts.n_unique()) == (*(t.astimezone(UTC) for t in theirs[:2]), theirs[2])


@pytest.mark.parametrize(
    ("session", "first"),
    [
        (date(2020, 1, 15), datetime(2020, 1, 15, 9, tzinfo=UTC)),
        (date(2020, 3, 6), datetime(2020, 3, 6, 9, tzinfo=UTC)),
        (date(2020, 3, 9), datetime(2020, 3, 9, 8, tzinfo=UTC)),
        (date(2020, 3, 27), datetime(2020, 3, 27, 8, tzinfo=UTC)),
        (date(2020, 3, 30), datetime(2020, 3, 30, 8, tzinfo=UTC)),
        (date(2020, 7, 15), datetime(2020, 7, 15, 8, tzinfo=UTC)),
        (date(2020, 10, 26), datetime(2020, 10, 26, 8, tzinfo=UTC)),
        (date(2020, 11, 2), datetime(2020, 11, 2, 9, tzinfo=UTC)),
    ],
)
def test_each_day_begins_at_four_in_new_york(quarters: pl.DataFrame, session: date, first: datetime) -> None:
    """Through the weeks, from 8 to 29 March and 25 October to 1 November 2020, when only one side had changed."""
    own = quarters.filter(session=session)
    assert own["start"].min() == first
    assert first == sessions.at_new_york(session, datetime.min.time().replace(hour=4))
    assert own["end"].max() == sessions.at_new_york(session, datetime.min.time().replace(hour=20))


def test_local_quarters_agree_with_the_daily_bars(quarters: pl.DataFrame, spy: pl.DataFrame) -> None:
    """Opens of 9:30 and closes of 15:45 are the day's, in gap weeks too, and lots of a hundred give its volume."""
    hours = quarters.join(sessions.schedule(), on="session")
    inside = hours.filter(pl.col("start") >= pl.col("opens"), pl.col("start") < pl.col("closes")).sort("start")
    own = inside.group_by("session").agg(pl.col("open").first(), pl.col("close").last(), pl.col("volume").sum())
    both = own.join(spy, on="session", suffix="_day")
    assert both.height == 801
    off = {p: (both[p] / both[f"{p}_day"] - 1).abs() for p in ("open", "close")}
    assert off["open"].max() < 1e-3
    assert both.filter(off["close"] > 1e-3).height == 10, "closing auctions far from the last trade, 7 in March 2020"
    gap = both.filter(pl.col("session").is_between(date(2020, 3, 8), date(2020, 3, 28)))
    assert gap.height == 15
    assert (gap["open"] / gap["open_day"] - 1).abs().median() < 1e-4, "an hour off, it is 1 % or so"
    assert 0.5 < (both["volume"] / both["volume_day"]).median() < 1.0


@pytest.mark.parametrize(
    ("zone", "share", "moved"),
    [
        ("Europe/London", 65, "89% would with stamps 1 h earlier"),
        ("Europe/Helsinki", 77, "89% would with stamps 1 h later"),
        ("UTC", 59, "84% would with stamps 2 h earlier"),
        ("America/New_York", 15, "87% would with stamps 6 h earlier"),
        ("Asia/Tokyo", 1, "84% would with stamps 7 h later"),
    ],
)
def test_a_wrong_zone_is_refused(prices: Path, zone: str, share: int, moved: str) -> None:
    with pytest.raises(RefusedFile) as caught:
        take(prices / QUARTERS, symbol="SPY", zone=zone)
    cause = f"read in {zone}, {share}% of its volume falls into New York's regular hours, and {moved}"
    assert caught.value.cause == cause


def test_the_file_whose_rows_slid_is_refused(prices: Path) -> None:
    """From 2017-07-20 on, after 16 rows of another year, each row bears the stamp of the one 17 further on."""
    with pytest.raises(RefusedFile) as caught:
        take(prices / SLID, symbol="QQQ", zone="CET")
    cause = "73% of its volume falls into New York's regular hours in 61 of its 85 months, the first 2017-07"
    assert cause in caught.value.cause
    assert "91% would with stamps 1 h earlier" in caught.value.cause


def test_the_part_before_they_slid_is_sound(prices: Path) -> None:
    """Its bars of 15:00 close where the day does; the same is untrue of the rest."""
    lines = (prices / SLID).read_text().splitlines(keepends=True)
    source = recognised("".join(lines).encode())
    assert source is not None
    head = [line for line in lines if line < "2017-07-20"]
    found = source.transform("".join(head).encode(), "head", Options(symbol="QQQ", zone="CET")).tables["bars"]
    day = take(prices / DAILY.format("QQQ"), symbol="QQQ").tables["bars"]
    last = found.join(sessions.schedule(), on="session").filter(pl.col("end") == pl.col("closes"))
    both = last.join(day, on="session", suffix="_day")
    assert both.height > 490
    assert ((both["close"] / both["close_day"] - 1).abs() < 1e-3).mean() > 0.98


def test_adjusted_closes_equal_what_duckdb_reads(prices: Path) -> None:
    extract = take(prices / MEMBERS)
    found = extract.tables["bars"]
    assert (extract.read, found.height, extract.refused.height) == (1_673_977, 1_673_977, 0)
    counted = duckdb.sql(
        f"""select min(Date)::date, max(Date)::date, count(distinct ticker), sum(adj_close::double)
        from read_parquet('{prices / MEMBERS}')"""
    ).fetchall()[0]
    dates = pl.col("session").min(), pl.col("session").max().alias("last")
    ours = found.select(*dates, pl.col("symbol").n_unique(), pl.col("close").sum()).row(0)
    assert ours == pytest.approx(counted)
    spelled = found.select("symbol", "symbol_raw").unique().filter(pl.col("symbol") != pl.col("symbol_raw"))
    assert set(spelled.rows()) == {("BRKB", "BRK-B"), ("BFB", "BF-B")}
