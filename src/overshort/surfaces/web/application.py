"""The application: a store, its routes, the guard before them, and errors as one sentence.

Every address takes the day it is as of as ``?as_of=YYYY-MM-DD``; a page without one sends on to the address that has
it.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus

from anyio import to_thread
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from overshort.edition import __version__
from overshort.errors import (
    NothingToShow,
    OvershortError,
    SourceError,
    StoreError,
    UnknownMetric,
    UnknownSubject,
    UsageError,
)
from overshort.store.lake import Lake
from overshort.surfaces.web.assets import assets
from overshort.surfaces.web.desk import Desk
from overshort.surfaces.web.guard import Guard
from overshort.surfaces.web.pages import Frame, message
from overshort.surfaces.web.panels import MARKET, Stopped
from overshort.surfaces.web.routes import ROUTERS
from overshort.surfaces.words import ADVICE, ATTRIBUTION

__all__ = ["application"]

API = "/api/"
STATUS: tuple[tuple[type[OvershortError], int], ...] = (
    (UnknownMetric, 404),
    (UnknownSubject, 404),
    (NothingToShow, 404),
    (UsageError, 400),
    (SourceError, 400),
    (Stopped, 503),
    (StoreError, 503),
)
TITLES = {400: "This cannot be read", 404: "Nothing to show", 503: "Not now"}


def application(lake: Lake, *, token: str | None = None) -> FastAPI:
    """Make the application that serves a store.

    Parameters
    ----------
    token
        What every request must carry; ``None`` where only the loopback is served.
    """
    app = FastAPI(
        title="overshort",
        version=__version__,
        summary="How crowded the short side of U.S. equities is, point in time.",
        description=f"Every address takes `as_of`: nothing known later than that day is in its answer. "
        f"{ATTRIBUTION} {ADVICE}",
        openapi_url="/api/v1/openapi.json",
        lifespan=_begun,
        docs_url=None,
        redoc_url=None,
    )
    app.state.desk = Desk(lake)
    for router in ROUTERS:
        app.include_router(router)
    app.add_exception_handler(OvershortError, _refused)
    app.add_exception_handler(TimeoutError, _busy)
    app.add_exception_handler(RequestValidationError, _unread)
    app.add_exception_handler(HTTPException, _elsewhere)
    app.add_middleware(Guard, token=token)
    return app


@asynccontextmanager
async def _begun(app: FastAPI) -> AsyncIterator[None]:
    """Begin the market's panel and pack the scripts before anybody asks."""
    desk: Desk = app.state.desk
    with suppress(OvershortError):  # whoever asks is told
        desk.panels.job(await desk.version(), MARKET)
    packing = asyncio.create_task(to_thread.run_sync(assets))
    yield
    await packing


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, OvershortError)
    return _told(request, str(error), next((code for kind, code in STATUS if isinstance(error, kind)), 400))


def _busy(request: Request, _: Exception) -> Response:
    answer = _told(request, "what was asked for is still being measured; ask again in a few seconds", 503)
    answer.headers["Retry-After"] = "5"
    return answer


def _unread(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    where = " ".join(str(part) for part in first["loc"][1:]) or str(first["loc"][0])
    given = f" (given: {str(first['input'])[:80]!r})" if isinstance(first.get("input"), str | int | float) else ""
    return _told(request, f"{where}: {first['msg'].lower()}{given}; {API}v1/openapi.json describes what is taken", 422)


def _elsewhere(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    words = HTTPStatus(error.status_code).phrase.lower()
    answer = _told(request, f"{request.method} {request.url.path[:80]!r}: {words}; begin at /", error.status_code)
    answer.headers.update(error.headers or {})
    return answer


def _told(request: Request, text: str, status: int) -> Response:
    """Say what is wrong in the form that the asker reads."""
    if request.url.path.startswith(API):
        return JSONResponse({"error": text}, status)
    title = TITLES.get(status, HTTPStatus(status).phrase)
    frame = Frame(request.url.path, "", request.app.state.desk.lake.simulated)
    return message(title, f"{text[:1].upper()}{text[1:]}.", status, frame)
