"""Real files of levels, against daily files, the csv module, and the workbooks' XML."""

import csv
import io
import zipfile
from datetime import date, datetime
from pathlib import Path
from xml.etree import ElementTree

import polars as pl
import pytest

from overshort import sessions
from sources.real import content, take

pytestmark = pytest.mark.data
XML = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
AVERAGES = "prices/sp500_shiller_monthly_AVERAGES_1871_2026-06.csv"


def levels(data: Path, name: str) -> pl.DataFrame:
    return take(data / name).tables["levels"]


def records(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content(path).decode())))


@pytest.fixture(scope="module")
def closes(data: Path) -> dict[date, float]:
    rows = records(data / "prices/sp500_index_ohlcv_2010_2025.csv")
    return {datetime.strptime(r["date"], "%Y/%m/%d").date(): float(r["close"]) for r in rows}


@pytest.fixture(scope="module")
def months(closes: dict[date, float]) -> dict[tuple[int, int], dict[date, float]]:
    found: dict[tuple[int, int], dict[date, float]] = {}
    for day, close in closes.items():
        found.setdefault((day.year, day.month), {})[day] = close
    return found


def test_month_ends_equal_the_file_and_the_daily_closes_of_their_days(data: Path, closes: dict[date, float]) -> None:
    name = "prices/sp500_month_end_1871_2025-12_DERIVED.csv"
    table = levels(data, name)
    theirs = [(r["yyyymm"], float(r["sp500_month_end_close"])) for r in records(data / name)]
    assert table.select(pl.col("at").dt.strftime("%Y%m"), "value").rows() == theirs
    assert table.height == 1860
    since = table.filter(pl.col("at") >= date(2010, 1, 1)).select("at", "value").rows()
    assert since == [(day, closes[day]) for day, _ in since]
    assert len(since) == 192


def test_a_month_stands_at_its_last_daily_close(data: Path, months: dict[tuple[int, int], dict[date, float]]) -> None:
    table = levels(data, "prices/sp500_month_end_1871_2025-12_DERIVED.csv").filter(pl.col("at") >= date(2010, 1, 1))
    assert table["at"].to_list() == [max(days) for days in months.values()]


def test_averages_are_the_means_of_daily_closes(data: Path, months: dict[tuple[int, int], dict[date, float]]) -> None:
    """Five months of 191 are further off than the file's cents; the worst, 2016-08, by 0.3 percent."""
    table = levels(data, AVERAGES).filter(pl.col("series") == "^GSPC", pl.col("at") >= date(2010, 1, 1))
    found = {(at.year, at.month): value for at, value in table.select("at", "value").rows()}
    off = {m: abs(sum(d.values()) / len(d) / found[m] - 1) for m, d in months.items() if m in found}
    assert set(months) - set(found) == {(2023, 9)}
    assert {m for m, share in off.items() if share > 1e-5} == {(2012, 10), (2016, 8), (2016, 11), (2018, 10), (2019, 8)}
    assert max(off.values()) == pytest.approx(0.003, abs=1e-4)


def test_the_left_out_month_holds_the_close_of_its_first_day(data: Path, closes: dict[date, float]) -> None:
    given = {r["Date"]: float(r["SP500"]) for r in records(data / AVERAGES)}
    assert given["2023-09-01"] == closes[date(2023, 9, 1)] == 4515.77
    assert take(data / AVERAGES).remark.startswith("2023-09 and 2026-06 left out")


def test_the_columns_beside_the_averages_equal_the_file(data: Path) -> None:
    table = levels(data, AVERAGES)
    rows = [r for r in records(data / AVERAGES) if r["Date"] not in ("2023-09-01", "2026-06-01")]
    for column, series in {
        "Dividend": "Shiller dividend",
        "Earnings": "Shiller earnings",
        "Consumer Price Index": "Shiller consumer prices",
        "Long Interest Rate": "Shiller long rate",
        "PE10": "Shiller PE10",
    }.items():
        theirs = [(r["Date"][:7], float(r[column])) for r in rows if float(r[column])]
        ours = table.filter(pl.col("series") == series).select(pl.col("at").dt.strftime("%Y-%m"), "value").rows()
        assert ours == theirs
    late = table.select(pl.col("series"), (pl.col("known_at").dt.date() - pl.col("at")).dt.total_days().alias("days"))
    assert late.filter(pl.col("series") == "Shiller earnings")["days"].min() >= 89


