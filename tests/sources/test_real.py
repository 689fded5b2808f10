"""The publishers' real files: recognised, read whole, and equal to what DuckDB and the csv module read."""

import csv
import io
import re
from collections import Counter
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest

from overshort import schema, sessions
from overshort.errors import RefusedFile
from overshort.sources import Extract, Options, announcements, finra, invesco, ishares, members, nasdaq100, recognised
from overshort.sources import shares as sightings
from overshort.sources import splits as ratios
from sources.real import content, take

pytestmark = pytest.mark.data
REPORT = "finra/consolidated_20171229_20250613.parquet"
COMPARED = ["symbol", "settlement", *schema.table("short_interest").values]
KINDS = {
    "finra/*.parquet": {"finra.consolidated", "wsj.shares"},
    "finra/raw/*": {"finra.consolidated"},
    "finra/site_export/*": {"finra.export"},
    "finra/*.csv": {"nasdaq.announcements"},
    "splits/*": {"overshort.splits"},
    "constituents/*.csv": {"sp500.spells", "sp500.changes", "sp500.list", "invesco.holdings"},
    "constituents/n100/*": {"nasdaq100.years"},
    "constituents/ishares/*": {"ishares.holdings"},
    "flows/*shvol*": {"finra.short_volume"},
    "flows/cnsfails*": {"sec.fails"},
    "flows/ibkr*": {"ibkr.borrow"},
    "sii/*": {"goyal_welch.predictors", "rapach.predictors"},
    "prices/*yahoo*": {"prices.daily"},
    "prices/*_1h_2024*": {"prices.intraday"},
    "prices/*IBKR*": {"ibkr.bars"},
    "prices/sp500_index*": {"prices.daily"},
    "prices/vix*": {"prices.daily"},
    "prices/sp500_members*": {"prices.closes"},
    "prices/sp500_month_end*": {"sp500.month_ends"},
    "prices/sp500_shiller*": {"shiller.monthly"},
    "prices/vol_indices*": {"cboe.weeks"},
    "options/cboe_datashop*": {"cboe.option_trades"},
    "options/databento/*": {"databento.dbn"},
}


@pytest.fixture(scope="module")
def extract(data: Path) -> Extract:
    return finra.CONSOLIDATED.transform((data / REPORT).read_bytes(), "report", Options())


@pytest.fixture(scope="module")
def report(extract: Extract) -> pl.DataFrame:
    return extract.tables["short_interest"]


@pytest.mark.parametrize("pattern", KINDS)
def test_each_file_is_recognised_as_its_kind(data: Path, pattern: str) -> None:
    found = Counter(s.name if (s := recognised(content(p))) else None for p in data.glob(pattern))
    assert set(found) == KINDS[pattern]


def test_files_of_other_kinds_are_claimed_by_none(data: Path) -> None:
    assert recognised(content(data / "README.md")) is None


def test_option_files_of_other_products_and_layouts_are_claimed_and_refused(data: Path) -> None:
    """Of 17 files under options one is a tape of Cboe's and two are trades of OPRA's."""
    tapes = {
        "cboe_datashop_UnderlyingOptionsTrades_2016-06-01.csv": 2295,
        "test_data.tbbo.dbn.zst": 4,
        "test_data.trades.dbn.zst": 4,
    }
    paths = sorted(p for p in (data / "options").rglob("*") if p.is_file())
    assert len(paths) == 17
    assert {p.name: take(p).tables["option_trades"].height for p in paths if p.name in tapes} == tapes
    for path in (p for p in paths if p.name not in tapes):
        source = recognised(content(path))
        assert source is not None
        with pytest.raises(RefusedFile, match=r"another product|not one of trades") as caught:
            source.transform(content(path), path.name, Options())
        assert caught.value.line == (1 if path.suffix == ".csv" else None)


def test_every_row_of_the_reports_is_taken(extract: Extract) -> None:
    assert (extract.read, extract.refused.height) == (3_327_511, 0)
    assert extract.tables["short_interest"].height == 3_327_511


def test_the_reports_equal_what_duckdb_reads(data: Path, report: pl.DataFrame, tmp_path: Path) -> None:
    report.write_parquet(tmp_path / "ours.parquet")
    theirs = f"""select symbolCode, settlementDate, currentShortPositionQuantity, previousShortPositionQuantity,
        averageDailyVolumeQuantity, stockSplitFlag = 'S', revisionFlag = 'R', marketClassCode,
        issuerServicesGroupExchangeCode, issueName, daysToCoverQuantity, symbolCode
        from read_parquet('{data / REPORT}')"""
    ours = f"""select symbol, settlement, position, previous, adv, split, revised, market, exchange, name,
        dtc_published, symbol_raw from read_parquet('{tmp_path / "ours.parquet"}')"""
    for one, other in ((theirs, ours), (ours, theirs)):
        left = duckdb.sql(f"select count(*) from (({one}) except ({other}))").fetchall()
        assert left == [(0,)]


