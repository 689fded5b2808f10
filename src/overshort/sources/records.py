"""Records of delimited text: cells, line and text of each, read so strictly that damage is refused.

Text without quotation marks, which is most of it, is split at its delimiters many lines at once; wherever that could
differ by anything from what the strict reader gives, or a line is not as it must be, the strict reader reads it.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal, NamedTuple

import polars as pl

from overshort.errors import RefusedFile
from overshort.sources.declare import AGAIN

__all__ = ["FORMS", "Layout", "Quoting", "frames", "header"]

FORMS = (
    (r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "%Y-%m-%d"),
    (r"^[0-9]{2}/[0-9]{2}/[0-9]{4}$", "%m/%d/%Y"),
    (r"^[0-9]{8}$", "%Y%m%d"),
    (r"^[0-9]{4}/[0-9]{1,2}/[0-9]{1,2}$", "%Y/%m/%d"),
)
"""How dates are written, and how they are read."""
_SELF_EVIDENT = [re.compile(form) for form, _ in FORMS[:2]]
_PIECE, _LOT = 1 << 22, 50_000
"""Characters that are split at once, and records that become columns at once."""
_LONGEST = 100_000
"""Longer lines are left to the strict reader, which has a limit of its own."""
Quoting = Literal[0, 3]


class _Record(NamedTuple):
    line: int
    cells: list[str]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How a delimited text is laid out.

    Attributes
    ----------
    name
        Of the file, for messages.
    until_blank
        It ends at the first blank line; otherwise blank lines are skipped.
    groups
        Cells of each group behind the named columns; 0 where there are none.
    """

    name: str
    delimiter: str
    quoting: Quoting
    until_blank: bool = False
    groups: int = 0

    def is_plain(self, content: str) -> bool:
        """Tell whether every delimiter of a text parts two cells, and every line end two rows."""
        marked = self.quoting == csv.QUOTE_MINIMAL and '"' in content
        return not (marked or self.until_blank or self.groups)


def _pieces(content: str, begin: int = 0) -> Iterator[str]:
    """Give a text in pieces that end with a line."""
    while begin < len(content):
        end = content.find("\n", begin + _PIECE) + 1 or len(content)
        yield content[begin:end]
        begin = end


def _lines(content: str) -> Iterator[str]:
    for piece in _pieces(content):
        yield from io.StringIO(piece, newline="")


def _records(content: str, layout: Layout, start: int) -> Iterator[_Record]:
    """Give the records of a text, each with its first line and its text as it stands."""
    taken: list[str] = []

    def lines() -> Iterator[str]:
        for line in _lines(content):
            taken.append(line)
            yield line

    reader = csv.reader(lines(), delimiter=layout.delimiter, quoting=layout.quoting, strict=True)
    line = start
    try:
        for cells in reader:
            yield _Record(line, cells, "".join(taken))
            line += len(taken)
            taken.clear()
    except csv.Error as error:
        raise RefusedFile(layout.name, f"the row cannot be read ({error})", line=line, fix=AGAIN) from None


def header(content: str, layout: Layout, start: int) -> list[str]:
    """Give the cells of the first record; none where there is no record."""
    return next(_records(content, layout, start), _Record(start, [], "")).cells


def _whole_line(record: _Record, quoting: Quoting) -> bool:
    """Tell whether a line is complete: it ends, or its last value can only be whole (a closed quote, a full date)."""
    if record.text.endswith(("\n", "\r")):
        return True
    closed = quoting == csv.QUOTE_MINIMAL and record.text.endswith('"')
    return closed or any(form.match(record.cells[-1]) for form in _SELF_EVIDENT)


def _check_row(record: _Record, name: str, width: int, quoting: Quoting) -> None:
    if len(record.cells) != width:
        cause = f"the row has {len(record.cells)} fields where the header has {width}: it is cut off or damaged"
        raise RefusedFile(name, cause, line=record.line, fix=AGAIN)
    if not _whole_line(record, quoting):
        cause = "the last line has no line end, so its last value may be cut off"
        raise RefusedFile(name, cause, line=record.line, fix=f"{AGAIN}, or end the line if it is whole")


def _width(cells: Sequence[str], named: int, size: int) -> int:
    """Give how many cells a row must have; where groups are not counted any more, blank cells stand in their place."""
    counted = cells[named - 1] if size and len(cells) >= named else ""
    if size and not counted and not any(cells[named:]):
        return max(named, len(cells))
    return named + size * int(counted) if counted.isdecimal() else named


def _checked(records: Iterator[_Record], layout: Layout, named: int) -> Iterator[_Record]:
    """Give the records that are not blank, each as wide as it must be."""
    for record in records:
        if record.text.strip():
            _check_row(record, layout.name, _width(record.cells, named, layout.groups), layout.quoting)
            yield record
        elif layout.until_blank:
            return


def _strict(
    records: Iterator[_Record], layout: Layout, named: int, places: Mapping[str, int]
) -> Iterator[pl.DataFrame]:
    checked = _checked(records, layout, named)
    while lot := list(islice(checked, _LOT)):
        cells = {c: [r.cells[k] for r in lot] for c, k in places.items()}
        columns = {"line": [r.line for r in lot], "text": [r.text.rstrip("\r\n") for r in lot], **cells}
        yield pl.DataFrame(columns)


def _split(piece: str, layout: Layout, named: int, places: Mapping[str, int], line: int) -> pl.DataFrame | None:
    """Split whole lines at once; ``None`` where the strict reader must look at them."""
    lines = piece.split("\n")
    ends = lines.pop() == "" and piece.count("\r") == piece.count("\r\n")
    if not ends or not all(map(str.strip, lines)) or max(map(len, lines)) > _LONGEST:
        return None
    text = pl.Series("text", lines, pl.String).str.strip_suffix("\r")
    if (text.str.count_matches(layout.delimiter, literal=True) != named - 1).any():
        return None
    cells = text.str.split_exact(layout.delimiter, named - 1).struct
    columns = {"line": pl.int_range(line, line + len(lines), eager=True), "text": text}
    return pl.DataFrame(columns | {c: cells.field(f"field_{k}") for c, k in places.items()})


def frames(content: str, layout: Layout, named: int, places: Mapping[str, int], start: int) -> Iterator[pl.DataFrame]:
    """Give the rows of a text below its header, in parts.

    Parameters
    ----------
    named
        How many columns the header names.
    places
        The columns to give, and where they stand.
    start
        Line of the header.

    Yields
    ------
    DataFrame
        ``line, text`` and the columns as text; parts may lack rows.

    Raises
    ------
    RefusedFile
        For a row that cannot be read, is wider or narrower than it must be, or may be cut off.
    """
    below = content.find("\n") + 1
    if not below or "\r" in content[: below - 1].removesuffix("\r") or named < 2 or not layout.is_plain(content):
        yield from _strict(islice(_records(content, layout, start), 1, None), layout, named, places)
        return
    line = start + 1
    for piece in _pieces(content, below):
        if (part := _split(piece, layout, named, places, line)) is not None:
            yield part
            line += part.height
        else:
            yield from _strict(_records(piece, layout, line), layout, named, places)
            line += sum(1 for _ in _lines(piece))
