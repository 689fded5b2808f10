"""An explanation as a page: the definition, the figure, the reports of its window, and the rows of the newest."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from overshort.surfaces.page.blocks import Grid, Page, Section, Words
from overshort.surfaces.page.figures import name
from overshort.surfaces.words import SIMULATED, published, written

__all__ = ["TEXTS", "explained", "grids"]

HIDDEN = ("sha256", "source", "symbol_raw")
TEXTS = frozenset({"settlement", "symbol", "ratio_basis", "market", "revised", "split", "known_at", "file", "vintage"})
"""Columns that hold words or dates, not numbers."""
READABLE: Mapping[str, Callable[[str], str]] = {
    "file": lambda path: Path(path).name,
    "known_at": lambda stamp: published(stamp)[:10],
}


def explained(built: Mapping[str, Any]) -> Page:
    """Give the page of an explanation (schema ``overshort.explain/1``)."""
    declared, figure = built["metric"], built.get("figure")
    head = [
        f"{declared['kind']}, {declared['unit']}, once a {declared['grid']}. {declared['definition']}",
        f"Null rule: {declared['null_rule']}. Reads: {', '.join(declared['reads'])}.",
    ]
    if figure:
        head.append(_found(figure))
    return Page(
        title=declared["id"],
        as_of=figure["at"] if figure else "",
        banner=SIMULATED if figure and figure["simulated"] else "",
        head=[Words(text=text) for text in head],
        sections=[Section(id="rows", title="", blocks=list(grids(built)))],
        foot=[built["attribution"], built["disclaimer"]],
    )


def _found(figure: Mapping[str, Any]) -> str:
    base = f", base {figure['base_date']}" if "base_date" in figure else ""
    why = f": {figure['reason']}" if figure.get("reason") else ""
    known = published(figure["known_at"])
    late = f", {figure['vintage']}" if "vintage" in figure else ""
    return f"{figure['subject']}: {written(figure)} at {figure['at']}{base}, known {known}{late}{why}."


def grids(built: Mapping[str, Any]) -> Iterator[Grid]:
    """Give the tables of an explanation: the reports of the window, and published rows of the newest one."""
    if "cycles" in built:
        yield _grid("Reports of the window", built["cycles"])
    if "rows" in built:
        order = ", largest contribution first" if "cycles" in built else ""
        count = f"{len(built['rows'])} of {built['rows_total']:,} rows{order}"
        yield _grid(f"Published rows of the newest report ({count})", built["rows"])


def _grid(title: str, rows: list[dict[str, Any]]) -> Grid:
    heads = [n for n in rows[0] if n not in HIDDEN and any(r[n] is not None for r in rows)] if rows else []
    return Grid(title=title, heads=heads, rows=[[name(_shown(n, row[n])) for n in heads] for row in rows])


def _shown(head: str, value: object) -> str:
    if isinstance(value, str) and head in READABLE:
        return READABLE[head](value)
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
