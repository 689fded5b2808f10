"""Beside a simulated market, the one thing on the page that is true of the world: the exchange's announced totals."""

from collections.abc import Mapping, Sequence
from typing import Any

from overshort.surfaces.page.blocks import Block, Grid, Section, Words
from overshort.surfaces.page.figures import name
from overshort.surfaces.words import percent

__all__ = ["announced"]

SHOWN = 8
MIDDLE = 15
"""The last day on which a mid-month settlement can fall."""


def announced(rows: Sequence[Mapping[str, Any]]) -> Section | None:
    """Give the section; nothing without a row."""
    if not rows:
        return None
    newest = rows[-1]
    text = (
        f"Real, not simulated: the Nasdaq Stock Market announced {newest['shares'] / 1e9:.2f} billion shares short in "
        f"its issues at {newest['settlement']}{_change(rows)}."
    )
    heads = ["settlement", "announced", "issues", "shares short"]
    table = [
        [name(r["settlement"]), name(r["published"] or "–"), name(_count(r["issues"])), name(_count(r["shares"]))]
        for r in reversed(rows[-SHOWN:])
    ]
    note = "Typed from the exchange's announcements; totals of different dates are not adjusted for splits."
    blocks: list[Block] = [Words(text=text, tone="lead"), Grid(heads=heads, rows=table, note=note)]
    return Section(id="real", title="One real table: Nasdaq's announced totals", blocks=blocks)


def _count(value: int | None) -> str:
    return "–" if value is None else f"{value:,}"


def _change(rows: Sequence[Mapping[str, Any]]) -> str:
    """Say the change from the same settlement a year before, where that one is on file."""
    newest = rows[-1]
    before = [r for r in rows if _cycle(r) == _cycle(newest, years=1)]
    if not before:
        return ""
    return f", {percent(newest['shares'] / before[-1]['shares'] - 1)} from {before[-1]['settlement']}"


def _cycle(row: Mapping[str, Any], *, years: int = 0) -> tuple[int, int, bool]:
    """Give year, month and half of a settlement: mid-month or month-end; of that ``years`` before."""
    year, month, day = map(int, row["settlement"].split("-"))
    return year - years, month, day > MIDDLE
