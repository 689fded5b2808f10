"""Figures, studies and stores made for tests of what the pages say."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from overshort.demo import Market, simulate
from overshort.engine.figures import Figure
from overshort.engine.intake import import_frames
from overshort.engine.moment import moment
from overshort.metrics import metric
from overshort.store.lake import Lake
from overshort.surfaces.brief import document

DAY = "2023-09-29"
"""The last day of the small market."""


def figure(
    id: str,
    value: float | str | bool | None,
    *,
    subject: str = "NDX",
    at: str = "2025-06-13",
    base: str | None = "2024-06-14",
    n: int | None = 101,
    source: str | None = None,
) -> Figure:
    """Make one figure of a declared metric."""
    declared = metric(id)
    return Figure(
        key=f"{subject}/{id}@{at}",
        id=id,
        subject=subject,
        kind=declared.kind,
        value=value,
        unit=declared.unit,
        at=at,
        settlement=at if declared.grid == "report" else None,
        base_date=base,
        known_at="2025-06-25T20:40:00Z",
        n=n,
        coverage=1.0,
        members="point-in-time",
        price_source=source,
        stale=False,
        simulated=False,
        reason="not measured" if value is None else None,
        note=None,
        definition=declared.definition,
    )


def changed(figures: Iterable[Figure], id: str, value: float | str | bool | None) -> list[Figure]:
    """Give figures with another value of one id."""
    return [replace(f, value=value) if f.id == id else f for f in figures]


def market() -> Market:
    """Make a small market: 42 reports, no index with five years."""
    return _market()


@cache
def _market() -> Market:
    return simulate(5, stocks=24, first=date(2022, 1, 3), last=date.fromisoformat(DAY))


def small(folder: Path, *, without: Iterable[str] = ()) -> Lake:
    """Put the small market into a store, some tables left out."""
    tables = {name: rows for name, rows in market().tables.items() if name not in without}
    return stored(folder, tables)


def stored(folder: Path, tables: Mapping[str, pl.DataFrame]) -> Lake:
    """Put tables into a simulated store."""
    return import_frames(folder, tables, source="simulated", simulated=True, content=market().description)


def built(lake: Lake, day: str = DAY) -> dict[str, Any]:
    """Build a brief document."""
    return document(lake, moment(day))
