"""The figures of a document by subject and id, and cells made of them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from overshort.surfaces.page.blocks import Cell
from overshort.surfaces.words import in_order, written

__all__ = ["Own", "Owns", "cell", "has_value", "name", "owns_of"]

Own = Mapping[str, Mapping[str, Any]]
Owns = Mapping[str, Own]


def owns_of(figures: Iterable[Mapping[str, Any]]) -> Owns:
    """Give the figures of every subject by id, subjects in the order of the brief."""
    owns: dict[str, dict[str, Mapping[str, Any]]] = defaultdict(dict)
    for figure in figures:
        owns[figure["subject"]][figure["id"]] = figure
    return {s: owns[s] for s in in_order(owns)}


def cell(own: Own, id: str, *, naive: bool = False, extra: str = "") -> Cell:
    """Give the cell of a figure; a dash where there is none."""
    figure = own.get(id)
    return Cell(text="–") if figure is None else Cell(text=written(figure) + extra, figure=figure, naive=naive)


def name(text: str) -> Cell:
    """Give a cell that names its row."""
    return Cell(text=text)


def has_value(own: Own, prefix: str | tuple[str, ...]) -> bool:
    """Tell whether any figure whose id begins so, or in one of these ways, has a value."""
    return any(f["value"] is not None for id, f in own.items() if id.startswith(prefix))
