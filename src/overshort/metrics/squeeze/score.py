"""The squeeze score: where a stock stands among all listed common stocks, component by component, and on average.

1. The crowd of a report is every listed common stock in it with the component, as known at publication.
2. A component's rank is ``100 (#below + ½ #equal) / N`` in that crowd; a later count of a float is ranked in it too.
3. The score is the mean of five ranks: short/float, days to cover, change, price over its 60-session VWAP, borrow fee.
   Days to cover stand in for an unknown short/float, fails for an unknown fee.  Each weighs 0.2; the weights of those
   still unknown go to the others, and with fewer than three there is no score.
"""

import numpy as np
import polars as pl

from overshort.metrics.declare import Inputs, Metric, intermediate, metrics
from overshort.metrics.ranking import Floats
from overshort.metrics.rows import panel_rows, reason
from overshort.metrics.squeeze.components import COMPONENTS, KEY

__all__ = ["LEAST_PARTS", "PARTS", "STANDS_IN", "WEIGHT", "asked", "ranked_in", "score"]

PARTS = ("short_float", "dtc", "change", "over_vwap", "fee")
WEIGHT = 1 / len(PARTS)
LEAST_PARTS, LEAST_CROWD = 3, 30
STANDS_IN = {"short_float": "dtc", "fee": "fails"}
"""What stands in for a component that is unknown."""
NAMES = {
    "short_float": "short interest / free float; days to cover where no float is known",
    "dtc": "days to cover",
    "change": "the change of the position since the last report, split-clean",
    "over_vwap": "the close of the publication's session over the volume-weighted mean close of 60 sessions",
    "fee": "the borrow fee known at publication; fails to deliver / average volume where it is unknown",
}
LACKS = {
    "short_float": "no free float of the last 400 days is known from table shares, and no average volume",
    "dtc": "no average volume in table short_interest",
    "change": "no position before in table short_interest",
    "over_vwap": "no 60 sessions with volume to the day of publication in table bars",
    "fee": "neither a fee of the last seven days in table borrow nor fails of the last 60 days in table flows",
}


def _metric(name: str, unit: str, definition: str, null: str) -> Metric:
    return Metric(
        id=f"squeeze.{name}",
        kind="number",
        unit=unit,
        grid="report",
        subjects=frozenset({"listed"}),
        null_rule=null,
        lookback=SPAN_OF.get(name, 0),
        definition=definition,
    )


SPAN_OF = {"change": 1}
VALUES = [
    _metric(
        "short_float",
        "fraction of free float",
        "Short position / free float, split-adjusted; a float counted after publication gives a later vintage.",
        "null where no free float of the 400 days before is known (table shares)",
    ),
    _metric(
        "over_vwap",
        "fraction",
        "Close of the publication's session / volume-weighted mean close of the 60 sessions to it − 1.",
        "null without 60 sessions with volume (table bars), or where an unadjusted close moved as a split would",
    ),
    _metric(
        "fails",
        "days of volume",
        "Newest balance of fails to deliver known at publication / average daily volume.",
        "null without fails of the 60 days before (table flows) or an average volume",
    ),
]
RANKS = [
    _metric(
        f"rank_{name}",
        "percent",
        f"Mid-rank of {what} among the listed common stocks of the report.",
        f"null where it is unknown or fewer than {LEAST_CROWD} stocks have it",
    )
    for name, what in NAMES.items()
]
SCORE = _metric(
    "score",
    "percent",
    "Mean of squeeze.rank_short_float, _dtc, _change, _over_vwap and _fee, 0.2 each, renormalised over those known; "
    "days to cover stand in for an unknown float, fails for an unknown fee; among the common stocks of the listed "
    "markets, told by market class, symbol and name.",
    f"null with fewer than {LEAST_PARTS} of the five",
)


def ranked_in(crowd: Floats, values: Floats) -> Floats:
    """Give the mid-rank of values in a crowd, in percent; NaN stays NaN, and all are where the crowd is too small."""
    kept = np.sort(crowd[~np.isnan(crowd)])
    if kept.size < LEAST_CROWD:
        return np.full(values.size, np.nan)
    below, through = np.searchsorted(kept, values, "left"), np.searchsorted(kept, values, "right")
    ranks = 100 * (below + 0.5 * (through - below)) / kept.size
    return np.where(np.isnan(values), np.nan, ranks)


def _ranked(report: pl.DataFrame) -> pl.DataFrame:
    """Rank the components of one report; a report is known once all of its crowd is."""
    first = ~report["later"].to_numpy()
    columns = {}
    for name in COMPONENTS:
        values = report[name].cast(pl.Float64).fill_null(float("nan")).to_numpy()
        ranks = ranked_in(values[first], values)
        columns[f"rank_{name}"] = pl.Series(ranks, dtype=pl.Float64).fill_nan(None)
        columns[f"crowd_{name}"] = pl.Series(np.full(report.height, int((~np.isnan(values[first])).sum())))
    crowd_known = report.filter(~pl.col("later"))["known_at"].max()
    known = pl.max_horizontal(pl.col("known_at"), pl.lit(crowd_known, report.schema["known_at"])).alias("known_at")
    return report.with_columns(known).with_columns(**columns)


