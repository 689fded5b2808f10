"""``overshort book``."""

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from overshort.errors import RefusedFile, UsageError
from overshort.surfaces.book import book, layout, read
from overshort.surfaces.cli.options import (
    AsOf,
    Home,
    Json,
    Offline,
    emit,
    open_lake,
    page,
    require_ending,
    when,
    working,
)
from overshort.surfaces.terminal import render

__all__ = ["run"]

LARGEST = 1_000_000


def run(
    file: Annotated[
        Path, Parameter(help="CSV: symbol, shares (negative where short), and, if known, price and entry.")
    ],
    *,
    output: Offline = None,
    as_of: AsOf = None,
    json: Json = False,
    home: Home = None,
) -> int:
    """Your positions against the crowd: days to cover at your size, what waiting costs, how far your shorts overlap.

    Exit code 1 when no row could be taken. Nothing of the file is stored.
    """
    require_ending(output)
    positions, rejected = read(file.name, _content(file))
    lake = open_lake(home)
    moment = when(lake, as_of)
    with working("measuring the book"):
        built = book(lake, positions, rejected, moment)
    if json:
        emit(built)
    else:
        render(layout(built), page(), full=True)
    if output is not None:
        from overshort.surfaces.html import render as as_html

        output.write_text(as_html(layout(built), None, built), "utf-8")
        print(f"Written: {output.resolve()}", file=sys.stderr if json else sys.stdout)
    return 0 if built["positions"] else 1


def _content(file: Path) -> bytes:
    try:
        if file.stat().st_size > LARGEST:
            raise RefusedFile(file, f"it has more than {LARGEST:,} bytes", fix="give a file of positions, one a row")
        return file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file} cannot be read ({error.strerror}); give a CSV file of positions") from error
