"""``overshort explain``."""

from typing import Annotated, Any

from cyclopts import Parameter
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from overshort.surfaces.cli.options import AsOf, Home, Json, emit, open_lake, page, when, whole, working
from overshort.surfaces.explanation import declarations, definition, explanation
from overshort.surfaces.page.blocks import Grid
from overshort.surfaces.page.explanation import TEXTS, grids
from overshort.surfaces.words import ADVICE, ATTRIBUTION, SIMULATED, published, written

__all__ = ["run"]

NAMED = ("value", "n", "coverage", "members", "price_source", "note", "reason", "vintage")


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
    if id is None:
        return _list(json)
    built = definition(id)
    if subject is not None:
        lake = open_lake(home)
        with working("tracing the figure"):
            built = explanation(lake, when(lake, as_of), id, subject, rows)
    if json:
        emit(built)
    else:
        _render(built, page())
    return 0


def _list(json: bool) -> int:
    if json:
        emit(declarations())
        return 0
    table = Table("id", "unit", "definition", box=None, header_style="bold", pad_edge=False)
    for m in declarations()["metrics"]:
        table.add_row(m["id"], m["unit"], m["definition"])
    page().print(table)
    return 0


def _render(built: dict[str, Any], console: Console) -> None:
    declared = built["metric"]
    console.print(f"[bold]{declared['id']}[/]  ({declared['kind']}, {declared['unit']}, once a {declared['grid']})")
    console.print(escape(declared["definition"]))
    console.print(escape(f"Null rule: {declared['null_rule']}."))
    console.print(f"Subjects: {', '.join(declared['subjects'])}. Reads: {', '.join(declared['reads'])}.")
    if "figure" in built:
        _render_figure(built["figure"], console)
    for grid in grids(built):
        _render_rows(grid, console)
    console.print(f"\n{ATTRIBUTION} {ADVICE}", style="dim")


def _render_figure(figure: dict[str, Any], console: Console) -> None:
    if figure["simulated"]:
        console.print(f"\n {SIMULATED} ", style="bold reverse")
    base = f", base {figure['base_date']}" if "base_date" in figure else ""
    console.print(
        f"\n[bold]{figure['subject']}: {written(figure)}[/] at {figure['at']}{base}, "
        f"known {published(figure['known_at'])}"
    )
    for name in NAMED:
        if figure.get(name) is not None:
            console.print(escape(f"  {name}: {figure[name]}"), soft_wrap=True)


def _render_rows(grid: Grid, console: Console) -> None:
    console.print(f"\n[bold]{grid.title}[/]")
    if not grid.rows:
        console.print("none")
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in grid.heads:
        table.add_column(
            name,
            justify="left" if name in TEXTS else "right",
            overflow="ellipsis" if name == "file" else "fold",
        )
    for row in grid.rows:
        table.add_row(*(escape(cell.text) for cell in row))
    console.print(table)
