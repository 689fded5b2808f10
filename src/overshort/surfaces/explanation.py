"""A metric's declaration, and a figure with the rows that it was made of, as a document."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl

from overshort.engine.computing import tables_behind
from overshort.engine.figures import Figure, figures
from overshort.engine.lineage import Lineage, announced, trace
from overshort.engine.moment import Moment
from overshort.engine.panel import KINDS, Scope, panel_of, stocks
from overshort.engine.vintage import marked, reports
from overshort.errors import NothingToShow, UsageError
from overshort.metrics import Metric, metric, registry
from overshort.store.lake import Lake
from overshort.surfaces.answers import plain
from overshort.surfaces.declared import declaration
from overshort.surfaces.words import ADVICE, ATTRIBUTION

__all__ = ["declarations", "definition", "explanation"]

MEASURED: Mapping[str, str] = {
    kind: f"{words} ({', '.join(s for s, k in KINDS.items() if k == kind)})"
    for kind, words in {
        "index": "indices",
        "exchange": "exchanges",
        "proxy": "traded funds",
        "volatility": "volatility",
    }.items()
} | {"stock": "stocks with short-interest rows", "underlying": "underlyings of imported option trades"}


def declarations() -> dict[str, Any]:
    """Give every metric's declaration (schema ``overshort.metrics/1``)."""
    return {"schema": "overshort.metrics/1", "metrics": [declaration(m) for m in registry().values()]}


def definition(id: str) -> dict[str, Any]:
    """Give one metric's declaration (schema ``overshort.explain/1``).

    Raises
    ------
    UnknownMetric
        If no metric is called so.
    """
    return _document(metric(id), {})


def explanation(lake: Lake, moment: Moment, id: str, subject: str, rows: int = 10) -> dict[str, Any]:
    """Give one metric's declaration, a subject's figure, and the rows it was made of (``overshort.explain/1``).

    Parameters
    ----------
    rows
        How many member rows to give at most.

    Raises
    ------
    UsageError
        If ``rows`` is negative.
    UnknownMetric
        If no metric is called so.
    NothingToShow
        If the subject has no such figure by then.
    """
    if rows < 0:
        raise UsageError(f"rows {rows} is no number of rows; give 0 or more")
    declared = metric(id)
    return _document(declared, _figure(lake, declared, subject.upper(), moment, rows))


def _document(declared: Metric, found: Mapping[str, Any]) -> dict[str, Any]:
    head = {"schema": "overshort.explain/1", "metric": declaration(declared)}
    return {**head, **found, "attribution": ATTRIBUTION, "disclaimer": ADVICE}


def _figure(lake: Lake, declared: Metric, subject: str, moment: Moment, rows: int) -> dict[str, Any]:
    own = panel_of(lake, [subject]).filter((pl.col("id") == declared.id) & (pl.col("subject") == subject))
    found = figures(own, moment.instant, simulated=lake.simulated)
    if not found:
        raise NothingToShow(_none(declared, subject, moment))
    (figure,) = marked(found[:1], reports(lake, moment.instant))
    built: dict[str, Any] = {"figure": figure.as_dict()}
    if figure.settlement and figure.value is not None:
        built |= _inputs(lake, figure, subject, moment, rows)
    return built


def _none(declared: Metric, subject: str, moment: Moment) -> str:
    """Say why there is no figure: none is declared for such a subject, or its tables hold nothing so old."""
    if not {KINDS.get(subject, "stock"), "underlying"} & declared.subjects:
        own = " and ".join(MEASURED[k] for k in sorted(declared.subjects))
        return f"{declared.id} is measured for {own}, not for {subject}; give --subject one of them"
    behind = " and ".join(tables_behind(declared.id))
    return (
        f"{declared.id} of {subject} has no row known by {moment.day}; give a later --as-of, or import older rows "
        f"(it rests on {behind})"
    )


def _inputs(lake: Lake, figure: Figure, subject: str, moment: Moment, rows: int) -> dict[str, Any]:
    if figure.members == "announced":
        at = date.fromisoformat(figure.at)
        found = announced(lake, subject, settlement=at, as_of=moment.instant)
        return {"rows": plain(found), "rows_total": found.height}
    lineage = _lineage(lake, figure, subject, moment)
    return {
        "cycles": plain(lineage.cycles),
        "rows": plain(lineage.rows.head(rows)),
        "rows_total": lineage.rows.height,
    }


def _lineage(lake: Lake, figure: Figure, subject: str, moment: Moment) -> Lineage:
    alone = KINDS.get(subject, "proxy") == "proxy"
    scope = stocks([subject]) if alone else Scope("market", (subject,))
    last = date.fromisoformat(figure.at)
    first = date.fromisoformat(figure.base_date) if figure.base_date else last
    return trace(lake, scope, subject, first=first, last=last, as_of=moment.instant)
