"""``overshort figures``."""

import json
import sys
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import polars as pl
from cyclopts import Parameter
from rich.console import Console

from overshort.engine.figures import Figure
from overshort.engine.figures import figures as figures_as_of
from overshort.engine.panel import market, panel_of
from overshort.errors import NothingToShow, UsageError
from overshort.metrics import metric, registry
from overshort.store import asof
from overshort.surfaces.cli.options import AsOf, Home, open_lake, page, when, working
from overshort.surfaces.tables import figure_table
from overshort.surfaces.words import ADVICE, ATTRIBUTION, number

__all__ = ["run"]

_WHY = "`overshort explain ID` says what an id is measured for, and `overshort status` what is missing for it"
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
    wanted = _ids(ids)
    with working("measuring every report"):
        rows = panel_of(lake, [s.upper() for s in subject] if subject else market().names).filter(
            pl.col("id").is_in(wanted)
        )
    if rows.is_empty():
        raise NothingToShow(_nothing(wanted, subject))
    moment = when(lake, as_of)
    if history:
        frame = asof.history(rows.lazy(), moment.instant).collect()
        document = frame.to_dicts()
    else:
        found = figures_as_of(rows, moment.instant, simulated=lake.simulated)
        frame, document = _frame(found), [f.as_dict() for f in found]
    if frame.is_empty():
        raise NothingToShow(f"no figure was known by {moment.day}; give a later --as-of, or import earlier reports")
    _write(frame, document, format, output)
    return 0


def _ids(patterns: tuple[str, ...]) -> list[str]:
    """Give the ids that begin with any pattern; a pattern that matches nothing is an error."""
    known = registry()
    for pattern in patterns:
        if not any(i.startswith(pattern) for i in known):
            metric(pattern)
    return [i for i in known if i.startswith(patterns)] if patterns else list(known)


def _nothing(wanted: list[str], subject: list[str] | None) -> str:
    ids = f"{wanted[0]}{f' and {len(wanted) - 1} more ids' if len(wanted) > 1 else ''}"
    return f"there is no row of {ids} for {', '.join(subject or market().names)}: {_WHY}"


def _frame(found: list[Figure]) -> pl.DataFrame:
    """One row a figure; as in a panel, ``value`` is a number and ``text`` holds dates and states."""
    rows = [asdict(f) | _plain(f) | {"shown": number(f)} for f in found]
    return pl.DataFrame(rows, infer_schema_length=None)


def _plain(figure: Figure) -> dict[str, float | str | None]:
    value = figure.value
    if isinstance(value, str):
        return {"value": None, "text": value}
    return {"value": None if value is None else float(value), "text": None}


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
