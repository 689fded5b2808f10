"""Forecasts for every door: command line, notebook and protocol server; only the command line writes them down."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from overshort.engine.forecasts import Written, forecasts
from overshort.engine.moment import Moment
from overshort.errors import NothingToShow, UsageError
from overshort.evidence.probability.events import EVENTS
from overshort.schema import INDEXES
from overshort.store.lake import Lake
from overshort.surfaces.brief import market_panel
from overshort.surfaces.page.blocks import Block, Page, Section, Words
from overshort.surfaces.page.covering import HOW, beaten, blocks_of, limits
from overshort.surfaces.page.figures import owns_of
from overshort.surfaces.words import ADVICE, ATTRIBUTION, SIMULATED, in_order, subject_name

__all__ = ["SCHEMA", "Forecasted", "forecasted"]

SCHEMA = "overshort.forecasts/1"


@dataclass(frozen=True)
class Forecasted:
    """Forecasts as they are written down, and their page."""

    lake: Lake
    moment: Moment
    found: Sequence[Mapping[str, Any]]
    page: Page

    def document(self, written: Iterable[Written] = ()) -> dict[str, Any]:
        """Give the document (``overshort.forecasts/1``)."""
        return _document(self.lake, self.moment, self.found, written)


def forecasted(
    lake: Lake, moment: Moment, subjects: Sequence[str] | None = None, events: Sequence[str] | None = None
) -> Forecasted:
    """Give the probability of every covering event; nothing is written.

    Parameters
    ----------
    subjects
        SPX, NDX or RUT; all where there is none.
    events
        Such as ``cover5_3m``; all where there is none.

    Raises
    ------
    UsageError
        If no index or event is called so.
    NothingToShow
        If no such event had a base rate by then.
    """
    asked, ids = _subjects(subjects), _events(events)
    figures, known = market_panel(lake, moment)
    found = [f for f in forecasts(known) if f["subject"] in asked and f["id"] in ids]
    if not found:
        raise NothingToShow(
            f"no event of {', '.join(asked)} had a base rate by {moment.day}; import earlier reports, or give a "
            "later --as-of"
        )
    return Forecasted(lake, moment, found, _page(lake, moment, found, figures))


def _subjects(given: Sequence[str] | None) -> list[str]:
    asked = [s.upper() for s in given or INDEXES]
    if unknown := [s for s in asked if s not in INDEXES]:
        raise UsageError(f"--subject {unknown[0]} is none of {', '.join(INDEXES)}; give one of them")
    return in_order(asked)


def _events(given: Sequence[str] | None) -> set[str]:
    ids = {e.id.removeprefix("probability."): e.id for e in EVENTS}
    asked = [e.removeprefix("probability.") for e in given or ids]
    if unknown := [e for e in asked if e not in ids]:
        raise UsageError(f"--event {unknown[0]!r} is no covering event; give one of {', '.join(ids)}")
    return {ids[e] for e in asked}


def _document(
    lake: Lake, moment: Moment, found: Sequence[Mapping[str, Any]], written: Iterable[Written]
) -> dict[str, Any]:
    head = {"schema": SCHEMA, "as_of": moment.day.isoformat(), "simulated": lake.simulated}
    ledgers = [{"kind": w.kind, "new": w.new, "known": w.known} for w in written]
    return head | {"data_version": lake.version(), "forecasts": list(found), "written": ledgers}


def _page(lake: Lake, moment: Moment, found: Sequence[Mapping[str, Any]], figures: Iterable[Mapping[str, Any]]) -> Page:
    owns, sections = owns_of(figures), []
    for subject in in_order(f["subject"] for f in found):
        own = [f for f in found if f["subject"] == subject]
        blocks: list[Block] = [Words(text=limits(own), tone="lead"), *blocks_of(own, owns[subject])]
        sections.append(Section(id=subject, title=subject_name(subject), blocks=blocks))
    words = {f["id"]: f"{f['id']}: {f['event']}." for f in found}
    events = [*(Words(text=text) for text in words.values()), Words(text=HOW, tone="dim")]
    sections.append(Section(id="events", title="The events", blocks=events))
    return Page(
        title=f"Forecasts of covering as of {moment.day}",
        as_of=moment.day.isoformat(),
        banner=SIMULATED if lake.simulated else "",
        head=[Words(text=beaten(found), tone="lead")],
        sections=sections,
        foot=[ATTRIBUTION, ADVICE],
    )
