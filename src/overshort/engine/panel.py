"""From tables to panels over all history, point in time.

1. Find the functions that the wanted ids need, and what those read, down to tables.
2. Cut the tables into views, one per instant at which a published row was revised: within a view every key has
   the one vintage that was newest then.
3. In each view run the functions in the order of what they read, each once.
4. Keep from each view the rows that became known while it was the newest; together they are the panel.
5. Check it, sort it, and keep it as Parquet under the hash of declarations and data, so that the next brief reads it.
"""

import hashlib
import os
import threading
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from graphlib import TopologicalSorter
from importlib.resources import files
from itertools import count
from pathlib import Path

import polars as pl

from overshort import schema
from overshort.engine.inputs import derived, newest_at_sessions, provider
from overshort.engine.scope import KINDS, TAPED, Scope, kinds_of, market, stocks, underlyings
from overshort.errors import UnknownSubject
from overshort.metrics import Node, nodes
from overshort.store import asof
from overshort.store.lake import Lake

__all__ = [
    "KINDS",
    "Scope",
    "Step",
    "compute",
    "declaration_hash",
    "frame",
    "is_kept",
    "kinds_of",
    "market",
    "panel",
    "panel_of",
    "stocks",
    "tables_behind",
    "traded",
    "underlyings",
]

Tables = Mapping[str, pl.LazyFrame]
Step = Callable[[int, int], None]
"""Told after every function how many of how many have run; what it raises ends the computing, and nothing is kept."""
SORT = ("id", "subject", "at", "known_at")


@cache
def _graph() -> dict[str, Node]:
    """Give the node that provides each metric id and intermediate."""
    provided = {m.id: n for n in nodes() for m in n.declares}
    return provided | {n.name: n for n in nodes() if not n.declares}


def tables_behind(id: str) -> list[str]:
    """Give the tables that a metric is computed from, directly or through others, in the order of the schema."""
    reads = {r for node in _order([id]) for r in node.reads}
    return [name for name in schema.TABLES if name in reads]


def _order(wanted: Iterable[str]) -> list[Node]:
    graph, found = _graph(), TopologicalSorter[str]()
    seen: dict[str, Node] = {}
    queue = [graph[w] for w in wanted]
    while queue:
        node = queue.pop()
        if node.name in seen:
            continue
        seen[node.name] = node
        before = {graph[r].name: graph[r] for r in map(provider, node.reads) if r in graph}
        found.add(node.name, *before)
        queue += before.values()
    return [seen[name] for name in found.static_order()]


def _silent(done: int, total: int) -> None:
    """Tell nobody."""


def _run(
    order: list[Node],
    inputs: Tables,
    given: Mapping[str, pl.DataFrame] | None = None,
    ran: Callable[[], None] = lambda: None,
) -> dict[str, pl.DataFrame]:
    """Run nodes in order; each result is collected once, handed on, and let go when the last has read it.

    Parameters
    ----------
    given
        Intermediates that are there already.
    ran
        Called after each.

    Returns
    -------
    dict
        Panels, and intermediates that no node of these reads.
    """
    done: dict[str, pl.DataFrame] = dict(given or {})
    panels = {node.name for node in order if node.declares}
    last = {_graph()[name].name: node.name for node in order for name in map(provider, node.reads) if name in _graph()}
    for node in (n for n in order if n.name not in done):
        result = node.compute({name: _given(name, done, inputs) for name in node.reads}).collect()
        # Polars 2.1 panics in pl.format where a filter empties one of three or more chunks: hand on a single one.
        done[node.name] = result.rechunk()
        for name in (n for n, reader in last.items() if reader == node.name and n not in panels):
            del done[name]
        ran()
    return done


def _given(read: str, done: Mapping[str, pl.DataFrame], inputs: Tables) -> pl.LazyFrame:
    """Give what a node reads: a table, an intermediate, the rows of one metric, or the newest of these a session."""
    name = provider(read)
    if name not in _graph():
        return inputs[name]
    node = _graph()[name]
    rows = done[node.name].lazy()
    own = rows.filter(pl.col("id") == name) if node.declares else rows
    return own if read == name else newest_at_sessions(own, inputs)


def compute(
    tables: Tables,
    scope: Scope,
    ids: Iterable[str] | None = None,
    *,
    given: Callable[[asof.View], Mapping[str, pl.DataFrame]] | None = None,
    step: Step = _silent,
) -> pl.DataFrame:
    """Compute a panel over all history from tables with all their vintages.

    Parameters
    ----------
    tables
        Table name to rows; tables left out count as empty.
    scope
        The subjects to compute.
    ids
        Metric ids; all that the scope's subjects may have where left out.
    given
        Gives for a view the intermediates that were computed elsewhere.
    step
        Told how far the computing is.

    Returns
    -------
    DataFrame
        The columns of :data:`overshort.schema.PANEL`, sorted by id, subject, ``at`` and ``known_at``.
    """
    wanted = scope.ids if ids is None else list(ids)
    order = _order(wanted)
    declared = [n for n in order if n.declares]
    parts: list[pl.DataFrame] = []
    views = asof.views(_complete(tables))
    counted, total = count(1), len(views) * len(order)
    for view in views:
        there = given and given(view)
        done = _run(order, _inputs(view.tables, scope), there, lambda: step(next(counted), total))
        parts += [view.own(done[n.name]) for n in declared]
    whole = pl.concat(parts).filter(pl.col("id").is_in(wanted)).unique(list(schema.Panel.primary_key())).sort(SORT)
    return schema.Panel.validate(whole)


