"""The brief document."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from overshort.engine.panel import KINDS
from overshort.surfaces.brief import brief_of, whole
from overshort.surfaces.subject import brief_on, group_of
from overshort.surfaces.web.answers import document
from overshort.surfaces.web.asked import AsOf, known_symbol
from overshort.surfaces.web.desk import Desk, rows_of
from overshort.surfaces.web.models import PROBLEMS, BriefDocument
from overshort.surfaces.web.panels import MARKET

__all__ = ["router"]

router = APIRouter(prefix="/api/v1", tags=["brief"])


@router.get("/brief", responses={200: {"model": BriefDocument}, **PROBLEMS})
async def brief(
    request: Request,
    subject: Annotated[
        str | None, Query(description="One index with its fund and the VIX, one exchange, or one stock; all left out.")
    ] = None,
    as_of: AsOf = None,
) -> Response:
    """Everything a brief says, as `overshort brief --json` writes it: figures, claims, what is missing or stale."""
    desk: Desk = request.app.state.desk
    moment = await desk.moment(as_of)
    if subject is not None:
        subject = subject.upper() if subject.upper() in KINDS else known_symbol(subject, await desk.symbols())

    async def make() -> Callable[[], Any]:
        if subject is None:
            rows = rows_of(await desk.parts(MARKET), tuple(KINDS))
            return lambda: whole(brief_of(rows, desk.lake, moment), moment).document
        group = group_of(subject)
        rows = rows_of(await desk.parts(MARKET if subject in KINDS else group), group)
        return lambda: brief_on(subject, rows, desk.lake, moment).document

    return await document(request, ("brief", subject or "", moment.instant.isoformat()), make)
