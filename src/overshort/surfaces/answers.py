"""The answers that every door gives alike: command line, notebook, protocol server and OpenBB."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

import polars as pl

from overshort import config
from overshort.engine.figures import Figure
from overshort.engine.moment import Moment
from overshort.engine.panel import market, panel, panel_of
from overshort.engine.screen import BY, Screen, screen
from overshort.engine.simulate import when
from overshort.engine.studies import Known, standing_length, streak_study
from overshort.engine.vintage import marked, reports
from overshort.errors import NothingToShow, UsageError
from overshort.schema import INDEXES
from overshort.store.lake import Lake
from overshort.surfaces import measured
from overshort.surfaces.measured import beginning
from overshort.surfaces.words import number

__all__ = [
    "figures_of",
    "history_of",
    "open_lake",
    "plain",
    "screened",
    "shortened",
    "streaks_of",
    "tabulated",
    "when",
]


def open_lake(home: str | None) -> Lake:
    """Open the store in a folder, or the one that the settings name."""
    return Lake.open(config.load({"home": home}).home)


def _asked(subjects: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(s.upper() for s in subjects)) or list(market().names)


def figures_of(lake: Lake, moment: Moment, ids: Sequence[str] = (), subjects: Sequence[str] = ()) -> list[Figure]:
    """Give the newest figures known at a moment.

    Parameters
    ----------
    ids
        Metric ids, or beginnings of ids; all where empty.
    subjects
        Subjects in any case; the market's where empty.

    Raises
    ------
    UnknownMetric
        If nothing is called, or begins, so.
    UnknownSubject
        If a symbol has no row in the store.
    NothingToShow
        If no such id is measured for any such subject, or none was known by then.
    """
    wanted, asked = beginning(ids), _asked(subjects)
    found = measured.figures_of(panel_of(lake, asked), wanted, asked, moment, simulated=lake.simulated)
    return marked(found, reports(lake, moment.instant))


def history_of(lake: Lake, moment: Moment, ids: Sequence[str] = (), subjects: Sequence[str] = ()) -> pl.DataFrame:
    """Give every panel row known at a moment, each in its newest vintage; as :func:`figures_of` else."""
    wanted, asked = beginning(ids), _asked(subjects)
    return measured.history_of(panel_of(lake, asked), wanted, asked, moment)


def tabulated(found: Iterable[Figure]) -> pl.DataFrame:
    """Give one row a figure; as in a panel, ``value`` is a number and ``text`` holds dates and states."""
    rows = [asdict(f) | _number_or_text(f) | {"shown": number(f)} for f in found]
    return pl.DataFrame(rows, infer_schema_length=None)


def _number_or_text(figure: Figure) -> dict[str, float | str | None]:
    value = figure.value
    if isinstance(value, str):
        return {"value": None, "text": value}
    return {"value": None if value is None else float(value), "text": None}


def plain(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """Give rows as JSON takes them: dates and UTC stamps as text."""
    shown = frame.with_columns(
        pl.col(pl.Date).dt.to_string("%Y-%m-%d"), pl.col(pl.Datetime).dt.to_string("%Y-%m-%dT%H:%M:%SZ")
    )
    return shown.to_dicts()


def streaks_of(lake: Lake, moment: Moment, subject: str = "SPX", length: int | None = None) -> dict[str, Any]:
    """List every streak of rising months of a length (schema ``overshort.streaks/1``).

    Parameters
    ----------
    length
        Rising months in a row; the running streak, or the one that has just ended, where left out.

    Raises
    ------
    UsageError
        If the length is not positive, or the subject no index.
    NothingToShow
        If no month was over by then.
    """
    if length is not None and length < 1:
        raise UsageError(f"length {length} is no number of months, 1 or more; give one")
    index = subject.upper()
    if index not in INDEXES:
        raise UsageError(f"{subject!r} has no streaks, which are measured for {', '.join(INDEXES)}; give one of them")
    known = Known(panel(lake, market()), moment.instant)
    study = streak_study(known, index, length or standing_length(known, index) or 1)
    if study is None:
        raise NothingToShow(
            f"no completed month of {index} was known by {moment.day}; import daily or month-end closes, or give a "
            "later --as-of"
        )
    return {"schema": "overshort.streaks/1", "as_of": moment.day.isoformat(), "simulated": lake.simulated} | study


def screened(
    lake: Lake, moment: Moment, universe: str = "LISTED", by: str = "score", top: int = 25, also: Iterable[str] = ()
) -> tuple[Screen, pl.DataFrame]:
    """Rank a universe's common stocks, and give those that stand highest.

    Parameters
    ----------
    by
        One of :data:`~overshort.engine.screen.BY`.
    top
        How many; 0 gives all.
    also
        Symbols to give wherever they stand.

    Raises
    ------
    UsageError
        If ``by`` or ``top`` is none of these.
    """
    if by not in BY:
        raise UsageError(f"a screen cannot be sorted by {by!r}; give one of {', '.join(BY)}")
    if top < 0:
        raise UsageError(f"top {top} is no number of stocks, 0 (all) or more; give one")
    found = screen(lake, moment.instant, universe.upper())
    return found, found.best(by, top or None, [s.upper() for s in also])


def shortened(document: dict[str, Any]) -> dict[str, Any]:
    """Shorten a brief document to what it says: without figures, and what is missing grouped by reason."""
    grouped: dict[str, set[str]] = {}
    for row in document["missing"]:
        grouped.setdefault(row["reason"], set()).add(row["subject"])
    missing = [{"reason": reason, "subjects": sorted(subjects)} for reason, subjects in sorted(grouped.items())]
    return {k: v for k, v in document.items() if k not in ("figures", "missing")} | {"missing": missing}
