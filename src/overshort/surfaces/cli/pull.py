"""``overshort pull``."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from overshort import config, sessions
from overshort.engine import pull as engine
from overshort.engine.intake import Store
from overshort.engine.moment import now, pause, ticks
from overshort.engine.pull.run import Step
from overshort.errors import UsageError
from overshort.sources.feeds import Feed
from overshort.sources.wire import Pace
from overshort.sources.wire.request import check_base
from overshort.surfaces.cli.brief import check_output
from overshort.surfaces.cli.brief import run as show_brief
from overshort.surfaces.cli.options import Home, Json, emit, page
from overshort.surfaces.words import ATTRIBUTION

__all__ = ["run"]

STALE = 3
KEYS = ("FINRA_API_CLIENT", "FINRA_API_SECRET")


def run(
    *sources: Annotated[
        str,
        Parameter(help="Sources such as cboe.vix, or publishers such as finra (default: the free ones of a brief)."),
    ],
    plan: Annotated[bool, Parameter(negative="", help="Show what would be asked for, and ask nothing.")] = False,
    offline: Annotated[bool, Parameter(negative="", help="Open no connection: only say what is late.")] = False,
    until_current: Annotated[
        bool, Parameter(negative="", help="Ask nothing of a source whose newest date is here: for a scheduler.")
    ] = False,
    since: Annotated[str | None, Parameter(help="First date wanted, YYYY-MM-DD (default: each source's own).")] = None,
    base_url: Annotated[
        tuple[str, ...],
        Parameter(name="--base-url", help="SOURCE=URL of a mirror; plain http only on this machine.", negative=""),
    ] = (),
    brief: Annotated[
        Path | None,
        Parameter(help="Then show the brief, and write it to this file, named as for `overshort brief -o`."),
    ] = None,
    json: Json = False,
    home: Home = None,
) -> int:
    """Pull what the store lacks from publishers' servers; name sources, or take the free ones of a brief.

    Exit code 0 when every source is as new as its publisher, 3 when one stayed behind.
    """
    feeds = engine.chosen(sources)
    first = sessions.parse_day(since) if since else None
    bases = dict(_base(text, feeds) for text in base_url)
    check_output(brief)
    if json and brief is not None:
        raise UsageError(f"--json and --brief {brief} would both write to standard output; give one of them")
    settings = config.load({"home": home})
    if plan:
        found = engine.plans(
            Store.open(settings.home, create=False), feeds, now(), since=first, until_current=until_current
        )
        emit(_plan_document(found)) if json else _show_plan(found, page())
        return 0
    keys = {k: v for f in feeds for k in (*f.needs, *KEYS) if (v := os.environ.get(k))}
    with _progress() as step:
        means = engine.Means(
            clock=now, pace=Pace(ticks, pause), agent=settings.user_agent, keys=keys, bases=bases, progress=step
        )
        done = engine.pull(settings.home, feeds, means, since=first, until_current=until_current, offline=offline)
    emit(_document(done)) if json else _show(done, page(), offline=offline)
    if brief is not None:
        show_brief(output=brief, home=home)
    return STALE if any(d.late for d in done) else 0


def _base(text: str, feeds: Sequence[Feed]) -> tuple[str, str]:
    name, given, base = text.partition("=")
    feed = next((f for f in feeds if f.name == name), None)
    if feed is None or not given:
        known = ", ".join(f.name for f in feeds)
        raise UsageError(f"--base-url {text!r} is no SOURCE=URL of a source that is pulled here; these are {known}")
    if feed.library:
        raise UsageError(f"{name} is asked through the library {feed.library}, which takes no --base-url; leave it out")
    return name, check_base(name, base, ftp=feed.ftp)


@contextmanager
def _progress() -> Iterator[Step]:
    """Show a bar a source on a terminal, and nothing elsewhere."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.fields[feed]}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    tail = TextColumn("{task.description}")
    with Progress(*columns, tail, console=console, transient=True, disable=not console.is_terminal) as bars:
        tasks: dict[str, TaskID] = {}

        def step(feed: str, label: str, done: int, total: int) -> None:
            if feed not in tasks:
                tasks[feed] = bars.add_task(label, feed=feed, total=total)
            bars.update(tasks[feed], description=label, completed=done, total=total)

        yield step


