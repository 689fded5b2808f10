"""A page made ready for its template: cells with their notes, columns with their side, pictures with their place."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from overshort.engine.studies import Known
from overshort.surfaces.html.notes import Note, Notes
from overshort.surfaces.page.blocks import Block, Cell, Grid, Page, Picture, Plot, Section, Words
from overshort.surfaces.plots import draw, plotted

__all__ = ["GridView", "PictureView", "Place", "SectionView", "View", "WordsView", "drawn", "ready", "view"]

_NUMBER = re.compile(r"[+−–<-]?\s*[\d–]")
TOP = 26
"""Room in pixels above a picture for the label of its panel; the title stands in the page's own type."""


@dataclass(frozen=True, slots=True)
class WordsView:
    """A paragraph."""

    kind = "words"
    text: str
    tone: str


@dataclass(frozen=True, slots=True)
class CellView:
    """An entry of a table and the note behind it."""

    text: str
    naive: bool
    note: Note | None


@dataclass(frozen=True, slots=True)
class GridView:
    """A table; ``sides`` says of every column whether it reads from the left or, as numbers do, from the right."""

    kind = "grid"
    title: str
    note: str
    heads: Sequence[str]
    sides: Sequence[str]
    rows: Sequence[Sequence[CellView]]


@dataclass(frozen=True, slots=True)
class PictureView:
    """A picture's place in the page, and its data and layout as plotly's JavaScript takes them, or where they are.

    Without a title the page's script takes it from what it finds there.
    """

    kind = "picture"
    anchor: str
    title: str
    caption: str
    height: int
    figure: Mapping[str, Any] | str


Place = Callable[[str, Picture], PictureView | None]
"""Makes a picture ready for its anchor; one that has nothing to show is left out."""


@dataclass(frozen=True, slots=True)
class SectionView:
    """A section; ``short`` is what the table of contents calls it."""

    id: str
    title: str
    short: str
    blocks: Sequence[WordsView | GridView | PictureView]


@dataclass(frozen=True, slots=True)
class View:
    """A page with all that its template reads."""

    page: Page
    sections: Sequence[SectionView]
    notes: Sequence[Note]

    @property
    def pictures(self) -> dict[str, Mapping[str, Any] | str]:
        """Give every picture's data and layout, or where they are, by its anchor."""
        return {b.anchor: b.figure for s in self.sections for b in s.blocks if isinstance(b, PictureView)}

    @property
    def stale(self) -> bool:
        """Tell whether any number shown is older than it should be."""
        return any(note.figure.get("stale") for note in self.notes)

    @property
    def mark(self) -> str:
        """Give the banner in a word, to stand across printed pages."""
        return self.page.banner.partition(":")[0]


def view(page: Page, place: Place) -> View:
    """Make a page ready for its template; pictures without data are left out.

    Parameters
    ----------
    place
        What makes its pictures ready: :func:`drawn`, where they go into the page itself.
    """
    notes = Notes()
    sections = [_section(k, section, place, notes) for k, section in enumerate(page.sections)]
    return View(page, sections, notes.all())


def _section(k: int, section: Section, place: Place, notes: Notes) -> SectionView:
    placed = (_block(f"picture{k}-{i}", block, place, notes) for i, block in enumerate(section.blocks))
    short = section.title.partition(":")[0]
    return SectionView(section.id, section.title, short, [block for block in placed if block is not None])


def _block(anchor: str, block: Block, place: Place, notes: Notes) -> WordsView | GridView | PictureView | None:
    match block:
        case Words():
            return WordsView(block.text, block.tone)
        case Grid():
            return _grid(block, notes)
        case Picture():
            return place(anchor, block)
        case Plot():
            return _pictured(anchor, laid_out(plotted(block.name, block.numbers)), block.caption)


def _grid(grid: Grid, notes: Notes) -> GridView:
    rows = [[CellView(c.text, c.naive, notes.of(c)) for c in row] for row in grid.rows]
    sides = ["left", *(_side([row[k] for row in grid.rows if k < len(row)]) for k in range(1, len(grid.heads)))]
    return GridView(grid.title, grid.note, grid.heads, sides, rows)


def _side(cells: Sequence[Cell]) -> str:
    """Numbers stand right; a column of words, dates or states stands left, and so does a list of several things."""
    texts = [c.text for c in cells if c.text]
    numbers = sum(bool(_NUMBER.match(t)) and ", " not in t for t in texts)
    return "right" if 2 * numbers >= len(texts) else "left"


def drawn(known: Known) -> Place:
    """Draw pictures from what was known."""

    def place(anchor: str, picture: Picture) -> PictureView | None:
        return _pictured(anchor, ready(picture.name, picture.subject, known), picture.caption)

    return place


def _pictured(anchor: str, figure: dict[str, Any] | None, caption: str) -> PictureView | None:
    if figure is None:
        return None
    title = figure.pop("title")
    return PictureView(anchor, title, caption, figure["layout"]["height"], figure)


def ready(name: str, subject: str, known: Known) -> dict[str, Any] | None:
    """Give a picture as plotly's JavaScript takes it, ``title, data, layout``; nothing where nothing is to be drawn."""
    return laid_out(draw(name, known, subject))


def laid_out(figure: go.Figure | None) -> dict[str, Any] | None:
    """Part a figure from its title, which stands in the page's own type, outside the picture."""
    if figure is None:
        return None
    plain = figure.to_plotly_json()
    layout = plain["layout"]
    title = layout.pop("title")["text"]
    layout["margin"]["t"] = TOP
    return {"title": title, "data": plain["data"], "layout": layout}
