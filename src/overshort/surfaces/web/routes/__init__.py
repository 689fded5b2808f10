"""Every page and every address of the programs' interface, one small module each.

To add one: write a module with ``router``, an ``APIRouter``; name it in :data:`ROUTERS`; a page that belongs in the
bar above every page also stands in :data:`LINKS` with its label.
"""

from collections.abc import Sequence

from fastapi import APIRouter

from overshort.surfaces.web.routes import (
    audit,
    bars,
    book,
    brief,
    figures,
    forecasts,
    index,
    metrics,
    panel,
    pictures,
    screen,
    static,
    status,
    stock,
    study,
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
    screen.router,
    audit.router,
    forecasts.router,
    study.router,
)
LINKS: Sequence[tuple[str, str]] = (
    ("Screen", "/screen"),
    ("Book", "/book"),
    ("Audit", "/audit"),
    ("Forecasts", "/forecasts"),
    ("Study", "/study"),
)
"""Label and path of the pages besides those of indices."""
