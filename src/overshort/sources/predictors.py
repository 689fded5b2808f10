"""Two workbooks of scholars with monthly predictors of the market's return, short interest among them.

- Goyal and Welch, sheet Monthly; ``shtint`` is the short interest of the second workbook carried on.
- Rapach, Ringgenberg and Zhou (2016), sheets GW variables, Short interest and Returns.

All columns of these sheets become series ``GW <column>`` and ``RRZ <column>``, values as published; an empty cell or
``NaN`` is no row.  **No row is known before the workbook's newest month is over**, 23:59 New York on its last day:
a workbook is compiled afterwards from revised numbers, and some columns are estimated over the whole sample
(Goyal and Welch mark tchi, shtint, ogap, sntm and fbm so; the detrended short interest of 1973 knows 2023).  Read as
of an earlier day, there is therefore nothing of it; a test of what an investor could have known has to detrend
recursively from the raw columns.

A value known to be wrong is kept, with a remark.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple

import polars as pl

from overshort import sessions
from overshort.errors import RefusedFile
from overshort.sources.declare import AGAIN, NIGHT, Extract, Options, Rule, Source, extracted, sift, single
from overshort.sources.levels import Level, long, month, numbers, numeric, with_month_ends
from overshort.sources.workbook import sheet_names, sheet_rows

__all__ = ["GOYAL_WELCH", "RAPACH"]

UNIT = "as published"
MINIMUM = 2
"""How many of the sheets make a kind; not all, so that a workbook that lacks one is refused and not overlooked."""


class _Mistake(NamedTuple):
    """A published value that another source contradicts, and what it is instead."""

    series: str
    month: date
    value: float
    says: str


class _Book(NamedTuple):
    """What a workbook is made of: prefix of its series, sheets of its kind, sheets to read with their month column."""

    prefix: str
    kind: frozenset[str]
    months: Mapping[str, str]
    mistakes: Sequence[_Mistake]


GW = _Book(
    "GW ",
    frozenset({"Monthly", "Quarterly", "Annual"}),
    {"Monthly": "yyyymm"},
    [_Mistake("GW price", date(2017, 11, 1), 2584.84, "the close of 2017-11-13; the month's last was 2647.58")],
)
RRZ = _Book(
    "RRZ ",
    frozenset({"GW variables", "Short interest", "Returns"}),
    {"GW variables": "yyyymm", "Short interest": "Date", "Returns": "Date"},
    [_Mistake("RRZ Index", date(2014, 9, 1), 1927.29, "the month's last close 1972.29 with two digits swapped")],
)


def _series(rows: pl.DataFrame, own: str) -> list[str]:
    return [c for c in rows.columns if c not in ("row", "line", own)]


def _rules(own: str, columns: Sequence[str]) -> list[Rule]:
    return [Rule("month '{}' is not a month YYYYMM", [own], pl.col("month").is_not_null()), *numbers(columns)]


def _sheet(rows: pl.DataFrame, own: str, source: str) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Give a sheet's levels, known at their own month's end, and its faults."""
    columns = _series(rows, own)
    parsed = numeric(rows, columns).with_columns(month(own).alias("month"))
    sound, broken = sift(parsed, _rules(own, columns))
    kept, again = single(sound, ["month"], own)
    levels = long(with_month_ends(kept), {c: Level(c, UNIT) for c in columns}, "month_end", source)
    return levels, broken, again


def _over(levels: pl.DataFrame) -> pl.Expr:
    """Give the instant at which the newest month is over."""
    newest = levels.select(pl.col("at").max().dt.month_end()).item()
    return pl.lit(None if newest is None else sessions.at_new_york(newest, NIGHT)).alias("known_at")


def _checked(sheets: Mapping[str, pl.DataFrame], book: _Book, name: str) -> dict[str, pl.DataFrame]:
    """Number the rows through all sheets; refuse a sheet without its month, and a series in two of them."""
    taken: dict[str, pl.DataFrame] = {}
    for sheet, rows in sheets.items():
        own = book.prefix + book.months[sheet]
        if own not in rows.columns or len(rows.columns) < 4:
            cause = f"its sheet {sheet!r} has no column {book.months[sheet]!r} with series beside it"
            raise RefusedFile(name, cause, fix=AGAIN)
        before = {c: s for s, r in taken.items() for c in r.columns if c not in ("row", "line")}
        if twice := [c for c in _series(rows, own) if c in before]:
            cause = f"series {twice[0]!r} stands in its sheets {before[twice[0]]!r} and {sheet!r}"
            raise RefusedFile(name, cause, fix=AGAIN)
        start = sum(r.height for r in taken.values())
        taken[sheet] = rows.with_columns((pl.col("row") + start).cast(pl.UInt32).alias("row"))
    return taken


def _remark(levels: pl.DataFrame, book: _Book) -> str:
    found = []
    for mistake in book.mistakes:
        at = pl.col("at").dt.month_start() == mistake.month
        near = (pl.col("value") - mistake.value).abs() < 0.005
        if levels.filter((pl.col("series") == mistake.series) & at & near).height:
            found.append(f"{mistake.series} {mistake.month:%Y-%m} is wrong and kept: {mistake.value} is {mistake.says}")
    return "; ".join(found)


def _transform(content: bytes, name: str, book: _Book, source: str) -> Extract:
    sheets = _checked(sheet_rows(content, name, list(book.months), book.prefix), book, name)
    parts = [_sheet(rows, book.prefix + book.months[sheet], source) for sheet, rows in sheets.items()]
    levels = pl.concat([part for part, *_ in parts])
    known = levels.with_columns(_over(levels))
    rows = pl.concat(sheets.values(), how="diagonal")
    faults = [fault for _, *found in parts for fault in found]
    return replace(extracted(name, rows, {"levels": known}, faults), remark=_remark(known, book))


def _goyal_welch(content: bytes, name: str, _options: Options) -> Extract:
    return _transform(content, name, GW, GOYAL_WELCH.name)


def _rapach(content: bytes, name: str, _options: Options) -> Extract:
    return _transform(content, name, RRZ, RAPACH.name)


def _is_goyal_welch(content: bytes) -> bool:
    """A workbook whose sheets cannot be read is claimed too: nobody can tell its kind, and here it is refused."""
    sheets = sheet_names(content)
    return sheets is not None and (not sheets or len(sheets & GW.kind) >= MINIMUM)


def _is_rapach(content: bytes) -> bool:
    return len((sheet_names(content) or frozenset()) & RRZ.kind) >= MINIMUM


GOYAL_WELCH = Source(
    name="goyal_welch.predictors",
    about="Goyal and Welch's workbook of monthly predictors",
    tables=frozenset({"levels"}),
    recognise=_is_goyal_welch,
    transform=_goyal_welch,
)
RAPACH = Source(
    name="rapach.predictors",
    about="Rapach, Ringgenberg and Zhou's workbook of monthly short interest and returns",
    tables=frozenset({"levels"}),
    recognise=_is_rapach,
    transform=_rapach,
)
