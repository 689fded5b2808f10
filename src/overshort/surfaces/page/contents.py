"""The brief from top to bottom.

1. What stands out: sentences of which the sign depends on weighting, then what is unusual, with its evidence; the other
   sentences head their sections.
2. All subjects side by side.
3. Crowding subject by subject, refusal, covering, persistence, volatility, each with its pictures.
4. What could not be measured, and what would have to be imported for it.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from overshort.surfaces.page import (
    covering,
    crowding,
    persistence,
    pressure,
    real,
    refusal,
    stock,
    structure,
    tape,
    volatility,
)
from overshort.surfaces.page.blocks import Page, Section, Words
from overshort.surfaces.page.figures import Owns, owns_of
from overshort.surfaces.page.missing import not_measured
from overshort.surfaces.page.overview import overview
from overshort.surfaces.page.sentences import told
from overshort.surfaces.words import ADVICE, SIMULATED, SUBJECTS, counted, published, subject_name

__all__ = ["contents"]

Document = Mapping[str, Any]
Parts = tuple[Sequence[Section | None], Sequence[Section | None]]
HELP = (
    "Any number: `overshort explain ID --subject SUBJECT` shows its definition and rows; `overshort explain` lists the "
    "ids."
)


def contents(built: Document) -> Page:
    """Give the page of a brief document."""
    owns = owns_of(built["figures"])
    alone = built.get("subject", "SPX") not in SUBJECTS
    before, after = _of_a_stock(built, owns) if alone else _of_the_market(built, owns)
    stands_out, behind = told(built["claims"], owns, after)
    sections = [*before, stands_out, *behind]
    return Page(
        title=_title(built),
        as_of=built["as_of"],
        banner=SIMULATED if built["simulated"] else "",
        head=_head(built, owns),
        sections=[s for s in sections if s is not None],
        foot=[built["attribution"], ADVICE, HELP],
    )


def _of_a_stock(built: Document, owns: Owns) -> Parts:
    """Give the sections before what stands out, and those behind it."""
    symbol = built["subject"]
    own = owns.get(symbol, {})
    return (stock.glance(symbol, own), _changes(built)), (
        stock.crowding(symbol, own),
        stock.carry(own),
        tape.section(owns),
        stock.others(own),
        not_measured(built["missing"]),
    )


def _of_the_market(built: Document, owns: Owns) -> Parts:
    """Give the sections before what stands out, and those behind it."""
    studies = built["studies"]
    before = (
        overview(owns, "At a glance") if built.get("subject") else None,
        real.announced(built.get("announced", ())),
        _changes(built),
    )
    return before, (
        None if built.get("subject") else overview(owns),
        *crowding.sections(owns),
        refusal.section(owns, studies),
        covering.section(owns, built["forecasts"]),
        persistence.section(owns, studies),
        volatility.section(owns, studies),
        structure.section(owns),
        pressure.breadth(owns),
        pressure.carry(owns),
        pressure.fragile(owns),
        tape.section(owns),
        not_measured(built["missing"]),
    )


def _title(built: Document) -> str:
    """Name what a document is about: one subject, or the whole short side."""
    subject = built.get("subject")
    if subject is None:
        return f"overshort {built['version']}: crowding of the short side as of {built['as_of']}"
    full = subject_name(subject)
    return f"{subject}{'' if full == subject else f', {full}'}: the short side as of {built['as_of']}"


def _head(built: Document, owns: Owns) -> list[Words]:
    out = [Words(text=text) for text in (*_newest(built, owns), *_late(built.get("vintages", ())))]
    for stale in built["stale"]:
        there = f"ends at {stale['newest']}" if stale["newest"] else "is empty"
        report = stale["table"] in ("short_interest", "totals")
        due = f"the report of {stale['due']} was published by then" if report else f"{stale['due']} was over by then"
        out.append(Words(text=f"Stale: table {stale['table']} {there}; {due}.", tone="lead"))
    return out


def _late(vintages: Sequence[Mapping[str, str]]) -> Iterable[str]:
    """Say how many reports were fetched so late that they may have been revised before."""
    days = sorted({v["vintage"] for v in vintages})
    if not days:
        return
    last = f" to {days[-1].rpartition(' ')[2]}" if len(days) > 1 else ""
    yield f"Rows of {counted(len(vintages), 'report')} are {days[0]}{last}, not as first published."


def _newest(built: Document, owns: Owns) -> Iterable[str]:
    """Name the newest report that has rows; an announced total alone is none."""
    figures = (f for own in owns.values() for f in own.values())
    reported = (f for f in figures if "settlement" in f and "announced" not in f["id"])
    measured = [f["settlement"] for f in reported if f["value"] is not None]
    for report in built["reports"]:
        if report["settlement"] == max(measured, default=None):
            basis = "announced date" if report["basis"] == "announced" else "by the publication rule"
            known = published(report["published_at"])
            yield f"Newest report: settlement {report['settlement']}, known since {known} ({basis})."


def _changes(built: Document) -> Section | None:
    changes = built.get("changes")
    if changes is None:
        return None
    title = f"Since the report of {changes['settlement']}"
    words = [Words(text=text) for text in changes["words"]] or [Words(text="Nothing has changed.")]
    return Section(id="changes", title=title, blocks=words)
