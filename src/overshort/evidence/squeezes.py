"""How often stocks with a squeeze score like this were covered: a calibrated probability beside its base rate.

1. A case is a listed common stock with a score at a report and a position of at least one day's volume: smaller
   positions halve and double by themselves.
2. It is covered if its position, split-clean, stands 25 % lower or more at either of the next two reports.  A stock
   without both reports, delisted or renamed, is no case; price is not asked for, as no table has every stock's closes.
3. The probability of a score is the share of covered cases among those of its decile of scores (0–10, 10–20, …) that
   were over when the report was published, drawn to the base rate of all cases by the weight of one average report.
"""

from typing import Any

import polars as pl

from overshort.metrics.declare import Inputs, Metric, intermediate, metrics
from overshort.metrics.rows import panel_rows, reason
from overshort.metrics.squeeze.score import asked

__all__ = ["AHEAD", "BASE", "COVERED", "CROWD", "DECILE", "DECILES", "LEAST_DAYS", "squeeze_probability"]

COVERED, AHEAD = -0.25, 2
LEAST_DAYS, LEAST_REPORTS = 1.0, 24
CROWD, BASE, DECILES = "LISTED", "squeeze.base_rate", "squeeze.p.d"
"""The subject that stands for all cases, and the ids that it has: one, and one a decile."""
DECILE = (pl.col("score") / 10).floor().clip(0, 9).cast(pl.Int64)
_EVENT = (
    f"the position, split-clean, at least {-COVERED:.0%} lower at one of the next {AHEAD} reports, among listed common "
    "stocks short of at least one day's volume"
)
_NULL = f"null before {LEAST_REPORTS} reports with cases that are over"


def _metric(name: str, unit: str, definition: str, null: str = _NULL) -> Metric:
    return Metric(
        id=f"squeeze.{name}",
        kind="number",
        unit=unit,
        grid="report",
        subjects=frozenset({"listed"}),
        null_rule=null,
        lookback=None,
        definition=definition,
    )


P = _metric(
    "p",
    "probability",
    f"Share of earlier cases with a score of the same decile that were covered: {_EVENT}; only cases over at "
    "publication, drawn to the base rate by the weight of one average report.",
    f"{_NULL}, without a score, or under one day's volume short",
)
BASE_RATE = _metric("base_rate", "probability", f"Share of all earlier cases that were covered: {_EVENT}.")
DECILE_METRICS = [
    _metric(f"p.d{k}", "probability", f"squeeze.p of a score from {10 * k} to {10 * k + 10}.") for k in range(10)
]


@intermediate("squeeze_cases", reads=frozenset({"squeezed"}))
def squeeze_cases(inputs: Inputs) -> pl.LazyFrame:
    """Count the cases of every report and decile, and those covered.

    Returns
    -------
    LazyFrame
        ``k`` (number of the report), ``settlement, known_at``, ``decile``, ``cases, covered``, sorted; a case is in it
        whether it is over or not yet, as null in ``covered`` of the last two reports.
    """
    rows = (
        inputs["squeezed"].filter(~pl.col("later")).select("symbol", "settlement", "known_at", "dtc", "change", "score")
    )
    numbers = (
        rows.select("settlement")
        .unique()
        .sort("settlement")
        .with_row_index("k")
        .with_columns(pl.col("k").cast(pl.Int64))
    )
    own = rows.join(numbers, on="settlement").collect().lazy()
    grown = own.select("symbol", "k", (1 + pl.col("change")).alias("growth"))
    ahead = [grown.select("symbol", pl.col("k") - step, pl.col("growth").alias(f"ahead_{step}")) for step in (1, AHEAD)]
    for later in ahead:
        own = own.join(later, on=["symbol", "k"], how="left")
    lowest = pl.min_horizontal("ahead_1", pl.col("ahead_1") * pl.col("ahead_2"))
    whole = pl.col("ahead_1").is_not_null() & pl.col("ahead_2").is_not_null()
    cases = own.filter(pl.col("score").is_not_null(), pl.col("dtc") >= LEAST_DAYS)
    return (
        cases.with_columns(DECILE.alias("decile"), (lowest - 1 <= COVERED).alias("fell"), whole.alias("over"))
        .group_by("k", "settlement", "decile")
        .agg(
            pl.col("over").sum().cast(pl.Int64).alias("cases"),
            (pl.col("fell") & pl.col("over")).sum().cast(pl.Int64).alias("covered"),
        )
        .sort("k", "decile")
    )