def test_each_settlement_is_known_from_its_publication_on(report: pl.DataFrame) -> None:
    known = report.select("settlement", "known_at").unique()
    assert known.height == 180
    assert dict(known.rows()) == {d: sessions.publication(d)[0] for d in known["settlement"]}


def test_raw_reports_equal_the_parquet_s_rows(data: Path, report: pl.DataFrame) -> None:
    paths = sorted((data / "finra/raw").glob("*.gz"))
    assert len(paths) == 4
    for path in paths:
        rows = take(path).tables["short_interest"]
        lines = list(csv.reader(io.StringIO(content(path).decode()), delimiter="|", quoting=csv.QUOTE_NONE))
        own = report.filter(pl.col("settlement") == rows["settlement"][0])
        assert rows.height == len(lines) - 1 == own.height
        assert rows.drop("source").sort("symbol").equals(own.drop("source").sort("symbol"))


def test_exports_agree_with_the_reports_in_all_that_is_compared(data: Path, report: pl.DataFrame) -> None:
    """Of 490 exported rows 473 lie in the reports' time; each equals its report's row, split months included."""
    exported = pl.concat([take(p).tables["short_interest"] for p in (data / "finra/site_export").glob("*.csv")])
    assert exported.height == 490
    assert exported.join(report, on=COMPARED, nulls_equal=True).height == 473
    later = exported.filter(pl.col("settlement") > date(2025, 6, 13))
    assert later.height == 490 - 473


def test_announced_totals_equal_the_file_and_the_packaged_days(data: Path) -> None:
    extract = take(data / "finra/nasdaq_announcements.csv")
    rows = list(csv.DictReader((data / "finra/nasdaq_announcements.csv").read_text().splitlines()))
    columns = {"all": "total", "NNM": "global_market", "SC": "capital_market"}
    expected = {
        (date.fromisoformat(r["settlement_date"]), market): tuple(
            int(r[f"{c}_{what}"]) if r[f"{c}_{what}"] else None for what in ("issues", "shares")
        )
        for r in rows
        for market, c in columns.items()
        if r[f"{c}_issues"] or r[f"{c}_shares"]
    }
    found = extract.tables["totals"].select("settlement", "market", "issues", "shares").rows()
    assert {(s, m): (i, n) for s, m, i, n in found} == expected
    published = extract.tables["publications"]
    announced = published.filter(pl.col("basis") == "announced")
    assert {s: sessions.publication(s)[0] for s in announced["settlement"]} == dict(
        announced.select("settlement", "published_at").rows()
    )
    assert (published.height, announced.height) == (29, len(sessions.announced()))


def test_announced_parts_equal_the_reports_by_class(data: Path, report: pl.DataFrame) -> None:
    totals = take(data / "finra/nasdaq_announcements.csv").tables["totals"].filter(pl.col("market") != "all")
    own = report.group_by("settlement", "market").agg(
        pl.len().cast(pl.Int64).alias("n"), pl.col("position").sum().alias("sum")
    )
    both = totals.join(own, on=["settlement", "market"]).drop_nulls("shares")
    assert both.height > 20
    assert both.filter(pl.col("shares") != pl.col("sum")).height == 0


def test_split_ratios(data: Path) -> None:
    path = data / "splits/index_members_2018_2025.csv"
    rows = take(path).tables["splits"]
    assert rows.height == 59
    expected = [(r["symbol"], float(r["ratio_new_per_old"])) for r in csv.DictReader(path.read_text().splitlines())]
    assert rows.select("symbol_raw", "ratio").rows() == expected
    assert recognised(path.read_bytes()) is ratios.SPLITS


def test_spells_and_list(data: Path) -> None:
    rows = take(data / "constituents/fja05680_sp500_ticker_start_end.csv").tables["membership"]
    assert rows.height == 1230
    assert rows["last"].null_count() == 503
    assert rows.filter(symbol="BRKB")["symbol_raw"].to_list() == ["BRK.B"]
    listed = data / "constituents/fja05680_sp500.csv"
    with pytest.raises(RefusedFile, match="--dated"):
        members.LIST.transform(listed.read_bytes(), "list", Options())
    assert take(listed, Options(dated=date(2025, 11, 15))).tables["membership"].height == 503


