"""The dates that everything is simulated on."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from overshort import sessions

__all__ = ["EXTRA", "Bools", "Floats", "Grid", "Ints", "make_grid"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

EXTRA = 3
"""Settlements after the last report, of which only the exchange's totals are published."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Sessions and settlements of a run.

    Attributes
    ----------
    days
        Sessions from the settlement before the first report (its positions are the first report's ``previous``) to
        the last announced settlement.
    settlements
        That earlier settlement, those of the reports, and ``EXTRA`` later ones.
    marks
        Position of each settlement in ``days``.
    ages
        Months from each session to the month of ``last``: 0 in that month, negative after it.
    begin, end
        The sessions of the asked span are ``days[begin:end]``.
    """

    days: list[date]
    settlements: list[date]
    marks: Ints
    ages: Ints
    begin: int
    end: int

    @property
    def reports(self) -> list[date]:
        return self.settlements[1:-EXTRA]

    @property
    def months(self) -> Ints:
        """Number the months of the sessions from 0."""
        out: Ints = self.ages[0] - self.ages
        return out

    def cycle_ages(self) -> Ints:
        """Give the age in months of each settlement."""
        out: Ints = self.ages[self.marks]
        return out

    def index(self, day: date) -> int:
        """Give the position of the first session on or after a day."""
        return int(np.searchsorted(np.array(self.days, "datetime64[D]"), np.datetime64(day)))


def make_grid(first: date, last: date) -> Grid:
    """Lay out the dates of a run from ``first`` to ``last``."""
    before = sessions.settlements_between(first - timedelta(days=40), first - timedelta(days=1))[-1:]
    after = sessions.settlements_between(last + timedelta(days=1), last + timedelta(days=75))[:EXTRA]
    marked = [*before, *sessions.settlements_between(first, last), *after]
    span = (marked[-1] - marked[0]).days + 1
    days = [d for d in (marked[0] + timedelta(days=n) for n in range(span)) if sessions.is_session(d)]
    ages = [12 * (last.year - d.year) + last.month - d.month for d in days]
    place = {d: n for n, d in enumerate(days)}
    return Grid(
        days=days,
        settlements=marked,
        marks=np.array([place[d] for d in marked]),
        ages=np.array(ages),
        begin=sum(d < first for d in days),
        end=sum(d <= last for d in days),
    )
