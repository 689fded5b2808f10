"""Figures and panel rows as tables on a terminal."""

import re
from datetime import datetime

import polars as pl
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from overshort.surfaces.words import published

__all__ = ["figure_table"]

STAMP = re.compile(r"^\d{4}-\d\d-\d\dT")
HEADS = {"shown": "value", "base_date": "base", "base_at": "base", "known_at": "known"}


def figure_table(frame: pl.DataFrame, console: Console) -> None:
    """Print figures or panel rows as a table."""
    value = "shown" if "shown" in frame.columns else "value"
    wanted = (
        "subject",
        "id",
        "at",
        value,
        "text",
        "base_date",
        "base_at",
        "n",
        "coverage",
        "known_at",
        "note",
        "reason",
    )
    columns = [c for c in wanted if c in frame.columns and frame[c].null_count() < frame.height]
    if value == "shown":
        columns = [c for c in columns if c != "text"]
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in columns:
        right = column in (value, "n", "coverage")
        table.add_column(HEADS.get(column, column), justify="right" if right else "left", overflow="fold")
    for row in frame.select(columns).iter_rows():
        table.add_row(*(escape(_cell(v)) for v in row))
    console.print(table)


def _cell(value: object) -> str:
    match value:
        case None:
            return "–"
        case float():
            return f"{value:.6g}"
        case datetime():
            return str(value.date())
        case str() if STAMP.match(value):
            return published(value)[:10]
        case _:
            return str(value)