def test_changes(data: Path) -> None:
    rows = take(data / "constituents/fja05680_sp500_changes_since_2019.csv")
    table = rows.tables["membership"]
    assert (rows.read, table.height) == (294, 273)
    running = table.filter(pl.col("last").is_null()).height
    empty = table.filter(pl.col("first") == pl.col("last")).height
    assert (running + empty + table.filter(pl.col("first") < pl.col("last")).height) == table.height
    assert (running, empty) == (125, 127)
    fisv = table.filter(pl.col("symbol").is_in(["FI", "FISV"])).sort("first").select("symbol_raw", "first", "last")
    assert fisv["symbol_raw"].to_list()[-1] == "FISV"


def test_nasdaq_100_years_join_up(data: Path) -> None:
    """The members with which a file ends its year are those with which the next file begins."""
    tables = {p.stem[-4:]: take(p).tables["membership"] for p in (data / "constituents/n100").glob("*.yaml")}
    assert sorted(tables) == [str(y) for y in range(2015, 2027)]
    for year in range(2015, 2026):
        ends = tables[str(year)].filter(pl.col("last") == date(year + 1, 1, 1))["symbol"].to_list()
        begins = tables[str(year + 1)].filter(pl.col("first") == date(year + 1, 1, 1))["symbol"].to_list()
        assert sorted(ends) == sorted(begins)
    assert "ON" in tables["2025"]["symbol"].to_list()
    assert recognised(next((data / "constituents/n100").glob("*.yaml")).read_bytes()) is nasdaq100.YEARS


@pytest.mark.parametrize(
    ("name", "index", "dated", "height"),
    [
        ("IWM_holdings_2025-05-13.csv", "RUT", date(2025, 5, 13), 1928),
        ("IWM_holdings_2025-11-05.csv", "RUT", date(2025, 11, 5), 1954),
        ("IVV_holdings_2023-04-06.csv", "SPX", date(2023, 4, 6), 503),
        ("IWM_holdings_nohdr_2024-10.csv", "RUT", date(2024, 10, 15), 1971),
    ],
)
def test_ishares_members(data: Path, name: str, index: str, dated: date, height: int) -> None:
    path = data / "constituents/ishares" / name
    options = Options(dated=dated, index=index) if "nohdr" in name else Options()
    rows = take(path, options).tables["membership"]
    assert rows.select("index", "dated", "basis").unique().rows() == [(index, dated, "snapshot")]
    assert rows.height == height
    assert rows["weight"].sum() == pytest.approx(1, abs=0.01)
    text = path.read_text("utf-8-sig")
    lines = csv.DictReader(io.StringIO(text[text.index("Ticker,Name") :]))
    traded = re.compile("NASDAQ|Stock|Mkt|BZX")
    named = {r["Ticker"] for r in lines if r["Asset Class"] == "Equity" and traded.search(r["Exchange"])}
    assert named - set(rows["symbol_raw"]) <= {"-", "GTXI"}
    assert set(rows["symbol_raw"]) <= named
    assert recognised(path.read_bytes()) is ishares.HOLDINGS


def test_invesco_members(data: Path) -> None:
    rows = take(data / "constituents/QQQ_holdings_invesco_2020-07-02.csv").tables["membership"]
    assert rows.height == 103
    assert rows.select("index", "dated", "source").unique().rows() == [("NDX", date(2020, 7, 2), invesco.HOLDINGS.name)]
    assert rows["weight"].sum() == pytest.approx(1, abs=0.002)


def test_shares_equal_what_duckdb_counts(data: Path) -> None:
    path = data / "finra/wsj_short_interest_float_2020-12_2021-07.parquet"
    extract = take(path)
    rows = extract.tables["shares"]
    counted = duckdb.sql(
        f"""select count(*), sum(shares_outstanding), sum(public_float), count(shares_outstanding), count(public_float)
        from read_parquet('{path}') where shares_outstanding is not null or public_float is not null"""
    ).fetchall()
    counts = [pl.col(c).count().alias(f"{c}_count") for c in ("outstanding", "float")]
    found = rows.select(pl.len(), pl.col("outstanding").sum(), pl.col("float").sum(), *counts)
    assert extract.read == rows.height == 122_007
    assert found.row(0) == pytest.approx(counted[0])
    assert recognised(path.read_bytes()) is sightings.SHARES


def test_announcements_are_claimed_by_their_source(data: Path) -> None:
    assert recognised((data / "finra/nasdaq_announcements.csv").read_bytes()) is announcements.ANNOUNCEMENTS
