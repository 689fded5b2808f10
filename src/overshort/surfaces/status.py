"""What a store holds, how fresh it is, and what is missing for which metric: as a document."""

from datetime import datetime
from typing import Any

from overshort import sessions
from overshort.engine.due import due_settlement
from overshort.engine.freshness import TableState, newest_settlements, table_states
from overshort.engine.intake import Store
from overshort.engine.moment import Moment
from overshort.engine.pull.plan import chosen, plans
from overshort.errors import NothingToShow
from overshort.store.lake import Lake
from overshort.store.raw import Vault
from overshort.surfaces.brief import document
from overshort.surfaces.words import ADVICE, ATTRIBUTION

__all__ = ["status"]


def status(lake: Lake, moment: Moment) -> dict[str, Any]:
    """Give the state of a store as of a moment (schema ``overshort.status/1``)."""
    settlement, at = sessions.next_publication(moment.instant)
    return {
        "schema": "overshort.status/1",
        "store": str(lake.home),
        "simulated": lake.simulated,
        "data_version": lake.version(),
        "as_of": moment.day.isoformat(),
        "tables": [_table(t) for t in table_states(lake)],
        "newest_report": {t: d.isoformat() if d else None for t, d in newest_settlements(lake, moment.instant).items()},
        "due_report": due_settlement(moment.instant).isoformat(),
        "next_publication": {"settlement": settlement.isoformat(), "published_at": _utc(at)},
        "late": [] if lake.simulated else _late(lake, moment),
        "missing": _missing(lake, moment),
        "attribution": ATTRIBUTION,
        "disclaimer": ADVICE,
    }


def _utc(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _table(state: TableState) -> dict[str, Any]:
    return {
        "table": state.table,
        "rows": state.rows,
        "files": state.files,
        "first": state.first.isoformat() if state.first else None,
        "last": state.last.isoformat() if state.last else None,
        "known_at": _utc(state.known_at) if state.known_at else None,
    }


def _late(lake: Lake, moment: Moment) -> list[dict[str, Any]]:
    """List the sources of a brief whose newest date is not the one that is out."""
    store = Store(lake, Vault(lake.home / "raw"))
    found = plans(store, chosen(()), moment.instant, since=None, until_current=True)
    return [
        {"source": p.feed.name, "newest": p.newest.isoformat() if p.newest else None, "due": str(p.due)}
        for p in found
        if p.late
    ]


def _missing(lake: Lake, moment: Moment) -> list[dict[str, Any]]:
    """Group the figures that an import would fill by reason: one line says what is lacking."""
    try:
        found = document(lake, moment)["missing"]
    except NothingToShow as error:
        return [{"reason": str(error), "needs": "short_interest", "ids": [], "subjects": []}]
    grouped: dict[tuple[str, str | None], dict[str, set[str]]] = {}
    for row in (r for r in found if r["needs"] is not None):
        group = grouped.setdefault((row["reason"], row["needs"]), {"ids": set(), "subjects": set()})
        group["ids"].add(row["id"])
        group["subjects"].add(row["subject"])
    return [
        {"reason": reason, "needs": needs, **{k: sorted(v) for k, v in group.items()}}
        for (reason, needs), group in sorted(grouped.items(), key=lambda g: (g[0][1] or "", g[0][0]))
    ]
