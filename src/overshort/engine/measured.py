"""The figure that a statement of a text is set against, as known on its date; or exactly what is missing for it.

1. The reading's metric must be declared, and be one of its subject.
2. A change over a window of the text's own is taken from the chain, between the report at its beginning and the newest
   that was out, by the publication calendar.
3. A figure that is null, or older than was due, is no check: what is missing is named, and its nearest relatives are
   shown, labelled.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

import polars as pl

from overshort import sessions
from overshort.engine.computing import tables_behind
from overshort.engine.due import due
from overshort.engine.figures import figures
from overshort.engine.moment import Moment
from overshort.engine.panel import KINDS, kinds_of
from overshort.engine.studies import Known
from overshort.metrics import Metric, registry
from overshort.thesis.audit import Measured
from overshort.thesis.statement import Reading
from overshort.thesis.windows import base_report, completed_year, since

__all__ = ["CHAIN", "CHANGES", "RESTS_ON", "Measures"]

CHAIN, TOTAL = "crowding.chain", "crowding.announced_shares"
RESTS_ON = frozenset({CHAIN, TOTAL})
CHANGES: Mapping[str, str] = {
    "crowding.change_last": "last_report",
    "crowding.change_ytd": "ytd",
    "crowding.change_12m": "12m",
    "crowding.rank_1y": "12m",
    "crowding.rank_5y": "12m",
    "refusal.state_3m": "3m",
    "refusal.state_12m": "12m",
    "crowding.shares": "last_report",
}
"""The window of the announced totals that comes nearest to what an id says."""
_GRIDS = {"session": "session", "bar_4h": "4-hour bar", "week": "week", "month": "month"}
Figure = Mapping[str, Any]


class Measures:
    """What a store knew on a day.

    Parameters
    ----------
    panel
        Panel rows of all subjects that are asked for, all vintages.
    unknown
        Subjects that the store has nothing of, and why.
    """

    def __init__(self, panel: pl.DataFrame, moment: Moment, *, simulated: bool, unknown: Mapping[str, str]) -> None:
        self.moment, self.simulated, self.unknown = moment, simulated, unknown
        self.known = Known(panel, moment.instant)
        self._figures = {(f.subject, f.id): f.as_dict() for f in figures(panel, moment.instant, simulated=simulated)}
        self._due = due(moment.instant)
        self.calendar = sessions.settlements_between(sessions.FIRST, moment.day)

    @property
    def newest_report(self) -> date:
        """Give the settlement date of the newest report that was out, whether or not the store has it."""
        return self._due["report"]

    def figure(self, subject: str, id: str) -> Figure | None:
        """Give the newest figure of one id and subject, however old it is."""
        return self._figures.get((subject, id))

    def of(self, reading: Reading) -> Measured:
        """Give what was measured of a reading."""
        declared = registry().get(reading.metric or "")
        if declared is None:
            return Measured(lacking=f"no metric measures this here ({reading.metric})")
        if reading.subject is None:
            return Measured(lacking="the text does not say of what")
        if (lacking := self._foreign(reading.subject, declared)) is not None:
            return Measured(lacking=lacking)
        if (span := self.span(reading)) is not None and (
            reading.metric == CHAIN or reading.window not in (None, "ytd", "12m", "last_report")
        ):
            return self._changed(reading.subject, *span)
        if "change" in declared.id and reading.window and _own_window(reading.window, self.moment.day):
            return Measured(lacking=f"no metric measures a change of {reading.subject} over {reading.window} here")
        return self._newest(reading.subject, declared)

    def _foreign(self, subject: str, declared: Metric) -> str | None:
        if subject in self.unknown:
            return self.unknown[subject]
        fund = ("stock", "underlying") if KINDS.get(subject) == "proxy" else ()
        if subject in KINDS and not declared.subjects & {*kinds_of(subject), *fund}:
            return f"no metric measures this here ({declared.id} is none of {subject})"
        return None

    def span(self, reading: Reading) -> tuple[date | None, date] | None:
        """Give the settlement dates between which a reading's change of short interest lies.

        Returns
        -------
        tuple or None
            Base (null before the calendar) and end; nothing for a reading that is no such change.
        """
        if reading.metric not in (CHAIN, "crowding.change_last", "crowding.change_ytd", "crowding.change_12m"):
            return None
        window = reading.window or CHANGES.get(reading.metric)
        if window is None:
            return None
        if (year := completed_year(window, self.moment.day)) is not None:
            ends = (max(d for d in self.calendar if d.year == y) for y in (year - 1, year))
            return next(ends), next(ends)
        own = window if reading.metric == CHAIN or since(window) else CHANGES[reading.metric]
        base = base_report(own, self.newest_report, self.calendar)
        return None if base is None and since(own) is None else (base, self.newest_report)

    def chain(self, subject: str) -> dict[date, float]:
        """Give a subject's chain by settlement."""
        return dict(self.known.series(CHAIN, subject).select("at", "value").iter_rows())

    def _changed(self, subject: str, base: date | None, end: date) -> Measured:
        """Measure a change of the chain between two reports."""
        own = self.known.series(CHAIN, subject)
        days = own["at"].to_list()
        if not days or base is None or base < days[0]:
            begins = f"begins with the report of {days[0]}" if days else f"has no report of {subject}"
            return Measured(
                lacking=f"table short_interest {begins}; the window begins with that of {base or 'an earlier day'}",
                missing={"table": "short_interest", "after": None, "from": str(base), "to": str(end)},
            )
        if end not in days or base not in days:
            behind = self._behind("short_interest", days[-1])
            newest = max(d for d in days if d <= end)
            there = self._window(subject, own, base, newest) if base in days and newest > base else None
            label = f"up to the newest report here, settlement {newest}"
            nearest = [{**there, "label": label}] if there else []
            window = f"since:{base}"
            return Measured(**behind, nearest=(*nearest, *self._totals(window)))
        return Measured(figure=self._window(subject, own, base, end))

    def _window(self, subject: str, own: pl.DataFrame, base: date, end: date) -> Figure:
        rows = {r["at"]: r for r in own.iter_rows(named=True)}
        first, last = rows[base], rows[end]
        known_at = max(first["known_at"], last["known_at"])
        return {
            "key": f"{subject}/{CHAIN}@{base}/{end}",
            "id": CHAIN,
            "subject": subject,
            "kind": "number",
            "value": last["value"] / first["value"] - 1,
            "unit": "fraction (change)",
            "at": end.isoformat(),
            "settlement": end.isoformat(),
            "base_date": base.isoformat(),
            "known_at": known_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "stale": False,
            "definition": "Change of the split-clean chain between the two settlements.",
        }

    def _newest(self, subject: str, declared: Metric) -> Measured:
        figure = self.figure(subject, declared.id)
        if figure is None:
            tables = tables_behind(declared.id)
            return Measured(
                lacking=f"no row of {subject} by {self.moment.day} for {declared.id} (tables {', '.join(tables)})",
                missing={
                    "table": tables[0] if tables else None,
                    "after": None,
                    "from": None,
                    "to": str(self.moment.day),
                },
                nearest=tuple(self._relatives(subject, declared)),
            )
        if not figure["stale"] and figure["value"] is not None:
            return Measured(figure=figure)
        if figure["stale"]:
            gap = self._behind(self._table(declared), date.fromisoformat(figure["at"][:10]), declared.grid, subject)
            return Measured(**gap, nearest=tuple(self._relatives(subject, declared)))
        missing = {"table": self._table(declared, figure["reason"]), "after": None, "from": None, "to": figure["at"]}
        return Measured(lacking=figure["reason"], missing=missing, nearest=tuple(self._relatives(subject, declared)))

    def _table(self, declared: Metric, reason: str = "") -> str:
        """Give the table that a figure waits for: one that its reason names, else the one that dates its grid."""
        behind = tables_behind(declared.id)
        named = [t for t in behind if t in reason]
        first = (
            ("short_interest", "totals") if declared.grid == "report" else ("option_trades", "flows", "bars", "levels")
        )
        return next((t for t in (*named, *first) if t in behind), behind[0] if behind else "short_interest")

    def _behind(self, table: str, newest: date, grid: str = "report", subject: str = "") -> dict[str, Any]:
        """Say what is missing after the newest row that a table has."""
        if grid != "report":
            text = f"no {_GRIDS[grid]} of {subject} after {newest} in table {table}"
            return {
                "lacking": text,
                "missing": {"table": table, "after": str(newest), "from": None, "to": str(self._due[grid])},
            }
        lost = [d for d in self.calendar if newest < d <= self.newest_report]
        publisher = "FINRA report" if table == "short_interest" else "announced total"
        text = f"no {publisher} after settlement {newest} in table {table}"
        if lost:
            count = "the one" if len(lost) == 1 else f"the {len(lost)}"
            span = str(lost[0]) if len(lost) == 1 else f"{lost[0]} to {lost[-1]}"
            text += f": {count} of {span} had been published by {self.moment.day}"
        ends = (str(lost[0]), str(lost[-1])) if lost else (None, None)
        return {"lacking": text, "missing": {"table": table, "after": str(newest), "from": ends[0], "to": ends[1]}}

    def _relatives(self, subject: str, declared: Metric) -> Iterator[Figure]:
        """Give the last value that is there, and what the exchange announced meanwhile."""
        figure = self.figure(subject, declared.id)
        if figure is not None and figure["value"] is not None:
            yield {**figure, "label": "the newest here: older than the text"}
        elif (before := self._last_value(subject, declared)) is not None:
            yield before
        if declared.id in CHANGES:
            yield from self._totals(CHANGES[declared.id])

    def _last_value(self, subject: str, declared: Metric) -> Figure | None:
        """Give the last value before those that are null."""
        own = self.known.series(declared.id, subject)
        if own.is_empty():
            return None
        row = own.row(-1, named=True)
        value: Any = row["value"]
        if declared.kind == "flag":
            value = value == 1
        elif declared.kind == "state":
            value = declared.states[round(value)]
        return {
            "id": declared.id,
            "subject": subject,
            "kind": declared.kind,
            "value": value,
            "unit": declared.unit,
            "at": row["at"].isoformat(),
            "known_at": row["known_at"].strftime("%Y-%m-%dT%H:%M:%SZ"),
            "label": "the last value here: older than the text",
        }

    def _totals(self, window: str) -> Iterator[Figure]:
        """Give the change of the exchange's announced totals over a window, as far as they were announced."""
        own = self.known.series(TOTAL, "NASDAQ")
        announced = {r["at"]: r for r in own.iter_rows(named=True)}
        newest = max((d for d in announced if d <= self.newest_report), default=None)
        base = None if newest is None else base_report(window, newest, self.calendar)
        if newest is None or base not in announced:
            return
        yield self._total(announced[base], announced[newest])

    def _total(self, first: Mapping[str, Any], last: Mapping[str, Any]) -> Figure:
        return {
            "id": TOTAL,
            "subject": "NASDAQ",
            "kind": "number",
            "value": last["value"] / first["value"] - 1,
            "unit": "fraction (change)",
            "at": last["at"].isoformat(),
            "base_date": first["at"].isoformat(),
            "known_at": last["known_at"].strftime("%Y-%m-%dT%H:%M:%SZ"),
            "label": "announced totals of all Nasdaq issues: another universe, splits left in",
        }

    def totals_from(self, base: date, until: Iterable[date]) -> Iterator[Figure]:
        """Give how the announced totals moved from a report to each of some later ones, as far as announced."""
        own = self.known.series(TOTAL, "NASDAQ")
        announced = {r["at"]: r for r in own.iter_rows(named=True)}
        for day in (d for d in until if d in announced and base in announced):
            yield self._total(announced[base], announced[day])


def _own_window(window: str, written: date) -> bool:
    """Whether the text names a window of its own, which no id carries."""
    return since(window) is not None or completed_year(window, written) is not None
