"""A thesis over history: at every session's close, whether each claim held of what was known by then.

Reports, months, sessions and four-hour bars meet at the sessions' closes: each claim rests there on the newest value
known.  A newest value that is null, or too old, says nothing: an earlier one never stands in for it.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

import polars as pl

from overshort.metrics import metric
from overshort.metrics.rows import reason
from overshort.thesis.claim import Claim, Thesis
from overshort.thesis.judge import Stated, judge
from overshort.thesis.windows import STEPS, since

__all__ = ["OLDEST", "Held", "combined", "flags", "held", "levels", "met", "runs"]

OLDEST: Mapping[str, timedelta] = MappingProxyType(
    {
        "report": timedelta(days=45),
        "session": timedelta(days=7),
        "bar_4h": timedelta(days=7),
        "week": timedelta(days=14),
        "month": timedelta(days=45),
    }
)
"""How far back the newest value of a grid may lie: one report, session, week or month that is missing, and no more."""
_RATIO = ("index", "USD", "shares", "points", "contracts")
"""Units of which a change is a ratio; of others it is a difference."""
Held = Mapping[str, Any]


def met(stated: Stated, values: pl.Series, kind: str, states: Sequence[str] = ()) -> pl.Series:
    """Say of every value whether it is what is stated, precision allowed for; null where the value is."""

    def one(value: float) -> bool:
        named = states[round(value)] if kind == "state" else value == 1 if kind == "flag" else value
        return judge(stated, named, exact=kind == "count") == "holds"

    return pl.Series(values.name, [None if v is None else one(v) for v in values], dtype=pl.Boolean)


def levels(rows: pl.DataFrame, claim: Claim) -> pl.DataFrame:
    """Give panel rows of a claim's metric as what the claim compares: the level, or its change over the window.

    Parameters
    ----------
    rows
        Panel rows of one id and subject, one vintage an ``at`` where a window is asked for.

    Returns
    -------
    DataFrame
        The same rows with ``value`` replaced; where the base has no value it is null, with a reason.
    """
    if claim.window is None:
        return rows
    declared = metric(claim.metric)
    ordered = rows.sort("at")
    based = ordered.with_columns(*_based(ordered, claim.window, declared.grid))
    ratio = any(word in declared.unit for word in _RATIO)
    change = pl.col("value") / pl.col("base") - 1 if ratio else pl.col("value") - pl.col("base")
    lacking = reason((pl.col("base").is_null(), f"no value at the beginning of the window {claim.window}"))
    return based.with_columns(
        change.alias("value"),
        pl.coalesce("reason", lacking).alias("reason"),
        pl.max_horizontal("known_at", "base_known_at").alias("known_at"),
    ).drop("base", "base_known_at")


def _based(ordered: pl.DataFrame, window: str, grid: str) -> tuple[pl.Expr, pl.Expr]:
    """Give the value at the beginning of the window, and when it was known."""
    columns = {"value": "base", "known_at": "base_known_at"}
    if (first := since(window)) is None:
        steps = STEPS[window].get(grid, 0)
        found = (pl.col(c).shift(steps) if steps else pl.lit(None) for c in columns)
        value, known_at = (e.alias(n) for e, n in zip(found, columns.values(), strict=True))
        return value, known_at
    before = ordered.filter(pl.col("at").dt.date() < first)
    row = before.row(-1, named=True) if before.height else {"value": None, "known_at": None}
    later = pl.col("at").dt.date() >= first
    value, known_at = (
        pl.when(later).then(pl.lit(row[c], dtype=ordered.schema[c])).alias(n) for c, n in columns.items()
    )
    return value, known_at


def flags(at_sessions: pl.DataFrame, claim: Claim) -> pl.DataFrame:
    """Say at every session whether a claim held.

    Parameters
    ----------
    at_sessions
        ``session`` and, of the newest row known at its close, ``at, value, reason``; null where none was known.

    Returns
    -------
    DataFrame
        ``session, holds`` (null where not known), ``lacking`` (why), sorted.
    """
    declared = metric(claim.metric)
    age = pl.col("session") - pl.col("at").dt.date()
    oldest = OLDEST[declared.grid]
    lacking = reason(
        (pl.col("at").is_null(), f"no {claim.metric} is known yet"),
        (age > oldest, pl.format("the newest {} is of {}: too old", pl.lit(claim.metric), pl.col("at").dt.date())),
        (pl.col("value").is_null(), pl.format("{} at {}: {}", pl.lit(claim.metric), pl.col("at").dt.date(), "reason")),
    )
    found = met(claim.stated, at_sessions["value"], declared.kind, declared.states).alias("holds")
    marked = at_sessions.with_columns(found, lacking.alias("lacking")).sort("session")
    return marked.select("session", pl.when(pl.col("lacking").is_null()).then("holds").alias("holds"), "lacking")


def combined(parts: Sequence[pl.DataFrame], thesis: Thesis) -> pl.DataFrame:
    """Combine the claims of a thesis at every session.

    It holds where enough claims do, fails where enough cannot any more, and is unknown between.

    Returns
    -------
    DataFrame
        ``session, holds, lacking, complete`` (whether every claim is known), sorted.
    """
    named = [p.rename({"holds": f"holds{k}", "lacking": f"lacking{k}"}) for k, p in enumerate(parts)]
    whole = pl.concat(named, how="align").sort("session")
    each = [pl.col(f"holds{k}") for k in range(len(parts))]
    sure = pl.sum_horizontal(e.fill_null(False).cast(pl.Int64) for e in each)
    open_ = pl.sum_horizontal(e.is_null().cast(pl.Int64) for e in each)
    holds = pl.when(sure >= thesis.need).then(True).when(sure + open_ < thesis.need).then(False)
    why = pl.concat_str([pl.col(f"lacking{k}") for k in range(len(parts))], separator="; ", ignore_nulls=True)
    found = whole.select("session", holds.alias("holds"), why.alias("why"), (open_ == 0).alias("complete"))
    return found.select("session", "holds", pl.when(pl.col("holds").is_null()).then("why").alias("lacking"), "complete")


def held(found: pl.DataFrame) -> Held:
    """Sum up how often a condition held, over the dates at which it is known.

    Parameters
    ----------
    found
        A date column first, and ``holds``; ascending.  Of a thesis hand over the dates at which all claims are known:
        one that fails by a single claim, the others unknown, would count as known and never as held.

    Returns
    -------
    dict
        ``n`` (dates at which it is known), ``from``, ``held``, ``share``, ``runs`` (separate ones), ``last_true``;
        null where it was never known.
    """
    known = found.filter(pl.col("holds").is_not_null())
    if known.is_empty():
        return {"n": 0, "from": None, "held": 0, "share": None, "runs": 0, "last_true": None}
    up = known["holds"]
    days: list[date] = known.to_series(0).to_list()
    last = known.filter("holds").to_series(0)
    return {
        "n": known.height,
        "from": days[0].isoformat(),
        "held": int(up.sum()),
        "share": int(up.sum()) / known.height,
        "runs": len(runs(known)),
        "last_true": last[-1].isoformat() if last.len() else None,
    }


def runs(found: pl.DataFrame) -> list[dict[str, Any]]:
    """List the separate runs of dates at which a condition held: ``from, to, dates``; ascending."""
    days = found.to_series(0)
    up = found["holds"].fill_null(False)
    number = (up & ~up.shift(1, fill_value=False)).cum_sum()
    held = pl.DataFrame({"day": days, "up": up, "number": number}).filter("up")
    each = held.group_by("number", maintain_order=True).agg(
        pl.col("day").first().alias("from"), pl.col("day").last().alias("to"), pl.len().alias("dates")
    )
    return [{"from": a.isoformat(), "to": b.isoformat(), "dates": n} for _, a, b, n in each.iter_rows()]
