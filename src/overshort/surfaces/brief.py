"""The brief as a document: the same store and as-of give the same bytes."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date
from typing import Any

from overshort import __version__, schema, sessions
from overshort.engine.figures import Figure, due_settlement, figures
from overshort.engine.freshness import newest_settlements
from overshort.engine.moment import Moment
from overshort.engine.panel import market, panel
from overshort.errors import NothingToShow
from overshort.store.lake import Lake
from overshort.surfaces.sentences import claims
from overshort.surfaces.words import ADVICE, ATTRIBUTION

__all__ = ["SCHEMA", "document", "market_figures"]

SCHEMA = "overshort.brief/1"
_TABLE = re.compile(r"\btable (\w+)")


def market_figures(lake: Lake, moment: Moment) -> list[Figure]:
    """Give the figures of all indices and exchanges as of a moment.

    Raises
    ------
    NothingToShow
        If no figure has a value then.
    """
    found = figures(panel(lake, market()), moment.instant, simulated=lake.simulated)
    if not any(f.value is not None for f in found):
        raise NothingToShow(
            f"no report was known by {moment.day}: the store holds nothing older; give a later --as-of, "
            "or import earlier reports"
        )
    return found


def document(lake: Lake, moment: Moment) -> dict[str, Any]:
    """Build the brief document (schema ``overshort.brief/1``).

    Raises
    ------
    NothingToShow
        If no figure has a value as of the moment.
    """
    found = market_figures(lake, moment)
    return {
        "schema": SCHEMA,
        "version": __version__,
        "as_of": moment.day.isoformat(),
        "as_of_utc": moment.instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "simulated": lake.simulated,
        "data_version": lake.version(),
        "reports": _reports(found),
        "figures": [f.as_dict() for f in found],
        "claims": claims(found),
        "forecasts": [],
        "missing": [_missing(f) for f in found if f.value is None],
        "stale": _stale(lake, moment),
        "attribution": ATTRIBUTION,
        "disclaimer": ADVICE,
    }


def _reports(found: Iterable[Figure]) -> list[dict[str, str]]:
    dates = sorted({f.settlement for f in found if f.settlement and f.value is not None})
    rows = ((d, *sessions.publication(date.fromisoformat(d))) for d in dates)
    return [
        {"settlement": d, "published_at": at.strftime("%Y-%m-%dT%H:%M:%SZ"), "basis": basis} for d, at, basis in rows
    ]


def _missing(figure: Figure) -> dict[str, str | None]:
    reason = figure.reason or ""
    named = [t for t in _TABLE.findall(reason) if t in schema.TABLES]
    return {"id": figure.id, "subject": figure.subject, "reason": reason, "needs": named[0] if named else None}


def _stale(lake: Lake, moment: Moment) -> Sequence[dict[str, str | None]]:
    due = due_settlement(moment.instant)
    newest = newest_settlements(lake, moment.instant)
    return [
        {"table": table, "newest": at.isoformat() if at else None, "due": due.isoformat()}
        for table, at in newest.items()
        if at is None or at < due
    ]
