"""Forecasts: read from a panel as of an instant, written into the ledger, resolved and scored.

1. A forecast is the newest probability of an event that was known then, with its window and the day it resolves.
2. It is live only if it is made as of the last completed session, while it is made, from the newest report that was
   due; whatever else is written is a back-test.
3. Nothing of the ledger enters a figure.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

import numpy as np
import polars as pl

from overshort import schema, sessions
from overshort.edition import __version__
from overshort.engine.due import due_settlement
from overshort.engine.moment import Moment
from overshort.engine.panel import declaration_hash
from overshort.engine.studies import Known
from overshort.errors import UsageError
from overshort.evidence import ledger
from overshort.evidence.probability.events import EVENTS, Event
from overshort.evidence.probability.ladder import LEAST_RUNS, LEAST_WINDOWS, MODELS
from overshort.evidence.scoring import brier, decomposition, log_loss, reliability, skill
from overshort.store import asof
from overshort.store.lake import Lake

__all__ = ["Track", "Written", "calibrated", "entries", "forecasts", "kind_of", "scored", "settled", "track", "write"]

PREFIX = "probability."
SOURCE = "overshort"


@dataclass(frozen=True, slots=True)
class Track:
    """Probabilities of a rung, and climatology's, at the reports whose windows are over: ascending, outcomes beside."""

    given: np.ndarray[Any, np.dtype[np.float64]]
    base: np.ndarray[Any, np.dtype[np.float64]]
    happened: np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, slots=True)
class Written:
    """How many forecasts of which kind were new, and how many were in the ledger already."""

    kind: str
    new: int
    known: int


Parts = Mapping[tuple[str, str], pl.DataFrame]


def _parts(known: Known) -> Parts:
    """Give every probability, as it was first known, and the newest outcomes by id and subject."""
    own = pl.col("id").str.starts_with(PREFIX) & pl.col("value").is_not_null()
    ends = pl.col("id").str.ends_with(".outcome")
    rows = pl.concat([known.firsts(PREFIX).filter(own & ~ends), known.rows.filter(own & ends)])
    slim = rows.select("id", "subject", pl.col("at").dt.date(), "value", "text", "base_at", "n", "basis", "known_at")
    return {(str(i), str(s)): f for (i, s), f in slim.partition_by(["id", "subject"], as_dict=True).items()}


def track(parts: Parts, event: str, subject: str, rung: str) -> Track | None:
    """Set the earlier probabilities of a rung beside what happened; nothing without a window that is over."""
    ids = (f"{event}{p}" for p in ("" if rung == "shown" else f".{rung}", ".base", ".outcome"))
    found = [parts.get((i, subject)) for i in ids]
    given, base, outcome = found
    if given is None or base is None or outcome is None:
        return None
    rows = (
        given.select("at", pl.col("value").alias("given"))
        .join(base.select("at", pl.col("value").alias("base")), on="at")
        .join(outcome.select(pl.col("base_at").alias("at"), pl.col("value").alias("happened")), on="at")
        .sort("at")
    )
    return None if rows.is_empty() else Track(*(rows[c].to_numpy() for c in ("given", "base", "happened")))


def scored(found: Track | None, reports: int) -> dict[str, Any] | None:
    """Score a track against climatology; nothing under :data:`LEAST_WINDOWS` cases."""
    if found is None or found.given.size < LEAST_WINDOWS:
        return None
    beside = skill(found.given, found.base, found.happened, reports)
    return {
        "n": int(found.given.size),
        "brier": brier(found.given, found.happened),
        "brier_base": brier(found.base, found.happened),
        "log_loss": log_loss(found.given, found.happened),
        "log_loss_base": log_loss(found.base, found.happened),
        **{k: None if beside is None else beside[k] for k in ("skill", "low", "high")},
        "decomposition": decomposition(found.given, found.happened),
        "reliability": reliability(found.given, found.happened),
    }


def forecasts(known: Known) -> list[dict[str, Any]]:
    """Give the newest forecast of every event and index that was known.

    Returns
    -------
    list of dict
        ``id, subject, event`` (in words)``, window, up, at`` (origin report)``, known_at, probability, base, low, high,
        runs, windows`` (over by then)``, separate`` (of these that fit without overlap)``, model, offered`` (whether
        anything but climatology may be)``, window_ends`` (settlement)``, resolves`` (its publication day)``, members``,
        and ``skill``: of every other rung its score out of sample, null where none is claimed.
    """
    parts, newest = _parts(known), _newest(known)
    found = (_forecast(parts, newest, e, s) for s in schema.INDEXES for e in EVENTS)
    return [f for f in found if f is not None]


