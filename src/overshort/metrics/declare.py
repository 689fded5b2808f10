"""What a metric is, and the registry in which each is declared once.

A metric is a pure function from tables (or other metrics) to panel rows.  One function may compute many ids.
An *intermediate* is a tidy frame that several metrics share; it is not part of the public contract.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Literal

import polars as pl

from overshort.errors import UnknownMetric
from overshort.schema import PANEL

__all__ = ["AT_SESSIONS", "Inputs", "Metric", "Node", "intermediate", "metric", "metrics", "nodes", "registry"]

Inputs = Mapping[str, pl.LazyFrame]
Compute = Callable[[Inputs], pl.LazyFrame]
AT_SESSIONS = "@session"
"""Behind a name that a function reads: of every subject the newest row known at each session's close."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """The public declaration of one metric.

    Attributes
    ----------
    grid
        The instants at which it has values.
    subjects
        Kinds of subject: index, exchange, proxy, volatility, underlying, stock.
    lookback
        Grid steps that a value depends on; ``None`` = all history.
    definition
        One or two sentences; documentation, ``explain`` and JSON take them as they stand.
    """

    id: str
    kind: Literal["number", "count", "flag", "date", "state"]
    unit: str
    grid: Literal["report", "session", "bar_4h", "week", "month"]
    subjects: frozenset[str]
    null_rule: str
    lookback: int | None
    definition: str
    states: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Node:
    """One function of the graph: what it declares, what it reads, how it computes."""

    name: str
    declares: tuple[Metric, ...]
    reads: frozenset[str]
    compute: Compute = field(compare=False)


_NODES: dict[str, Node] = {}


def _register(node: Node) -> None:
    if node.name in _NODES:
        raise RuntimeError(f"{node.name} is declared twice")
    taken = {m.id for n in _NODES.values() for m in n.declares}
    if twice := sorted(taken & {m.id for m in node.declares}):
        raise RuntimeError(f"{', '.join(twice)} declared twice")
    _NODES[node.name] = node


def metrics(*declared: Metric, reads: frozenset[str]) -> Callable[[Compute], Compute]:
    """Declare the metrics that a function computes.

    Parameters
    ----------
    declared
        Every id that the function emits.
    reads
        Table names, metric ids or names of intermediates; the function receives exactly these as lazy frames.
        ``X@session`` gives, for every session and subject, the row of metric or intermediate X with the newest ``at``
        (or ``settlement``) that was known at the session's close, beside the column ``session``.

    Returns
    -------
    Callable
        A decorator; the decorated function emits the columns of :data:`overshort.schema.PANEL`.  It may leave out
        columns that are null throughout and may give ``at`` as a date.
    """

    def decorate(function: Compute) -> Compute:
        def compute(inputs: Inputs) -> pl.LazyFrame:
            return _tidy(function(inputs))

        _register(Node(f"{function.__module__}.{function.__name__}", declared, reads, compute))
        return compute

    return decorate


def intermediate(name: str, *, reads: frozenset[str]) -> Callable[[Compute], Compute]:
    """Declare a frame that several metrics share; engine computes it once a run."""

    def decorate(function: Compute) -> Compute:
        _register(Node(name, (), reads, function))
        return function

    return decorate


def _tidy(panel: pl.LazyFrame) -> pl.LazyFrame:
    present = panel.collect_schema().names()
    return panel.select((pl.col(c) if c in present else pl.lit(None)).cast(t).alias(c) for c, t in PANEL.items())


def nodes() -> Iterator[Node]:
    """Give every declared function, in the order of declaration."""
    yield from _NODES.values()


def registry() -> dict[str, Metric]:
    """Give every declared metric by id, sorted."""
    return {m.id: m for m in sorted((m for n in _NODES.values() for m in n.declares), key=lambda m: m.id)}


def metric(name: str) -> Metric:
    """Give one declared metric.

    Raises
    ------
    UnknownMetric
        If no metric has this id; the message names the nearest ones.
    """

    known = registry()
    if name in known:
        return known[name]
    near = get_close_matches(name, known, n=3) or [i for i in known if name in i][:3]
    hint = f"did you mean {', '.join(near)}?" if near else "`overshort explain` lists them"
    raise UnknownMetric(f"{name!r} is no metric id; {hint}")
