"""The ladder for members: what their crowding says of the chance that each of them covers, walked forward.

1. At every report members are put into cells by the fifth of three inputs: the rank of the position among its own of
   the year before (fifths of the scale), and growth in three months and days to cover (fifths of the index's members).
2. Table: of each of the 25 states of rank and days to cover the share that covered, drawn to climatology; a state that
   every report had is pulled as far as a state of an index's table that was in every window.
3. Logistic: the three fifths, with a ridge; windows count as 1 / reports of a separate one.
4. At report t only windows over by then are looked at, as for an index.  Members of one report rise and fall together:
   errors are clustered by report, and a rung must beat climatology over reports, not over members.
5. What is given is the mean over the members of that report, those without inputs at climatology.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl

from overshort.evidence.probability.ladder import (
    LEAST_FITTED,
    LEAST_OF_EACH,
    LEAST_WINDOWS,
    PULL,
    chance_of,
    closed_by,
    fit,
)
from overshort.evidence.probability.members.windows import POOLED
from overshort.metrics.ranking import Floats

__all__ = [
    "CELLS",
    "FIFTHS",
    "STATES",
    "Cells",
    "MemberRung",
    "by_state",
    "cell_of",
    "climatology",
    "member_logistic",
    "member_table",
]

FIFTHS = 5
STATES, CELLS = FIFTHS**2, FIFTHS**3
_AXES = np.stack(np.unravel_index(np.arange(CELLS), (FIFTHS,) * 3), axis=1).astype(np.float64)
"""Of every cell the fifths of rank, days to cover and growth, from 0."""


@dataclass(frozen=True, slots=True)
class Cells:
    """The members of one index by report and cell.

    Attributes
    ----------
    members
        How many there are, covered or not, their windows over or not; report by cell.
    held, fell
        Of these how many the window tells of, and how many covered; 0 where it is not over.
    every, every_held, every_fell
        The same of each report, members without inputs too.
    """

    members: Floats
    held: Floats
    fell: Floats
    every: Floats
    every_held: Floats
    every_fell: Floats

    def weights(self, report: int) -> Floats:
        """Give each cell's share of a report's members; the rest have no inputs."""
        return np.asarray(self.members[report] / max(self.every[report], 1), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class MemberRung:
    """One rung at every report.

    Attributes
    ----------
    given, error
        Mean over the report's members and its standard error, clustered by report; NaN where the rung gives none.
    chances
        Of every cell; report by cell.
    """

    given: Floats
    error: Floats
    chances: Floats

    def losses(self, cells: Cells) -> Floats:
        """Give the squared errors of each report's members with inputs, added up; NaN without a chance or outcome."""
        hit, missed = cells.fell * (1 - self.chances) ** 2, (cells.held - cells.fell) * self.chances**2
        return np.where(cells.held.sum(axis=1) > 0, (hit + missed).sum(axis=1), np.nan)


def cell_of(rank: str, days: str, growth: str, over: list[str]) -> pl.Expr:
    """Give the number of a member's cell from columns of numbers; null where one of them is null or not a number."""
    fifths = [(pl.col(rank) / (100 / FIFTHS)).floor(), _fifth(days, over), _fifth(growth, over)]
    number = pl.lit(0, pl.Int64)
    for fifth in fifths:
        number = number * FIFTHS + fifth.clip(0, FIFTHS - 1).cast(pl.Int64)
    return number


def _fifth(column: str, over: list[str]) -> pl.Expr:
    rank = pl.col(column).rank("average")
    return ((rank - 0.5) / pl.col(column).count() * FIFTHS).floor().over(over)


def _clustered(influence: Floats) -> float:
    """Give the standard error from what every report moves."""
    if influence.size < 2:
        return float("nan")
    return float(np.sqrt(influence.size / (influence.size - 1) * (influence**2).sum()))


def _over(report: int) -> slice:
    return slice(0, closed_by(report, POOLED))


