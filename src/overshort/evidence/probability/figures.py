"""The probabilities as metrics: what is shown, its base rate and interval, every rung, and what happened."""

from collections.abc import Iterator, Mapping
from typing import Literal

import polars as pl

from overshort.evidence.probability.events import EVENTS, Event
from overshort.evidence.probability.ladder import LEAST_FITTED, LEAST_OF_EACH, LEAST_RUNS, LEAST_WINDOWS
from overshort.evidence.probability.walked import INPUTS, STATE
from overshort.metrics.declare import Inputs, Metric, metrics
from overshort.metrics.rows import panel_rows, reason

__all__ = ["COLUMNS", "PARTS", "probabilities"]

_FEW = f"null under {LEAST_WINDOWS} closed windows"
PARTS: Mapping[str, tuple[str, str]] = {
    "": (
        "Probability, at a report, of: {event}. The simplest of climatology, a shrunken table of "
        f"{STATE} and a logistic of {', '.join(INPUTS)} whose earlier probabilities beat climatology out of sample by "
        f"then, which the note names; climatology under {LEAST_RUNS} separate runs. n windows were over.",
        _FEW,
    ),
    ".base": ("Share of the windows over by the report with: {event}.", _FEW),
    ".low": (
        "Lower end of the 90 % interval of the probability of: {event}. Overlapping windows count as separate ones "
        "only once in as many reports as a window has.",
        _FEW,
    ),
    ".high": ("Upper end of the 90 % interval of the probability of: {event}.", _FEW),
    ".runs": (
        "In how many separate runs of origin reports, among the windows over by the report, it happened: {event}.",
        _FEW,
    ),
    ".outcome": (
        "Whether it happened in the window that ends with the report, the base date being its origin: {event}.",
        "null where the window, its threshold or its prices are not known",
    ),
    ".table": (
        f"What the table of {STATE} gives, shrunk to climatology, shown or not, of: {{event}}.",
        f"{_FEW} or without {STATE}",
    ),
    ".logistic": (
        f"What a logistic of {', '.join(INPUTS)} gives, shown or not, of: {{event}}.",
        f"null without these inputs, under {LEAST_FITTED} closed windows, or under {LEAST_OF_EACH} with or without it",
    ),
}
"""What is said of every event: suffix of the id to definition and null rule."""
COLUMNS = {
    "": "given",
    ".base": "base",
    ".low": "low",
    ".high": "high",
    ".runs": "runs",
    ".outcome": "outcome",
    ".table": "table",
    ".logistic": "logistic",
}
"""Suffix of the id to the column of what was walked."""
_LEARNT = ("", ".base", ".low", ".high", ".runs")


def _declared() -> Iterator[Metric]:
    kinds: Mapping[str, tuple[Literal["number", "count", "flag"], str]] = {
        ".runs": ("count", "count"),
        ".outcome": ("flag", "flag"),
    }
    for event in EVENTS:
        for part, (definition, null) in PARTS.items():
            kind, unit = kinds.get(part, ("number", "fraction"))
            yield Metric(
                id=event.id + part,
                kind=kind,
                unit=unit,
                grid="report",
                subjects=frozenset({"index"}),
                null_rule=null,
                lookback=event.reports if part == ".outcome" else None,
                definition=definition.format(event=event.words),
            )


@metrics(*_declared(), reads=frozenset({"walked"}))
def probabilities(inputs: Inputs) -> pl.LazyFrame:
    """Give the probability of every event at every report of every index, and all that belongs to it."""
    parts = []
    for event in EVENTS:
        frame = inputs["walked"].filter(pl.col("event") == event.id)
        nulls = _nulls(event)
        for part, column in COLUMNS.items():
            parts.append(
                panel_rows(
                    frame,
                    event.id + part,
                    pl.col(column),
                    null=nulls[part],
                    basis=pl.col("label"),
                    n="windows" if part in _LEARNT else None,
                    coverage=None,
                    text=pl.col("model") if part == "" else None,
                    base=pl.col("origin") if part == ".outcome" else None,
                )
            )
    return pl.concat(parts)


def _nulls(event: Event) -> Mapping[str, pl.Expr]:
    """Say why a part of an event has no value."""
    few = pl.col("windows") < LEAST_WINDOWS
    short = pl.format(
        "too little history: {} closed windows of {} reports in table short_interest", "over", event.reports
    )
    unknown = pl.format("too little history: {} closed windows whose outcome is known", "windows")
    unpriced = pl.format("{} closed windows have closes in tables levels and bars", "windows")
    lacking = pl.coalesce(
        "broken",
        reason(
            (few & (pl.col("over") < LEAST_WINDOWS), short),
            (few, unpriced if event.up and event.kind in ("cover5", "cover10") else unknown),
        ),
    )
    no_window = pl.format("too little history: no report {} before this one in table short_interest", event.reports)
    ended = pl.coalesce(
        "broken",
        reason(
            (pl.col("origin").is_null(), no_window),
            (pl.col("outcome").is_null(), pl.format("the window from {} has no threshold or no prices", "origin")),
        ),
    )
    stateless = reason((pl.col("table").is_null(), f"no {STATE} at this report"))
    unfitted = (
        f"no input of the fit at this report, or under {LEAST_FITTED} closed windows, {LEAST_OF_EACH} of each kind"
    )
    given = dict.fromkeys(_LEARNT, lacking)
    return given | {
        ".outcome": ended,
        ".table": pl.coalesce(lacking, stateless),
        ".logistic": pl.coalesce(lacking, reason((pl.col("logistic").is_null(), unfitted))),
    }
