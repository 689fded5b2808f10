"""One number of a panel with its provenance: what a brief, a claim and the JSON are made of."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl

from overshort.engine.due import due
from overshort.metrics.declare import Metric, registry
from overshort.store import asof

__all__ = ["Figure", "figures", "select"]

EPOCH = date(1970, 1, 1)
PRICES = "price: "
"""How the source of prices is announced in a panel's ``basis``."""
OPTIONAL = ("settlement", "base_date", "n", "coverage", "members", "price_source", "reason", "note", "vintage")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One value as of an instant.

    Attributes
    ----------
    key
        ``SUBJECT/ID@DATE``.
    value
        Number, bool, ISO date, state name, or ``None`` with a ``reason``.
    stale
        A newer value was due by then and is not in the store: a report published, a session closed a day ago.
    note
        What the value names, for example the member behind a contribution.
    vintage
        ``as served on DATE`` where a report behind it was fetched so late that it may have been revised since.
    """

    key: str
    id: str
    subject: str
    kind: str
    value: float | int | bool | str | None
    unit: str
    at: str
    settlement: str | None
    base_date: str | None
    known_at: str
    n: int | None
    coverage: float | None
    members: str | None
    price_source: str | None
    stale: bool
    simulated: bool
    reason: str | None
    note: str | None
    definition: str
    vintage: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Give the JSON form: fields that do not apply are left out, ``value`` stays even when null."""
        return {k: v for k, v in asdict(self).items() if not (v is None and k in OPTIONAL)}

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> "Figure":
        """Give the figure of a JSON form."""
        fields: dict[str, Any] = {**dict.fromkeys(OPTIONAL), **given}
        return cls(**fields)


def _value(metric: Metric, value: float | None) -> float | int | bool | str | None:
    if value is None:
        return None
    match metric.kind:
        case "flag":
            return value == 1
        case "count":
            return round(value)
        case "date":
            return (EPOCH + timedelta(days=round(value))).isoformat()
        case "state":
            return metric.states[round(value)]
        case _:
            return value


def _stamp(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _at(metric: Metric, at: datetime) -> str:
    return _stamp(at) if metric.grid == "bar_4h" else at.date().isoformat()


def _sources(basis: str | None) -> tuple[str | None, str | None]:
    """Part a panel's ``basis`` into the list of members and the source of prices."""
    members, _, prices = (basis or "").partition(PRICES)
    return members.rstrip("; ") or None, prices or None


def _figure(metric: Metric, row: Mapping[str, Any], expected: Mapping[str, date], simulated: bool) -> Figure:
    at = _at(metric, row["at"])
    members, prices = _sources(row["basis"])
    return Figure(
        key=f"{row['subject']}/{metric.id}@{at}",
        id=metric.id,
        subject=row["subject"],
        kind=metric.kind,
        value=_value(metric, row["value"]),
        unit=metric.unit,
        at=at,
        settlement=at if metric.grid == "report" else None,
        base_date=row["base_at"].isoformat() if row["base_at"] else None,
        known_at=_stamp(row["known_at"]),
        n=row["n"],
        coverage=row["coverage"],
        members=members,
        price_source=prices,
        stale=row["at"].date() < expected[metric.grid],
        simulated=simulated,
        reason=row["reason"],
        note=row["text"] if metric.kind in ("number", "count") else None,
        definition=metric.definition,
    )


def figures(panel: pl.DataFrame, as_of: datetime, *, simulated: bool) -> list[Figure]:
    """Give the newest figure of every (subject, id) that was known at an instant, sorted by subject and id.

    Parameters
    ----------
    panel
        Columns of :data:`overshort.schema.PANEL`, all history.
    as_of
        Decision time, UTC.
    simulated
        Whether the store is a simulated one; every figure says so.
    """
    declared = registry()
    expected = due(as_of)
    rows = asof.latest(panel.lazy(), as_of).sort("subject", "id").collect()
    return [_figure(declared[r["id"]], r, expected, simulated) for r in rows.iter_rows(named=True)]


def select(all_figures: Iterable[Figure], subject: str) -> dict[str, Figure]:
    """Give one subject's figures by id."""
    return {f.id: f for f in all_figures if f.subject == subject}
