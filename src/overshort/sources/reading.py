"""Bytes into columns: delimited text and Parquet, read so strictly that damage is refused and never taken for data.

The frames have ``row`` (from 0), ``line`` (from 1 in the file; null in Parquet), ``text`` (the row as it stands; not
in Parquet) and the columns asked for: text where the file is text, else whatever type Parquet holds.  :func:`text`,
:func:`whole`, :func:`decimal` and :func:`day` read a column of either; what they cannot read is null.
"""

import csv
import io
import re
from collections.abc import Sequence
from datetime import date
from itertools import takewhile

import polars as pl

from overshort.errors import RefusedFile
from overshort.sources.declare import AGAIN, HEAD
from overshort.sources.records import FORMS, Layout, Quoting, frames, header

__all__ = [
    "DAYS",
    "absent",
    "check_delimiter",
    "csv_rows",
    "day",
    "decimal",
    "decoded",
    "first_names",
    "head",
    "names",
    "parquet_columns",
    "parquet_rows",
    "text",
    "whole",
]

DAYS = (date(1900, 1, 1), date(2035, 11, 30))
"""Dates outside are misreadings; the end leaves the exchange calendar room for the last publication."""
PARQUET = b"PAR1"
UNREADABLE = (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, ValueError)
"""How reading damaged Parquet ends; Polars panics over some damage."""
_PLAIN = (pl.String, pl.Categorical, pl.Enum, pl.Date, pl.Datetime, pl.Boolean, pl.Null)


def head(content: bytes) -> str:
    """Give the beginning of a file as text, byte order mark removed, bytes that are not UTF-8 replaced."""
    return content[:HEAD].decode("utf-8", "replace").removeprefix("\ufeff")


def names(line: str) -> frozenset[str]:
    """Give the names in a line of column names, whatever separates them."""
    return frozenset(cell.strip().strip('"').strip() for cell in re.split(r"[,;|\t]", line))


def first_names(content: bytes) -> frozenset[str]:
    """Give the names in the first line of a file, whatever separates them."""
    return names(head(content).partition("\n")[0])


def decoded(content: bytes, name: str) -> str:
    """Give the text of a file, byte order mark removed.

    Raises
    ------
    RefusedFile
        If it is not UTF-8.
    """
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        cause = f"byte 0x{error.object[error.start]:02x} is not UTF-8 text"
        raise RefusedFile(name, cause, line=line, fix=f"{AGAIN}, or save it as UTF-8") from None


def check_delimiter(content: str, name: str, delimiter: str, start: int) -> None:
    """Refuse a text whose first line is separated by something else.

    Raises
    ------
    RefusedFile
        Naming both delimiters.
    """
    header = content.partition("\n")[0]
    found = max(",;|\t", key=header.count)
    if header.count(found) > header.count(delimiter):
        cause = f"its columns are separated by {found!r} and must be by {delimiter!r}"
        raise RefusedFile(name, cause, line=start, fix=f"{AGAIN}, as published and not saved by another program")


def _chosen(
    name: str, have: Sequence[str], needed: Sequence[str], optional: Sequence[str], line: int | None
) -> list[str]:
    """Give the columns to read: all that are needed and those of the optional that are there."""
    if missing := [c for c in needed if c not in have]:
        raise RefusedFile(name, f"it has no column {', '.join(missing)}", line=line, fix=AGAIN)
    if twice := [c for c in (*needed, *optional) if have.count(c) > 1]:
        raise RefusedFile(name, f"column {twice[0]} stands twice in its header", line=line, fix=AGAIN)
    return [*needed, *(c for c in optional if c in have)]


def csv_rows(
    content: str,
    name: str,
    delimiter: str,
    needed: Sequence[str],
    optional: Sequence[str] = (),
    *,
    quoting: Quoting = csv.QUOTE_MINIMAL,
    start: int = 1,
    until_blank: bool = False,
    groups: int = 0,
) -> pl.DataFrame:
    """Read delimited text with a header; columns are found by name, in any order.

    Parameters
    ----------
    content
        Text from the header on; the header is line ``start`` of the file.
    quoting
        ``csv.QUOTE_MINIMAL``, or ``csv.QUOTE_NONE`` where quotation marks are part of the values.
    until_blank
        Stop at the first blank line; otherwise blank lines are skipped.
    groups
        Cells of each group behind the named columns: the last of these counts them, the header shows one in braces.

    Raises
    ------
    RefusedFile
        For another delimiter, missing columns, a row with more or fewer fields than the header, no rows.
    """
    check_delimiter(content, name, delimiter, start)
    layout = Layout(name=name, delimiter=delimiter, quoting=quoting, until_blank=until_blank, groups=groups)
    have = [c.strip() for c in header(content, layout, start)]
    have = list(takewhile(lambda c: not (groups and c.startswith("{")), have))
    places = {c: have.index(c) for c in _chosen(name, have, needed, optional, start)}
    parts = list(frames(content, layout, len(have), places, start))
    if not any(part.height for part in parts):
        raise RefusedFile(name, "it has a header and no rows", line=start, fix=AGAIN)
    return pl.concat(parts).with_row_index("row")


