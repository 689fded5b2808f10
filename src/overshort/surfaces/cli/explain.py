"""``overshort explain``."""

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import polars as pl
from cyclopts import Parameter
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from overshort.engine.figures import Figure, figures
from overshort.engine.lineage import Lineage, announced, trace
from overshort.engine.moment import Moment
from overshort.engine.panel import KINDS, Scope, panel_of, stocks, tables_behind
from overshort.errors import NothingToShow, UsageError
from overshort.metrics import Metric, metric, registry
from overshort.store.lake import Lake
from overshort.surfaces.cli.options import AsOf, Home, Json, emit, open_lake, page, when, whole, working
from overshort.surfaces.declared import declaration
from overshort.surfaces.words import ADVICE, ATTRIBUTION, SIMULATED, published, written

__all__ = ["run"]

HIDDEN = ("sha256", "source", "symbol_raw")
MEASURED: Mapping[str, str] = {
    kind: f"{words} ({', '.join(s for s, k in KINDS.items() if k == kind)})"
    for kind, words in {
        "index": "indices",
        "exchange": "exchanges",
        "proxy": "traded funds",
        "volatility": "volatility",
    }.items()
} | {"stock": "stocks with short-interest rows", "underlying": "underlyings of imported option trades"}
READABLE: Mapping[str, Callable[[str], str]] = {
    "file": lambda path: Path(path).name,
    "known_at": lambda stamp: published(stamp)[:10],
}


def run(
    id: str | None = None,
    *,
    subject: Annotated[str | None, Parameter(help="Explain this subject's figure, down to the rows behind it.")] = None,
    rows: Annotated[int, Parameter(converter=whole, help="How many member rows to show.")] = 10,
    as_of: AsOf = None,
    json: Json = False,
    home: Home = None,
) -> int:
    """A metric's definition, unit and null rule; with --subject, its figure and the rows behind it.

    Parameters
    ----------
    id
        A metric id; without one, all ids are listed.
    """
    if rows < 0:
        raise UsageError(f"--rows {rows} is no number of rows; give 0 or more")
    if id is None:
        return _list(json)
    declared = metric(id)
    built: dict[str, Any] = {"schema": "overshort.explain/1", "metric": declaration(declared)}
    if subject is not None:
        lake = open_lake(home)
        with working("tracing the figure"):
            built |= _figure(lake, declared, subject.upper(), when(lake, as_of), rows)
    if json:
        emit(built | {"attribution": ATTRIBUTION, "disclaimer": ADVICE})
    else:
        _render(built, page())
    return 0


def _list(json: bool) -> int:
    if json:
        emit({"schema": "overshort.metrics/1", "metrics": [declaration(m) for m in registry().values()]})
        return 0
    table = Table("id", "unit", "definition", box=None, header_style="bold", pad_edge=False)
    for m in registry().values():
        table.add_row(m.id, m.unit, m.definition)
    page().print(table)
    return 0


def _figure(lake: Lake, declared: Metric, subject: str, moment: Moment, rows: int) -> dict[str, Any]:
    own = panel_of(lake, [subject]).filter((pl.col("id") == declared.id) & (pl.col("subject") == subject))
    found = figures(own, moment.instant, simulated=lake.simulated)
    if not found:
        raise NothingToShow(_none(declared, subject, moment))
    figure = found[0]
    built: dict[str, Any] = {"figure": figure.as_dict()}
    if figure.settlement and figure.value is not None:
        built |= _inputs(lake, figure, subject, moment, rows)
    return built


def _none(declared: Metric, subject: str, moment: Moment) -> str:
    """Say why there is no figure: none is declared for such a subject, or its tables hold nothing so old."""
    if not {KINDS.get(subject, "stock"), "underlying"} & declared.subjects:
        own = " and ".join(MEASURED[k] for k in sorted(declared.subjects))
        return f"{declared.id} is measured for {own}, not for {subject}; give --subject one of them"
    behind = " and ".join(tables_behind(declared.id))
    return (
        f"{declared.id} of {subject} has no row known by {moment.day}; give a later --as-of, or import older rows "
        f"(it rests on {behind})"
    )


