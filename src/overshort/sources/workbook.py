"""Workbooks of Excel into columns of text, read so strictly that damage is refused; this module alone owns openpyxl.

openpyxl is slow to load and so only loaded when a workbook is read.  fastexcel would be faster, but rounds numbers to
9 decimals where text stands in their column, hides cells with errors, and ends the process over one far cell.
"""

import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from html import unescape
from itertools import zip_longest
from math import isfinite

import polars as pl

from overshort.errors import RefusedFile
from overshort.sources.declare import AGAIN, HEAD

__all__ = ["sheet_names", "sheet_rows"]

ZIP = b"PK\x03\x04"
LIST = "xl/workbook.xml"
OFFICE = (b"[Content_Types].xml", b"xl/")
"""Names in the beginning of a zip that is a workbook even where its directory, at the end, is lost."""
LARGEST, LONGEST = 256 << 20, 1 << 20
DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
)
"""How reading a damaged workbook ends: zipfile and openpyxl raise whatever they stumble over."""
NOTHING = frozenset({"", "NaN", "nan", "NA", "#N/A"})


def sheet_names(content: bytes) -> frozenset[str] | None:
    """Give the names of a workbook's sheets: none where it is damaged, ``None`` for content of another kind."""
    if not content.startswith(ZIP):
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if LIST not in archive.namelist():
                return None
            with archive.open(LIST) as file:
                listed = file.read(LONGEST).decode("utf-8", "replace")
    except DAMAGE:
        return frozenset() if any(name in content[:HEAD] for name in OFFICE) else None
    return frozenset(map(unescape, re.findall(r'<(?:\w+:)?sheet\s[^>]*?\bname="([^"]*)"', listed)))


def _check(content: bytes, name: str) -> None:
    """Refuse a workbook with a damaged part, before openpyxl takes what is left of it for the whole."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            size = sum(part.file_size for part in archive.infolist())
            damaged = None if size > LARGEST else archive.testzip()
    except DAMAGE as error:
        raise _unreadable(name, error) from None
    if size > LARGEST:
        raise RefusedFile(name, f"it unpacks to more than {LARGEST:,} bytes", fix=AGAIN)
    if damaged is not None:
        raise RefusedFile(name, f"its part {damaged!r} is damaged", fix=AGAIN)


def _unreadable(name: str, error: BaseException) -> RefusedFile:
    said = " ".join(str(error).split())[:80] or type(error).__name__
    return RefusedFile(name, f"its workbook cannot be read ({said}): it is cut off or damaged", fix=AGAIN)


def _written(cell: object) -> str:
    """Give a cell as text, numbers exactly and without exponents; nothing and ``NaN`` are empty."""
    if isinstance(cell, float) and isfinite(cell):
        return str(int(cell)) if cell.is_integer() else f"{Decimal(repr(cell)):f}"
    plain = "" if cell is None else str(cell).strip()
    return "" if plain in NOTHING else plain


def _rows(sheet: Iterable[Sequence[object]]) -> Iterator[list[str]]:
    """Give the rows that hold anything, each to its last cell that does."""
    for cells in sheet:
        row = [_written(cell) for cell in cells]
        while row and not row[-1]:
            row.pop()
        if row:
            yield row


def _loaded(content: bytes, sheets: Sequence[str]) -> dict[str, list[list[str]]]:
    from openpyxl import load_workbook

    with warnings.catch_warnings():
        # It warns of page headers and styles that it does not understand; only values are wanted.
        warnings.simplefilter("ignore")
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        for sheet in sheets:
            # What a sheet says of its own size may be wrong, and cells beyond it would be lost in silence.
            book[sheet].reset_dimensions()
        return {sheet: list(_rows(book[sheet].iter_rows(values_only=True))) for sheet in sheets}


def sheet_rows(content: bytes, name: str, sheets: Sequence[str], prefix: str) -> dict[str, pl.DataFrame]:
    """Read sheets whose first row names the columns.

    Returns
    -------
    dict
        Sheet to ``row`` (from 0), ``line`` (null) and its columns as text, each named with ``prefix`` before it.

    Raises
    ------
    RefusedFile
        If the workbook is damaged, lacks a sheet, or a sheet has no rows, or a column two names or none.
    """
    _check(content, name)
    if missing := [s for s in sheets if s not in (sheet_names(content) or ())]:
        raise RefusedFile(name, f"it has no sheet {missing[0]!r}", fix=AGAIN)
    try:
        loaded = _loaded(content, sheets)
    except DAMAGE as error:
        raise _unreadable(name, error) from None
    return {sheet: _frame(rows, name, sheet, prefix) for sheet, rows in loaded.items()}


def _frame(rows: list[list[str]], name: str, sheet: str, prefix: str) -> pl.DataFrame:
    if len(rows) < 2:
        raise RefusedFile(name, f"its sheet {sheet!r} has no rows", fix=AGAIN)
    header, *body = rows
    _check_header(header, body, name, sheet)
    whole = [cells + [""] * (len(header) - len(cells)) for cells in body]
    columns = zip(header, zip(*whole, strict=True), strict=True)
    named = {prefix + h: pl.Series(cells, dtype=pl.String) for h, cells in columns if h}
    return pl.DataFrame(named).with_row_index("row").with_columns(pl.lit(None, pl.Int64).alias("line"))


def _check_header(header: list[str], body: list[list[str]], name: str, sheet: str) -> None:
    """Refuse names that stand twice, and cells without a name above them."""
    if twice := [h for h in header if h and header.count(h) > 1]:
        raise RefusedFile(name, f"column {twice[0]!r} stands twice in its sheet {sheet!r}", fix=AGAIN)
    named = [bool(h) for h in header]
    beyond = (
        cell for cells in body for cell, below in zip_longest(cells, named, fillvalue=False) if cell and not below
    )
    if (stray := next(beyond, None)) is not None:
        raise RefusedFile(name, f"{stray!r} in its sheet {sheet!r} stands in a column without a name", fix=AGAIN)