def climatology(cells: Cells) -> MemberRung:
    """Give the share of all members so far; NaN under two reports whose windows are over."""
    size = len(cells.every)
    given, error = np.full(size, np.nan), np.full(size, np.nan)
    for t in range(size):
        influence, base = _base(cells, t)
        if influence.size >= 2:
            given[t], error[t] = base, _clustered(influence)
    return MemberRung(given, error, np.repeat(given[:, None], cells.held.shape[1], axis=1))


def _base(cells: Cells, report: int) -> tuple[Floats, float]:
    """Give what each report with a window that is over moves the share of all, and that share."""
    held, fell = cells.every_held[_over(report)], cells.every_fell[_over(report)]
    held, fell = held[held > 0], fell[held > 0]
    base = fell.sum() / held.sum() if held.size else float("nan")
    return (fell - base * held) / max(held.sum(), 1), float(base)


_Rule = Callable[[Cells, int], tuple[Floats, Floats] | None]
"""Gives of a report each cell's chance, and by how much each report learnt from moves their mean over its members."""


def _walked(cells: Cells, rule: _Rule) -> MemberRung:
    size = len(cells.every)
    given, error = np.full(size, np.nan), np.full(size, np.nan)
    chances = np.full(cells.held.shape, np.nan)
    for t in range(size):
        weights = cells.weights(t)
        if weights.sum() == 0 or (found := rule(cells, t)) is None:
            continue
        influence, base = _base(cells, t)
        chances[t], moved = found
        rest = 1 - weights.sum()
        given[t], error[t] = weights @ chances[t] + rest * base, _clustered(moved + rest * influence)
    return MemberRung(given, error, chances)


def member_table(cells: Cells) -> MemberRung:
    """Give the shrunken shares of states at every report; NaN under :data:`LEAST_WINDOWS` windows that are over."""
    return _walked(cells, _table)


def _table(cells: Cells, report: int) -> tuple[Floats, Floats] | None:
    over = _over(report)
    used = cells.every_held[over] > 0
    if used.sum() < LEAST_WINDOWS:
        return None
    held, fell = (by_state(v[over][used]) for v in (cells.held, cells.fell))
    influence, base = _base(cells, report)
    drawn = PULL * POOLED * held.sum(axis=0) / used.sum()
    whole = np.maximum(held.sum(axis=0) + drawn, 1e-9)
    share = np.where(held.sum(axis=0) > 0, (fell.sum(axis=0) + drawn * base) / whole, base)
    seen = np.where(held.sum(axis=0) > 0, drawn / whole, 1.0)
    weight = by_state(cells.weights(report))
    moved = ((fell - share * held) / whole) @ weight + influence * (weight @ seen)
    return np.repeat(share, CELLS // STATES), moved


def by_state(values: Floats) -> Floats:
    """Add up what the cells of each state hold, along the last axis."""
    return np.asarray(values.reshape(*values.shape[:-1], STATES, -1).sum(axis=-1), dtype=np.float64)


def member_logistic(cells: Cells) -> MemberRung:
    """Fit at every report; NaN under :data:`LEAST_FITTED` windows that are over, or few members with or without it."""
    return _walked(cells, _logistic)


def _logistic(cells: Cells, report: int) -> tuple[Floats, Floats] | None:
    over = _over(report)
    used = cells.every_held[over] > 0
    held, fell = cells.held[over][used], cells.fell[over][used]
    sizes, hits = held.sum(axis=0), fell.sum(axis=0)
    if used.sum() < LEAST_FITTED or min(hits.sum(), (sizes - hits).sum()) < LEAST_OF_EACH:
        return None
    there = sizes > 0
    middle = sizes @ _AXES / sizes.sum()
    scale = np.sqrt(sizes @ (_AXES - middle) ** 2 / sizes.sum())
    inputs = (_AXES - middle) / np.where(scale > 0, scale, 1.0)
    line, spread = fit(inputs[there], hits[there] / sizes[there], sizes[there] / POOLED)
    design = np.column_stack([np.ones(CELLS), inputs])
    chance = chance_of(design @ line)
    slope = design.T @ (cells.weights(report) * chance * (1 - chance))
    scores = (fell - held * chance) @ design / POOLED
    return chance, scores @ spread @ slope
