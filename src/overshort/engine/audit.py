"""A commentary set against what was known on its date: statement by statement, and its numbers against each other.

1. The figures of every reading are measured as of the commentary's date.
2. Each statement gets a verdict, or the exact reason why it has none, and the nearest relatives of what is missing.
3. Beside it stands how rare the stated condition has been, and what followed earlier where a study exists.
4. Changes of one series over different windows are set against each other.
5. What the text expected is read again with what became known by a later day.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any

import polars as pl

from overshort.edition import __version__
from overshort.engine.implied import UNITS, agreement
from overshort.engine.measured import CHAIN, RESTS_ON, Measures
from overshort.engine.moment import Moment
from overshort.engine.panel import KINDS, market, panel, panel_of
from overshort.engine.precedents import COVER_REPORTS, STUDIED, base_rate, covering_rate, followed, window_rate
from overshort.engine.resolve import EVENT, resolved
from overshort.engine.studies import Known
from overshort.errors import UnknownSubject, UsageError
from overshort.metrics import registry
from overshort.store.lake import Lake
from overshort.thesis.audit import OPEN, Measured, check, named, stated_of
from overshort.thesis.statement import Reading, Statement

__all__ = ["SCHEMA", "Audit", "Text", "audit"]

SCHEMA = "overshort.audit/1"
BEHIND = frozenset({*RESTS_ON, *UNITS, *STUDIED, "crowding.shares", "price.close"})
"""Ids that an audit may need whatever the text says."""
Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Text:
    """A commentary in sentences, by number, and what was assumed to read it."""

    name: str
    sentences: Mapping[int, str]
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class Audit:
    """An audit: its document, and what was known behind it."""

    document: Document
    known: Known


def audit(
    lake: Lake, text: Text, statements: Sequence[Statement], moment: Moment, resolve_at: Moment | None = None
) -> Audit:
    """Check statements of a commentary (schema ``overshort.audit/1``).

    Parameters
    ----------
    statements
        What was found in its sentences.
    moment
        The commentary's date: only what was known by its end counts.
    resolve_at
        Day by which to resolve what it expected; nothing is resolved where left out.

    Raises
    ------
    UsageError
        If the day of the resolution lies before the commentary's date.
    """
    if resolve_at is not None and resolve_at.instant < moment.instant:
        raise UsageError(f"--resolve-at {resolve_at.day} lies before the text's date, {moment.day}; give a later day")
    whole, unknown = _panel(lake, [r for s in statements for r in s.readings])
    then = Measures(whole, moment, simulated=lake.simulated, unknown=unknown)
    later = Measures(whole, resolve_at, simulated=lake.simulated, unknown=unknown) if resolve_at else None
    claims = [_claim(k, s, then, later) for k, s in enumerate(statements)]
    found = agreement(statements, then)
    said = {s.sentence for s in statements}
    document = {
        "schema": SCHEMA,
        "version": __version__,
        "file": text.name,
        "notes": list(text.notes),
        "date": moment.day.isoformat(),
        "as_of_utc": moment.instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "resolve_at": resolve_at.day.isoformat() if resolve_at else None,
        "simulated": lake.simulated,
        "data_version": lake.version(),
        "counts": _counts(claims, found, len(text.sentences)),
        "claims": claims,
        "inconsistencies": [f for f in found if f["verdict"] == "inconsistent"],
        "implied": [f for f in found if f["verdict"] != "inconsistent"],
        "sentences": [{"number": n, "text": t, "claims": n in said} for n, t in sorted(text.sentences.items())],
        "nothing_to_check": [{"number": n, "text": t} for n, t in sorted(text.sentences.items()) if n not in said],
    }
    return Audit(document, then.known)


def _panel(lake: Lake, asked: Sequence[Reading]) -> tuple[pl.DataFrame, dict[str, str]]:
    """Give the panel of the market and of all other subjects that the store knows, and why others are missing.

    Only the ids that are asked for, and those that checks and studies rest on: a panel has hundreds.
    """
    parts, unknown = [panel(lake, market())], dict[str, str]()
    for subject in sorted({r.subject for r in asked if r.subject} - set(KINDS)):
        try:
            parts.append(panel_of(lake, [subject]))
        except UnknownSubject:
            unknown[subject] = f"no row of {subject} in table short_interest"
    ids = {*BEHIND, *(r.metric for r in asked if r.metric)}
    return pl.concat(p.filter(pl.col("id").is_in(ids)) for p in parts), unknown


def _counts(claims: Sequence[Document], found: Iterable[Document], sentences: int) -> dict[str, int]:
    verdicts = Counter(c["verdict"] for c in claims)
    resolutions = Counter(c["resolution"]["verdict"] for c in claims if c["resolution"])
    return {
        "sentences": sentences,
        "statements": len(claims),
        "checkable": sum(c["checkable"] for c in claims),
        "holds": verdicts["holds"],
        "contradicted": verdicts["contradicted"],
        "within_rounding": verdicts["within rounding"],
        "cannot_be_checked": sum(c["checkable"] and c["verdict"] == OPEN for c in claims),
        "not_checkable": sum(not c["checkable"] for c in claims),
        "inconsistent": sum(f["verdict"] == "inconsistent" for f in found),
        "came_true": resolutions["came true"],
        "did_not_come_true": resolutions["did not come true"],
    }


def _claim(number: int, statement: Statement, then: Measures, later: Measures | None) -> Document:
    reading = statement.readings[0] if statement.readings else Reading(subject=None, metric=None, window=None, why="")
    measured = _measured(statement, reading, then)
    verdict, reason = check(statement, measured)
    checkable = statement.checkable and reading.metric is not None
    future = statement.tense == "future" and checkable
    return {
        "claim": number,
        "number": statement.sentence,
        "sentence": statement.text,
        "words": statement.text[slice(*statement.span)],
        "place": list(statement.span),
        "checkable": checkable,
        **named(reading),
        "stated": statement.stated,
        "comparison": statement.comparison,
        "value": list(statement.value) if isinstance(statement.value, tuple) else statement.value,
        "tolerance": statement.tolerance,
        "negated": statement.negated,
        "tense": statement.tense,
        "unit": _unit(reading),
        "span": _span(reading, then),
        "measured": dict(measured.figure) if measured.figure else None,
        "verdict": verdict,
        "reason": reason,
        "missing": dict(measured.missing) if measured.missing else None,
        "nearest": [dict(f) for f in measured.nearest],
        "base_rate": _rate(statement, reading, then) if checkable else None,
        "followed": _followed(statement, reading, then) if checkable else None,
        "other_readings": [_other(statement, r, then) for r in statement.readings[1:]],
        "resolution": resolved(statement, reading, then, later) if future and later else None,
    }


def _unit(reading: Reading) -> str | None:
    """Give the unit of the stated value: of the chain texts state changes."""
    declared = registry().get(reading.metric or "")
    return (
        None if declared is None else "fraction (change)" if declared.id == CHAIN and reading.window else declared.unit
    )


def _span(reading: Reading, then: Measures) -> dict[str, str | None] | None:
    """Give the settlements between which a change of short interest lies, whether or not the store has them."""
    found = then.span(reading)
    return None if found is None else {"base": str(found[0]) if found[0] else None, "end": str(found[1])}


def _measured(statement: Statement, reading: Reading, then: Measures) -> Measured:
    """Measure a reading; an event that is still to come has no figure of its own."""
    if not statement.checkable:
        return Measured()
    event = EVENT.fullmatch(reading.metric or "")
    if event and (statement.value is None or reading.metric not in registry()):
        return Measured(lacking="the text expects this: there is nothing to measure on its date")
    return then.of(reading)


def _rate(statement: Statement, reading: Reading, then: Measures) -> Mapping[str, Any] | None:
    """Say how rare the condition is: of the id, of the text's own window, or of the event that it expects."""
    subject, id, stated = reading.subject or "", reading.metric or "", stated_of(statement)
    if event := EVENT.fullmatch(id):
        return covering_rate(then.chain(subject), int(event[1]) / 100, COVER_REPORTS[event[2]])
    if stated is None or id not in registry():
        return None
    span = then.span(reading)
    if id == CHAIN and span is not None and span[0] is not None:
        reports = sum(span[0] < d <= span[1] for d in then.calendar)
        return window_rate(then.chain(subject), span[0], span[1], reports, stated)
    return base_rate(then.known, reading, stated)


def _followed(statement: Statement, reading: Reading, then: Measures) -> Document | None:
    stated = stated_of(statement)
    return followed(then.known, reading, stated) if stated is not None else None


def _other(statement: Statement, reading: Reading, then: Measures) -> Document:
    """Give another way to understand a statement, with its own verdict: shown, never chosen silently."""
    measured = _measured(statement, reading, then)
    verdict, reason = check(statement, measured)
    figure = dict(measured.figure) if measured.figure else None
    return {**named(reading), "measured": figure, "verdict": verdict, "reason": reason}
