"""How much is short at one report: shares, dollars, share of the company, days to cover, how many rose."""

from typing import Literal

import polars as pl

from overshort.metrics.crowding.cycles import CHAINED, EXPECTED, KEY
from overshort.metrics.crowding.rows import declared
from overshort.metrics.declare import Inputs, Metric, intermediate, metrics
from overshort.metrics.rows import in_order, panel_rows, reason

__all__ = ["levels", "priced"]

LEAST_PRICED = 0.95
SANE = (0.0, 5.0)
"""Shares short as a share of shares outstanding: outside, one of the two is wrong."""

_SHARE = pl.col("position") / pl.col("outstanding")
_IS_SANE = _SHARE.is_between(*SANE)


@intermediate("priced", reads=frozenset({"cycles", "bars", "outstanding"}))
def priced(inputs: Inputs) -> pl.LazyFrame:
    """Give every subject's member rows with the unadjusted close of the day and the shares outstanding.

    Returns
    -------
    LazyFrame
        The columns of ``cycles``, ``close`` and ``outstanding`` (null where unknown); ``known_at`` of all of them.
    """
    daily = inputs["bars"].filter((pl.col("interval") == "1d") & (pl.col("adjustment") == "none"))
    closes = daily.select("symbol", pl.col("session").alias("settlement"), "close", pl.col("known_at").alias("bar"))
    shares = inputs["outstanding"].select("symbol", "settlement", "outstanding")
    there = ["symbol", "settlement"]
    whole = inputs["cycles"].join(closes, on=there, how="left", maintain_order="left")
    whole = whole.join(shares, on=there, how="left", maintain_order="left")
    return whole.with_columns(pl.max_horizontal("known_at", "bar").alias("known_at")).drop("bar")


def _metric(name: str, unit: str, null: str, definition: str) -> Metric:
    kind: Literal["count", "number"] = "count" if unit == "shares" else "number"
    return declared(name, unit, definition, null=null, lookback=1 if name == "breadth" else 0, kind=kind)


_OUTSTANDING = "null where no member's shares outstanding were known from the 400 days before (table shares)"
DECLARED = [
    _metric("shares", "shares", "null without member rows", "Σ current position of the members."),
    _metric(
        "notional",
        "USD",
        "null where fewer than 95 % of the members, by count, have an unadjusted close (table bars)",
        "Σ current position × unadjusted close of the settlement day.",
    ),
    _metric(
        "cap_weighted",
        "fraction of shares outstanding",
        "null where no member has both a close and shares outstanding of the last 400 days (tables bars, shares)",
        "Σ dollars short / Σ market capitalisation, with shares outstanding known at publication, split-adjusted.",
    ),
    _metric(
        "equal_weighted",
        "fraction of shares outstanding",
        _OUTSTANDING,
        "Mean over members of shares short / shares outstanding known at publication, split-adjusted; shares outside "
        "0 to 5 are left out and named.",
    ),
    _metric(
        "median",
        "fraction of shares outstanding",
        _OUTSTANDING,
        "Median over members of shares short / shares outstanding known at publication, split-adjusted.",
    ),
    _metric(
        "dtc",
        "days",
        "null where no member has an average volume",
        "Σ current position / Σ average daily volume, recomputed: the published days to cover are clamped.",
    ),
    _metric(
        "dtc_median",
        "days",
        "null where no member has a positive average volume",
        "Median over members of current position / average daily volume.",
    ),
    _metric(
        "breadth",
        "fraction",
        "null where no member had a position before",
        "Share of the members with a position before whose position rose since, split-clean.",
    ),
]


def _sums(rows: pl.LazyFrame) -> pl.LazyFrame:
    has_close, dollars = pl.col("close").is_not_null(), pl.col("position") * pl.col("close")
    both = has_close & _IS_SANE.fill_null(False)
    volume, traded = pl.col("adv").is_not_null(), pl.col("adv").fill_null(0) > 0
    odd = (pl.col("outstanding").is_not_null() & ~_IS_SANE).fill_null(False)
    named = pl.format("{} {}", "symbol", _SHARE.round(2))
    return rows.group_by(KEY, maintain_order=True).agg(
        pl.col("position").sum().alias("shares"),
        pl.len().alias("shares_n"),
        in_order(dollars).alias("notional"),
        has_close.sum().alias("notional_n"),
        (in_order(dollars.filter(both)) / in_order((pl.col("outstanding") * pl.col("close")).filter(both))).alias(
            "cap_weighted"
        ),
        both.sum().alias("cap_weighted_n"),
        (in_order(_SHARE.filter(_IS_SANE)) / _IS_SANE.fill_null(False).sum()).alias("equal_weighted"),
        _SHARE.filter(_IS_SANE).median().alias("median"),
        _IS_SANE.fill_null(False).sum().alias("equal_weighted_n"),
        _IS_SANE.fill_null(False).sum().alias("median_n"),
        named.filter(odd).str.join(", ").alias("odd"),
        (pl.col("position").filter(volume).sum() / pl.col("adv").sum()).alias("dtc"),
        (volume & (pl.col("adv").sum() > 0)).sum().alias("dtc_n"),
        (pl.col("position") / pl.col("adv")).filter(traded).median().alias("dtc_median"),
        traded.sum().alias("dtc_median_n"),
        (pl.col("position") > EXPECTED).filter(CHAINED).mean().alias("breadth"),
        CHAINED.sum().alias("breadth_n"),
        pl.col("known_at").max().alias("own_known_at"),
    )


LACKING = {
    "notional": "no member has an unadjusted close at {} in table bars",
    "cap_weighted": "no member has both a close in table bars and shares outstanding in table shares at {}",
    "equal_weighted": "no member's shares outstanding of the 400 days before {} are known from table shares",
    "median": "no member's shares outstanding of the 400 days before {} are known from table shares",
    "dtc": "no member has an average volume at {} in table short_interest",
    "dtc_median": "no member has an average volume at {} in table short_interest",
    "breadth": "no member had a position before {} in table short_interest",
}


@metrics(*DECLARED, reads=frozenset({"priced", "chains"}))
def levels(inputs: Inputs) -> pl.LazyFrame:
    """Give every level at every report."""
    chains = inputs["chains"].select(*KEY, "members", "basis", "missing", "known_at")
    frame = chains.join(_sums(inputs["priced"]), on=KEY, how="left").with_columns(
        pl.coalesce("own_known_at", "known_at").alias("known_at")
    )
    return pl.concat([_level(frame, m.id.removeprefix("crowding.")) for m in DECLARED])


def _level(frame: pl.LazyFrame, name: str) -> pl.LazyFrame:
    count, day = pl.col(f"{name}_n"), pl.col("settlement").cast(pl.String)
    covered = count / pl.col("members")
    cases = [
        (pl.col("members").is_null(), pl.format("no member is known at {} from table membership", day)),
        (pl.col("shares_n").is_null(), pl.format("no member has a row at {} in table short_interest", day)),
    ]
    if name in LACKING:
        cases.append((count == 0, pl.format(LACKING[name], day)))
    if name == "notional":
        whole = (100 * covered).floor().cast(pl.Int64)
        percent = pl.format("only {} % of members have an unadjusted close in table bars", whole)
        cases.append((covered < LEAST_PRICED, percent))
    odd = pl.when(pl.col("odd") != "").then(pl.format("left out: {}", "odd"))
    text = odd if name in ("equal_weighted", "median", "cap_weighted") else None
    id = f"crowding.{name}"
    return panel_rows(frame, id, pl.col(name), null=reason(*cases), n=count, coverage=covered, text=text)
