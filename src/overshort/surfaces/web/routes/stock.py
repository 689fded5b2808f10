"""A page for each stock: its crowding, its carry, and whatever else its panel holds, as of each report."""

from collections.abc import Callable

import polars as pl
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from overshort.surfaces.page import contents, squeeze
from overshort.surfaces.subject import brief_on, group_of
from overshort.surfaces.web.answers import answered
from overshort.surfaces.web.asked import AsOf, Stock, known_symbol
from overshort.surfaces.web.desk import Desk, rows_of
from overshort.surfaces.web.pages import INDEX_PAGES, Frame, rendered, to_the_day
from overshort.surfaces.web.panels import SQUEEZE
from overshort.surfaces.web.work import progress

__all__ = ["router"]

router = APIRouter(include_in_schema=False)


@router.get("/stock")
async def find(request: Request, symbol: str = Query(max_length=40), as_of: AsOf = None) -> Response:
    """Send the visitor to a stock's page, or to that of an index."""
    desk: Desk = request.app.state.desk
    day = (await desk.moment(as_of)).day.isoformat()
    if symbol.strip().upper() in INDEX_PAGES:
        return to_the_day(f"/index/{symbol.strip().upper()}", day)
    return to_the_day(f"/stock/{known_symbol(symbol, await desk.symbols())}", day)


@router.get("/stock/{symbol}")
async def stock(request: Request, symbol: Stock, as_of: AsOf = None) -> Response:
    """Give the page of a stock."""
    desk: Desk = request.app.state.desk
    name = known_symbol(symbol, await desk.symbols())
    moment = await desk.moment(as_of)
    day, path = moment.day.isoformat(), f"/stock/{name}"
    if as_of is None or symbol != name:
        return to_the_day(path, day)
    group = group_of(name)
    for subjects in (group, SQUEEZE):
        if (waiting := await progress(request, subjects, path, day)) is not None:
            return waiting

    async def make() -> Callable[[], bytes]:
        rows, version = rows_of(await desk.parts(group), group), await desk.version()

        def write() -> bytes:
            stood = desk.standings(version, moment.instant).filter(pl.col("symbol") == name)
            page = contents(brief_on(name, rows, desk.lake, moment).document)
            return rendered(squeeze.added(page, stood.to_dicts()), Frame(path, day, desk.lake.simulated))

        return write

    return await answered(request, ("page", path, moment.instant.isoformat()), make, "text/html; charset=utf-8")
