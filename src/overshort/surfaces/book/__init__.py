"""A book of positions set against the crowd: read, measured, and laid out as a page."""

from overshort.surfaces.book.document import book
from overshort.surfaces.book.layout import layout
from overshort.surfaces.book.reading import read

__all__ = ["book", "layout", "read"]
