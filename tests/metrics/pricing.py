"""Prices of a few days, written by hand, and the panel rows that come of them."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from typing import Any

from metrics import tiny
from overshort import sessions
from overshort.engine.computing import compute
from overshort.engine.panel import KINDS, Scope

__all__ = [
    "daily",
    "found",
    "known",
    "last_sessions",
    "level",
    "levels",
    "only",
    "reading",
    "sessions_between",
    "traded",
]

Rows = list[dict[str, Any]]


def level(
    series: str, at: date, value: float, *, frequency: str = "day", known: datetime | None = None
) -> dict[str, Any]:
    """Give a published level, known at four o'clock unless said otherwise."""
    row = {"series": series, "at": at, "value": value, "frequency": frequency, "unit": "index"}
    return row | {"known_at": known or sessions.at_new_york(at, time(16))}


def levels(series: str, values: Mapping[date, float], *, frequency: str = "day") -> Rows:
    return [level(series, at, value, frequency=frequency) for at, value in values.items()]


def traded(symbol: str, values: Mapping[date, float], adjustment: str = "split") -> Rows:
    """Give daily bars that open a tenth of a percent below their close."""
    return [tiny.bar(symbol, at, value, adjustment) | {"open": value * 0.999} for at, value in values.items()]


def daily(levels: Iterable[dict[str, Any]] = (), bars: Iterable[dict[str, Any]] = ()) -> tiny.Tables:
    return {"levels": tiny.table("levels", levels), "bars": tiny.table("bars", bars)}


def found(tables: tiny.Tables, id: str, subject: str = "SPX") -> Rows:
    """Give the panel rows of one id and subject by date, the nulls of a row left out."""
    panel = compute(tables, Scope(KINDS[subject], (subject,)), [id])
    rows = panel.sort("at", "known_at").to_dicts()
    return [{c: v for c, v in row.items() if v is not None} | {"at": row["at"].date()} for row in rows]


def only(rows: Rows, field: str = "value") -> dict[date, Any]:
    """Give one field of panel rows by date."""
    return {row["at"]: row.get(field) for row in rows}


def reading(tables: tiny.Tables, id: str, subject: str = "SPX", field: str = "value") -> list[Any]:
    """Give one field of every panel row, in order of time."""
    return [row.get(field) for row in found(tables, id, subject)]


def known(rows: Rows) -> dict[date, datetime]:
    return only(rows, "known_at")


def sessions_between(first: date, last: date) -> list[date]:
    days = sessions.schedule()["session"].to_list()
    return [day for day in days if first <= day <= last]


def last_sessions(first: date, months: int) -> list[date]:
    """Give the last session of every month from that of ``first`` on."""
    out = []
    for k in range(months):
        number = first.year * 12 + first.month - 1 + k
        after = date((number + 1) // 12, (number + 1) % 12 + 1, 1)
        out.append(sessions.previous_session(after))
    return out