@intermediate("squeezed", reads=frozenset({"pressed"}))
def squeezed(inputs: Inputs) -> pl.LazyFrame:
    """Give the ranks of every listed common stock in its report.

    Returns
    -------
    LazyFrame
        The columns of ``pressed``, ``rank_…`` and ``crowd_…`` (its size) of each component, ``parts`` (how many of the
        five are known), ``score`` (null with fewer than three), ``stand_in`` (what stands in for an unknown one);
        sorted.
    """
    rows = inputs["pressed"].collect()
    reports = rows.partition_by("settlement", maintain_order=True)
    whole = _stood_in(pl.concat([_ranked(r) for r in reports] or [_ranked(rows)]))
    ranks = [f"rank_{p}" for p in PARTS]
    known = pl.sum_horizontal(pl.col(r).is_not_null().cast(pl.Int64) for r in ranks)
    mean = pl.mean_horizontal(ranks, ignore_nulls=True)
    return (
        whole.with_columns(known.alias("parts"))
        .with_columns(pl.when(pl.col("parts") >= LEAST_PARTS).then(mean).alias("score"))
        .sort(*KEY, "known_at")
        .lazy()
    )


def _stood_in(ranked: pl.DataFrame) -> pl.DataFrame:
    """Let days to cover stand in for an unknown short/float, and fails for an unknown fee; say so."""
    columns, notes = [], []
    for part, other in STANDS_IN.items():
        lacks = pl.col(f"rank_{part}").is_null() & pl.col(f"rank_{other}").is_not_null()
        columns += [
            pl.when(lacks).then(f"{kind}_{other}").otherwise(f"{kind}_{part}").alias(f"{kind}_{part}")
            for kind in ("rank", "crowd")
        ]
        notes.append(pl.when(lacks).then(pl.lit(f"{other} in place of {part}")))
    note = pl.concat_str(notes, separator=", ", ignore_nulls=True)
    return ranked.with_columns(*columns, pl.when(note != "").then(note).alias("stand_in"))


def asked(inputs: Inputs) -> pl.LazyFrame:
    """Give the ranked rows of the subjects of a run, with ``subject``."""
    subjects = inputs["subjects"].filter(pl.col("kind") == "listed").select("subject")
    return (
        inputs["squeezed"]
        .join(subjects, left_on="symbol", right_on="subject", how="semi")
        .with_columns(
            pl.col("symbol").alias("subject"), pl.lit("common stocks by market class, symbol and name").alias("basis")
        )
    )


@metrics(*VALUES, *RANKS, SCORE, reads=frozenset({"squeezed", "subjects"}))
def score(inputs: Inputs) -> pl.LazyFrame:
    """Give values, ranks and score of every asked stock at every report."""
    frame = asked(inputs)
    values = [_value(frame, m.id.removeprefix("squeeze.")) for m in VALUES]
    ranks = [_rank(frame, p) for p in PARTS]
    few = pl.format("only {} of the five components are known, under {}", "parts", pl.lit(LEAST_PARTS))
    whole = panel_rows(
        frame,
        "squeeze.score",
        pl.col("score"),
        null=reason((pl.col("parts") < LEAST_PARTS, few)),
        n="parts",
        coverage=pl.col("parts") / len(PARTS),
        text=pl.col("stand_in"),
    )
    return pl.concat([*values, *ranks, whole])


def _value(frame: pl.LazyFrame, name: str) -> pl.LazyFrame:
    lacking = LACKS.get(
        name, "no fails of the last 60 days in table flows, or no average volume in table short_interest"
    )
    counted = pl.col("counted") if name == "short_float" else None
    null = reason((pl.col(name).is_null(), lacking))
    return panel_rows(frame, f"squeeze.{name}", pl.col(name), null=null, base=counted, n=None, coverage=None)


def _rank(frame: pl.LazyFrame, name: str) -> pl.LazyFrame:
    crowd, own = pl.col(f"crowd_{name}"), pl.col(f"rank_{name}")
    few = pl.format("only {} stocks of the report have it, under {}", crowd, pl.lit(LEAST_CROWD))
    value = pl.coalesce(name, STANDS_IN[name]) if name in STANDS_IN else pl.col(name)
    null = reason((own.is_null() & value.is_null(), LACKS[name]), (own.is_null(), few))
    text = pl.col("stand_in") if name in STANDS_IN else None
    return panel_rows(frame, f"squeeze.rank_{name}", own, null=null, n=crowd, coverage=None, text=text)
