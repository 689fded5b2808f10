"""How probable it is that a member taken at random covers: pooled over an index's members, errors clustered by date."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import numpy as np
import polars as pl

from overshort.evidence.probability.figures import COLUMNS
from overshort.evidence.probability.ladder import (
    LEAST_FITTED,
    LEAST_OF_EACH,
    LEAST_RUNS,
    LEAST_WINDOWS,
    MODELS,
)
from overshort.evidence.probability.members.walk import walk
from overshort.evidence.probability.members.windows import FALL, POOLED, RISE
from overshort.metrics.crowding.cycles import KEY
from overshort.metrics.crowding.rows import backcast_label
from overshort.metrics.daily import ADJUSTMENTS, adjustments_named
from overshort.metrics.declare import Inputs, Metric, intermediate, metrics
from overshort.metrics.ranking import Floats
from overshort.metrics.rows import panel_rows, reason

__all__ = ["EVENTS", "ID", "members_walked", "pooled"]

ID = "probability.member25_1m"
LEAST_COVERED = 0.80
_WORDS = f"its position stands {100 * FALL:g} % or more lower, split-clean, at one or more of the next {POOLED} reports"
EVENTS: Mapping[str, str] = {
    "": _WORDS,
    "_up": f"{_WORDS}, its close {100 * RISE:g} % or more higher at the same report",
}
"""Suffix of the id to what has to happen to a member."""
STATE = "fifths of the rank among its own positions of a year and of days to cover"
INPUTS = "the fifths of rank, days to cover and growth in three months"
_FEW = f"null under {LEAST_WINDOWS} closed windows"
_PRICED = f"; null where under {LEAST_COVERED:.0%} of member reports have closes (table bars)"
_PARTS: Mapping[str, tuple[str, str]] = {
    "": (
        "Probability, at a report, that of a member taken at random {event}. The simplest of climatology, a shrunken "
        f"table of {STATE} and a logistic of {INPUTS} whose earlier probabilities of single members beat climatology "
        f"out of sample by then, which the note names; climatology under {LEAST_RUNS} separate runs. n windows were "
        "over.",
        _FEW,
    ),
    ".base": ("Share of all pairs of a member and a report so far, windows over by now, of which {event}.", _FEW),
    ".low": (
        "Lower end of the 90 % interval, errors clustered by report, of the probability that of a member {event}.",
        _FEW,
    ),
    ".high": (
        "Upper end of the 90 % interval, errors clustered by report, of the probability that of a member {event}.",
        _FEW,
    ),
    ".runs": ("In how many separate runs of reports of one member, counted over all members, {event}.", _FEW),
    ".outcome": (
        "Share of the members of the base date's report of which, by this report, the window's last, {event}.",
        "null where the window is not known, or tells of no member",
    ),
    ".table": (
        f"Mean over the report's members of what the table of {STATE} gives, shrunk to climatology, shown or not: the "
        "probability that {event}.",
        f"{_FEW} or without a member with these inputs",
    ),
    ".logistic": (
        f"Mean over the report's members of what a logistic of {INPUTS} gives, shown or not: the probability that "
        "{event}.",
        f"null without a member with these inputs, under {LEAST_FITTED} closed windows, or under {LEAST_OF_EACH} "
        "members with or without it",
    ),
}
_VALUES = ("given", "low", "high", "base", "table", "logistic", "outcome", "runs", "covered")


def _declared() -> Iterator[Metric]:
    for up, event in EVENTS.items():
        for part, (words, null) in _PARTS.items():
            kind: Literal["count", "number"] = "count" if part == ".runs" else "number"
            yield Metric(
                id=f"{ID}{up}{part}",
                kind=kind,
                unit="count" if part == ".runs" else "fraction",
                grid="report",
                subjects=frozenset({"index"}),
                null_rule=null + (_PRICED if up else ""),
                lookback=POOLED if part == ".outcome" else None,
                definition=words.format(event=event),
            )


@intermediate("members_walked", reads=frozenset({"member_cells", "member_falls", "chains"}))
def members_walked(inputs: Inputs) -> pl.LazyFrame:
    """Walk both events of the members of every index forward.

    Returns
    -------
    LazyFrame
        One row an event and report: ``subject, settlement, up, given, low, high, model`` (what is shown)``, base,
        table, logistic, outcome`` (of the window that ends here)``, origin, runs, windows`` (closed so far)``,
        covered`` (part of the member reports whose windows are over that tell of the event)``, ended`` (the same of
        the window that ends here)``, label, known_at``, and how many closes of each adjustment told.
    """
    chains = inputs["chains"].with_columns(backcast_label(pl.lit(0)).alias("label"))
    lists = chains.select(*KEY, "label", "known_at")
    known = pl.max_horizontal("known_at", "members_known_at").cum_max().over("subject").alias("known_at")
    falls = inputs["member_falls"].join(lists, on=KEY).sort(KEY).with_columns(known).collect()
    cells = inputs["member_cells"].join(lists.select(KEY), on=KEY, how="semi").collect()
    owns = [(f, cells.filter(pl.col("subject") == f["subject"][0])) for f in falls.partition_by("subject")]
    return pl.concat([_walked(f, own, up) for f, own in owns or [(falls, cells)] for up in EVENTS]).lazy()


def _walked(falls: pl.DataFrame, cells: pl.DataFrame, up: str) -> pl.DataFrame:
    found = walk(cells, falls[f"begun{up}"].fill_null(0).to_numpy(), up)
    whole = falls[f"held_{POOLED}"].fill_null(0).to_numpy().astype(np.float64)
    told = [_ended(v) for v in (found.cells.every_held, whole)]
    covered, ended = _share(*(np.cumsum(v) for v in told)), _share(*told)
    values: dict[str, Floats] = {
        **found.shown,
        **{name: rung.given for name, rung in zip(("base", *MODELS[1:]), found.rungs, strict=True)},
        "outcome": _ended(found.outcome),
        "runs": found.runs.astype(np.float64),
        "covered": covered,
        "ended": ended,
    }
    models = [MODELS[k] for k in found.place.tolist()]
    return falls.select(*KEY, "label", "known_at", *(f"up_{a}" for a in ADJUSTMENTS)).with_columns(
        *(pl.Series(n, v, dtype=pl.Float64).fill_nan(None) for n, v in values.items()),
        pl.Series("windows", np.cumsum(told[1] > 0), dtype=pl.Int64),
        pl.Series("model", models, dtype=pl.String),
        pl.lit(up).alias("up"),
        pl.col("settlement").shift(POOLED).over("subject").alias("origin"),
    )


def _ended(values: Floats) -> Floats:
    """Put what is told of every window at the report with which it ends; 0 before the first."""
    return np.concatenate([np.zeros(min(POOLED, values.size)), values[: max(values.size - POOLED, 0)]])


def _share(part: Floats, whole: Floats) -> Floats:
    out: Floats = np.divide(part, whole, out=np.zeros(part.size), where=whole > 0)
    return out


@metrics(*_declared(), reads=frozenset({"members_walked"}))
def pooled(inputs: Inputs) -> pl.LazyFrame:
    """Give the pooled probabilities of every index at every report."""
    return pl.concat([row for up in EVENTS for row in _rows(inputs["members_walked"], up)])


def _rows(walked: pl.LazyFrame, up: str) -> Iterator[pl.LazyFrame]:
    priced = {
        a: pl.col(f"up_{a}").shift(POOLED).cum_sum().forward_fill().fill_null(0).over("subject") for a in ADJUSTMENTS
    }
    source = pl.format("price: {}", adjustments_named(priced)) if up else pl.lit(None, pl.String)
    label = pl.concat_str("label", source, separator="; ", ignore_nulls=True)
    own = walked.filter(pl.col("up") == up).sort(KEY).with_columns(label.alias("basis"))
    for part, column in COLUMNS.items():
        yield panel_rows(
            own,
            f"{ID}{up}{part}",
            pl.col(column),
            null=_null(part),
            n=None if part in (".outcome", ".table", ".logistic") else "windows",
            coverage="ended" if part == ".outcome" else "covered",
            text=pl.col("model") if part == "" else None,
            base=pl.col("origin") if part == ".outcome" else None,
        )


def _null(part: str) -> pl.Expr:
    """Say why a part has no value."""
    unpriced = _unpriced("ended" if part == ".outcome" else "covered")
    if part == ".outcome":
        no_window = pl.format(
            "too little history: no report {} before this one in table short_interest", pl.lit(POOLED)
        )
        untold = pl.format("no member of {} has a later row in table short_interest", "origin")
        return reason((pl.col("origin").is_null(), no_window), unpriced, (pl.col("outcome").is_null(), untold))
    few = pl.format(
        "too little history: {} closed windows of {} reports in table short_interest", "windows", pl.lit(POOLED)
    )
    cases: list[Any] = [(pl.col("windows") < LEAST_WINDOWS, few), unpriced]
    stateless = "no member at this report has a year of positions, a volume and growth"
    unfitted = f"{stateless}, or under {LEAST_FITTED} windows are over, {LEAST_OF_EACH} members with and without it"
    if part in (".table", ".logistic"):
        cases.append((pl.col(part[1:]).is_null(), stateless if part == ".table" else unfitted))
    return reason(*cases)


def _unpriced(share: str) -> tuple[pl.Expr, pl.Expr]:
    percent = (100 * pl.col(share)).floor().cast(pl.Int64)
    few = (pl.col("up") != "") & (pl.col(share) < LEAST_COVERED)
    return few, pl.format("only {} % of member reports have closes in table bars", percent)
