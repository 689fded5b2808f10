"""Answers with their entity tags, and documents as JSON."""

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import Request
from starlette.responses import Response

from overshort.surfaces.texts import as_json
from overshort.surfaces.web.desk import Desk

__all__ = ["answered", "as_bytes", "document"]

KEEP = "private, no-cache"
"""A browser may keep an answer and asks each time whether it still holds."""


async def answered(
    request: Request, name: tuple[str, ...], make: Callable[[], Awaitable[Callable[[], bytes]]], type: str
) -> Response:
    """Answer with bytes that are the same until the data change.

    Parameters
    ----------
    name
        What the answer is, with everything it depends on save the data.
    make
        Gives what makes it; asked only where it is not there yet.
    """
    desk: Desk = request.app.state.desk
    tag = await desk.tag(*name)
    headers = {"ETag": tag, "Cache-Control": KEEP}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(await desk.answer(name, make), media_type=type, headers=headers)


async def document(
    request: Request, name: tuple[str, ...], make: Callable[[], Awaitable[Callable[[], Any]]]
) -> Response:
    """Answer with a JSON document that is the same until the data change."""

    async def prepare() -> Callable[[], bytes]:
        made = await make()
        return lambda: as_bytes(made())

    return await answered(request, name, prepare, "application/json")


def as_bytes(document: Any) -> bytes:
    """Give a document as JSON, UTF-8."""
    return as_json(document).encode()