def _newest(known: Known) -> Mapping[tuple[str, str], Mapping[str, Any]]:
    """Give the newest row of every id and subject; an older value never stands in for one that is null."""
    own = known.rows.filter(pl.col("id").str.starts_with(PREFIX)).with_columns(pl.col("at").dt.date())
    rows = own.sort("at").group_by("id", "subject", maintain_order=True).last()
    return {(r["id"], r["subject"]): r for r in rows.iter_rows(named=True)}


def _forecast(
    parts: Parts, newest: Mapping[tuple[str, str], Mapping[str, Any]], event: Event, subject: str
) -> dict[str, Any] | None:
    own = {p: newest.get((event.id + p, subject)) for p in ("", ".base", ".low", ".high", ".runs")}
    if any(row is None or row["value"] is None for row in own.values()):
        return None
    shown = cast("Mapping[str, Mapping[str, Any]]", own)
    at = shown[""]["at"]
    ends = window_ends(at, event.reports)
    runs, windows = round(shown[".runs"]["value"]), shown[""]["n"]
    offered = runs >= LEAST_RUNS
    rungs = {m: scored(track(parts, event.id, subject, m), event.reports) for m in MODELS[1:]} if offered else None
    return {
        "id": event.id,
        "subject": subject,
        "event": event.words,
        "window": event.window,
        "up": event.up,
        "at": at.isoformat(),
        "known_at": shown[""]["known_at"].strftime("%Y-%m-%dT%H:%M:%SZ"),
        "probability": shown[""]["value"],
        "base": shown[".base"]["value"],
        "low": shown[".low"]["value"],
        "high": shown[".high"]["value"],
        "runs": runs,
        "windows": windows,
        "separate": windows // event.reports,
        "model": shown[""]["text"],
        "offered": offered,
        "window_ends": ends.isoformat(),
        "resolves": published_on(ends).isoformat(),
        "members": shown[""]["basis"],
        "skill": rungs,
    }


def window_ends(origin: date, reports: int) -> date:
    """Give the settlement date of the last report of a window, by FINRA's calendar."""
    later = sessions.settlements_between(origin, date(min(origin.year + 2, sessions.LAST.year), 12, 31))
    return [d for d in later if d > origin][reports - 1]


def published_on(settlement: date) -> date:
    """Give the New York day on which a report comes out."""
    return sessions.publication(settlement)[0].astimezone(sessions.NEW_YORK).date()


def kind_of(moment: Moment, clock: datetime, origin: date, *, simulated: bool) -> str:
    """Tell whether a forecast made now, as of a moment, from a report, is live or a back-test.

    Live is what is made as of the last completed session, from the newest report that is out by now: a store that lags
    behind would forecast what the public can look up.
    """
    as_of = sessions.last_completed_session(min(moment.instant, clock))
    now = as_of == sessions.last_completed_session(clock) and moment.day <= clock.astimezone(sessions.NEW_YORK).date()
    return "live" if now and origin >= due_settlement(clock) and not simulated else "backtest"


def _rows(found: Iterable[Mapping[str, Any]], lake: Lake, moment: Moment, clock: datetime) -> pl.DataFrame:
    code, data = f"{__version__}+{declaration_hash()}", lake.version()
    rows = []
    for given in found:
        origin = date.fromisoformat(given["at"])
        kind = kind_of(moment, clock, origin, simulated=lake.simulated)
        row = {c: given[c] for c in ("id", "subject", "event", "probability", "base", "low", "high", "runs", "windows")}
        row |= {"model": given["model"], "settlement": origin, "kind": kind}
        row |= {c: date.fromisoformat(given[c]) for c in ("window_ends", "resolves")}
        row["sha256"] = hashlib.sha256(json.dumps(row, default=str, sort_keys=True).encode()).hexdigest()
        row |= {"known_at": clock if kind == "live" else moment.instant, "source": SOURCE, "batch": 0}
        rows.append(row | {"as_of": moment.day, "written_at": clock, "code": code, "data": data})
    return pl.DataFrame(rows, schema=schema.table("forecasts").columns)


