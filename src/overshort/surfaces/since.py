"""What changed since the report before: two briefs compared, in figures and in words."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from overshort import sessions
from overshort.engine.moment import Moment
from overshort.surfaces.claims.crowding import WEIGHTING
from overshort.surfaces.page.figures import Own, Owns, owns_of
from overshort.surfaces.words import PLAIN, WINDOWS, capital, month_name, points, subject_name, written

__all__ = ["changes", "moment_before", "newest_report"]

Document = Mapping[str, Any]
TWO_MONTHS = timedelta(days=62)
_LEVELS = {"crowding.rank_1y": "rank 1y", "crowding.rank_5y": "rank 5y", "crowding.dtc": "days to cover"}
_STATES = {"refusal.state_3m": "state over 3 months", "refusal.state_12m": "state over 12 months"}


def newest_report(built: Document) -> str | None:
    """Give the settlement of the newest report that a document measures; an announced total alone is none."""
    figures = (f for f in built["figures"] if f["id"] == "crowding.chain" and f["value"] is not None)
    return max((f["at"] for f in figures), default=None)


def moment_before(built: Document) -> Moment | None:
    """Give the end of the day on which the report before the newest measured one was published.

    Returns
    -------
    Moment or None
        Nothing where the document rests on no report. Whether the store holds that earlier one, its own brief tells.
    """
    newest = newest_report(built)
    if newest is None:
        return None
    day = date.fromisoformat(newest)
    before = max(d for d in sessions.settlements_between(day - TWO_MONTHS, day) if d < day)
    instant, _ = sessions.publication(before)
    published = instant.astimezone(sessions.NEW_YORK).date()
    return Moment(published, sessions.end_of_day(published))


def changes(before: Document, now: Document) -> dict[str, Any]:
    """Compare two documents of one store.

    Returns
    -------
    dict
        ``as_of`` and ``settlement`` of the earlier one, ``figures`` (every figure whose value is another one:
        ``subject, id, before, now``), ``claims`` (every claim that came, went, or has another verdict), ``words``.
    """
    earlier, later = owns_of(before["figures"]), owns_of(now["figures"])
    return {
        "as_of": before["as_of"],
        "settlement": newest_report(before),
        "figures": list(_figures(earlier, later)),
        "claims": list(_claims(before["claims"], now["claims"])),
        "words": [*_words(earlier, later), *_news(before["claims"], now["claims"])],
    }


def _figures(earlier: Owns, later: Owns) -> Iterator[dict[str, Any]]:
    for subject, own in later.items():
        for id, figure in own.items():
            was = earlier.get(subject, {}).get(id, {}).get("value")
            if was != figure["value"]:
                yield {"subject": subject, "id": id, "before": was, "now": figure["value"], "at": figure["at"]}


def _claims(before: Iterable[Mapping[str, Any]], now: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    was, has = ({c["id"]: c["verdict"] for c in claims} for claims in (before, now))
    for id in sorted({*was, *has}):
        if was.get(id) != has.get(id):
            yield {"id": id, "before": was.get(id), "now": has.get(id)}


def _words(earlier: Owns, later: Owns) -> Iterator[str]:
    for subject, own in later.items():
        then = earlier.get(subject, {})
        parts = [*_cycle(then, own), *_moves(then, own, _LEVELS), *_turns(then, own)]
        if parts:
            yield f"{capital(subject_name(subject))}: {'; '.join(parts)}."
        yield from _streak(subject, then, own)
        yield from _vix(then, own)


def _cycle(then: Own, own: Own) -> Iterator[str]:
    """Say the last cycle's change, where there is a newer report."""
    change = own.get("crowding.change_last")
    if change and change["value"] is not None and then.get("crowding.change_last", {}).get("at") != change["at"]:
        up = own.get("crowding.contribution_last.up1", {})
        down = own.get("crowding.contribution_last.down1", {})
        named = [f"{f['note']} {points(f['value'])}" for f in (up, down) if f.get("note")]
        most = f" (most: {', '.join(named)} points)" if named else ""
        yield f"short interest {written(change)} from {change['base_date']} to {change['at']}{most}"


def _moves(then: Own, own: Own, names: Mapping[str, str]) -> Iterator[str]:
    for id, words in names.items():
        was, has = then.get(id), own.get(id)
        if was and has and written(was) != written(has) and None not in (was["value"], has["value"]):
            yield f"{words} {written(was)} → {written(has)}"


def _turns(then: Own, own: Own) -> Iterator[str]:
    """Say every state that is another one, one that was not measured before or is not any more included."""
    for id, words in _STATES.items():
        was, has = (figures.get(id, {}).get("value") for figures in (then, own))
        if was != has:
            yield f"{words} {was or 'not measured'} → {has or 'not measured'}"


def _streak(subject: str, then: Own, own: Own) -> Iterator[str]:
    was, has = then.get("persistence.month_streak"), own.get("persistence.month_streak")
    if was and has and was["at"] != has["at"] and has["value"] is not None:
        before, now = (f"{written(f)} (to {month_name(f['at'])})" for f in (was, has))
        yield f"{capital(PLAIN[subject])}: rising months in a row {before} → {now}."


def _vix(then: Own, own: Own) -> Iterator[str]:
    was, has = then.get("volatility.close"), own.get("volatility.close")
    if was and has and was["at"] != has["at"]:
        rank, low = (own.get(f"volatility.{i}", {}) for i in ("rank_1y", "cycle_low"))
        placed = f", rank 1y {written(rank)}" if rank.get("value") is not None else ""
        near = ", low both in its year and in its cycle" if low.get("value") else ""
        yield f"VIX {written(was)} ({was['at']}) → {written(has)} ({has['at']}){placed}{near}."


def _news(before: Iterable[Mapping[str, Any]], now: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Say where the aggregations began or ceased to disagree."""
    was, has = ({c["id"]: c for c in claims if c["verdict"] == WEIGHTING} for claims in (before, now))
    for id in (i for i in has if i not in was):
        yield f"New: {has[id]['text']}"
    for id in (i for i in was if i not in has):
        subject, window = id.rpartition("/")[2], id.partition("_")[2].partition("/")[0]
        yield f"Resolved: the aggregations of {subject_name(subject)} {WINDOWS[window]} share one sign."
