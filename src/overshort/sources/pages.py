"""Pages of FINRA's query service, bound into one content: read back as the rows of one report.

A page is a JSON array of objects, or CSV with a header of its own.  The last line is ``{"recordTotal": N}``, the number
of rows that all pages must have together.
"""

import csv
import io
import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl

from overshort.errors import RefusedFile
from overshort.sources.declare import AGAIN
from overshort.sources.reading import decoded, first_names, head
from overshort.sources.trailers import check, parted

__all__ = ["bound", "is_paged", "page_names", "page_rows"]

TOTAL = r'\{"recordTotal": (\d{1,12})\}'
_DECODER = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str)


def bound(pages: Sequence[bytes], total: int) -> bytes:
    """Bind pages together as they came, and say how many rows they have."""
    return b"".join(page.rstrip(b"\r\n") + b"\n" for page in pages) + f'{{"recordTotal": {total}}}\n'.encode()


def page_names(content: bytes) -> frozenset[str]:
    """Give the names of a page's columns: those that its first object has, or its first line."""
    beginning = head(content).lstrip()
    if not beginning.startswith("["):
        return first_names(content)
    return frozenset(re.findall(r'"(\w+)"\s*:', beginning.partition("}")[0]))


def is_paged(content: bytes) -> bool:
    """Tell pages from a file: they begin as JSON, or end with the number of their rows."""
    return head(content).lstrip().startswith("[") or content.rstrip().rpartition(b"\n")[2].startswith(b'{"recordTotal"')


def _arrays(text: str, name: str) -> Iterator[list[Any]]:
    """Give the JSON arrays that stand one after another in a text."""
    at = 0
    while at < len(text):
        try:
            found, at = _DECODER.raw_decode(text, at)
        except (json.JSONDecodeError, RecursionError) as error:
            raise RefusedFile(name, f"a page of it cannot be read ({str(error)[:60]})", fix=AGAIN) from None
        if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
            raise RefusedFile(name, "a page of it is no list of rows", fix=AGAIN)
        yield found
        while at < len(text) and text[at].isspace():
            at += 1


def _cell(value: Any) -> str | None:
    return value if isinstance(value, str) or value is None else json.dumps(value)


def _lists(text: str, name: str) -> Iterator[dict[str, str | None]]:
    """Give the rows of CSV pages, each page with its header again."""
    header: list[str] | None = None
    try:
        for cells in csv.reader(io.StringIO(text, newline=""), strict=True):
            if header is None:
                header = cells
            elif cells and cells != header:
                if len(cells) != len(header):
                    cause = f"a row has {len(cells)} fields where the header has {len(header)}: it is cut off"
                    raise RefusedFile(name, cause, fix=AGAIN)
                yield dict(zip(header, cells, strict=True))
    except csv.Error as error:
        raise RefusedFile(name, f"a page of it cannot be read ({error})", fix=AGAIN) from None


def page_rows(content: bytes, name: str, needed: Sequence[str], optional: Sequence[str] = ()) -> pl.DataFrame:
    """Read bound pages: ``row``, ``line`` (null) and the columns as text.

    Raises
    ------
    RefusedFile
        If a page cannot be read, a column is missing, or the rows are not as many as the last line says.
    """
    text, said = parted(decoded(content, name).strip(), TOTAL)
    text = text.strip()
    rows = [r for page in _arrays(text, name) for r in page] if text.startswith("[") else list(_lists(text, name))
    check(name, "rows", said, len(rows), 1)
    have = {c for row in rows for c in row}
    if missing := [c for c in needed if c not in have]:
        raise RefusedFile(name, f"it has no column {', '.join(missing)}", fix=AGAIN)
    columns = [*needed, *(c for c in optional if c in have)]
    cells = {c: pl.Series([_cell(row.get(c)) for row in rows], dtype=pl.String) for c in columns}
    return pl.DataFrame(cells).with_row_index("row").with_columns(pl.lit(None, pl.Int64).alias("line"))
