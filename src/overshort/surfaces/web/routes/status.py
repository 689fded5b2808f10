"""What the store holds and lacks."""

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from overshort.surfaces.status import status as state_of
from overshort.surfaces.web.answers import document
from overshort.surfaces.web.asked import AsOf
from overshort.surfaces.web.desk import Desk
from overshort.surfaces.web.models import PROBLEMS, Status
from overshort.surfaces.web.panels import MARKET

__all__ = ["router"]

router = APIRouter(prefix="/api/v1", tags=["status"])


@router.get("/status", responses={200: {"model": Status}, **PROBLEMS})
async def status(request: Request, as_of: AsOf = None) -> Response:
    """What each table holds, the newest report and the next one due, and which metric lacks which table."""
    desk: Desk = request.app.state.desk
    moment = await desk.moment(as_of)

    async def make() -> Callable[[], Any]:
        await desk.parts(MARKET)
        return lambda: state_of(desk.lake, moment) | {"store": desk.lake.home.name}

    return await document(request, ("status", moment.instant.isoformat()), make)
