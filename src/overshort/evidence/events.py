"""From a flag's history to dated events: when a reader could act on it, and how many events are separate ones.

1. A case is a report or session at which the flag was known, whether up or down; it was decided when it was first
   known, and its entry is the first session that opens later.
2. Cases in a row at which the flag is up are one *run*: a flag that stays up is no new evidence every fortnight.
3. For a horizon of h sessions, runs that begin less than h sessions after the entry of the case before form one
   *cluster*: their outcomes overlap.
4. The *effective* number of cases is the most windows of h sessions that do not overlap, taken greedily from the first.
"""

from collections.abc import Sequence
from itertools import pairwise

import polars as pl

from overshort import sessions

__all__ = ["GRIDS", "cases", "clusters", "effective", "entries", "runs"]

GRIDS = ("report", "session")
"""Grids whose values cannot be known before an instant that the calendar gives."""


def _earliest(days: pl.Series, grid: str) -> pl.DataFrame:
    """Give the first instant at which what a report or session says can be known; none of a day without trading."""
    if grid == "report":
        return sessions.publications(days).select(
            pl.col("settlement").alias("at"), pl.col("published_at").alias("then")
        )
    return sessions.schedule().select(pl.col("session").alias("at"), pl.col("closes").alias("then"))


def entries(decided: pl.Series) -> pl.Series:
    """Give the first session that opens later than each instant.

    Parameters
    ----------
    decided
        UTC instants, in any order.
    """
    opens = sessions.schedule().select("session", "opens")
    places = opens["opens"].search_sorted(decided, side="right")
    return opens["session"].gather(places).alias("entry")


def cases(flags: pl.DataFrame, grid: str) -> pl.DataFrame:
    """Give the dated cases of a flag.

    Parameters
    ----------
    flags
        ``at`` (date), ``decided`` (the instant at which the value was first known), ``holds`` (bool), ascending.
    grid
        Grid of the metric behind it; values on those of :data:`GRIDS` are checked.

    Returns
    -------
    DataFrame
        With ``entry`` (session) and ``run`` (number of the run, null where the flag is down); of cases with the same
        entry the last one.

    Raises
    ------
    RuntimeError
        If a value claims to have been known before its own report was published or its session had closed: a
        look-ahead, and so a fault of the program or of what was imported.
    """
    if grid in GRIDS:
        _require_no_look_ahead(flags, grid)
    placed = flags.with_columns(entries(flags["decided"]))
    own = placed.unique("entry", keep="last", maintain_order=True).sort("entry")
    return own.with_columns(pl.Series("run", runs(own["holds"].to_list()), dtype=pl.Int64))


def _require_no_look_ahead(flags: pl.DataFrame, grid: str) -> None:
    dated = flags.select("at", "decided").join(_earliest(flags["at"], grid), on="at")
    early = dated.filter(pl.col("decided") < pl.col("then"))
    if early.height:
        at, decided, then = early.row(0)
        raise RuntimeError(
            f"the value at {at} is said to have been known at {decided}, but cannot have been before {then}: a "
            "look-ahead; forget and import again the file behind it"
        )


def runs(holds: Sequence[bool]) -> list[int | None]:
    """Number the runs of cases at which a flag is up, from 0; null where it is down."""
    found: list[int | None] = []
    run, before = -1, False
    for up in holds:
        run += up and not before
        found.append(run if up else None)
        before = up
    return found


def clusters(places: Sequence[int], own: Sequence[int], horizon: int) -> int:
    """Count the groups of runs whose windows overlap.

    Parameters
    ----------
    places
        Position of every event's entry among the sessions, ascending.
    own
        Number of every event's run.
    horizon
        Sessions that a window holds.
    """
    pairs = zip(pairwise(places), pairwise(own), strict=True)
    return bool(places) + sum(b - a >= horizon and run != before for (a, b), (before, run) in pairs)


def effective(places: Sequence[int], horizon: int) -> int:
    """Count the most windows of a horizon that do not overlap; parameters as for :func:`clusters`."""
    count, end = 0, -1
    for place in places:
        if place >= end:
            count, end = count + 1, place + horizon
    return count