def frame(name: str, tables: Tables, scope: Scope) -> pl.DataFrame:
    """Compute one intermediate from tables of a single vintage: what ``explain`` shows."""
    order = _order([name])
    return _run(order, _inputs(_complete(tables), scope))[name]


def _complete(tables: Tables) -> dict[str, pl.LazyFrame]:
    return {n: tables[n] if n in tables else schema.empty(n).lazy() for n in schema.TABLES}


def _inputs(tables: Tables, scope: Scope) -> dict[str, pl.LazyFrame]:
    cut = scope.cut(tables)
    return {**cut, **derived(cut), "subjects": scope.subjects.lazy()}


@cache
def declaration_hash() -> str:
    """Hash the source of every metric and of the calendar: a changed definition never reads an old panel."""
    digest = hashlib.sha256()
    root = files("overshort")
    for room in ("metrics", "evidence", "engine"):
        for path in sorted(Path(str(root.joinpath(room))).rglob("*.py")):
            digest.update(path.read_bytes())
    for name in ("schema.py", "made.py", "sessions.py", "data/nasdaq_announcements.csv"):
        digest.update(root.joinpath(name).read_bytes())
    return digest.hexdigest()[:16]


def panel(
    lake: Lake,
    scope: Scope,
    computing: Callable[[dict[str, pl.LazyFrame]], pl.DataFrame] | None = None,
    *,
    step: Step = _silent,
    keep: bool = True,
) -> pl.DataFrame:
    """Give the panel of all metrics over all history of a store, from the cache where nothing has changed.

    Parameters
    ----------
    computing
        Computes the panel from the tables, where that is to be done elsewhere than here; the bits are the same.
    step
        Told how far the computing is, where there is any.
    keep
        Whether a panel that had to be computed goes into the cache.

    Raises
    ------
    UnknownSubject
        If a stock has no row in table ``short_interest``.
    """
    path = _path(lake, version := lake.version(), scope)
    if (kept := _kept(path)) is not None:
        return kept
    if scope.kind == "stock":
        _require(lake, scope.names)
    tables = {n: lake.scan(n) for n in schema.TABLES}
    whole = compute(tables, scope, step=step) if computing is None else computing(tables)
    if keep and lake.version() == version:  # nobody wrote meanwhile
        _keep(whole, path)
    return whole


def is_kept(lake: Lake, scope: Scope) -> bool:
    """Tell whether a panel lies in the cache, so that asking for it takes no time."""
    return _path(lake, lake.version(), scope).exists()


def _path(lake: Lake, version: str, scope: Scope) -> Path:
    key = hashlib.sha256("\n".join([declaration_hash(), version, scope.kind, *scope.names]).encode()).hexdigest()[:24]
    return lake.home / "cache" / f"panel-{key}.parquet"


def _reported(lake: Lake, symbols: Iterable[str]) -> set[str]:
    rows = lake.scan("short_interest").filter(pl.col("symbol").is_in(list(symbols)))
    return set(rows.select(pl.col("symbol").unique()).collect()["symbol"])


def _require(lake: Lake, symbols: Iterable[str]) -> None:
    if lacking := sorted(set(symbols) - _reported(lake, symbols)):
        raise UnknownSubject(
            f"{', '.join(lacking)} has no short-interest row in the store; known are "
            f"{', '.join(market().names)} and every imported symbol, written without separators (BRKB)"
        )


def traded(lake: Lake, symbols: Iterable[str]) -> set[str]:
    """Give those symbols of which table ``option_trades`` holds option trades."""
    rows = lake.scan("option_trades").filter(pl.col("underlying").is_in(list(symbols)))
    return set(rows.select(pl.col("underlying").unique()).collect()["underlying"])


def panel_of(lake: Lake, subjects: Iterable[str], *, step: Step = _silent) -> pl.DataFrame:
    """Give the panel rows of some subjects, as all that they are.

    A traded proxy is a proxy and, where it is reported, a stock too; whatever has option trades is an underlying too.

    Raises
    ------
    UnknownSubject
        If a symbol has neither a row in table ``short_interest`` nor one in ``option_trades``.
    """
    names = list(dict.fromkeys(subjects))
    reported = _reported(lake, (n for n in names if KINDS.get(n, "proxy") == "proxy"))
    taped = traded(lake, (n for n in names if n not in TAPED))
    single = [n for n in names if n in reported or (n not in KINDS and n not in taped)]
    parts = [panel(lake, scope(own), step=step) for scope, own in ((stocks, single), (underlyings, taped)) if own]
    if any(n in KINDS for n in names):
        parts.append(panel(lake, market(), step=step).filter(pl.col("subject").is_in(names)))
    # What a fund is measured for both as a proxy and as a stock is the same figure.
    return pl.concat(parts).unique(list(schema.Panel.primary_key()), keep="first", maintain_order=True)


def _keep(whole: pl.DataFrame, path: Path) -> None:
    """Write beside, then rename: neither a killed process nor a second one or thread at work leaves half a panel."""
    path.parent.mkdir(exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}-{threading.get_ident()}.part")
    whole.write_parquet(draft, compression="zstd")
    draft.replace(path)


def _kept(path: Path) -> pl.DataFrame | None:
    """Give a kept panel; one that is damaged counts as none and is computed again."""
    try:
        return pl.read_parquet(path)
    except (FileNotFoundError, pl.exceptions.PolarsError):
        return None
