"""FINRA's reports and website exports, rule by rule, on invented rows."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

import polars as pl
import pytest

from overshort.errors import RefusedFile
from overshort.sources import Extract, Options
from overshort.sources.finra import CONSOLIDATED as REPORTS
from overshort.sources.finra import EXPORT as EXPORTS
from sources.examples import CONSOLIDATED, EXPORT, REPORT, parquet

HEADER = CONSOLIDATED[0]
COLUMNS = HEADER.split("|")
SOUND = dict(zip(COLUMNS, CONSOLIDATED[1].split("|"), strict=True))


def report(*rows: dict[str, str], columns: Sequence[str] = COLUMNS) -> Extract:
    """Read a report of rows that differ from a sound one in the given cells."""
    lines = ["|".join({**SOUND, **row}[c] for c in columns) for row in rows]
    content = "\n".join(["|".join(columns), *lines, ""]).encode()
    return REPORTS.transform(content, "report", Options())


def others(n: int) -> list[dict[str, str]]:
    return [{"symbolCode": f"ZZ{k}"} for k in range(n)]


def one(extract: Extract) -> dict[str, object]:
    return extract.tables["short_interest"].row(0, named=True)


def refusal(extract: Extract) -> tuple[int, str]:
    assert extract.refused.height == 1
    line, reason, text = extract.refused.row(0)
    assert "|" in text
    return line, reason


def test_every_value_is_where_it_belongs() -> None:
    assert one(report({})) == {
        "known_at": datetime(2022, 4, 26, 20, 40, tzinfo=UTC),
        "source": "finra.consolidated",
        "symbol": "ZZAA",
        "settlement": date(2022, 4, 14),
        "position": 5000,
        "previous": 4000,
        "adv": 1000,
        "split": False,
        "revised": False,
        "market": "NNM",
        "exchange": "R",
        "name": 'Zigzag "A" Shares',
        "dtc_published": 5.0,
        "symbol_raw": "ZZAA",
    }


def test_zero_stays_zero_and_empty_is_null() -> None:
    row = one(report({"currentShortPositionQuantity": "0", "previousShortPositionQuantity": "0"}))
    assert (row["position"], row["previous"]) == (0, 0)
    row = one(report(dict.fromkeys(("previousShortPositionQuantity", "averageDailyVolumeQuantity"), "")))
    assert (row["previous"], row["adv"]) == (None, None)
    row = one(report(dict.fromkeys(("averageDailyVolumeQuantity", "daysToCoverQuantity"), "N/A")))
    assert (row["adv"], row["dtc_published"]) == (None, None)


@pytest.mark.parametrize(("flag", "set_"), [("S", True), ("", False), (" ", False)])
def test_flags_are_set_by_anything_that_stands_there(flag: str, set_: bool) -> None:
    assert one(report({"stockSplitFlag": flag}))["split"] is set_
    assert one(report({"revisionFlag": flag}))["revised"] is set_


def test_columns_are_found_by_name_in_any_order_and_the_month_may_lack() -> None:
    columns = [c for c in reversed(COLUMNS) if c != "accountingYearMonthNumber"]
    assert one(report({}, columns=columns)) == one(report({}))


@pytest.mark.parametrize("written", ["2022-04-14", "04/14/2022", "20220414"])
def test_three_spellings_of_a_date(written: str) -> None:
    assert one(report({"settlementDate": written}))["settlement"] == date(2022, 4, 14)


def test_a_symbol_with_separators_keeps_its_spelling() -> None:
    row = one(report({"symbolCode": "zz.a/b"}))
    assert (row["symbol"], row["symbol_raw"]) == ("ZZAB", "zz.a/b")


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("symbolCode", "--", "symbol '--' has no letters or digits"),
        ("settlementDate", "2022-4-14", "settlement date '2022-4-14' is not a date"),
        ("settlementDate", "2022-02-30", "settlement date '2022-02-30' is not a date"),
        ("settlementDate", "1822-04-14", "is not a date"),
        ("currentShortPositionQuantity", "-5", "short position '-5' is not a whole number"),
        ("currentShortPositionQuantity", "", "short position '' is not a whole number"),
        ("currentShortPositionQuantity", "1.5", "short position '1.5'"),
        ("currentShortPositionQuantity", "9" * 30, "short position '9999"),
        ("previousShortPositionQuantity", "-5", "previous short position '-5'"),
        ("averageDailyVolumeQuantity", "many", "average daily volume 'many'"),
        ("daysToCoverQuantity", "nan", "days to cover 'nan' are not a number"),
        ("marketClassCode", "", "market '' is not a class code"),
        ("marketClassCode", "NYSE American", "market 'NYSE American'"),
    ],
)
def test_a_single_bad_row_is_refused_with_line_and_value(column: str, value: str, said: str) -> None:
    extract = report(*others(3), {column: value})
    line, reason = refusal(extract)
    assert line == 5
    assert said in reason
    assert extract.tables["short_interest"].height == 3
    assert extract.read == 4


def test_a_key_that_stands_twice_is_taken_once() -> None:
    line, reason = refusal(report({}, *others(2), {"currentShortPositionQuantity": "1"}))
    assert line == 5
    assert reason == "'ZZAA' stands twice for ZZAA 2022-04-14: only the first row is taken"


def test_two_spellings_of_one_symbol_are_a_collision_that_names_both() -> None:
    extract = report(
        {"symbolCode": "ZZ.A"}, {"symbolCode": "ZZA"}, {"symbolCode": "ZZA", "settlementDate": "2022-04-29"}
    )
    _, reason = refusal(extract)
    assert "'ZZ.A' and 'ZZA' are both ZZA 2022-04-14" in reason
    assert extract.tables["short_interest"]["symbol_raw"].to_list() == ["ZZ.A", "ZZA"]


def test_up_to_ten_bad_rows_of_a_small_file_are_refused_and_the_rest_taken() -> None:
    extract = report(*others(20), *({"symbolCode": f"YY{k}", "currentShortPositionQuantity": "-1"} for k in range(10)))
    assert (extract.refused.height, extract.tables["short_interest"].height) == (10, 20)


def test_more_than_ten_bad_rows_and_one_in_a_hundred_refuse_the_file_with_the_commonest_reason() -> None:
    bad = [{"symbolCode": f"YY{k}", "averageDailyVolumeQuantity": "many"} for k in range(10)]
    with pytest.raises(RefusedFile, match=r"11 of its 31 rows .* average daily volume 'many'") as caught:
        report(*others(20), {"symbolCode": "-"}, *bad)
    assert caught.value.line == 23
    assert report(*others(1100), {"symbolCode": "-"}, *bad).refused.height == 11


def test_a_file_without_one_sound_row_is_refused() -> None:
    with pytest.raises(RefusedFile, match="1 of its 1 rows"):
        report({"symbolCode": "-"})


@pytest.mark.parametrize("missing", ["symbolCode", "settlementDate", "currentShortPositionQuantity"])
def test_a_missing_column_is_named(missing: str) -> None:
    columns = [c for c in COLUMNS if c != missing]
    content = "|".join(columns).encode()
    assert REPORTS.recognise(content)
    with pytest.raises(RefusedFile, match=f"no column {missing}") as caught:
        report({}, columns=columns)
    assert caught.value.line == 1


def test_a_column_that_stands_twice_is_refused() -> None:
    with pytest.raises(RefusedFile, match="column symbolCode stands twice"):
        report({}, columns=[*COLUMNS, "symbolCode"])


def test_a_last_line_without_its_end_is_taken_only_when_a_date_proves_it_whole() -> None:
    content = "\n".join(CONSOLIDATED).encode()
    assert REPORTS.transform(content, "report", Options()).read == 4
    with pytest.raises(RefusedFile, match="14") as caught:
        REPORTS.transform(content[: -len("|2022-04-14")], "report", Options())
    assert caught.value.line == 5
    columns = [c for c in COLUMNS if c != "currentShortPositionQuantity"] + ["currentShortPositionQuantity"]
    turned = "|".join(columns) + "\n" + "|".join(SOUND[c] for c in columns)
    with pytest.raises(RefusedFile, match="no line end") as caught:
        REPORTS.transform(turned.encode(), "report", Options())
    assert caught.value.line == 2


def test_parquet_gives_the_same_rows_as_text() -> None:
    typed = REPORTS.transform(parquet(REPORT), "p", Options()).tables["short_interest"]
    texts = [["" if v is None else str(v) for v in column] for column in REPORT.values()]
    lines = ["|".join(REPORT), *("|".join(row) for row in zip(*texts, strict=True)), ""]
    assert REPORTS.transform("\n".join(lines).encode(), "t", Options()).tables["short_interest"].equals(typed)


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("settlementDate", ["2022-04-14", "2022-04-29"]),
        ("settlementDate", pl.Series([date(2022, 4, 14), date(2022, 4, 29)]).cast(pl.Datetime("ms")).to_list()),
        ("currentShortPositionQuantity", [5000.0, 90_000.0]),
        ("currentShortPositionQuantity", ["5000", "90000"]),
        ("stockSplitFlag", [None, "S"]),
    ],
)
def test_parquet_columns_of_other_types_are_read_alike(column: str, values: list[object]) -> None:
    other = REPORTS.transform(parquet({**REPORT, column: values}), "p", Options())
    assert other.tables["short_interest"].equals(
        REPORTS.transform(parquet(REPORT), "p", Options()).tables["short_interest"]
    )


def test_a_bad_row_of_parquet_has_no_line_but_its_values() -> None:
    extract = REPORTS.transform(parquet({**REPORT, "currentShortPositionQuantity": [-1, 7]}), "p", Options())
    line, reason, text = extract.refused.row(0)
    assert line is None
    assert "'-1' is not a whole number" in reason
    assert text.startswith("ZZAA|Zigzag|R|NNM|-1|4000")


def test_damaged_parquet_is_recognised_and_refused_with_its_cause() -> None:
    content = parquet(REPORT)
    for damaged in (content[:-20], b"PAR1", b"PAR1" + b"\x00" * 64 + b"PAR1"):
        assert REPORTS.recognise(damaged)
        with pytest.raises(RefusedFile, match="cut off or damaged"):
            REPORTS.transform(damaged, "p", Options())


def test_parquet_that_lacks_a_column_has_lists_or_no_rows_is_refused() -> None:
    with pytest.raises(RefusedFile, match="no column settlementDate"):
        REPORTS.transform(parquet({c: v for c, v in REPORT.items() if c != "settlementDate"}), "p", Options())
    with pytest.raises(RefusedFile, match="symbolCode holds List"):
        REPORTS.transform(parquet({**REPORT, "symbolCode": [["A"], ["B"]]}), "p", Options())
    with pytest.raises(RefusedFile, match="no rows"):
        REPORTS.transform(parquet({c: [] for c in REPORT}), "p", Options())


def test_an_export_knows_neither_split_nor_exchange() -> None:
    rows = EXPORTS.transform("\n".join([*EXPORT, ""]).encode(), "export", Options()).tables["short_interest"]
    assert rows.select("split", "exchange").unique().rows() == [(False, None)]
    assert rows["revised"].to_list() == [True, False]
    assert rows["adv"].to_list() == [1500, None]
    assert rows["name"].to_list() == ["Zigzag, Inc."] * 2


def test_an_export_goes_in_after_the_reports_and_equals_them_in_what_is_compared() -> None:
    assert REPORTS.order < EXPORTS.order
    compared = ["symbol", "settlement", "position", "previous", "market", "known_at"]
    exported = EXPORTS.transform("\n".join([*EXPORT, ""]).encode(), "e", Options()).tables["short_interest"]
    reported = report({}).tables["short_interest"]
    assert exported.filter(pl.col("settlement") == date(2022, 4, 14)).select(compared).equals(reported.select(compared))


def test_a_day_beyond_all_calendars_in_parquet_is_refused() -> None:
    days = pl.Series([2**31 - 1, 19_111], dtype=pl.Int32).cast(pl.Date)
    frame = pl.DataFrame(REPORT).with_columns(settlementDate=days)
    extract = REPORTS.transform(parquet(frame.to_dict()), "p", Options())
    assert extract.refused["reason"].to_list() == ["settlement date '' is not a date YYYY-MM-DD"]


def test_rows_that_contradict_their_own_change_are_taken_and_remarked() -> None:
    """FINRA publishes current less previous beside both; a row altered by hand or by a bad disk shows there."""
    current = {"currentShortPositionQuantity": "700", "previousShortPositionQuantity": "900"}
    sound = report({**current, "changePreviousNumber": "-200"}, {"symbolCode": "ZZ", "changePreviousNumber": ""})
    assert sound.remark == ""
    altered = report({**current, "symbolCode": "YY", "changePreviousNumber": "-201"})
    assert altered.refused.is_empty()
    assert one(altered)["position"] == 700
    assert altered.remark.startswith("in 1 of 1 rows the change is not current less previous, the first YY at ")
    columns = [c for c in COLUMNS if c != "changePreviousNumber"]
    assert report({**current, "changePreviousNumber": "-201"}, columns=columns).remark == ""
