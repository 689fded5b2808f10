"""Exports hold no formula."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from overshort.surfaces.spreadsheet import harmless


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("x")'])
def test_a_formula_becomes_text(text: str) -> None:
    assert harmless(pl.DataFrame({"a": [text]}))["a"][0] == "'" + text


@given(st.lists(st.none() | st.text(max_size=5), min_size=1, max_size=5))
def test_nothing_else_changes(texts: list[str | None]) -> None:
    frame = pl.DataFrame({"a": texts, "n": [-1.5] * len(texts)}, schema={"a": pl.String, "n": pl.Float64})
    found = harmless(frame)
    assert found["n"].to_list() == frame["n"].to_list()
    for before, after in zip(texts, found["a"], strict=True):
        risky = bool(before) and before[0] in "=+-@\t\r"
        assert after == (f"'{before}" if risky else before)
