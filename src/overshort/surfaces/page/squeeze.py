"""A stock in the squeeze screen: where it stands among all common stocks, and where it stood at the reports before."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from overshort.evidence.squeezes import AHEAD, COVERED
from overshort.metrics.squeeze.score import LEAST_PARTS, PARTS, STANDS_IN
from overshort.surfaces.page.blocks import Block, Cell, Grid, Page, Section, Words
from overshort.surfaces.page.figures import name
from overshort.surfaces.page.screen import shown
from overshort.surfaces.words import percent, published

__all__ = ["added", "section", "unmeasured"]

Row = Mapping[str, Any]
SAID = {
    "score": "squeeze score",
    "short_float": "short interest / free float",
    "dtc": "days to cover",
    "change": "change since the report before",
    "over_vwap": "price over its 60-session mean",
    "fee": "borrow fee",
    "fails": "fails to deliver, days of volume",
    "p": "p: how often such scores were covered",
}
BEFORE = {"change": "change", "dtc": "days", "short_float": "short/float", "score": "score"}
TITLE = "Squeeze: where it stands among all common stocks"
UNMEASURED = (
    "Not measured since the store changed, for it ranks every listed stock at every report: `overshort screen` does "
    "that once, in a minute or less, and from then on it stands here."
)
BEHIND = ("carry", "crowding", "sentences", "overview")
"""Sections that it follows: the first of these that a page has."""


def added(page: Page, rows: Sequence[Row]) -> Page:
    """Give a stock's page with its section; the same page where no row is of it."""
    own = section(rows)
    return page if own is None else _placed(page, own)


def unmeasured(page: Page) -> Page:
    """Give a stock's page with how to come by the section, where every listed stock would have to be ranked for it."""
    return _placed(page, Section(id="squeeze", title=TITLE, blocks=[Words(text=UNMEASURED, tone="dim")]))


def _placed(page: Page, own: Section) -> Page:
    place = next((k for b in BEHIND for k, s in enumerate(page.sections, 1) if s.id.startswith(b)), 0)
    return replace(page, sections=[*page.sections[:place], own, *page.sections[place:]])


def section(rows: Sequence[Row]) -> Section | None:
    """Give the section of one stock.

    Parameters
    ----------
    rows
        As :func:`overshort.engine.screen.standings` gives them, ascending; none of a stock that the
        screen leaves out.
    """
    if not rows:
        return None
    newest = rows[-1]
    blocks: list[Block] = [_now(newest), _before(rows), Words(text=_how(), tone="dim")]
    return Section(id="squeeze", title=TITLE, blocks=blocks)


def _now(row: Row) -> Grid:
    cells = [[name(said), Cell(text=_value(row, c)), Cell(text=_rank(row, c))] for c, said in SAID.items()]
    known = published(row["known_at"].strftime("%Y-%m-%dT%H:%M:%SZ"))
    notes = [
        f"Known since {known}.",
        f"Float counted on {row['counted']}." if row["counted"] else "",
        f"In the score: {row['stand_in']}." if row["stand_in"] else "",
        f"{row['parts']} of the five parts are known, under {LEAST_PARTS}: no score." if row["score"] is None else "",
    ]
    note = " ".join(n for n in notes if n)
    return Grid(title=f"Report of {row['settlement']}", heads=["", "value", "rank"], rows=cells, note=note)


def _value(row: Row, column: str) -> str:
    return shown({**row, f"rank_{column}": None}, column)


def _rank(row: Row, column: str) -> str:
    """Give the rank of a value; what stands in for an unknown component has its rank under that one's name."""
    ranked = {other: part for part, other in STANDS_IN.items() if row[part] is None}.get(column, column)
    rank = None if row[column] is None else row.get(f"rank_{ranked}")
    return "–" if rank is None else f"{rank:.1f}"


def _before(rows: Sequence[Row]) -> Grid:
    cells = [
        [name(str(r["settlement"])), Cell(text=f"{r['position']:,}"), *(Cell(text=_value(r, c)) for c in BEFORE)]
        for r in reversed(rows)
    ]
    heads = ["report", "shares short", *BEFORE.values()]
    return Grid(title="The last reports", heads=heads, rows=cells, note="Shares as reported, changes split-clean.")


def _how() -> str:
    return (
        "Ranks in percent among all listed common stocks of the report; score: the mean of the ranks of "
        f"{', '.join(PARTS)}. p: how often scores of the same decile preceded a position "
        f"{percent(-COVERED, signed=False)} lower at one of the next {AHEAD} reports; a covering is no rise of the "
        "price."
    )
