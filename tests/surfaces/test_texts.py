"""Text that others read: JSON without NaN, CSV that runs nothing in a spreadsheet."""

import csv
import io
from datetime import UTC, date, datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from overshort.surfaces.texts import as_csv, as_json


def cells(frame: pl.DataFrame) -> list[list[str]]:
    return list(csv.reader(io.StringIO(as_csv(frame), newline="")))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_text_that_a_spreadsheet_would_run_is_made_text(start: str) -> None:
    assert cells(pl.DataFrame({"note": [f"{start}cmd|' /C calc'!A0"]}))[1] == [f"'{start}cmd|' /C calc'!A0"]
    assert cells(pl.DataFrame({f"{start}x": ["a"]}))[0] == [f"'{start}x"]


def test_numbers_stay_numbers_and_nulls_stay_empty() -> None:
    frame = pl.DataFrame({"value": [-1.5, None], "n": [-3, 4], "text": ["plain", None]})
    assert cells(frame) == [["value", "n", "text"], ["-1.5", "-3", "plain"], ["", "4", ""]]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1), min_size=1))
def test_no_text_whatever_begins_as_a_formula(texts: list[str]) -> None:
    found = [row[0] for row in cells(pl.DataFrame({"text": texts, "n": 1}))[1:]]
    assert all(f[:1] not in ("=", "+", "-", "@", "\t", "\r") for f in found)
    assert [f.removeprefix("'") for f in found] == [t.removeprefix("'") for t in texts]


def test_json_writes_days_and_instants_and_no_nan() -> None:
    text = as_json({"day": date(2025, 6, 13), "at": datetime(2025, 6, 25, 20, 40, tzinfo=UTC)})
    assert text == '{\n "day": "2025-06-13",\n "at": "2025-06-25T20:40:00Z"\n}\n'
    with pytest.raises(ValueError, match="JSON"):
        as_json({"value": float("nan")})
