"""What is planted: the economics that a correct measurement must find again.

Dates are ages in months before the month of the last day, so that the story keeps its distance from the end,
whatever span is asked for; episodes that do not fit into the span are left out.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np

from overshort.demo.grid import EXTRA, Floats, Grid
from overshort.schema import INDEXES

__all__ = ["MEGA_SPLIT", "NOTES", "STREAK", "Note", "episodes", "price_drift", "short_growth", "shown", "vix_anchors"]

MEGA_SPLIT = 22
"""Cycles before the last report at which the largest Nasdaq-100 name splits ten for one."""
STREAK = 8
"""Months in a row, the last one included, in which prices rise; the month before them falls."""
TREND = 47
"""Age of the month from which short positions drift up."""


@dataclass(frozen=True, slots=True)
class Note:
    """One planted episode: its kind, subjects, and the ages of its first and last month."""

    kind: str
    subjects: tuple[str, ...]
    first: int
    last: int


NOTES = (
    Note("exit", INDEXES, 70, 68),
    Note("confirm", INDEXES, 47, 44),
    Note("covering", ("NDX",), 32, 30),
    Note("crowding", ("SPX", "RUT"), 11, 0),
    Note("refusal", ("SPX", "RUT"), 11, 0),
)


def _span(table: Floats, ages: Floats, first: int, last: int, columns: list[int], values: Floats | float) -> None:
    """Write values, one a month from the older to the newer, where the months exist."""
    wanted = np.broadcast_to(np.asarray(values, dtype=float), (first - last + 1,))
    for age, value in zip(range(first, last - 1, -1), wanted, strict=True):
        table[np.ix_(np.flatnonzero(ages == age), np.array(columns))] = value


def price_drift(ages: Floats, background: Floats) -> Floats:
    """Give each month's log return of the three indices: planted ones over a random background."""
    out = background.copy()
    every = [0, 1, 2]
    _span(out, ages, 70, 68, every, np.array([-0.07, -0.15, -0.02]))
    _span(out, ages, 47, 44, every, np.array([-0.045, -0.03, -0.02, -0.07]))
    _span(out, ages, 32, 30, every, np.array([0.025, 0.03, 0.045]))
    _span(out, ages, 11, STREAK + 1, every, np.array([0.02, 0.015, 0.01]))
    _span(out, ages, STREAK, STREAK, every, -0.035)
    _span(out, ages, STREAK - 1, 0, every, np.array([0.03, 0.025, 0.018, 0.014, 0.02, 0.011, 0.008, 0.012]))
    return out


def short_growth(ages: Floats) -> Floats:
    """Give each month's log growth of the common positioning factor of the three groups.

    A group is what a stock belongs to at birth: 0 large caps off Nasdaq, 1 large caps on Nasdaq, 2 small caps.
    """
    out = np.zeros((len(ages), 3))
    every = [0, 1, 2]
    _span(out, ages, TREND, 0, every, 0.0035)
    _span(out, ages, 70, 68, every, np.array([-0.05, -0.07, -0.06]))
    _span(out, ages, 47, 44, every, 0.035)
    _span(out, ages, 32, 30, [1], np.array([-0.06, -0.08, -0.07]))
    # Growing at a growing pace, so that the last window outranks all the earlier ones.
    _span(out, ages, 11, 0, [0, 2], np.linspace(0.008, 0.044, 12))
    _span(out, ages, 11, 0, [1], np.linspace(0.002, 0.008, 12))
    return out


def vix_anchors(ages: Floats, background: Floats) -> Floats:
    """Give the VIX in the middle of each month: spikes in the falls, then a glide to the low of the cycle."""
    out = background.copy()[:, None]
    _span(out, ages, 70, 67, [0], np.array([28.0, 58.0, 40.0, 30.0]))
    _span(out, ages, 47, 44, [0], np.array([24.0, 27.0, 29.0, 28.0]))
    _span(out, ages, STREAK + 1, STREAK + 1, [0], 19.0)
    _span(out, ages, STREAK, 0, [0], np.array([33.0, 21.0, 18.5, 17.2, 16.2, 15.3, 14.5, 13.6, 12.8]))
    return out[:, 0]


def _bounds(note: Note, grid: Grid) -> tuple[date, date]:
    ages = grid.cycle_ages()[: len(grid.settlements) - EXTRA]
    inside = np.flatnonzero((ages <= note.first) & (ages >= note.last))
    return grid.settlements[max(int(inside[0]) - 1, 0)], grid.settlements[int(inside[-1])]


def shown(note: Note, grid: Grid) -> bool:
    """Tell whether an episode lies wholly inside the reports."""
    return bool(grid.cycle_ages()[1] > note.first)


def episodes(grid: Grid) -> list[tuple[str, str, date, date]]:
    """Give subject, kind, base settlement and last settlement of every planted episode that fits."""
    found = [n for n in NOTES if shown(n, grid)]
    return [(s, n.kind, *_bounds(n, grid)) for n in found for s in n.subjects]
