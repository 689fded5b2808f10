"""``overshort screen``."""

import sys
from pathlib import Path
from typing import Annotated

import polars as pl
from cyclopts import Parameter

from overshort.engine.screen import BY
from overshort.errors import UsageError
from overshort.surfaces.answers import screened
from overshort.surfaces.cli.options import AsOf, Home, Json, emit, open_lake, page, when, whole, working
from overshort.surfaces.page.screen import document, screen_page
from overshort.surfaces.terminal import render
from overshort.surfaces.texts import as_csv
from overshort.surfaces.words import ADVICE, ATTRIBUTION

__all__ = ["run"]

WRITERS = (".csv", ".parquet")


def run(
    universe: Annotated[str, Parameter(help="SPX, NDX, RUT, NASDAQ or LISTED.")] = "LISTED",
    *,
    by: Annotated[str, Parameter(help=f"Sort by one of {', '.join(BY)}.")] = "score",
    top: Annotated[int, Parameter(converter=whole, help="How many stocks to show; 0 = all.")] = 25,
    also: Annotated[list[str] | None, Parameter(help="Show this symbol wherever it stands; repeat for more.")] = None,
    output: Annotated[
        Path | None, Parameter(name=["--output", "-o"], help="Write to this .csv or .parquet file.")
    ] = None,
    as_of: AsOf = None,
    json: Json = False,
    home: Home = None,
) -> int:
    """Common stocks by how much a covering would hurt: short/float, days to cover, change, price, fee; and a score."""
    if output is not None and output.suffix not in WRITERS:
        raise UsageError(f"{output}: a screen is written as {' or '.join(WRITERS)}; name such a file")
    lake = open_lake(home)
    moment = when(lake, as_of)
    with working("ranking every listed stock"):
        found, rows = screened(lake, moment, universe, by, top, also or ())
    if output is not None:
        _write(rows, output)
    elif json:
        emit(document(found, by, rows, as_of=moment.day.isoformat(), simulated=lake.simulated))
    else:
        render(screen_page(found, by, rows, as_of=moment.day.isoformat(), simulated=lake.simulated), page(), full=True)
    return 0


def _write(rows: pl.DataFrame, output: Path) -> None:
    if output.suffix == ".parquet":
        rows.write_parquet(output)
    else:
        output.write_text(as_csv(rows), "utf-8")
    print(f"{output}: {rows.height:,} stocks. {ATTRIBUTION} {ADVICE}", file=sys.stderr)
