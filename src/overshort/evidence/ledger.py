"""The ledger of forecasts: written once, resolved by what was known later, scored in the open.

1. A forecast belongs to one event, subject, origin report and kind.  Writing the same again changes nothing; another
   value for it is refused.
2. It is resolved by the outcome of exactly its window, once that is known; until then it is open.
3. Live forecasts and back-tests are scored apart, never together.
"""

from typing import Any

import numpy as np
import polars as pl

from overshort import schema
from overshort.errors import ForecastFixed
from overshort.evidence.probability.events import EVENTS
from overshort.evidence.probability.ladder import LEAST_RUNS, LEAST_WINDOWS
from overshort.evidence.scoring import brier, decomposition, log_loss, reliability, runs_of, skill_of

__all__ = ["BLOCK", "KINDS", "fresh", "resolved", "score", "separate_windows"]

KINDS = ("live", "backtest")
BLOCK = max(e.reports for e in EVENTS)
"""Mean block of the bootstrap over origin reports: the reports of the longest window."""
_TABLE = schema.table("forecasts")


def fresh(given: pl.DataFrame, stored: pl.DataFrame) -> pl.DataFrame:
    """Keep the forecasts that are not written yet.

    Raises
    ------
    ForecastFixed
        If one is written with another value.
    """
    key, values = list(_TABLE.key), list(_TABLE.values)
    there = given.join(stored.select(*key, *values), on=key, how="left", suffix="_there", maintain_order="left")
    new = pl.col("model_there").is_null()
    for row in there.filter(~new).iter_rows(named=True):
        for name in values:
            if row[name] != row[f"{name}_there"]:
                raise ForecastFixed(_refusal(row, name))
    return there.filter(new).select(given.columns)


def _refusal(row: dict[str, Any], name: str) -> str:
    was, now = row[f"{name}_there"], row[name]
    return (
        f"the {row['kind']} forecast of {row['id']} for {row['subject']} from the report of {row['settlement']} was "
        f"written with {name} {was} and would now get {now}; a forecast once written is never changed, so look at it "
        "with `overshort ledger`, or at the new value with `overshort forecast --dry-run`"
    )


def resolved(forecasts: pl.DataFrame, outcomes: pl.DataFrame) -> pl.DataFrame:
    """Add to every forecast what happened.

    Parameters
    ----------
    forecasts
        Rows of the table.
    outcomes
        ``id`` (of the event)``, subject, settlement`` (origin)``, happened`` (1 or 0)``, happened_known_at``.

    Returns
    -------
    DataFrame
        With ``happened`` and ``happened_known_at``, null while open; sorted by kind, subject, id and settlement.
    """
    found = forecasts.join(outcomes, on=["id", "subject", "settlement"], how="left")
    return found.sort("kind", "subject", "id", "settlement")


def separate_windows(windows: pl.DataFrame) -> int:
    """Count the windows of which none overlaps another of the same event and subject: the first, the next after it, …

    Parameters
    ----------
    windows
        ``id, subject, settlement, window_ends``.
    """
    count = 0
    for own in windows.sort("settlement").partition_by("id", "subject"):
        last = None
        for begins, ends in own.select("settlement", "window_ends").iter_rows():
            if last is None or begins >= last:
                count, last = count + 1, ends
    return count


def _runs(closed: pl.DataFrame) -> int:
    own = closed.sort("settlement").partition_by("id", "subject")
    return sum(runs_of(part["happened"].to_numpy()) for part in own)


def score(rows: pl.DataFrame) -> dict[str, Any]:
    """Score forecasts of one kind.

    Parameters
    ----------
    rows
        As :func:`resolved` gives them.

    Returns
    -------
    dict
        ``n`` (resolved)``, open, happened, runs`` (separate ones of hits)``, windows`` (that do not overlap)``, brier,
        brier_base, log_loss, decomposition, reliability``, and ``skill`` over the base rates with a bootstrap interval
        over origin reports, null under 8 separate runs or 24 origin reports; numbers are null and lists empty where
        nothing is resolved.
    """
    closed = rows.filter(pl.col("happened").is_not_null())
    counts = {"n": closed.height, "open": rows.height - closed.height}
    if closed.is_empty():
        nothing = dict.fromkeys(("brier", "brier_base", "log_loss", "decomposition", "skill"))
        return counts | {"happened": 0, "runs": 0, "windows": 0} | nothing | {"reliability": []}
    given, base, happened = (closed[c].to_numpy() for c in ("probability", "base", "happened"))
    losses = pl.DataFrame(
        {"day": closed["settlement"], "own": (given - happened) ** 2, "other": (base - happened) ** 2}
    )
    days = losses.group_by("day").agg(pl.col("own", "other").sum()).sort("day")
    runs = _runs(closed)
    claimed = runs >= LEAST_RUNS and days.height >= LEAST_WINDOWS
    found = skill_of(days["own"].to_numpy(), days["other"].to_numpy(), BLOCK) if claimed else None
    return counts | {
        "happened": int(np.sum(happened)),
        "runs": runs,
        "windows": separate_windows(closed),
        "brier": brier(given, happened),
        "brier_base": brier(base, happened),
        "log_loss": log_loss(given, happened),
        "decomposition": decomposition(given, happened),
        "skill": None if found is None else dict(found),
        "reliability": reliability(given, happened),
    }
