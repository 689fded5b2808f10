"""``overshort status``."""

from typing import Any

from rich.table import Table

from overshort.surfaces.cli.options import AsOf, Home, Json, emit, open_lake, page, when, working
from overshort.surfaces.status import status
from overshort.surfaces.words import ADVICE, ATTRIBUTION, SIMULATED, published

__all__ = ["run"]


def run(*, as_of: AsOf = None, json: Json = False, home: Home = None) -> int:
    """What the store holds, the newest report and the next one due, what is late, and which metric lacks what."""
    lake = open_lake(home)
    with working("looking through the store"):
        built = status(lake, when(lake, as_of))
    if json:
        emit(built)
    else:
        _render(built)
    return 0


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
        console.print(f"Newest report in {name}: {newest or 'none'}{_later(built, name, newest)}{late}.")
    console.print(f"Next publication: {published(following['published_at'])} (settlement {following['settlement']}).")
    if behind := [f"{s['source']} ({s['newest'] or 'nothing'} of {s['due']})" for s in built["late"]]:
        console.print(f"Late, to be had with `overshort pull`: {', '.join(behind)}.", soft_wrap=True)
    for group in built["missing"]:
        console.print(f"Missing: {', '.join(group['subjects'])}: {_short(group['ids'])}: {group['reason']}.")
    console.print(f"\n{ATTRIBUTION} {ADVICE}", style="dim")


def _later(built: dict[str, Any], name: str, newest: str | None) -> str:
    """Say that a table has newer rows, known by then, than its newest report: too few of them to make one."""
    last, known = next((t["last"], t["known_at"]) for t in built["tables"] if t["table"] == name)
    if not newest or last <= newest or known[:10] > built["as_of"]:
        return ""
    return f" (rows to {last} are too few for a report)"


def _short(ids: list[str]) -> str:
    return ", ".join(ids[:4]) + (f" and {len(ids) - 4} more" if len(ids) > 4 else "")
