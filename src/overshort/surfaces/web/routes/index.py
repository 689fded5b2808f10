"""A page for each index and exchange: all that its brief says of it, of the fund that trades for it, and of the VIX."""

from collections.abc import Callable

from fastapi import APIRouter, Request
from starlette.responses import Response

from overshort.errors import UnknownSubject
from overshort.surfaces.page import contents
from overshort.surfaces.subject import brief_on, group_of
from overshort.surfaces.web.answers import answered
from overshort.surfaces.web.asked import AsOf
from overshort.surfaces.web.desk import Desk, rows_of
from overshort.surfaces.web.pages import INDEX_PAGES, Frame, rendered, to_the_day
from overshort.surfaces.web.panels import MARKET
from overshort.surfaces.web.work import progress

__all__ = ["router"]

router = APIRouter(include_in_schema=False)


@router.get("/")
async def front(request: Request, as_of: AsOf = None) -> Response:
    """Send the visitor to the first index."""
    desk: Desk = request.app.state.desk
    return to_the_day(f"/index/{INDEX_PAGES[0]}", (await desk.moment(as_of)).day.isoformat())


@router.get("/index/{subject}")
async def index(request: Request, subject: str, as_of: AsOf = None) -> Response:
    """Give the page of an index or exchange."""
    desk: Desk = request.app.state.desk
    name = subject.upper()
    if name not in INDEX_PAGES:
        raise UnknownSubject(f"{subject[:40]!r} is no index or exchange here; open one of {', '.join(INDEX_PAGES)}")
    moment = await desk.moment(as_of)
    day, path = moment.day.isoformat(), f"/index/{name}"
    if as_of is None or subject != name:
        return to_the_day(path, day)
    if (waiting := await progress(request, MARKET, path, day)) is not None:
        return waiting

    async def make() -> Callable[[], bytes]:
        rows = rows_of(await desk.parts(MARKET), group_of(name))
        return lambda: rendered(
            contents(brief_on(name, rows, desk.lake, moment).document), Frame(path, day, desk.lake.simulated)
        )

    return await answered(request, ("page", path, moment.instant.isoformat()), make, "text/html; charset=utf-8")
