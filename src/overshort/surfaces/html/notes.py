"""What stands behind a number: the lines of the note that opens on it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from overshort.surfaces.page.blocks import Cell
from overshort.surfaces.words import percent, published

__all__ = ["NAIVE", "Note", "Notes", "lines"]

Figure = Mapping[str, Any]
NAIVE = "raw columns would have said"
STALE = "yes: a newer value was due by then"
NAMED = {
    "members": "members",
    "price_source": "prices",
    "note": "names",
    "reason": "no value because",
    "vintage": "vintage",
}


@dataclass(frozen=True, slots=True)
class Note:
    """The note of one figure, shown by its number wherever that stands on the page."""

    anchor: str
    figure: Figure
    text: str
    naive: bool

    @property
    def unit(self) -> str:
        """Give the unit where the text does not say it."""
        unit = str(self.figure.get("unit", ""))
        said = self.figure.get("value") is None or self.figure.get("kind") in ("flag", "date", "state")
        return "" if said or unit.startswith("fraction") else unit

    @property
    def lines(self) -> list[tuple[str, str]]:
        """Give what is known of the number, by label."""
        return list(lines(self.figure))


def lines(figure: Figure) -> Iterator[tuple[str, str]]:
    """Give the provenance of a figure in words, without what does not apply to it."""
    settled = figure.get("settlement")
    if figure.get("at"):
        yield "as of", f"{figure['at']}{' (settlement)' if settled == figure['at'] else ''}"
    if settled and settled != figure.get("at"):
        yield "settlement", str(settled)
    if figure.get("base_date"):
        yield "base date", str(figure["base_date"])
    if figure.get("known_at"):
        yield "known", published(figure["known_at"])
    if figure.get("n") is not None:
        yield "n", f"{figure['n']:,}"
    if figure.get("coverage") is not None:
        yield "coverage", percent(figure["coverage"], signed=False)
    yield from ((label, str(figure[key])) for key, label in NAMED.items() if figure.get(key))
    if figure.get("stale"):
        yield "stale", STALE


class Notes:
    """The notes of a page, each once however often its number is shown."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, bool], Note] = {}

    def of(self, cell: Cell) -> Note | None:
        """Give the note of a cell; nothing for a cell that is no figure."""
        if cell.figure is None:
            return None
        key = (str(cell.figure.get("key") or (cell.figure.get("subject"), cell.figure.get("id"))), cell.naive)
        if key not in self._found:
            self._found[key] = Note(f"note{len(self._found)}", cell.figure, cell.text, cell.naive)
        return self._found[key]

    def all(self) -> list[Note]:
        """Give every note in the order in which its number was first shown."""
        return list(self._found.values())
