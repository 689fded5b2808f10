"""Later truth: what became of that which a text expected, read with what was known by a later day."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from overshort.engine.measured import CHAIN, Measures
from overshort.engine.precedents import COVER_REPORTS
from overshort.metrics import registry
from overshort.thesis.audit import check, stated_of
from overshort.thesis.statement import Reading, Statement

__all__ = ["EVENT", "resolved"]

Resolution = dict[str, Any]
EVENT = re.compile(r"probability\.cover(5|10)_(3m|6m)(_up)?")
_OPEN, _TRUE, _FALSE = "cannot be resolved", "came true", "did not come true"


def resolved(statement: Statement, reading: Reading, then: Measures, later: Measures) -> Resolution:
    """Say what became of a statement about the future.

    Parameters
    ----------
    then, later
        What was known on the text's date, and on the day of the resolution.

    Returns
    -------
    dict
        ``at`` (day of the resolution), ``verdict`` (came true, did not come true, cannot be resolved), ``reason``,
        and what it rests on: ``event, figures, nearest``.
    """
    found: Resolution
    if reading.metric == "persistence.month_streak_running":
        found = _month(statement, reading, then, later)
    elif reading.metric is not None and (event := EVENT.fullmatch(reading.metric)):
        found = _covered(reading, then, later, int(event[1]) / 100, event[2])
    else:
        found = _read_again(statement, reading, later)
    return {"at": later.moment.day.isoformat(), **found}


def _month(statement: Statement, reading: Reading, then: Measures, later: Measures) -> Resolution:
    """See whether the month that was running when the text was written made the streak as long as it said."""
    subject, stated = reading.subject or "", stated_of(statement)
    running = then.figure(subject, "persistence.month_streak_running")
    day = date.fromisoformat(running["at"]) if running else then.moment.day
    rows = {i: _of_month(later, f"persistence.{i}", subject, day) for i in ("month_return", "month_streak")}
    change, streak = rows["month_return"], rows["month_streak"]
    if change is None or streak is None or stated is None:
        lacking = f"no completed month {day:%Y-%m} of {subject} was known by {later.moment.day}"
        return {"verdict": _OPEN, "reason": f"{lacking} (tables levels, bars)"}
    length = float(stated.value) if not isinstance(stated.value, str | tuple) else 1.0
    reached = streak["value"] >= length
    margin = 1e4 * change["value"]
    event = f"the last close of {day:%B %Y} above that of the month before, for the {length:g}th time in a row"
    return {
        "verdict": _FALSE if reached == stated.negated else _TRUE,
        "reason": f"{day:%B %Y} closed {abs(margin):.1f} basis points {'above' if margin > 0 else 'below'} the month "
        f"before ({change['basis']}): {'the streak went on' if margin > 0 else 'the streak ended'}",
        "event": event,
        "margin_bp": margin,
        "figures": [{"id": f"persistence.{i}", "subject": subject, **_json(r)} for i, r in rows.items() if r],
    }


def _of_month(measures: Measures, id: str, subject: str, day: date) -> Mapping[str, Any] | None:
    rows = measures.known.series(id, subject).iter_rows(named=True)
    return next((r for r in rows if (r["at"].year, r["at"].month) == (day.year, day.month)), None)


def _json(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "value": row["value"],
        "at": row["at"].isoformat(),
        "base_date": row["base_at"].isoformat() if row["base_at"] else None,
        "known_at": row["known_at"].strftime("%Y-%m-%dT%H:%M:%SZ"),
        "basis": row["basis"],
    }


def _covered(reading: Reading, then: Measures, later: Measures, fall: float, horizon: str) -> Resolution:
    """See whether short interest fell so far within the horizon of the newest report that was out."""
    base, reports = then.newest_report, COVER_REPORTS[horizon]
    subject = reading.subject or ""
    place = later.calendar.index(base)
    within = later.calendar[place + 1 : place + 1 + reports]
    out = [d for d in within if d <= later.newest_report]
    span = f"within {reports} reports ({horizon})"
    event = f"{CHAIN} of {subject} at least {100 * fall:g} % below the report of {base} {span}"
    chain = later.chain(subject)
    lows = {d: chain[d] / chain[base] - 1 for d in out if base in chain and d in chain}
    hit = next((d for d, change in lows.items() if change <= -fall), None)
    if hit is not None:
        return {"verdict": _TRUE, "reason": f"{100 * lows[hit]:.1f} % by settlement {hit}", "event": event}
    if len(lows) == reports:
        low = min(lows, key=lambda d: lows[d])
        return {"verdict": _FALSE, "reason": f"at most {100 * lows[low]:.1f} % by settlement {low}", "event": event}
    own = max(chain, default=None)
    needed = f"{base}, and the {reports} to {within[-1] if len(within) == reports else 'come'}"
    reason = (
        f"no FINRA report after settlement {own} in table short_interest; it takes that of {needed}"
        if own is not None and own < base
        else f"{len(lows)} of {reports} reports are over and in table short_interest; none has such a fall"
    )
    return {"verdict": _OPEN, "reason": reason, "event": event, "nearest": list(later.totals_from(base, out))}


def _read_again(statement: Statement, reading: Reading, later: Measures) -> Resolution:
    """Show what the figure of the later day says; a text that names no day is not resolved by any one day."""
    if reading.metric not in registry():
        return {"verdict": _OPEN, "reason": f"no metric measures this here ({reading.metric})"}
    measured = later.of(reading)
    outcome, reason = check(statement, measured)
    if measured.figure is None or reason is not None:
        return {"verdict": _OPEN, "reason": reason, "nearest": list(measured.nearest)}
    return {
        "verdict": _OPEN,
        "reason": f"the text names no day by which; of {later.moment.day} itself the same words read: {outcome}",
        "figures": [dict(measured.figure)],
    }
