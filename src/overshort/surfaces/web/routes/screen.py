"""The squeeze screen: a table that sorts and filters in the page, the same as a document, and as CSV."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from overshort.engine.moment import Moment
from overshort.engine.screen import BY, UNIVERSES
from overshort.errors import UnknownSubject, UsageError
from overshort.surfaces.answers import screened
from overshort.surfaces.page.blocks import Page, Section, Words
from overshort.surfaces.page.screen import COLUMNS, document, late, shown, summary
from overshort.surfaces.texts import as_csv
from overshort.surfaces.web.answers import answered
from overshort.surfaces.web.answers import document as as_document
from overshort.surfaces.web.asked import AsOf
from overshort.surfaces.web.desk import Desk
from overshort.surfaces.web.models import PROBLEMS, ScreenDocument
from overshort.surfaces.web.pages import Frame, here, rendered, to_the_day
from overshort.surfaces.web.panels import SQUEEZE
from overshort.surfaces.web.work import progress
from overshort.surfaces.words import ADVICE, ATTRIBUTION, SIMULATED

__all__ = ["router"]

router = APIRouter()
MOST = 1000
"""Rows of the largest table in a page; a document may hold all."""
Universe = Annotated[str, Query(description=f"One of {', '.join(UNIVERSES)}.", max_length=40, examples=["LISTED"])]
By = Annotated[str, Query(description=f"Sort by one of {', '.join(BY)}.", max_length=40)]


@router.get("/screen", include_in_schema=False)
async def page(
    request: Request,
    universe: Universe = "LISTED",
    by: By = "score",
    top: Annotated[int, Query(ge=1, le=MOST)] = 100,
    as_of: AsOf = None,
) -> Response:
    """Give the page of the screen."""
    desk: Desk = request.app.state.desk
    universe, moment = _checked(universe, by), await desk.moment(as_of)
    day, asked = moment.day.isoformat(), {"universe": universe, "by": by, "top": str(top)}
    if as_of is None:
        return to_the_day("/screen", day, asked)
    if (waiting := await progress(request, SQUEEZE, "/screen", day, asked)) is not None:
        return waiting

    async def make() -> Callable[[], bytes]:
        return lambda: _page(desk, moment, universe, by, top)

    name = ("page", "/screen", universe, by, str(top), moment.instant.isoformat())
    return await answered(request, name, make, "text/html; charset=utf-8")


@router.get(
    "/api/v1/screen",
    tags=["screen"],
    responses={200: {"model": ScreenDocument, "content": {"text/csv": {"schema": {"type": "string"}}}}, **PROBLEMS},
)
async def screen(
    request: Request,
    universe: Universe = "LISTED",
    by: By = "score",
    top: Annotated[int, Query(ge=0, le=100_000, description="How many stocks; 0 gives all.")] = 25,
    as_of: AsOf = None,
    format: Annotated[Literal["json", "csv"], Query(description="CSV is safe in a spreadsheet.")] = "json",
) -> Response:
    """Common stocks by how much a covering would hurt, as `overshort screen --json` writes it."""
    desk: Desk = request.app.state.desk
    universe, moment = _checked(universe, by), await desk.moment(as_of)
    day, simulated = moment.day.isoformat(), desk.lake.simulated

    async def made() -> Callable[[], Any]:
        await desk.parts(SQUEEZE)

        def build() -> dict[str, Any]:
            found, rows = screened(desk.lake, moment, universe, by, top)
            return document(found, by, rows, as_of=day, simulated=simulated)

        return build

    async def table() -> Callable[[], bytes]:
        await desk.parts(SQUEEZE)
        return lambda: as_csv(screened(desk.lake, moment, universe, by, top)[1]).encode()

    name = ("screen", universe, by, str(top), moment.instant.isoformat(), format)
    if format == "csv":
        return await answered(request, name, table, "text/csv; charset=utf-8")
    return await as_document(request, name, made)


def _checked(universe: str, by: str) -> str:
    """Refuse what no screen can be before anything is measured for it."""
    name = universe.upper()
    if name not in UNIVERSES:
        raise UnknownSubject(f"{universe!r} is no universe; give one of {', '.join(UNIVERSES)}")
    if by not in BY:
        raise UsageError(f"a screen cannot be sorted by {by!r}; give one of {', '.join(BY)}")
    return name


def _page(desk: Desk, moment: Moment, universe: str, by: str, top: int) -> bytes:
    found, rows = screened(desk.lake, moment, universe, by, top)
    day = moment.day.isoformat()
    asked = {"universe": universe, "by": by, "top": str(top)}
    page = Page(
        title=f"Squeeze screen, {universe}, as of {day}",
        as_of=day,
        banner=SIMULATED if desk.lake.simulated else "",
        head=[
            Words(text=f"Report of {found.settlement}: {rows.height:,} of {found.rows.height:,} common stocks."),
            *late(found, day),
        ],
        sections=[Section(id="rests", title="What it rests on", blocks=[Words(text=t) for t in summary(found)])],
        foot=[ATTRIBUTION, ADVICE],
    )
    more = {
        "universes": UNIVERSES,
        "sorts": BY,
        "most": MOST,
        "columns": COLUMNS,
        "stocks": [_stock(r, day) for r in rows.iter_rows(named=True)],
        "table": here("/api/v1/screen", day, asked | {"format": "csv"}),
    }
    return rendered(page, Frame("/screen", day, desk.lake.simulated, "screen.html", more, asked))


def _stock(row: Mapping[str, Any], day: str) -> dict[str, Any]:
    """Give a row as the table shows and sorts it."""
    cells = [{"text": shown(row, c), "value": row[c]} for c in COLUMNS]
    return {k: row[k] for k in ("place", "symbol", "name")} | {
        "path": here(f"/stock/{row['symbol']}", day),
        "cells": cells,
        "note": row["stand_in"],
    }
