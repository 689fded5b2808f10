"""The brief as a document: the same store and as-of give the same bytes."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import polars as pl

from overshort import schema, sessions
from overshort.edition import __version__
from overshort.engine.computing import tables_behind
from overshort.engine.due import due, due_settlement
from overshort.engine.figures import Figure, figures
from overshort.engine.forecasts import forecasts
from overshort.engine.freshness import newest_sessions, newest_settlements
from overshort.engine.moment import Moment
from overshort.engine.panel import KINDS, kinds_of, market, panel
from overshort.engine.reference import announced_totals
from overshort.engine.studies import Known, studies
from overshort.engine.triggers import with_triggers
from overshort.engine.vintage import marked, reports
from overshort.errors import NothingToShow
from overshort.metrics import registry
from overshort.store.lake import Lake
from overshort.surfaces.claims import claims
from overshort.surfaces.words import ADVICE, ATTRIBUTION

__all__ = ["SCHEMA", "Brief", "brief", "brief_of", "document", "market_figures", "market_panel", "whole"]

SCHEMA = "overshort.brief/1"
_TABLES = re.compile(r"\btables? (\w+(?: and \w+)*)")


_PRICES, _REPORTS = ("levels", "bars", "option_trades"), ("short_interest", "totals")


@dataclass(frozen=True)
class Brief:
    """A brief: the document, and the history behind it that pictures are drawn from."""

    document: dict[str, Any]
    known: Known


def market_figures(lake: Lake, moment: Moment) -> list[Figure]:
    """Give the figures of all indices, exchanges, proxies and the VIX as of a moment.

    Raises
    ------
    NothingToShow
        If no figure has a value then.
    """
    return marked(_figures(panel(lake, market()), lake, moment), reports(lake, moment.instant))


def market_panel(lake: Lake, moment: Moment) -> tuple[list[dict[str, Any]], Known]:
    """Give the figures of the market in JSON form as of a moment, and the history behind them.

    Raises
    ------
    NothingToShow
        If no figure has a value then.
    """
    whole = panel(lake, market())
    found = marked(_figures(whole, lake, moment), reports(lake, moment.instant))
    return [f.as_dict() for f in found], Known(whole, moment.instant)


def _figures(whole: pl.DataFrame, lake: Lake, moment: Moment) -> list[Figure]:
    found = figures(whole, moment.instant, simulated=lake.simulated)
    if not any(f.value is not None for f in found):
        raise NothingToShow(
            f"no report was known by {moment.day}: the store holds nothing older; give a later --as-of, "
            "or import earlier reports"
        )
    return found


def document(lake: Lake, moment: Moment, triggers: Mapping[str, float] | None = None) -> dict[str, Any]:
    """Build the brief document alone."""
    return brief(lake, moment, triggers).document


def brief(lake: Lake, moment: Moment, triggers: Mapping[str, float] | None = None) -> Brief:
    """Build the brief (schema ``overshort.brief/1``).

    Parameters
    ----------
    triggers
        Traded proxy to a level (USD) that counts as its user's trigger in this brief alone; the document names them.

    Raises
    ------
    NothingToShow
        If no figure has a value as of the moment.
    """
    rows = with_triggers(panel(lake, market()), lake, triggers or {})
    built = whole(brief_of(rows, lake, moment), moment)
    if triggers:
        built.document["triggers"] = dict(triggers)
    return built


def whole(built: Brief, moment: Moment) -> Brief:
    """Give the brief of the whole market what stands beside a simulated one: the totals that an exchange announced."""
    if built.document["simulated"]:
        built.document["announced"] = announced_totals(moment.instant)
    return built


def brief_of(rows: pl.DataFrame, lake: Lake, moment: Moment, subjects: Iterable[str] = tuple(KINDS)) -> Brief:
    """Build the brief of some subjects: all figures, claims and studies are theirs.

    Parameters
    ----------
    rows
        Panel rows of these subjects, all history.
    subjects
        The market's, a part of them, or single stocks.

    Raises
    ------
    NothingToShow
        If no figure has a value as of the moment.
    """
    vintages = reports(lake, moment.instant)
    found = marked(_figures(rows, lake, moment), vintages)
    known = Known(rows, moment.instant)
    studied, given = studies(known), forecasts(known)
    built = {
        "schema": SCHEMA,
        "version": __version__,
        "as_of": moment.day.isoformat(),
        "as_of_utc": moment.instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "simulated": lake.simulated,
        "data_version": lake.version(),
        "reports": _reports(found),
        "vintages": [{"settlement": day, "vintage": vintage} for day, vintage in vintages.items()],
        "figures": [f.as_dict() for f in found],
        "claims": claims(found, studied, given),
        "studies": studied,
        "forecasts": given,
        "missing": [*(_missing(f) for f in found if f.value is None), *_unknown(found, moment.day, subjects)],
        "stale": _stale(lake, moment),
        "attribution": ATTRIBUTION,
        "disclaimer": ADVICE,
    }
    return Brief(built, known)


def _reports(found: Iterable[Figure]) -> list[dict[str, str]]:
    dates = sorted({f.settlement for f in found if f.settlement and f.value is not None})
    rows = ((d, *sessions.publication(date.fromisoformat(d))) for d in dates)
    return [
        {"settlement": d, "published_at": at.strftime("%Y-%m-%dT%H:%M:%SZ"), "basis": basis} for d, at, basis in rows
    ]


def _missing(figure: Figure) -> dict[str, str | None]:
    reason = figure.reason or ""
    named = [t for found in _TABLES.findall(reason) for t in found.split(" and ") if t in schema.TABLES]
    return {"id": figure.id, "subject": figure.subject, "reason": reason, "needs": _needed(named)}


def _needed(tables: Sequence[str]) -> str | None:
    """Give the table to import first; of prices the bars, which every index has, while levels are the S&P 500's own."""
    return "bars" if "bars" in tables else tables[0] if tables else None


def _unknown(found: Iterable[Figure], day: date, subjects: Iterable[str]) -> Iterator[dict[str, str | None]]:
    """Name what has no row at all because the prices or reports that it rests on are not there."""
    there = {(f.id, f.subject) for f in found}
    ids = {id for id, _ in there}
    asked = [s for s in KINDS if s in set(subjects)]
    for id, declared in registry().items():
        wanted = _REPORTS if declared.grid == "report" else _PRICES
        tables = [t for t in tables_behind(id) if t in wanted]
        if not tables or (declared.grid == "report" and id in ids):  # not every exchange announces a total
            continue
        row = "four-hour bar" if declared.grid == "bar_4h" else "row"
        reason = f"no {row} by {day} in {'tables' if len(tables) > 1 else 'table'} {' and '.join(sorted(tables))}"
        for subject in asked:
            if declared.subjects & set(kinds_of(subject)) and (id, subject) not in there:
                yield {"id": id, "subject": subject, "reason": reason, "needs": _needed(tables)}


def _stale(lake: Lake, moment: Moment) -> Sequence[dict[str, str | None]]:
    expected = due_settlement(moment.instant)
    reported = newest_settlements(lake, moment.instant)
    late = [
        {"table": table, "newest": at.isoformat() if at else None, "due": expected.isoformat()}
        for table, at in reported.items()
        if at is None or at < expected
    ]
    return late + _late_prices(lake, moment.instant)


def _late_prices(lake: Lake, as_of: datetime) -> list[dict[str, str | None]]:
    expected = due(as_of)["session"]
    return [
        {"table": table, "newest": at.isoformat(), "due": expected.isoformat()}
        for table, at in newest_sessions(lake, as_of).items()
        if at is not None and at < expected
    ]
