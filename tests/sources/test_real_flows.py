"""Real files of short volume, fails and borrow, against the csv module, DuckDB and each other."""

import csv
import io
import re
from collections import Counter
from pathlib import Path

import duckdb
import polars as pl
import pytest

from sources.real import content, take

pytestmark = pytest.mark.data
DAY = "20210604"
FACILITIES = {"FNSQ": "q", "FNQC": "b", "FNYX": "n", "FORF": "o"}


def volume(data: Path, prefix: str) -> pl.DataFrame:
    return take(data / f"flows/{prefix}shvol{DAY}.txt").tables["flows"]


def cells(path: Path, encoding: str = "utf-8") -> list[list[str]]:
    return list(csv.reader(io.StringIO(content(path).decode(encoding)), delimiter="|", quoting=csv.QUOTE_NONE))


@pytest.mark.parametrize(
    ("prefix", "rows"), [("CNMS", 9661), ("FNSQ", 9529), ("FNQC", 3161), ("FNYX", 8201), ("FORF", 4656)]
)
def test_short_volume_equals_what_the_csv_module_reads(data: Path, prefix: str, rows: int) -> None:
    table = volume(data, prefix)
    theirs = [r for r in cells(data / f"flows/{prefix}shvol{DAY}.txt") if len(r) == 6][1:]
    assert table.height == len(theirs) == rows
    ours = table.select("symbol_raw", "quantity", "total").rows()
    assert ours == [(r[1], float(r[2]), float(r[4])) for r in theirs]
    letter = FACILITIES.get(prefix)
    assert table["kind"].unique().to_list() == [f"short_volume_{letter}" if letter else "short_volume"]


def test_the_consolidated_file_is_the_sum_of_the_three_facilities_of_listed_securities(data: Path) -> None:
    parts = pl.concat([volume(data, p) for p in ("FNSQ", "FNQC", "FNYX")])
    added = parts.group_by("symbol").agg(pl.col("quantity", "total").sum()).sort("symbol")
    whole = volume(data, "CNMS").sort("symbol")
    assert added.equals(whole.select("symbol", "quantity", "total"))


def test_no_over_the_counter_symbol_stands_in_the_consolidated_file(data: Path) -> None:
    assert set(volume(data, "FORF")["symbol"]) & set(volume(data, "CNMS")["symbol"]) == set()


def test_lower_case_letters_written_out_are_short_interest_s_own_spelling(data: Path) -> None:
    """Of 434 symbols with lower-case letters all but one stand so in a report of 2017 to 2025."""
    report = pl.scan_parquet(data / "finra/consolidated_20171229_20250613.parquet")
    listed = set(report.select(pl.col("symbolCode").cast(pl.String).unique()).collect()["symbolCode"])
    marked = volume(data, "CNMS").filter(pl.col("symbol_raw").str.contains("[a-z]"))
    assert (marked.height, set(marked["symbol"]) - listed) == (434, {"GABRTWI"})


@pytest.mark.parametrize(
    ("name", "read", "added", "shares"),
    [
        ("202012b", 65_868, 1, 3_348_884_810),
        ("202101a", 48_215, 2, None),
        ("202101b", 55_972, 1, None),
        ("202102a", 59_224, 8, None),
        ("202102b", 54_843, 0, None),
    ],
)
def test_fails_equal_what_the_csv_module_reads(
    data: Path, name: str, read: int, added: int, shares: int | None
) -> None:
    path = data / f"flows/cnsfails{name}.txt.gz"
    extract = take(path)
    table = extract.tables["flows"]
    theirs = [r for r in cells(path, "latin-1") if len(r) == 6][1:]
    assert extract.read == len(theirs) == read
    assert table.height == read - added
    assert table["quantity"].sum() == sum(int(r[3]) for r in theirs)
    assert shares in (None, table["quantity"].sum())
    owed: Counter[tuple[str, str]] = Counter()
    for r in theirs:
        owed[re.sub("[^A-Z0-9]", "", r[2]), r[0]] += int(r[3])
    ours = table.select("symbol", pl.col("session").dt.strftime("%Y%m%d"), "quantity").rows()
    assert {(s, d): q for s, d, q in ours} == owed
    assert table["price"].null_count() == len({(r[2], r[0]) for r in theirs if r[5] == "."})
    assert ("no lines that count it" in extract.remark) == (shares is None)


def test_borrow_equals_what_duckdb_reads(data: Path, tmp_path: Path) -> None:
    path = data / "flows/ibkr_usa_2022-08-06.txt.gz"
    table = take(path).tables["borrow"]
    (tmp_path / "usa.txt").write_bytes(content(path))
    theirs = duckdb.sql(
        f"""select count(*), sum(try_cast(FEERATE as double)) / 100, sum(try_cast(REBATERATE as double)) / 100,
        count(try_cast(FEERATE as double)), sum(try_cast(ltrim(AVAILABLE, '>') as bigint)),
        count(*) filter (AVAILABLE like '>%')
        from read_csv('{tmp_path / "usa.txt"}', delim='|', quote='', skip=1, header=true, all_varchar=true,
        null_padding=true, strict_mode=false) where "#SYM" not like '#EOF%'"""
    ).fetchall()[0]
    fee = pl.col("fee")
    ours = table.select(
        pl.len(),
        fee.sum(),
        pl.col("rebate").sum(),
        fee.count().alias("fees"),
        pl.col("available").sum(),
        pl.col("capped").sum(),
    ).row(0)
    assert ours == pytest.approx(theirs)
    assert (table.height, table["fee"].null_count(), table["capped"].sum()) == (17_461, 35, 791)
    assert table.filter(symbol="BRKB")["symbol_raw"].to_list() == ["BRK B"]
