"""Every page and every address of the programs' interface, one small module each.

To add one: write a module with ``router``, an ``APIRouter``; name it in :data:`ROUTERS`; a page that belongs in the
bar above every page also stands in :data:`LINKS` with its label.
"""

from collections.abc import Sequence

from fastapi import APIRouter

from overshort.surfaces.web.routes import (
    bars,
    book,
    brief,
    figures,
    index,
    metrics,
    panel,
    pictures,
    static,
    status,
    stock,
)
from overshort.surfaces.web.routes import work as waiting

__all__ = ["LINKS", "ROUTERS"]

ROUTERS: Sequence[APIRouter] = (
    static.router,
    index.router,
    stock.router,
    pictures.router,
    waiting.router,
    brief.router,
    figures.router,
    panel.router,
    bars.router,
    metrics.router,
    status.router,
    book.router,
)
LINKS: Sequence[tuple[str, str]] = (("Book", "/book"),)
"""Label and path of the pages besides those of indices."""
