"""The ledger of forecasts, read only: live ones and back-tests apart, their score, and those still open."""

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from overshort.engine.moment import Moment
from overshort.engine.panel import KINDS
from overshort.engine.studies import Known
from overshort.errors import NothingToShow
from overshort.surfaces.ledger import ledger_of
from overshort.surfaces.page.blocks import Page, Words
from overshort.surfaces.page.ledger import contents
from overshort.surfaces.web.answers import answered, document
from overshort.surfaces.web.asked import AsOf
from overshort.surfaces.web.desk import Desk, rows_of
from overshort.surfaces.web.models import PROBLEMS, LedgerDocument
from overshort.surfaces.web.pages import Frame, rendered, to_the_day
from overshort.surfaces.web.panels import MARKET
from overshort.surfaces.web.work import progress
from overshort.surfaces.words import ADVICE, ATTRIBUTION, SIMULATED

__all__ = ["router"]

router = APIRouter()
EMPTY = (
    "No forecast was in the ledger by this day. `overshort forecast` writes those of the newest report, `overshort "
    "forecast --as-of DAY` back-tests; this page only reads."
)


@router.get("/forecasts", include_in_schema=False)
async def page(request: Request, as_of: AsOf = None) -> Response:
    """Give the page of the ledger."""
    desk: Desk = request.app.state.desk
    moment = await desk.moment(as_of)
    day = moment.day.isoformat()
    if as_of is None:
        return to_the_day("/forecasts", day)
    if (waiting := await progress(request, MARKET, "/forecasts", day)) is not None:
        return waiting

    async def make() -> Callable[[], bytes]:
        known = await _known(desk, moment)
        return lambda: rendered(_page(desk, known, moment), Frame("/forecasts", day, desk.lake.simulated))

    return await answered(request, ("page", "/forecasts", moment.instant.isoformat()), make, "text/html; charset=utf-8")


@router.get("/api/v1/forecasts", tags=["forecasts"], responses={200: {"model": LedgerDocument}, **PROBLEMS})
async def ledger(request: Request, as_of: AsOf = None) -> Response:
    """The ledger, as `overshort ledger --json` writes it: score and open forecasts of each kind; nothing is written."""
    desk: Desk = request.app.state.desk
    moment = await desk.moment(as_of)

    async def make() -> Callable[[], Any]:
        known = await _known(desk, moment)
        return lambda: ledger_of(desk.lake, known, moment)

    return await document(request, ("forecasts", moment.instant.isoformat()), make)


async def _known(desk: Desk, moment: Moment) -> Known:
    return Known(rows_of(await desk.parts(MARKET), tuple(KINDS)), moment.instant)


def _page(desk: Desk, known: Known, moment: Moment) -> Page:
    try:
        return contents(ledger_of(desk.lake, known, moment))
    except NothingToShow:
        return Page(
            title=f"Ledger of forecasts as of {moment.day}",
            as_of=moment.day.isoformat(),
            banner=SIMULATED if desk.lake.simulated else "",
            head=[Words(text=EMPTY)],
            foot=[ATTRIBUTION, ADVICE],
        )
