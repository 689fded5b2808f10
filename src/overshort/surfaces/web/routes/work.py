"""How far a panel is, and giving up to wait for it."""

import asyncio

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from overshort.errors import UnknownSubject
from overshort.surfaces.web.asked import known_symbol
from overshort.surfaces.web.desk import Desk
from overshort.surfaces.web.pages import Frame, message
from overshort.surfaces.web.panels import MARKET, SQUEEZE

__all__ = ["router"]

router = APIRouter(include_in_schema=False)
_NAMED = {"market": MARKET, "squeeze": SQUEEZE}
STOPPED = (
    "You no longer wait for it. Where nobody else does, the measuring ends with the function that is running, and "
    "nothing of it is kept; any page begins it anew."
)


async def _subjects(desk: Desk, name: str) -> tuple[str, ...]:
    if name in _NAMED:
        return _NAMED[name]
    known = await desk.symbols()
    return tuple(known_symbol(n, known) for n in name.split(",")[:500])


@router.get("/work/{name}")
async def state(request: Request, name: str, ticket: str = "") -> Response:
    """Say how far a panel is, and note that the holder of a ticket still waits; this begins nothing."""
    desk: Desk = request.app.state.desk
    version, subjects = await desk.version(), await _subjects(desk, name)
    if desk.panels.ready(version, subjects) is not None:
        return JSONResponse({"ready": True})
    job = desk.panels.running(version, subjects)
    if job is None:
        return JSONResponse({"ready": False, "failed": "Nothing measures this now; load the page again."})
    job.seen(ticket, asyncio.get_running_loop().time())
    return JSONResponse({"ready": False, "done": job.done, "total": job.total})


@router.post("/work/{name}/leave")
async def leave(request: Request, name: str, ticket: str) -> Response:
    """Give up waiting; the last who does stops the computing."""
    desk: Desk = request.app.state.desk
    job = desk.panels.running(await desk.version(), await _subjects(desk, name))
    if job is None or ticket not in job.tickets:
        raise UnknownSubject("nothing is being measured that this page waits for; open the page you came from again")
    job.leave(ticket, asyncio.get_running_loop().time())
    day = (await desk.moment(None)).day.isoformat()
    return message("Stopped", STOPPED, 200, Frame("/", day, desk.lake.simulated))