def test_weekly_values_equal_the_file_and_the_daily_vix(data: Path) -> None:
    """Where the week ends on a holiday the value is the last session's; one week, 2026-02-06, agrees with no day."""
    name = "prices/vol_indices_weekly_1990_2026-08.csv"
    table = levels(data, name)
    given = [
        (s, date.fromisoformat(r["week_ending"]), float(v))
        for r in records(data / name)
        for s, v in r.items()
        if s != "week_ending" and v
    ]
    assert sorted(table.select("series", "at", "value").rows()) == sorted(given)
    assert table.select(pl.col("at").n_unique()).item() == 1909
    holidays = [d for d in set(table["at"]) if not sessions.is_session(d)]
    assert len(holidays) == 66
    daily = {
        date.fromisoformat(r["DATE"]): float(r["CLOSE"])
        for r in records(data / "prices/vix-daily_cboe_1990_2026-07-23.csv")
    }
    weekly = table.filter(pl.col("series") == "VIX", pl.col("at") < max(daily)).select("at", "value").rows()
    last = {at: max(d for d in daily if d <= at and sessions.is_session(d)) for at, _ in weekly}
    assert [at for at, value in weekly if daily[last[at]] != value] == [date(2026, 2, 6)]
    assert len(weekly) == 102


def cells(path: Path, sheet: int) -> dict[tuple[str, int], str]:
    """Read a sheet's cells from its XML, numbers and shared texts: an outside reader."""
    with zipfile.ZipFile(path) as archive:
        texts = ElementTree.fromstring(archive.read("xl/sharedStrings.xml")).findall("m:si", XML)
        shared = ["".join(t.text or "" for t in si.iter(f"{{{XML['m']}}}t")) for si in texts]
        found = {}
        for cell in ElementTree.fromstring(archive.read(f"xl/worksheets/sheet{sheet}.xml")).iter(f"{{{XML['m']}}}c"):
            if (value := cell.find("m:v", XML)) is not None and value.text:
                letters = cell.attrib["r"].rstrip("0123456789")
                text = shared[int(value.text)] if cell.get("t") == "s" else value.text
                found[letters, int(cell.attrib["r"][len(letters) :])] = text
    return found


@pytest.mark.parametrize(
    ("name", "sheets", "prefix", "rows", "newest"),
    [
        ("PredictorData2023.xlsx", [2], "GW", 1836, date(2023, 12, 31)),
        ("Returns_short_interest_data.xlsx", [1, 2, 3], "RRZ", 1728 + 504 + 504, date(2014, 12, 31)),
    ],
)
def test_workbooks_equal_what_their_xml_says(
    data: Path, name: str, sheets: list[int], prefix: str, rows: int, newest: date
) -> None:
    extract = take(data / "sii" / name)
    table = extract.tables["levels"]
    theirs = {}
    for sheet in sheets:
        found = cells(data / "sii" / name, sheet)
        header = {letters: text for (letters, row), text in found.items() if row == 1}
        theirs |= {
            (f"{prefix} {header[letters]}", found["A", row]): float(text)
            for (letters, row), text in found.items()
            if row > 1 and letters != "A" and text != "NaN"
        }
    ours = table.select("series", pl.col("at").dt.strftime("%Y%m"), "value").rows()
    assert {(s, m): v for s, m, v in ours} == theirs
    assert (extract.read, table.height) == (rows, len(theirs))
    assert table["known_at"].dt.convert_time_zone("America/New_York").dt.date().unique().to_list() == [newest]


def test_the_workbooks_one_wrong_price_each_is_remarked_on(data: Path, closes: dict[date, float]) -> None:
    ends = dict(levels(data, "prices/sp500_month_end_1871_2025-12_DERIVED.csv").select("at", "value").rows())
    for name, series, wrong in (
        ("PredictorData2023.xlsx", "GW price", date(2017, 11, 30)),
        ("Returns_short_interest_data.xlsx", "RRZ Index", date(2014, 9, 30)),
    ):
        extract = take(data / "sii" / name)
        prices = extract.tables["levels"].filter(pl.col("series") == series).select("at", "value").rows()
        assert [at for at, value in prices if abs(value / ends[at] - 1) > 1e-4] == [wrong]
        assert extract.remark.startswith(f"{series} {wrong:%Y-%m} is wrong and kept")
    assert closes[date(2017, 11, 13)] == pytest.approx(2584.84, abs=0.001)
    assert closes[date(2014, 9, 30)] == pytest.approx(1972.29, abs=0.01)
