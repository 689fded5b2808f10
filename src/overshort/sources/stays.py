"""From joins and leaves to stays: who belonged from when until when.

1. Go through the events by date, leaves before joins.
2. A join opens a stay, a leave closes it on its day, which is the first day after.
3. A symbol that leaves and joins on one day was only renamed back: a running stay goes on, else one opens.
4. Where the members at the start are unknown, a leave of a symbol never spoken of before tells that it was a member
   from an unknown day on: it gets an empty stay on that day, which says "no member from here on".
5. A join of a member, and a leave of a symbol known to be no member, are faults.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

import polars as pl

from overshort.sources.declare import faults_of

__all__ = ["Event", "stays"]

STAYS = {"symbol": pl.String(), "symbol_raw": pl.String(), "first": pl.Date(), "last": pl.Date()}


class Event(NamedTuple):
    """A symbol joins or leaves; ``row`` is the row that says so."""

    row: int
    on: date
    symbol: str
    spelled: str
    joins: bool


class _Course:
    """Where the walk through the events stands."""

    def __init__(self, standing: Mapping[str, tuple[str, date]] | None) -> None:
        self.complete = standing is not None
        self.running = dict(standing or {})
        self.spoken = set(self.running)
        self.done: list[tuple[str, str, date, date | None]] = []
        self.faults: list[tuple[int, str, str]] = []

    def join(self, event: Event, back: bool) -> None:
        if event.symbol not in self.running:
            self.running[event.symbol] = event.spelled, event.on
        elif not back:
            spelled, since = self.running[event.symbol]
            reason = f"'{event.spelled}' joins on {event.on} and is a member since {since} (as '{spelled}')"
            self.faults.append((event.row, "a member joins", reason))

    def leave(self, event: Event, back: bool) -> None:
        if event.symbol in self.running:
            if not back:
                spelled, since = self.running.pop(event.symbol)
                self.done.append((event.symbol, spelled, since, event.on))
        elif self.complete or event.symbol in self.spoken:
            reason = f"'{event.spelled}' leaves on {event.on} and is no member then"
            self.faults.append((event.row, "a symbol leaves that is no member", reason))
        elif not back:
            self.done.append((event.symbol, event.spelled, event.on, event.on))


def stays(
    events: Iterable[Event], standing: Mapping[str, tuple[str, date]] | None = None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Turn joins and leaves into stays.

    Parameters
    ----------
    standing
        The members at the start: symbol to its spelling and first day; ``None`` where they are unknown.

    Returns
    -------
    tuple
        Stays (``symbol, symbol_raw, first, last``; ``last`` exclusive, null while it runs), no (symbol, first)
        twice; and faults.
    """
    ordered = sorted(events, key=lambda e: (e.on, e.joins, e.row))
    both = {(e.on, e.symbol) for e in ordered if e.joins} & {(e.on, e.symbol) for e in ordered if not e.joins}
    course = _Course(standing)
    for event in ordered:
        step = course.join if event.joins else course.leave
        step(event, (event.on, event.symbol) in both)
        course.spoken.add(event.symbol)
    running = ((symbol, spelled, first, None) for symbol, (spelled, first) in course.running.items())
    found = [*course.done, *running]
    return pl.DataFrame(found, schema=STAYS, orient="row").sort("first", "symbol"), faults_of(course.faults)
