"""``overshort status``."""

from datetime import datetime
from typing import Any

from rich.table import Table

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
from overshort.surfaces.cli.options import AsOf, Home, Json, emit, open_lake, page, when, working
from overshort.surfaces.words import ADVICE, ATTRIBUTION, SIMULATED, published

__all__ = ["run"]


def run(*, as_of: AsOf = None, json: Json = False, home: Home = None) -> int:
    """What the store holds, the newest report and the next one due, what is late, and which metric lacks what."""
    lake = open_lake(home)
    with working("looking through the store"):
        built = _status(lake, when(lake, as_of))
    if json:
        emit(built)
    else:
        _render(built)
    return 0


def _status(lake: Lake, moment: Moment) -> dict[str, Any]:
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


def _render(built: dict[str, Any]) -> None:
    console = page()
    if built["simulated"]:
        console.print(SIMULATED, style="bold reverse")
    console.print(
        f"Store {built['store']}, data version {built['data_version']}, as of {built['as_of']}", soft_wrap=True
    )
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in ("table", "rows", "files", "first", "last", "newest known"):
        table.add_column(name, justify="right" if name in ("rows", "files") else "left")
    for t in built["tables"]:
        known = published(t["known_at"]) if t["known_at"] else "–"
        table.add_row(t["table"], f"{t['rows']:,}", str(t["files"]), t["first"] or "–", t["last"] or "–", known)
    console.print(table)
    following = built["next_publication"]
    for name, newest in built["newest_report"].items():
        late = "" if newest == built["due_report"] else f"; the report of {built['due_report']} is due and not here"
        console.print(f"Newest report in {name}: {newest or 'none'}{late}.")
    console.print(f"Next publication: {published(following['published_at'])} (settlement {following['settlement']}).")
    if behind := [f"{s['source']} ({s['newest'] or 'nothing'} of {s['due']})" for s in built["late"]]:
        console.print(f"Late, to be had with `overshort pull`: {', '.join(behind)}.", soft_wrap=True)
    for group in built["missing"]:
        console.print(f"Missing: {', '.join(group['subjects'])}: {_short(group['ids'])}: {group['reason']}.")
    console.print(f"\n{ATTRIBUTION} {ADVICE}", style="dim")


def _short(ids: list[str]) -> str:
    return ", ".join(ids[:4]) + (f" and {len(ids) - 4} more" if len(ids) > 4 else "")
