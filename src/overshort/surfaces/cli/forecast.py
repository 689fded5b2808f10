"""``overshort forecast``."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

from cyclopts import Parameter
from rich.console import Console

from overshort.engine.forecasts import Written, forecasts, write
from overshort.engine.moment import Moment, now
from overshort.errors import NothingToShow, UsageError
from overshort.evidence.probability.events import EVENTS
from overshort.schema import INDEXES
from overshort.store.lake import Lake
from overshort.surfaces.brief import market_panel
from overshort.surfaces.cli.options import AsOf, Home, Json, emit, open_lake, page, when, working
from overshort.surfaces.page.blocks import Block, Page, Section, Words
from overshort.surfaces.page.covering import HOW, beaten, blocks_of, limits
from overshort.surfaces.page.figures import owns_of
from overshort.surfaces.terminal import render
from overshort.surfaces.words import ADVICE, ATTRIBUTION, SIMULATED, counted, in_order, subject_name

__all__ = ["SCHEMA", "run"]

SCHEMA = "overshort.forecasts/1"
LEDGERS = {"live": "live ledger", "backtest": "back-test ledger"}


def run(
    *,
    as_of: AsOf = None,
    subject: Annotated[list[str] | None, Parameter(help="SPX, NDX or RUT; may be repeated (default: all).")] = None,
    event: Annotated[
        list[str] | None, Parameter(help="Such as cover5_3m or coversd_6m_up; may be repeated (default: all).")
    ] = None,
    dry_run: Annotated[bool, Parameter(negative="", help="Print only, write nothing into the ledger.")] = False,
    json: Json = False,
    home: Home = None,
) -> int:
    """Print the probability of each covering event, and write it, dated, into the ledger that scores it later.

    A forecast is live if it is made as of the last completed session from the newest report that is out; any other is
    a back-test.  Once written it is never changed.
    """
    subjects, ids = _subjects(subject), _events(event)
    lake = open_lake(home)
    moment = when(lake, as_of)
    with working("walking every report"):
        figures, known = market_panel(lake, moment)
        every = forecasts(known)
    found = [f for f in every if f["subject"] in subjects and f["id"] in ids]
    if not found:
        raise NothingToShow(
            f"no event of {', '.join(subjects)} had a base rate by {moment.day}; import earlier reports, or give a "
            "later --as-of"
        )
    written = [] if dry_run else write(found, lake, moment, now())
    if json:
        emit(_document(lake, moment, found, written))
    else:
        render(_page(lake, moment, found, figures), page(), full=True)
        _said(written, page())
    return 0


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


def _said(written: Sequence[Written], console: Console) -> None:
    if not written:
        console.print("Dry run: nothing was written.")
    for w in written:
        known = f"; {w.known} stood there already" if w.known else ""
        console.print(f"Written into the {LEDGERS[w.kind]}: {counted(w.new, 'forecast')}{known}.")