def write(found: Iterable[Mapping[str, Any]], lake: Lake, moment: Moment, clock: datetime) -> list[Written]:
    """Write forecasts into the ledger; those that stand there already stay as they are.

    Parameters
    ----------
    found
        As :func:`forecasts` gives them.
    clock
        Now, UTC.

    Raises
    ------
    ForecastFixed
        If one stands there with another value; nothing is written then.
    UsageError
        If the moment lies in the future.
    """
    today = clock.astimezone(sessions.NEW_YORK).date()
    if moment.day > today:
        raise UsageError(f"{moment.day} lies after today, {today}; give a day that has come, or --dry-run to look only")
    given = _rows(found, lake, moment, clock)
    schema.table("forecasts").schema.validate(given)
    with lake.writing():
        new = ledger.fresh(given, lake.scan("forecasts").collect())
        lake.append("forecasts", new)
    counts = {
        k: (given.filter(pl.col("kind") == k).height, new.filter(pl.col("kind") == k).height) for k in ledger.KINDS
    }
    return [Written(k, fresh, whole - fresh) for k, (whole, fresh) in counts.items() if whole]


def entries(lake: Lake, known: Known, as_of: datetime) -> pl.DataFrame:
    """Give the forecasts that were written by an instant, with what happened as far as it was known then.

    A back-test counts from the instant as of which it was made.
    """
    parts = [rows.with_columns(pl.lit(i.removesuffix(".outcome")).alias("id")) for (i, _), rows in _ended(known)]
    columns = {"id": pl.String(), "subject": pl.String(), "base_at": pl.Date(), "value": pl.Float64()}
    none = pl.DataFrame(schema=columns | {"known_at": pl.Datetime("us", "UTC")})
    outcomes = pl.concat([none, *(p.select(none.columns) for p in parts)]).rename(
        {"base_at": "settlement", "value": "happened", "known_at": "happened_known_at"}
    )
    return ledger.resolved(asof.known(lake.scan("forecasts"), as_of).collect(), outcomes)


def _ended(known: Known) -> list[tuple[tuple[str, str], pl.DataFrame]]:
    return [(key, rows) for key, rows in _parts(known).items() if key[0].endswith(".outcome")]


def calibrated(known: Known, subject: str) -> dict[str, list[dict[str, Any]]]:
    """Give the reliability, over all events of an index, of what was shown at earlier reports and of climatology."""
    parts = _parts(known)
    found = [t for e in EVENTS if (t := track(parts, e.id, subject, "shown")) is not None]
    if not found:
        return {}
    happened = np.concatenate([t.happened for t in found])
    series = {"shown": [t.given for t in found], "climatology": [t.base for t in found]}
    return {name: reliability(np.concatenate(given), happened) for name, given in series.items()}


def settled(rows: pl.DataFrame, day: date) -> dict[str, Any]:
    """Score the ledger: live forecasts and back-tests apart, whole and event by event.

    Parameters
    ----------
    rows
        As :func:`entries` gives them.
    day
        By which a window counts as overdue.

    Returns
    -------
    dict
        ``ledgers``: kind to ``score`` (as :func:`overshort.evidence.ledger.score` gives it)``, events`` (the same of
        every event and subject) and ``open``.
    """
    out = {}
    for kind in ledger.KINDS:
        own = rows.filter(pl.col("kind") == kind)
        if own.height:
            groups = own.partition_by("subject", "id", maintain_order=True)
            events = [_scored_event(g, day) for g in groups]
            out[kind] = {"score": ledger.score(own), "events": events, "open": _open(own, day)}
    return {"ledgers": out}


def _scored_event(own: pl.DataFrame, day: date) -> dict[str, Any]:
    named = own.row(0, named=True)
    late = own.filter(pl.col("happened").is_null(), pl.col("resolves") < day).height
    return {"id": named["id"], "subject": named["subject"], "score": ledger.score(own), "overdue": late}


def _open(own: pl.DataFrame, day: date) -> list[dict[str, Any]]:
    columns = ["id", "subject", "settlement", "probability", "base", "low", "high", "runs", "model", "resolves"]
    rows = own.filter(pl.col("happened").is_null()).sort("resolves", "subject", "id", "settlement")
    late = (pl.col("resolves") < day).alias("overdue")
    return rows.select(*columns, late).with_columns(pl.col(pl.Date).dt.to_string("%Y-%m-%d")).to_dicts()
