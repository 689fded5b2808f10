"""A commentary is pasted, audited against what was known on its date, and forgotten."""

from typing import Annotated

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Form, Request
from starlette.responses import HTMLResponse, Response

from overshort.engine.audit import Audit
from overshort.engine.commentary import LARGEST, audited, decoded
from overshort.engine.moment import Moment
from overshort.surfaces.page.audit import contents
from overshort.surfaces.page.blocks import Page, Words
from overshort.surfaces.web.answers import as_bytes
from overshort.surfaces.web.asked import AsOf
from overshort.surfaces.web.desk import Desk
from overshort.surfaces.web.models import PROBLEMS, AuditDocument
from overshort.surfaces.web.pages import Frame, rendered, to_the_day
from overshort.surfaces.web.panels import MARKET
from overshort.surfaces.words import ADVICE, ATTRIBUTION, SIMULATED

__all__ = ["router"]

router = APIRouter()
_AT_ONCE = CapacityLimiter(2)
NAME = "the text"
HOW = (
    "Every statement that a number can decide is set against what was known on the text's date: verdict, figure, how "
    "rare it was. The text is read in this server's memory and forgotten."
)
Text = Annotated[str, Form(description=f"The commentary, plain text, at most {LARGEST:,} bytes.", min_length=1)]
ResolveAt = Annotated[
    str | None,
    Form(description="Read what it expected again with what was known by this day, YYYY-MM-DD.", max_length=40),
]


@router.get("/audit", include_in_schema=False)
async def form(request: Request, as_of: AsOf = None) -> Response:
    """Give the page on which a commentary is pasted."""
    desk: Desk = request.app.state.desk
    day = (await desk.moment(as_of)).day.isoformat()
    if as_of is None:
        return to_the_day("/audit", day)
    page = Page(
        title="Audit of a commentary",
        as_of=day,
        banner=SIMULATED if desk.lake.simulated else "",
        head=[Words(text=HOW)],
        foot=[ATTRIBUTION, ADVICE],
    )
    return HTMLResponse(rendered(page, _frame(desk, day)))


@router.post("/audit", include_in_schema=False)
async def paste(
    request: Request, text: Text, as_of: Annotated[str | None, Form()] = None, resolve_at: ResolveAt = None
) -> Response:
    """Give the page of an audit."""
    desk: Desk = request.app.state.desk
    moment = await desk.moment(as_of or None)
    built = await _audited(desk, text, moment, resolve_at)
    frame = _frame(desk, moment.day.isoformat(), text, resolve_at or "")
    return HTMLResponse(await to_thread.run_sync(lambda: rendered(contents(built.document), frame)))


@router.post("/api/v1/audit", tags=["audit"], responses={200: {"model": AuditDocument}, **PROBLEMS})
async def audit(request: Request, text: Text, as_of: AsOf = None, resolve_at: ResolveAt = None) -> Response:
    """A commentary, statement by statement, as `overshort audit FILE --json` writes it; nothing of it is stored."""
    desk: Desk = request.app.state.desk
    built = await _audited(desk, text, await desk.moment(as_of), resolve_at)
    return Response(as_bytes(built.document), media_type="application/json")


def _frame(desk: Desk, day: str, text: str = "", resolve_at: str = "") -> Frame:
    more = {"text": text, "resolve_at": resolve_at, "most": LARGEST}
    return Frame("/audit", day, desk.lake.simulated, "audit.html", more)


async def _audited(desk: Desk, text: str, moment: Moment, resolve_at: str | None) -> Audit:
    """Audit a text; a form sends its lines with carriage returns, which are no part of it."""
    read = decoded(text.replace("\r\n", "\n").encode("utf-8", "replace"), NAME)
    later = await desk.moment(resolve_at) if resolve_at else None
    await desk.parts(MARKET)
    return await to_thread.run_sync(audited, desk.lake, read, moment, later, limiter=_AT_ONCE)
