"""The scholars' workbooks: names, cells, when they are known, damage."""

import io
import zipfile
from datetime import date, datetime
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from overshort.errors import RefusedFile
from overshort.sources import Extract, Options, recognised, workbook
from overshort.sources.predictors import GOYAL_WELCH, RAPACH
from sources.examples import MONTHLY, RRZ
from sources.examples import workbook as written

SOUND = written(Monthly=MONTHLY, Quarterly=MONTHLY)


def take(*rows: tuple[object, ...], header: tuple[object, ...] = MONTHLY[0]) -> Extract:
    return GOYAL_WELCH.transform(written(Monthly=(header, *rows), Annual=()), "book", Options())


def parts(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, member in members.items():
            archive.writestr(name, member)
    return file.getvalue()


def test_every_number_is_a_row_with_the_series_named_after_the_workbook() -> None:
    table = take(*MONTHLY[1:]).tables["levels"]
    assert table.select("series", "at", "value").rows() == [
        ("GW price", date(1885, 2, 27), 12.25),
        ("GW price", date(2022, 3, 31), 3400.123456789012),
        ("GW d/p", date(1885, 2, 27), 0.0000001),
        ("GW d/p", date(2022, 3, 31), 0.015),
        ("GW shtint", date(2022, 3, 31), -1.25),
    ]
    assert table.select("frequency", "unit").unique().rows() == [("month_end", "as published")]


def test_no_row_is_known_before_the_newest_month_is_over() -> None:
    """Columns are estimated over the whole sample: what stands beside 1885 knows 2022."""
    known = take(*MONTHLY[1:]).tables["levels"]["known_at"].unique().to_list()
    assert known == [datetime(2022, 3, 31, 23, 59, tzinfo=ZoneInfo("America/New_York"))]


def test_all_sheets_of_the_second_workbook_are_read_and_its_newest_month_counts_for_all() -> None:
    longer = {**RRZ, "Returns": (*RRZ["Returns"], (201404, 0.5))}
    table = RAPACH.transform(written(**longer), "book", Options()).tables["levels"]
    assert set(table["series"]) == {
        "RRZ Index",
        "RRZ b/m",
        "RRZ EWSI",
        "RRZ VWSI, log cap",
        "RRZ S&P 500 VW",
    }
    assert table["known_at"].dt.convert_time_zone("America/New_York").dt.date().unique().to_list() == [
        date(2014, 4, 30)
    ]


def test_a_value_known_to_be_wrong_is_kept_with_a_remark() -> None:
    extract = take((201710, 2575.26, 1, 1, None), (201711, 2584.840088, 1, 1, None), (201712, 2673.61, 1, 1, None))
    assert extract.remark.startswith("GW price 2017-11 is wrong and kept: 2584.84 is the close of 2017-11-13")
    assert extract.tables["levels"].filter(pl.col("value") == 2584.840088).height == 1
    assert take((201711, 2647.58, 1, 1, None)).remark == ""


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("x", "GW d/p 'x' is not a number"),
        ("#DIV/0!", "GW d/p '#DIV/0!' is not a number"),
        (True, "GW d/p 'True' is not a number"),
        (datetime(2022, 1, 1), "GW d/p '2022-01-01 00:00:00' is not a number"),  # noqa: DTZ001 a cell has no zone
    ],
)
def test_a_cell_that_is_no_number_refuses_its_row(cell: object, reason: str) -> None:
    extract = take(*MONTHLY[1:], (202204, 1, cell, 1, None))
    assert extract.refused.select("line", "reason").rows() == [(None, reason)]
    assert extract.tables["levels"]["at"].max() == date(2022, 3, 31)


def test_a_month_must_be_one_and_stand_once() -> None:
    extract = take(*MONTHLY[1:], (202213, 1, 1, 1, None), (202203, 1, 1, 1, None))
    assert "month '202213' is not a month YYYYMM" in extract.refused["reason"].to_list()
    assert any("stands twice for 2022-03-01" in reason for reason in extract.refused["reason"])


