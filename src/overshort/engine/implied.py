"""What the stated changes of a text imply between their bases, beside what the store measured for the same dates.

Where they disagree, other units and other bases are tried: which of them, if any, would reconcile the numbers.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import polars as pl

from overshort import sessions
from overshort.engine.measured import CHAIN, Measures
from overshort.metrics.prices import PROXIES
from overshort.thesis.audit import stated_of
from overshort.thesis.consistency import Change, Clash, Implied, clashes, pairs
from overshort.thesis.judge import Stated, bounds
from overshort.thesis.statement import Reading, Statement

__all__ = ["UNITS", "agreement"]

Document = dict[str, Any]
UNITS: Mapping[str, str] = {
    "crowding.naive_change_last": "the raw columns chained, splits left in",
    "crowding.median_change_last": "the median member",
    "crowding.ex_largest_change_last": "the chain without its largest contributor of each cycle",
}
"""Other ways to aggregate a cycle, of which the changes are chained."""
YEAR = timedelta(days=366)
CLOSES: Mapping[str, str] = {"price": "bars", "volatility": "levels"}
"""Groups with changes of closes, and the table that these are in."""
WINDOWS = ("1d", "1w", "1m", "3m", "6m", "ytd", "12m")


def agreement(statements: Sequence[Statement], measures: Measures) -> list[Document]:
    """Set the numbers of a text against each other.

    Returns
    -------
    list of dict
        ``kind`` (bases or words), ``subject, statements`` (numbers from 0), ``verdict`` (inconsistent, within rounding,
        consistent, not measured); for bases ``windows, from, to, implied, low, high, measured``, and where they are
        inconsistent ``instead, units, bases, reconciled_by``.
    """
    changes = list(_changes(statements, measures))
    found = [_pair(pair, measures) for pair in pairs(changes)]
    return [*found, *(_clash(c) for c in clashes(changes, list(_ranks(statements))))]


def _numeric(statement: Statement) -> Stated | None:
    stated = stated_of(statement)
    usable = stated is not None and statement.checkable and not stated.negated and statement.tense != "future"
    return stated if usable and not isinstance(statement.value, str | bool) else None


def _changes(statements: Sequence[Statement], measures: Measures) -> Iterator[Change]:
    for number, statement in enumerate(statements):
        stated = _numeric(statement)
        reading = statement.readings[0] if statement.readings else None
        if stated is None or reading is None or reading.subject is None:
            continue
        if (placed := _placed(reading, measures)) is not None:
            series, base, end = placed
            yield Change(
                subject=reading.subject,
                series=series,
                window=reading.window or str(reading.metric),
                base=base,
                end=end,
                stated=stated,
                statements=(number,),
            )


def _placed(reading: Reading, measures: Measures) -> tuple[str, date, date] | None:
    """Give series, base and end of a stated change: by the calendar of reports, or as its figure was measured."""
    if (span := measures.span(reading)) is not None:
        base, end = span
        return None if base is None else (CHAIN, base, end)
    series, _, window = (reading.metric or "").partition(".change_")
    figure = measures.figure(reading.subject or "", reading.metric or "")
    if series not in CLOSES or not window or figure is None or figure["stale"] or not figure.get("base_date"):
        return None
    return series, date.fromisoformat(figure["base_date"]), date.fromisoformat(figure["at"][:10])


def _levels(pair: Implied, measures: Measures) -> dict[date, float]:
    """Give the levels of a series by date: of prices those at the bases of its measured changes, the newest being 1."""
    subject, series = pair.earlier.subject, pair.earlier.series
    if series == CHAIN:
        return measures.chain(subject)
    figures = (measures.figure(subject, f"{series}.change_{w}") for w in WINDOWS)
    known = (f for f in figures if f is not None and f["value"] is not None and f.get("base_date"))
    return {
        date.fromisoformat(f["base_date"]): 1 / (1 + f["value"]) for f in known if f["at"][:10] == str(pair.later.end)
    }


def _ranks(statements: Sequence[Statement]) -> Iterator[tuple[int, str, str, Stated]]:
    for number, statement in enumerate(statements):
        stated = _numeric(statement)
        reading = statement.readings[0] if statement.readings else None
        if (
            stated is not None
            and reading
            and reading.subject
            and reading.metric in ("crowding.rank_1y", "crowding.rank_5y")
        ):
            yield number, reading.subject, reading.metric[-2:], stated


def _clash(clash: Clash) -> Document:
    return {
        "kind": "words",
        "subject": clash.subject,
        "statements": list(clash.statements),
        "verdict": "inconsistent",
        "why": clash.why,
    }


def _pair(pair: Implied, measures: Measures) -> Document:
    subject, first, last = pair.earlier.subject, pair.earlier.base, pair.later.base
    chain, reports = _levels(pair, measures), pair.earlier.series == CHAIN
    measured = _moved(chain, first, last)
    verdict = "not measured" if measured is None else pair.agrees(measured)
    outside = verdict == "inconsistent"
    return {
        "kind": "bases",
        "subject": subject,
        "statements": [*pair.earlier.statements, *pair.later.statements],
        "windows": [pair.earlier.window, pair.later.window],
        "stated": [_plain(pair.earlier.stated), _plain(pair.later.stated)],
        "verdict": verdict,
        "from": first.isoformat(),
        "to": last.isoformat(),
        "end": pair.later.end.isoformat(),
        "implied": pair.value,
        "low": pair.low,
        "high": pair.high,
        "measured": measured,
        "table": "short_interest" if reports else CLOSES[pair.earlier.series],
        **(_instead(pair, measured) if outside and measured is not None else {}),
        **(_reconciled(pair, measures, chain) if outside and reports else {}),
        **({"range": _range(pair, measures, chain)} if measured is None and reports else {}),
    }


def _range(pair: Implied, measures: Measures, chain: Mapping[date, float]) -> Document | None:
    """Give the least and the greatest move over as many reports so far."""
    reports = sum(pair.earlier.base < d <= pair.later.base for d in measures.calendar)
    days = sorted(chain)
    moves = [chain[b] / chain[a] - 1 for a, b in zip(days, days[reports:], strict=False)]
    if not moves:
        return None
    return {"reports": reports, "n": len(moves), "from": str(days[0]), "low": min(moves), "high": max(moves)}


def _plain(stated: Stated) -> float | list[float]:
    return list(stated.value) if isinstance(stated.value, tuple) else float(stated.value)


def _moved(chain: Mapping[date, float], first: date, last: date) -> float | None:
    return chain[last] / chain[first] - 1 if first in chain and last in chain else None


def _reconciled(pair: Implied, measures: Measures, chain: Mapping[date, float]) -> Document:
    """Say which other units and bases would fit both numbers."""
    units = [_tried(pair, what, moved) for what, moved in _units(pair, measures)]
    bases = [
        _tried(pair, f"from {a} to {b}", m) for a, b in _moved_bases(pair) if (m := _moved(chain, a, b)) is not None
    ]
    fitting = [b for b in bases if b["within"]]
    nearest = sorted(bases, key=lambda b: abs(b["moved"] - pair.value))[:1]
    return {
        "units": units,
        "bases": fitting or nearest,
        "reconciled_by": [t["what"] for t in (*units, *fitting) if t["within"]],
    }


def _instead(pair: Implied, measured: float) -> Document:
    """Say what either number would make of the other with the measured move between their bases."""
    longer, shorter = (_middle(c.stated) for c in (pair.earlier, pair.later))
    return {"instead": [(1 + shorter) * (1 + measured) - 1, (1 + longer) / (1 + measured) - 1]}


def _middle(stated: Stated) -> float:
    low, high = bounds(stated)
    return (low + high) / 2


def _tried(pair: Implied, what: str, moved: float) -> Document:
    return {"what": what, "moved": moved, "within": pair.low <= moved <= pair.high}


def _moved_bases(pair: Implied) -> Iterator[tuple[date, date]]:
    """Give the two bases with either of them moved: to any report from a year before them to the end."""
    first, last = pair.earlier.base, pair.later.base
    for day in sessions.settlements_between(first - YEAR, pair.later.end):
        if first < day != last:
            yield first, day
        if first != day < last:
            yield day, last


def _units(pair: Implied, measures: Measures) -> Iterator[tuple[str, float]]:
    subject, first, last = pair.earlier.subject, pair.earlier.base, pair.later.base
    for id, what in UNITS.items():
        if (moved := _compounded(measures, id, subject, first, last)) is not None:
            yield what, moved
    shares = dict(measures.known.series("crowding.shares", subject).select("at", "value").iter_rows())
    if (moved := _moved(shares, first, last)) is not None:
        yield "the plain sum of shares, members as they came and went", moved
    chain, proxy = _moved(measures.chain(subject), first, last), PROXIES.get(subject)
    prices = dict(measures.known.series("price.close", proxy).select("at", "value").iter_rows()) if proxy else {}
    if chain is not None and (price := _moved(prices, first, last)) is not None:
        yield f"dollars short, at the price of {proxy}", (1 + chain) * (1 + price) - 1


def _compounded(measures: Measures, id: str, subject: str, first: date, last: date) -> float | None:
    own = measures.known.series(id, subject).filter(pl.col("at") > first, pl.col("at") <= last)
    between = [d for d in measures.calendar if first < d <= last]
    if own["at"].to_list() != between:
        return None
    moved = 1.0
    for value in own["value"]:
        moved *= 1 + value
    return moved - 1
