"""A book as its holder writes it: CSV with a symbol and a number of shares a row, negative where short."""

import csv
import io
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from overshort.errors import RefusedFile
from overshort.surfaces.subject import symbol_of

__all__ = ["MOST", "Position", "Rejected", "read"]

MOST = 1000
"""Rows of the longest book."""
_NUMBER = re.compile(r"[+-]?\d{1,15}(\.\d{1,10})?")
_SYMBOL = re.compile(r"[A-Za-z0-9][A-Za-z0-9./ -]{0,11}")
COLUMNS = ("symbol", "shares", "price", "entry")


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """One row of a book.

    Attributes
    ----------
    row
        Line of the file, the heading counted as 1.
    shares
        Negative where short.
    price, entry
        USD a share, where given: what it is worth now, and what it was entered at.
    """

    row: int
    symbol: str
    shares: float
    price: float | None
    entry: float | None


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that is not taken, and why."""

    row: int
    symbol: str
    reason: str


class _Refused(Exception):
    pass


def read(name: str, content: bytes) -> tuple[list[Position], list[Rejected]]:
    """Read a book.

    Parameters
    ----------
    name
        What messages call it.
    content
        CSV, UTF-8, with a heading that names ``symbol`` and ``shares`` and, if they are there, ``price`` and ``entry``;
        other columns are not looked at.

    Raises
    ------
    RefusedFile
        If it is no such file, has no row, or more than :data:`MOST`.
    """
    rows = _rows(name, content)
    found: list[Position] = []
    rejected: list[Rejected] = []
    seen: dict[str, int] = {}
    for line, fields in rows:
        try:
            position = _position(line, fields, seen)
        except _Refused as why:
            rejected.append(Rejected(line, fields["symbol"][:40], str(why)))
        else:
            found.append(position)
            seen[position.symbol] = line
    return found, rejected


def _rows(name: str, content: bytes) -> list[tuple[int, Mapping[str, str]]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RefusedFile(name, f"byte {error.start} is no UTF-8", fix="save it as CSV, UTF-8") from None
    if "\0" in text:
        raise RefusedFile(name, "it holds null characters, so it is no text", fix="save it as CSV, UTF-8")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        lines = [(reader.line_num, [f.strip() for f in line]) for line in reader if any(f.strip() for f in line)]
    except csv.Error as error:
        raise RefusedFile(name, f"it is no CSV ({error})", line=reader.line_num, fix="quote fields evenly") from None
    if not lines:
        raise RefusedFile(name, "it is empty", fix="give a heading, symbol,shares, and a row for each position")
    (_, heading), *rest = lines
    places = _places(name, heading)
    if not rest or len(rest) > MOST:
        raise RefusedFile(name, f"it has {len(rest)} rows below its heading", fix=f"give 1 to {MOST} positions")
    return [(at, {c: line[k] if k < len(line) else "" for c, k in places.items()}) for at, line in rest]


def _places(name: str, heading: Sequence[str]) -> dict[str, int]:
    named = [h.lower() for h in heading]
    if "symbol" not in named or "shares" not in named:
        shown = ", ".join(heading)[:80]
        raise RefusedFile(
            name, f"its heading is {shown!r}", line=1, fix="name the columns symbol and shares, by commas"
        )
    if twice := [c for c in COLUMNS if named.count(c) > 1]:
        raise RefusedFile(name, f"its heading names {twice[0]} twice", line=1, fix="leave one of them")
    return {c: named.index(c) for c in COLUMNS if c in named}


def _position(line: int, fields: Mapping[str, str], seen: Mapping[str, int]) -> Position:
    if not _SYMBOL.fullmatch(fields["symbol"]):
        raise _Refused("it has no symbol of 1 to 12 letters and digits, such as GME or BRK.B")
    symbol = symbol_of(fields["symbol"])
    if symbol in seen:
        raise _Refused(f"{symbol} stands in row {seen[symbol]} already; add the two up")
    shares = _number("shares", fields["shares"])
    if shares is None or shares == 0:
        raise _Refused("it has no shares; give a number, negative where short")
    price, entry = (_price(c, fields.get(c, "")) for c in ("price", "entry"))
    return Position(row=line, symbol=symbol, shares=shares, price=price, entry=entry)


def _number(column: str, text: str) -> float | None:
    if not text:
        return None
    if not _NUMBER.fullmatch(text):
        raise _Refused(f"{column} {text[:24]!r} is no plain number, such as -1500 or 24.50")
    value = float(text)
    assert math.isfinite(value)
    return value


def _price(column: str, text: str) -> float | None:
    value = _number(column, text)
    if value is not None and value <= 0:
        raise _Refused(f"{column} {text[:24]!r} is not above 0")
    return value