def parquet_columns(content: bytes) -> frozenset[str] | None:
    """Give the column names of Parquet: no names where its footer is damaged, ``None`` for content of another kind."""
    if not content.startswith(PARQUET):
        return None
    try:
        return frozenset(pl.read_parquet_schema(io.BytesIO(content)))
    except UNREADABLE:
        return frozenset()


def _readable_days(frame: pl.DataFrame) -> pl.DataFrame:
    """Make dates null that lie beyond all calendars: Polars panics when it writes one."""
    days = [c for c, kind in frame.schema.items() if isinstance(kind, (pl.Date, pl.Datetime))]
    return frame.with_columns(pl.when(pl.col(c).dt.date().is_between(*DAYS)).then(pl.col(c)).alias(c) for c in days)


def parquet_rows(content: bytes, name: str, needed: Sequence[str], optional: Sequence[str] = ()) -> pl.DataFrame:
    """Read columns of Parquet content, whose lines are null.

    Raises
    ------
    RefusedFile
        If it cannot be read, lacks a column, holds lists or the like in one, or has no rows.
    """
    if not (have := parquet_columns(content)):
        cause = "it begins as Parquet and its list of columns cannot be read: it is cut off or damaged"
        raise RefusedFile(name, cause, fix=AGAIN)
    wanted = _chosen(name, sorted(have), needed, optional, None)
    try:
        frame = pl.read_parquet(io.BytesIO(content), columns=wanted)
        # Categories are looked up here: damaged codes make Polars panic only then.
        frame = frame.with_columns(pl.col(pl.Categorical, pl.Enum).cast(pl.String))
    except UNREADABLE as error:
        raise RefusedFile(name, f"its Parquet cannot be read ({str(error)[:80]})", fix=AGAIN) from None
    for column, kind in frame.schema.items():
        if not (kind.is_numeric() or isinstance(kind, _PLAIN)):
            raise RefusedFile(name, f"column {column} holds {kind}, not plain values", fix=AGAIN)
    if not frame.height:
        raise RefusedFile(name, "it has columns and no rows", fix=AGAIN)
    return _readable_days(frame).with_row_index("row").with_columns(pl.lit(None, pl.Int64).alias("line"))


def text(column: str) -> pl.Expr:
    """Give a column as text without blanks around it."""
    return pl.col(column).cast(pl.String).str.strip_chars()


def absent(frame: pl.DataFrame, column: str) -> pl.Expr:
    """Tell where nothing is given: null, empty, ``N/A`` or dashes."""
    missing = pl.col(column).is_null()
    return missing if frame.schema[column].is_numeric() else missing | text(column).is_in(["", "N/A", "-", "--"])


def decimal(frame: pl.DataFrame, column: str) -> pl.Expr:
    """Give a column as finite numbers, null where it holds anything else; points are decimal, no thousands marks."""
    if frame.schema[column].is_numeric():
        number = pl.col(column).cast(pl.Float64)
    else:
        plain = text(column)
        number = pl.when(plain.str.contains(r"^-?[0-9]+(\.[0-9]*)?$")).then(plain).cast(pl.Float64)
    return pl.when(number.is_finite()).then(number)


def whole(frame: pl.DataFrame, column: str) -> pl.Expr:
    """Give a column as whole numbers from 0, null where it holds anything else."""
    if frame.schema[column].is_numeric():
        number = pl.col(column).cast(pl.Int64, strict=False)
        return pl.when((number == pl.col(column)) & (number >= 0)).then(number)
    plain = text(column)
    return pl.when(plain.str.contains(r"^[0-9]{1,18}$")).then(plain).cast(pl.Int64)


def day(frame: pl.DataFrame, column: str) -> pl.Expr:
    """Give a column as dates, written YYYY-MM-DD, MM/DD/YYYY, YYYYMMDD or YYYY/M/D; null for other texts and years."""
    if isinstance(frame.schema[column], (pl.Date, pl.Datetime)):
        value = pl.col(column).cast(pl.Date)
    else:
        plain = text(column)
        read = (pl.when(plain.str.contains(f)).then(plain).str.to_date(w, strict=False) for f, w in FORMS)
        value = pl.coalesce(*read)
    return pl.when(value.is_between(*DAYS)).then(value)
