"""Figures and panels for those who ask for ids and subjects: what the command line and the web answer alike."""

from collections.abc import Iterable, Sequence
from typing import Any

import polars as pl

from overshort.engine.figures import Figure
from overshort.engine.figures import figures as figures_as_of
from overshort.engine.moment import Moment
from overshort.errors import NothingToShow
from overshort.metrics import metric, registry
from overshort.store import asof
from overshort.surfaces.words import ADVICE, ATTRIBUTION

__all__ = ["beginning", "figures_of", "history_of", "measured"]

_WHY = "`overshort explain ID` says what an id is measured for, and `overshort status` what is missing for it"


def beginning(patterns: Sequence[str]) -> list[str]:
    """Give the ids that begin with any pattern, all where none is given.

    Raises
    ------
    UnknownMetric
        If a pattern begins no id.
    """
    known = registry()
    for pattern in patterns:
        if not any(i.startswith(pattern) for i in known):
            metric(pattern)
    return [i for i in known if i.startswith(tuple(patterns))] if patterns else list(known)


def _rows(panel: pl.DataFrame, ids: Sequence[str], subjects: Iterable[str]) -> pl.DataFrame:
    rows = panel.filter(pl.col("id").is_in(ids))
    if rows.is_empty():
        named = f"{ids[0]}{f' and {len(ids) - 1} more ids' if len(ids) > 1 else ''}"
        raise NothingToShow(f"there is no row of {named} for {', '.join(subjects)}: {_WHY}")
    return rows


def _nothing(moment: Moment) -> NothingToShow:
    return NothingToShow(f"no figure was known by {moment.day}; give a later --as-of, or import earlier reports")


def figures_of(
    panel: pl.DataFrame, ids: Sequence[str], subjects: Iterable[str], moment: Moment, *, simulated: bool
) -> list[Figure]:
    """Give the newest figures of some ids.

    Raises
    ------
    NothingToShow
        If the panel has no row of these ids, or none was known by then.
    """
    found = figures_as_of(_rows(panel, ids, subjects), moment.instant, simulated=simulated)
    if not found:
        raise _nothing(moment)
    return found


def history_of(panel: pl.DataFrame, ids: Sequence[str], subjects: Iterable[str], moment: Moment) -> pl.DataFrame:
    """Give the panel rows of some ids, of every date the newest vintage known by then.

    Raises
    ------
    NothingToShow
        If the panel has no row of these ids, or none was known by then.
    """
    frame = asof.history(_rows(panel, ids, subjects).lazy(), moment.instant).collect()
    if frame.is_empty():
        raise _nothing(moment)
    return frame


def measured(rows: Iterable[dict[str, Any]], moment: Moment) -> dict[str, Any]:
    """Give figures or panel rows as a document."""
    return {
        "schema": "overshort.figures/1",
        "as_of": moment.day.isoformat(),
        "figures": list(rows),
        "attribution": ATTRIBUTION,
        "disclaimer": ADVICE,
    }
