"""From tables to the figures of a scope: which functions run, in which order, over which vintages.

1. Find the functions that the wanted ids need, and what those read, down to tables.
2. Cut the tables into views, one per instant at which a published row was revised: within a view every key has
   the one vintage that was newest then.
3. In each view run the functions in the order of what they read, each once.
4. Keep from each view the rows that became known while it was the newest; together they are the panel, which is
   checked and sorted.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from graphlib import TopologicalSorter
from itertools import count

import polars as pl

from overshort import schema
from overshort.engine.inputs import STANDS_FOR, derived, newest_at_sessions, provider
from overshort.engine.scope import Scope
from overshort.metrics import Node, nodes
from overshort.store import asof

__all__ = ["Step", "compute", "frame", "frames", "silent", "tables_behind"]

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
    reads = {t for node in _order([id]) for r in node.reads for t in STANDS_FOR.get(r, (r,))}
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


def silent(done: int, total: int) -> None:
    """Tell nobody."""


def _run(
    order: list[Node],
    inputs: Tables,
    given: Mapping[str, pl.DataFrame] | None = None,
    ran: Callable[[], None] = lambda: None,
    keep: Iterable[str] = (),
) -> dict[str, pl.DataFrame]:
    """Run nodes in order; each result is collected once, handed on, and let go when the last has read it.

    Parameters
    ----------
    given
        Intermediates that are there already.
    ran
        Called after each.
    keep
        Intermediates that are not let go.

    Returns
    -------
    dict
        Panels, and intermediates that are kept or that no node of these reads.
    """
    done: dict[str, pl.DataFrame] = dict(given or {})
    panels = {node.name for node in order if node.declares} | {*keep}
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
    step: Step = silent,
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
    views = asof.views(scope.cut(_complete(tables)))
    counted, total = count(1), len(views) * len(order)
    for view in views:
        there = given and given(view)
        done = _run(order, _inputs(view.tables, scope), there, lambda: step(next(counted), total))
        parts += [view.own(done[n.name]) for n in declared]
    whole = pl.concat(parts).filter(pl.col("id").is_in(wanted)).unique(list(schema.Panel.primary_key())).sort(SORT)
    return schema.Panel.validate(whole)


def frame(name: str, tables: Tables, scope: Scope) -> pl.DataFrame:
    """Compute one intermediate from tables of a single vintage: what ``explain`` shows."""
    return frames([name], tables, scope)[name]


def frames(names: Sequence[str], tables: Tables, scope: Scope) -> dict[str, pl.DataFrame]:
    """Compute intermediates, by name, from tables of a single vintage."""
    return _run(_order(names), _inputs(scope.cut(_complete(tables)), scope), keep=names)


def _complete(tables: Tables) -> dict[str, pl.LazyFrame]:
    return {n: tables[n] if n in tables else schema.empty(n).lazy() for n in schema.TABLES}


def _inputs(cut: Tables, scope: Scope) -> dict[str, pl.LazyFrame]:
    return {**cut, **derived(cut), "subjects": scope.subjects.lazy()}
