"""What a brief is made of before it is a terminal page, Markdown or HTML: sections of words, grids and pictures.

The contents know nothing of how they are shown, and the renderers nothing of what they show.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

__all__ = ["Block", "Cell", "Grid", "Page", "Picture", "Plot", "Section", "Tone", "Words"]

Tone = Literal["plain", "lead", "dim"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One entry of a grid.

    Attributes
    ----------
    text
        What is read, in its unit.
    figure
        The figure in JSON form that the text was written from, where it is one: its definition, dates and counts
        belong one click or hover away.
    naive
        Whether this is what the raw columns would have said: shown as such, never as the answer.
    """

    text: str
    figure: Mapping[str, Any] | None = None
    naive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A paragraph; ``lead`` is what must be read first, ``dim`` what stands in small print."""

    text: str
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A table: the first column holds names, the others values.

    Attributes
    ----------
    detail
        Whether a short page leaves it out.
    """

    heads: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    title: str = ""
    note: str = ""
    detail: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture by name, drawn from the panel's history; ``caption`` says what it shows and how to read it."""

    name: Literal["chain", "ranks", "states", "contributors", "streaks", "vix", "price", "reliability", "tape"]
    subject: str
    caption: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """A picture drawn from numbers that it carries; ``caption`` says what it shows and how to read it."""

    name: Literal["fan", "outcomes", "reliability", "tape"]
    numbers: Mapping[str, Any]
    caption: str


Block = Words | Grid | Picture | Plot


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One topic.

    Attributes
    ----------
    id
        Its anchor.
    detail
        Whether a short page leaves it out.
    """

    id: str
    title: str
    blocks: Sequence[Block]
    detail: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A whole brief.

    Attributes
    ----------
    banner
        What must not be overlooked, empty in an ordinary brief: that the market is simulated.
    head
        What the page is as of, what is newest, what is stale.
    """

    title: str
    as_of: str
    banner: str
    head: Sequence[Words]
    sections: Sequence[Section] = field(default_factory=tuple)
    foot: Sequence[str] = field(default_factory=tuple)
