"""``overshort figures``."""

import sys
from pathlib import Path
from typing import Annotated, Any, Literal

import polars as pl
from cyclopts import Parameter
from rich.console import Console

from overshort.errors import UsageError
from overshort.surfaces.answers import figures_of, history_of, tabulated
from overshort.surfaces.cli.options import AsOf, Home, open_lake, page, when, working
from overshort.surfaces.measured import measured
from overshort.surfaces.tables import figure_table
from overshort.surfaces.texts import as_csv, as_json
from overshort.surfaces.words import ADVICE, ATTRIBUTION

__all__ = ["run"]

Format = Literal["table", "csv", "parquet", "json"]


def run(
    *ids: str,
    subject: Annotated[
        list[str] | None,
        Parameter(help="SPX, NDX, RUT, NASDAQ, LISTED, SPY, QQQ, IWM, VIX or a stock; repeat for more."),
    ] = None,
    history: Annotated[bool, Parameter(negative="", help="Every date, not only the newest.")] = False,
    format: Annotated[Format, Parameter(name=["--format", "-f"], help="How to write them.")] = "table",
    output: Annotated[Path | None, Parameter(name=["--output", "-o"], help="Write to this file.")] = None,
    as_of: AsOf = None,
    home: Home = None,
) -> int:
    """Figures as of a day, or with --history the panel behind them.

    Parameters
    ----------
    ids
        Metric ids, or the beginning of ids (``crowding.rank``); all where none is given.
    """
    if format == "parquet" and output is None:
        raise UsageError("--format parquet writes a file; name it with --output")
    lake = open_lake(home)
    moment = when(lake, as_of)
    with working("measuring every report"):
        if history:
            frame = history_of(lake, moment, ids, subject or ())
            rows = frame.to_dicts()
        else:
            found = figures_of(lake, moment, ids, subject or ())
            frame, rows = tabulated(found), [f.as_dict() for f in found]
    _write(frame, measured(rows, moment), format, output)
    return 0


def _write(frame: pl.DataFrame, document: dict[str, Any], format: Format, output: Path | None) -> None:
    match format:
        case "parquet":
            frame.drop("shown", strict=False).write_parquet(_required(output))
        case "csv":
            _text(as_csv(frame.drop("shown", strict=False)), output)
        case "json":
            _text(as_json(document), output)
        case "table":
            _table(frame, output)
    if format != "json":
        print(f"{ATTRIBUTION} {ADVICE}", file=sys.stdout if format == "table" and output is None else sys.stderr)


def _table(frame: pl.DataFrame, output: Path | None) -> None:
    if output is None:
        figure_table(frame, page())
        return
    with output.open("w", encoding="utf-8") as file:
        figure_table(frame, Console(file=file, width=160))


def _required(output: Path | None) -> Path:
    assert output is not None
    return output


def _text(text: str, output: Path | None) -> None:
    if output is None:
        sys.stdout.write(text)
    else:
        output.write_text(text, "utf-8")
