"""Documents and tables as text that others read: JSON without surprises, CSV that no spreadsheet takes for formulas."""

import json
from datetime import date, datetime
from typing import Any

import polars as pl

__all__ = ["as_csv", "as_json"]

_FORMULA = r"^[=+\-@\t\r]"
"""How a text begins that a spreadsheet would take for a formula, or would cut before one."""


def as_json(document: Any) -> str:
    """Give a document as JSON: keys in the order given, no NaN, a newline at the end; instants in UTC, days as ISO."""
    return json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1, default=_iso) + "\n"


def as_csv(frame: pl.DataFrame) -> str:
    """Give a table as CSV; a text that a spreadsheet would run as a formula is preceded by an apostrophe.

    Numbers stay numbers, negative ones too: only columns of text are touched, and the heads with them.
    """
    text = pl.col(pl.String)
    guarded = frame.with_columns(pl.when(text.str.contains(_FORMULA)).then("'" + text).otherwise(text).name.keep())
    heads = {c: f"'{c}" for c in frame.columns if c[:1] in ("=", "+", "-", "@", "\t", "\r")}
    return guarded.rename(heads).write_csv()


def _iso(value: date | datetime) -> str:
    return value.strftime("%Y-%m-%dT%H:%M:%SZ") if isinstance(value, datetime) else value.isoformat()