def _calibrated(cases: pl.DataFrame, reports: pl.DataFrame) -> pl.DataFrame:
    """Give base rate and probability of every decile at every report, from cases that were over by then."""
    rows: list[dict[str, Any]] = []
    for k, settlement, known_at in reports.select("k", "settlement", "known_at").iter_rows():
        over = cases.filter(pl.col("k") <= k - AHEAD, pl.col("cases") > 0)
        rows += _at_report(over, {"settlement": settlement, "known_at": known_at})
    schema: dict[str, Any] = {"settlement": pl.Date, "known_at": reports.schema["known_at"], "decile": pl.Int64}
    schema |= dict.fromkeys(("p", "base"), pl.Float64) | dict.fromkeys(("cases", "all", "reports"), pl.Int64)
    return pl.DataFrame(rows, schema=schema)


def _at_report(over: pl.DataFrame, at: dict[str, Any]) -> list[dict[str, Any]]:
    reports = over["k"].n_unique()
    every, covered = int(over["cases"].sum()), int(over["covered"].sum())
    base = covered / every if reports >= LEAST_REPORTS and every else None
    sums = over.group_by("decile").agg(pl.col("cases", "covered").sum())
    own = {d: (n, c) for d, n, c in sums.iter_rows()}
    weight = every / reports / 10 if reports else 0.0
    found = []
    for decile in range(10):
        n, c = own.get(decile, (0, 0))
        p = None if base is None else (c + weight * base) / (n + weight)
        found.append(at | {"decile": decile, "p": p, "base": base, "cases": n, "all": every, "reports": reports})
    return found


@intermediate("squeeze_calibration", reads=frozenset({"squeeze_cases", "squeezed"}))
def squeeze_calibration(inputs: Inputs) -> pl.LazyFrame:
    """Give what was known of every decile of scores at every report.

    Returns
    -------
    LazyFrame
        ``settlement, known_at, decile, p, base`` (null before 24 reports), ``cases`` (of the decile), ``all``,
        ``reports`` (with cases that are over); sorted.
    """
    first = inputs["squeezed"].filter(~pl.col("later"))
    reports = first.group_by("settlement").agg(pl.col("known_at").max()).sort("settlement").with_row_index("k")
    return _calibrated(inputs["squeeze_cases"].collect(), reports.collect()).lazy()


@metrics(P, BASE_RATE, *DECILE_METRICS, reads=frozenset({"squeezed", "squeeze_calibration", "subjects"}))
def squeeze_probability(inputs: Inputs) -> pl.LazyFrame:
    """Give the probability of every asked stock and, for ``LISTED``, of every decile of scores."""
    known = inputs["squeeze_calibration"]
    crowd = inputs["subjects"].filter(pl.col("subject") == CROWD).select("subject")
    of_crowd = known.join(crowd, how="cross").with_columns(
        pl.lit("common stocks by market class, symbol and name").alias("basis")
    )
    few = pl.format("only {} reports have cases that are over, under {}", "reports", pl.lit(LEAST_REPORTS))
    early = reason((pl.col("base").is_null(), few))
    deciles = [
        panel_rows(of_crowd.filter(pl.col("decile") == k), m.id, pl.col("p"), null=early, n="cases", coverage=None)
        for k, m in enumerate(DECILE_METRICS)
    ]
    of_all = of_crowd.filter(pl.col("decile") == 0)
    base = panel_rows(of_all, BASE_RATE.id, pl.col("base"), null=early, n="all", coverage=None)
    return pl.concat([_of_stocks(inputs, known, few), base, *deciles])


def _of_stocks(inputs: Inputs, known: pl.LazyFrame, few: pl.Expr) -> pl.LazyFrame:
    own = asked(inputs).with_columns(DECILE.alias("decile"))
    rows = own.join(known.drop("known_at"), on=["settlement", "decile"], how="left")
    unscored = "no score"
    small = pl.col("dtc").fill_null(0) < LEAST_DAYS
    null = reason(
        (pl.col("score").is_null(), unscored),
        (small, "under one day's volume is short, or the volume is unknown"),
        (pl.col("base").is_null(), few),
    )
    return panel_rows(rows, P.id, pl.col("p"), null=null, n="cases", coverage=None)
