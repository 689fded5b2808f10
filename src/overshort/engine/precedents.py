"""How rare a stated condition has been, and what followed earlier, of all that was known on a text's date."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl

from overshort.engine.studies import Known, refusal_study, streak_study
from overshort.metrics import Metric, registry
from overshort.schema import INDEXES
from overshort.thesis.audit import at_least_as_far
from overshort.thesis.evaluate import held, met
from overshort.thesis.judge import Stated
from overshort.thesis.statement import Reading

__all__ = ["COVER_REPORTS", "STUDIED", "base_rate", "covering_rate", "followed", "window_rate"]

Rate = Mapping[str, Any]
_SIGNED = ("change", "return", "slope", "mtm", "drawdown", "effect")
CHAIN = "crowding.chain"
STUDIED = frozenset(
    {
        "persistence.month_return",
        "persistence.month_streak",
        "persistence.month_streak_running",
        "price.close",
        "price.open",
        "refusal.state_12m",
        "refusal.state_3m",
    }
)
"""Ids that studies and resolutions read."""
COUNTED = frozenset({"persistence.streak_count_since_1945", "persistence.streak_p", "persistence.streak_p_permutation"})
"""Ids that are rates of occurrence themselves: how often one held says nothing more."""
WHOLE = frozenset({"fragile.count"})
"""Counts of conditions: a date counts only where all of them are known."""
COVER_REPORTS = {"3m": 6, "6m": 12}


def _rated(at: pl.Series, holds: pl.Series, stated: Stated, grid: str) -> Rate | None:
    found = held(pl.DataFrame({"at": at, "holds": holds}))
    value = list(stated.value) if isinstance(stated.value, tuple) else stated.value
    condition = {"comparison": stated.comparison, "value": value, "negated": stated.negated}
    return {**condition, "grid": grid, **found} if found["n"] else None


def _middle(declared: Metric) -> float | None:
    if declared.unit.startswith("percent"):
        return 50.0
    return 0.0 if any(word in declared.id for word in _SIGNED) else None


def base_rate(known: Known, reading: Reading, stated: Stated) -> Rate | None:
    """Say at what share of dates the stated condition, or one farther out, held so far.

    Returns
    -------
    dict or None
        ``comparison, value, negated, grid, n, from, held, share, runs, last_true``; nothing where no value was ever
        known.
    """
    declared = registry()[reading.metric or ""]
    if declared.id in COUNTED:
        return None
    own = known.stamped(declared.id, reading.subject or "")
    if declared.id in WHOLE:
        full = known.rows.filter(pl.col("id") == declared.id, pl.col("coverage") == 1).select("at", "subject")
        own = own.join(full.filter(pl.col("subject") == reading.subject), on="at", how="semi")
    condition = at_least_as_far(stated, middle=_middle(declared), exact=declared.kind == "count")
    at = own["at"].dt.date()
    return _rated(at, met(condition, own["value"], declared.kind, declared.states), condition, declared.grid)


def window_rate(chain: Mapping[date, float], base: date, end: date, reports: int, stated: Stated) -> Rate | None:
    """Say how often the chain changed as far over as many reports as a text's own window has.

    Windows that overlap are no separate evidence: ``runs`` counts those apart.
    """
    days = sorted(d for d in chain if d <= end)
    if reports < 1 or len(days) <= reports:
        return None
    condition = at_least_as_far(stated, middle=0.0)
    changes = [chain[b] / chain[a] - 1 for a, b in zip(days, days[reports:], strict=False)]
    holds = met(condition, pl.Series("change", changes), "number")
    found = _rated(pl.Series("at", days[reports:]), holds, condition, "report")
    return None if found is None else {**found, "reports": reports, "window": f"{base} to {end}"}


def covering_rate(chain: Mapping[date, float], fall: float, reports: int) -> Rate | None:
    """Say after what share of reports the chain fell by so much within so many reports; those not over are left out."""
    days = sorted(chain)
    over = days[: len(days) - reports]
    if not over:
        return None
    lowest = [min(chain[d] for d in days[k + 1 : k + 1 + reports]) for k in range(len(over))]
    holds = [low / chain[day] - 1 <= -fall for low, day in zip(lowest, over, strict=True)]
    stated = Stated("<=", -fall)
    found = _rated(pl.Series("at", over), pl.Series("holds", holds), stated, "report")
    return None if found is None else {**found, "event": f"{CHAIN} {100 * fall:g} % lower within {reports} reports"}


def followed(known: Known, reading: Reading, stated: Stated) -> dict[str, Any] | None:
    """Give what followed earlier, where a study of the condition exists: refusal states, and streaks of months.

    Returns
    -------
    dict or None
        ``study, case, cases, runs, after`` and ``unconditional`` (summaries by horizon).
    """
    subject, id = reading.subject or "", reading.metric or ""
    if subject not in INDEXES:
        return None
    if id.startswith("refusal.state_") and isinstance(stated.value, str) and not stated.negated:
        return _after_state(known, subject, id.removeprefix("refusal.state_"), stated.value)
    if id.startswith("persistence.month_streak") and isinstance(stated.value, int | float) and stated.value >= 1:
        return _after_streak(known, subject, round(stated.value))
    return None


def _after_state(known: Known, subject: str, window: str, state: str) -> dict[str, Any] | None:
    study = refusal_study(known, subject, window)
    if study is None:
        return None
    own = next((s for s in study["states"] if s["state"] == state), None)
    if own is None:
        return None
    return {
        "study": study["id"],
        "case": f"{study['proxy']} after reports of state {state} over {window}",
        "cases": own["reports"],
        "runs": own["runs"],
        "after": own["after"],
        "unconditional": study["unconditional"],
    }


def _after_streak(known: Known, subject: str, length: int) -> dict[str, Any] | None:
    study = streak_study(known, subject, length)
    if study is None:
        return None
    return {
        "study": study["id"],
        "case": f"{subject} after months at which a streak of rising ones reached {length}, since {study['from']}",
        "cases": study["count"],
        "runs": study["count"],
        "after": study["after"],
        "unconditional": study["unconditional"],
    }
