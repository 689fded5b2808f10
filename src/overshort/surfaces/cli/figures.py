"""``overshort figures``."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Literal

import polars as pl
from cyclopts import Parameter
from rich.console import Console

from overshort.engine.figures import Figure
from overshort.engine.panel import market, panel_of
from overshort.errors import UsageError
from overshort.surfaces.cli.options import AsOf, Home, open_lake, page, when, working
from overshort.surfaces.measured import beginning, figures_of, history_of, measured
from overshort.surfaces.tables import figure_table
from overshort.surfaces.texts import as_csv, as_json
from overshort.surfaces.words import ADVICE, ATTRIBUTION, number

__all__ = ["run"]

Format = Literal["table", "csv", "parquet", "json"]


def run(
    *ids: str,
    subject: Annotated[
        list[str] | None,
        Parameter(help="SPX, NDX, RUT, NASDAQ, LISTED, SPY, QQQ, IWM, VIX or a stock; repeat for more."),
    ] = None,
    history: Annotated[bool, Parameter(negative="", help="Every date, not only the newest.")] = False,
    format: Annotated[Format, Parameter(name=["--format", "-f"])] = "table",
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
    wanted = beginning(ids)
    subjects = [s.upper() for s in subject] if subject else market().names
    with working("measuring every report"):
        panel = panel_of(lake, subjects)
    moment = when(lake, as_of)
    if history:
        frame = history_of(panel, wanted, subjects, moment)
        rows = frame.to_dicts()
    else:
        found = figures_of(panel, wanted, subjects, moment, simulated=lake.simulated)
        frame, rows = _frame(found), [f.as_dict() for f in found]
    _write(frame, measured(rows, moment), format, output)
    return 0


def _frame(found: list[Figure]) -> pl.DataFrame:
    """One row a figure; as in a panel, ``value`` is a number and ``text`` holds dates and states."""
    rows = [asdict(f) | _plain(f) | {"shown": number(f)} for f in found]
    return pl.DataFrame(rows, infer_schema_length=None)


def _plain(figure: Figure) -> dict[str, float | str | None]:
    value = figure.value
    if isinstance(value, str):
        return {"value": None, "text": value}
    return {"value": None if value is None else float(value), "text": None}


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
