"""Vendors' sale conditions: what a code is called on OPRA's tape, and which kind of trade it marks.

The tables are files in ``data``, one per numbering.  A code that is on none stays what it is: it is kept with the
trade, its kind is unknown, and the import says how often it stood there.
"""

import csv
import re
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Literal, NamedTuple

import polars as pl

__all__ = ["LEGS", "Numbering", "told", "unlisted"]

LEGS = ("cancelled", "late", "proprietary", "stock", "multi", "auction", "single", "unknown")
"""Kinds of trades; of several conditions of one trade the kind that stands first here counts."""
Numbering = Literal["nxcore", "opra"]
_TOLD = {"condition": pl.String(), "opra": pl.String(), "leg": pl.String(), "listed": pl.Boolean()}


class _Condition(NamedTuple):
    opra: str | None
    leg: str


@cache
def _table(numbering: Numbering) -> Mapping[str, _Condition]:
    text = files("overshort.data").joinpath(f"conditions_{numbering}.csv").read_text("utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    return {r["code"]: _Condition(r["opra"] or None, r["class"]) for r in rows}


def _codes(condition: str) -> list[str]:
    return [c for c in re.split(r"[\s,;|\[\]]+", condition) if c] or [""]


def _one(condition: str, table: Mapping[str, _Condition]) -> tuple[str, str | None, str, bool]:
    codes = _codes(condition)
    found = [table.get(c, _Condition(None, "unknown")) for c in codes]
    first = min(found, key=lambda c: LEGS.index(c.leg))
    return condition, first.opra, first.leg, all(c in table for c in codes)


def told(trades: pl.DataFrame, numbering: Numbering) -> pl.DataFrame:
    """Add what the column ``condition`` (one code or several, never null) tells.

    Returns
    -------
    DataFrame
        The rows in their order with ``opra``, ``leg``, and ``listed``: whether all codes are on the table.
    """
    texts = trades["condition"].unique().to_list()
    table = _table(numbering)
    known = pl.DataFrame([_one(t, table) for t in texts], schema=_TOLD, orient="row")
    return trades.join(known, on="condition", how="left", maintain_order="left")


def unlisted(conditions: Iterable[str]) -> str:
    """Say which conditions are on no table, and of how many trades; nothing where all are."""
    counts = pl.Series("condition", list(conditions), pl.String).value_counts(sort=True).sort("count", "condition")
    if counts.is_empty():
        return ""
    shown = [f"{c or 'none'} ({n:,})" for c, n in counts.reverse().head(5).iter_rows()]
    more = f" and {counts.height - 5} more" if counts.height > 5 else ""
    total = counts["count"].sum()
    trades = "1 trade" if total == 1 else f"{total:,} trades"
    return f"{trades} with conditions that are on no table, kept as of unknown legs: {', '.join(shown)}{more}"
