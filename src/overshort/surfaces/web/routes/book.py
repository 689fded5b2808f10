"""A book is handed in, measured, and forgotten: no file, cookie or log keeps any of it."""

from typing import Annotated, Any

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, File, Form, Request, UploadFile
from starlette.responses import HTMLResponse, Response

from overshort.engine.moment import Moment
from overshort.surfaces.book import book, layout, read
from overshort.surfaces.page.blocks import Page, Words
from overshort.surfaces.web.answers import as_bytes
from overshort.surfaces.web.asked import AsOf
from overshort.surfaces.web.desk import Desk
from overshort.surfaces.web.models import PROBLEMS, BookDocument
from overshort.surfaces.web.pages import Frame, rendered, to_the_day
from overshort.surfaces.words import ADVICE, ATTRIBUTION, SIMULATED

__all__ = ["router"]

router = APIRouter()
_AT_ONCE = CapacityLimiter(2)
HOW = (
    "A CSV file with a heading, symbol,shares, and, if you know them, price and entry; shares are negative where "
    "short. It is measured in this server's memory and forgotten."
)
Upload = Annotated[UploadFile, File(description="CSV, UTF-8: symbol, shares (negative where short), price?, entry?.")]


@router.get("/book", include_in_schema=False)
async def form(request: Request, as_of: AsOf = None) -> Response:
    """Give the page on which a book is handed in."""
    desk: Desk = request.app.state.desk
    day = (await desk.moment(as_of)).day.isoformat()
    if as_of is None:
        return to_the_day("/book", day)
    page = Page(
        title=f"Your book against the crowd as of {day}",
        as_of=day,
        banner=SIMULATED if desk.lake.simulated else "",
        head=[Words(text=HOW)],
        foot=[ATTRIBUTION, ADVICE],
    )
    return HTMLResponse(rendered(page, Frame("/book", day, desk.lake.simulated, "book.html")))


@router.post("/book", include_in_schema=False)
async def hand_in(request: Request, file: Upload, as_of: Annotated[str | None, Form()] = None) -> Response:
    """Give the page of a book."""
    desk: Desk = request.app.state.desk
    moment = await desk.moment(as_of or None)
    built = await _measured(desk, file, moment)
    frame = Frame("/book", moment.day.isoformat(), desk.lake.simulated, "book.html")
    return HTMLResponse(await to_thread.run_sync(lambda: rendered(layout(built), frame)))


@router.post("/api/v1/book", tags=["book"], responses={200: {"model": BookDocument}, **PROBLEMS})
async def document(request: Request, file: Upload, as_of: AsOf = None) -> Response:
    """A book against the crowd, as `overshort book FILE --json` writes it; nothing of it is stored."""
    desk: Desk = request.app.state.desk
    built = await _measured(desk, file, await desk.moment(as_of))
    return Response(as_bytes(built), media_type="application/json")


async def _measured(desk: Desk, file: UploadFile, moment: Moment) -> dict[str, Any]:
    content = await file.read()
    positions, rejected = read("the book", content)
    return await to_thread.run_sync(book, desk.lake, positions, rejected, moment, limiter=_AT_ONCE)
