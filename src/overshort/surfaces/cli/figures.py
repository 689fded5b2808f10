"""``overshort figures``."""

import json
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import polars as pl
from cyclopts import Parameter
from rich.console import Console

from overshort.errors import UsageError
from overshort.surfaces.answers import figures_of, history_of, tabulated
from overshort.surfaces.cli.options import AsOf, Home, open_lake, page, when, working
from overshort.surfaces.tables import figure_table
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
            document = frame.to_dicts()
        else:
            found = figures_of(lake, moment, ids, subject or ())
            frame, document = tabulated(found), [f.as_dict() for f in found]
    _write(frame, document, format, output)
    return 0


def _write(frame: pl.DataFrame, found: list[dict[str, Any]], format: Format, output: Path | None) -> None:
    match format:
        case "parquet":
            frame.drop("shown", strict=False).write_parquet(_required(output))
        case "csv":
            _text(frame.drop("shown", strict=False).write_csv(), output)
        case "json":
            document = {"figures": found, "attribution": ATTRIBUTION, "disclaimer": ADVICE}
            _text(json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1, default=_iso) + "\n", output)
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


def _iso(value: date | datetime) -> str:
    return value.strftime("%Y-%m-%dT%H:%M:%SZ") if isinstance(value, datetime) else value.isoformat()


def _required(output: Path | None) -> Path:
    assert output is not None
    return output


def _text(text: str, output: Path | None) -> None:
    if output is None:
        sys.stdout.write(text)
    else:
        output.write_text(text, "utf-8")