def _iso(day: object) -> str | None:
    return None if day is None else str(day)


def _plan_document(found: Sequence[engine.Plan]) -> dict[str, Any]:
    return {
        "schema": "overshort.pull_plan/1",
        "sources": [
            {
                "source": p.feed.name,
                "about": p.feed.about,
                "hosts": sorted(p.feed.hosts),
                "needs": list(p.feed.needs),
                "newest": _iso(p.newest),
                "due": _iso(p.due),
                "late": p.late,
                "requests": p.requests,
                "bytes": p.bytes,
                "seconds": p.seconds,
                "asks": [a.label for a in p.asked],
            }
            for p in found
        ],
    }


def _table(*columns: str) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in columns:
        table.add_column(name, justify="left" if name in ("source", "newest", "due", "asks for") else "right")
    return table


def _size(count: int) -> str:
    return f"{count / 1e6:,.1f} MB"


def _time(seconds: float) -> str:
    return f"{seconds / 60:,.0f} min" if seconds >= 90 else f"{seconds:,.0f} s"


def _show_plan(found: Sequence[engine.Plan], console: Console) -> None:
    table = _table("source", "newest", "due", "asks for", "requests", "about", "at least")
    for p in found:
        labels = [a.label for a in p.asked]
        some = "nothing" if not labels else labels[0] if len(labels) == 1 else f"{labels[0]} … {labels[-1]}"
        cells = (_iso(p.newest) or "–", _iso(p.due) or "–", some, f"{p.requests:,}", _size(p.bytes), _time(p.seconds))
        table.add_row(p.feed.name, *cells)
    console.print(table)
    total = (sum(p.requests for p in found), sum(p.bytes for p in found), sum(p.seconds for p in found))
    console.print(
        f"In all {total[0]:,} requests, about {_size(total[1])}, at least {_time(total[2])}. Nothing was asked."
    )


def _document(done: Sequence[engine.Pulled]) -> dict[str, Any]:
    return {
        "schema": "overshort.pull/1",
        "sources": [
            {
                "source": d.feed,
                "asked": d.asked,
                "bytes": d.bytes,
                "added": d.added,
                "revised": d.revised,
                "known": d.known,
                "refused": d.refused,
                "newest": _iso(d.newest),
                "due": _iso(d.due),
                "late": d.late,
                "problems": list(d.problems),
            }
            for d in done
        ],
        "attribution": ATTRIBUTION,
    }


def _show(done: Sequence[engine.Pulled], console: Console, *, offline: bool) -> None:
    table = _table("source", "asked", "added", "revised", "known", "refused", "MB", "newest", "due")
    for d in done:
        counts = (f"{n:,}" for n in (d.asked, d.added, d.revised, d.known, d.refused))
        table.add_row(d.feed, *counts, f"{d.bytes / 1e6:,.1f}", _iso(d.newest) or "–", _iso(d.due) or "–")
    console.print(table)
    for d in done:
        for problem in dict.fromkeys(d.problems):
            console.print(f"{d.feed}: {problem}.", soft_wrap=True)
    if late := [d for d in done if d.late]:
        names = "; ".join(f"{d.feed} has {_iso(d.newest) or 'nothing'} of {d.due}" for d in late)
        console.print(f"Late: {names}.", soft_wrap=True)
    added, revised = sum(d.added for d in done), sum(d.revised for d in done)
    changed = f"{added:,} rows added, {revised:,} revised." if added or revised else "Nothing new."
    console.print("Offline: nothing was asked." if offline else changed)