def _inputs(lake: Lake, figure: Figure, subject: str, moment: Moment, rows: int) -> dict[str, Any]:
    if figure.members == "announced":
        at = date.fromisoformat(figure.at)
        found = announced(lake, subject, settlement=at, as_of=moment.instant)
        return {"rows": _plain(found), "rows_total": found.height}
    lineage = _lineage(lake, figure, subject, moment)
    return {
        "cycles": _plain(lineage.cycles),
        "rows": _plain(lineage.rows.head(rows)),
        "rows_total": lineage.rows.height,
    }


def _lineage(lake: Lake, figure: Figure, subject: str, moment: Moment) -> Lineage:
    alone = KINDS.get(subject, "proxy") == "proxy"
    scope = stocks([subject]) if alone else Scope("market", (subject,))
    last = date.fromisoformat(figure.at)
    first = date.fromisoformat(figure.base_date) if figure.base_date else last
    return trace(lake, scope, subject, first=first, last=last, as_of=moment.instant)


def _plain(frame: pl.DataFrame) -> list[dict[str, Any]]:
    shown = frame.with_columns(
        pl.col(pl.Date).dt.to_string("%Y-%m-%d"), pl.col(pl.Datetime).dt.to_string("%Y-%m-%dT%H:%M:%SZ")
    )
    return shown.to_dicts()


def _render(built: dict[str, Any], console: Console) -> None:
    declared = built["metric"]
    console.print(f"[bold]{declared['id']}[/]  ({declared['kind']}, {declared['unit']}, once a {declared['grid']})")
    console.print(escape(declared["definition"]))
    console.print(escape(f"Null rule: {declared['null_rule']}."))
    console.print(f"Subjects: {', '.join(declared['subjects'])}. Reads: {', '.join(declared['reads'])}.")
    if "figure" in built:
        _render_figure(built["figure"], console)
    if "cycles" in built:
        _render_rows("Reports of the window", built["cycles"], console)
    if "rows" in built:
        order = ", largest contribution first" if "cycles" in built else ""
        count = f"{len(built['rows'])} of {built['rows_total']:,} rows{order}"
        _render_rows(f"Published rows of the newest report ({count})", built["rows"], console)
    console.print(f"\n{ATTRIBUTION} {ADVICE}", style="dim")


def _render_figure(figure: dict[str, Any], console: Console) -> None:
    if figure["simulated"]:
        console.print(f"\n {SIMULATED} ", style="bold reverse")
    base = f", base {figure['base_date']}" if "base_date" in figure else ""
    console.print(
        f"\n[bold]{figure['subject']}: {written(figure)}[/] at {figure['at']}{base}, "
        f"known {published(figure['known_at'])}"
    )
    for name in ("value", "n", "coverage", "members", "price_source", "note", "reason"):
        if figure.get(name) is not None:
            console.print(escape(f"  {name}: {figure[name]}"), soft_wrap=True)


def _render_rows(title: str, rows: list[dict[str, Any]], console: Console) -> None:
    console.print(f"\n[bold]{title}[/]")
    if not rows:
        console.print("none")
        return
    names = [n for n in rows[0] if n not in HIDDEN and any(row[n] is not None for row in rows)]
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in names:
        number = isinstance(next(row[name] for row in rows if row[name] is not None), int | float)
        table.add_column(name, justify="right" if number else "left", overflow="ellipsis" if name == "file" else "fold")
    for row in rows:
        table.add_row(*(escape(_cell(name, row[name])) for name in names))
    console.print(table)


def _cell(name: str, value: object) -> str:
    if isinstance(value, str) and name in READABLE:
        return READABLE[name](value)
    match value:
        case None:
            return "–"
        case bool():
            return "yes" if value else ""
        case int():
            return f"{value:,}"
        case float():
            return f"{value:.6g}" if abs(value) < 1e6 else f"{value:,.0f}"
        case _:
            return str(value)