@pytest.mark.parametrize(
    ("header", "match"),
    [
        (("yyyymm", "a", "a", "b", "c"), "column 'a' stands twice in its sheet 'Monthly'"),
        (("month", "a", "b", "c", "d"), "has no column 'yyyymm' with series beside it"),
        (("yyyymm", "a", None, "b", "c"), "'0.0000001' in its sheet 'Monthly' stands in a column without a name"),
    ],
)
def test_a_header_that_is_none_refuses_the_workbook(header: tuple[object, ...], match: str) -> None:
    with pytest.raises(RefusedFile, match=match):
        take(*MONTHLY[1:], header=header)


def test_names_of_columns_may_be_anything() -> None:
    extract = take(*MONTHLY[1:], (202204, 1, 2, "x", 3), header=("yyyymm", "row", "{}", "line", "at"))
    assert extract.refused["reason"].to_list() == ["GW line 'x' is not a number"]
    assert set(extract.tables["levels"]["series"]) == {"GW row", "GW {}", "GW line"}


def test_a_series_in_two_sheets_or_a_sheet_too_few_refuses_the_workbook() -> None:
    twice = {**RRZ, "Returns": (("Date", "EWSI"), (201403, 1))}
    with pytest.raises(RefusedFile, match="series 'RRZ EWSI' stands in its sheets 'Short interest' and 'Returns'"):
        RAPACH.transform(written(**twice), "book", Options())
    short = written(**{name: rows for name, rows in RRZ.items() if name != "Returns"})
    assert recognised(short) is RAPACH
    with pytest.raises(RefusedFile, match="no sheet 'Returns'"):
        RAPACH.transform(short, "book", Options())
    with pytest.raises(RefusedFile, match="sheet 'Monthly' has no rows"):
        take()


def test_workbooks_and_archives_of_other_kinds_are_claimed_by_none() -> None:
    assert recognised(written(Sheet1=MONTHLY)) is None
    assert recognised(packed({"readme.txt": b"Monthly Quarterly Annual"})) is None
    assert recognised(packed({"readme.txt": b"x"})[:40]) is None


def test_a_workbook_that_is_cut_off_is_claimed_and_refused() -> None:
    for length in (len(SOUND) // 3, len(SOUND) // 2, len(SOUND) - 30):
        assert recognised(SOUND[:length]) is GOYAL_WELCH
        with pytest.raises(RefusedFile, match=r"cannot be read .*: it is cut off or damaged"):
            GOYAL_WELCH.transform(SOUND[:length], "book", Options())


def test_a_part_damaged_inside_refuses_the_workbook() -> None:
    stored = io.BytesIO()
    with zipfile.ZipFile(stored, "w") as archive:
        for name, member in parts(SOUND).items():
            archive.writestr(name, member)
    damaged = stored.getvalue().replace(b"<v>12.25</v>", b"<v>12.35</v>")
    assert damaged != stored.getvalue()
    with pytest.raises(RefusedFile, match=r"its part 'xl/worksheets/sheet1\.xml' is damaged"):
        GOYAL_WELCH.transform(damaged, "book", Options())


def test_xml_that_is_none_refuses_the_workbook() -> None:
    broken = packed({**parts(SOUND), "xl/worksheets/sheet1.xml": b"<worksheet><sheetData><row"})
    assert recognised(broken) is GOYAL_WELCH
    with pytest.raises(RefusedFile, match="its workbook cannot be read") as caught:
        GOYAL_WELCH.transform(broken, "book", Options())
    assert "\n" not in str(caught.value)


def test_one_far_cell_does_no_harm() -> None:
    sheet = parts(SOUND)["xl/worksheets/sheet1.xml"]
    far = sheet.replace(b"</sheetData>", b'<row r="99999"><c r="XFD99999"><v>1</v></c></row></sheetData>')
    with pytest.raises(RefusedFile, match="'1' in its sheet 'Monthly' stands in a column without a name"):
        GOYAL_WELCH.transform(packed({**parts(SOUND), "xl/worksheets/sheet1.xml": far}), "book", Options())


def test_a_workbook_that_unpacks_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "LARGEST", 1000)
    with pytest.raises(RefusedFile, match="unpacks to more than 1,000 bytes"):
        GOYAL_WELCH.transform(SOUND, "book", Options())
