"""Figures as of a day."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from overshort.engine.panel import KINDS
from overshort.engine.vintage import marked, reports
from overshort.surfaces.measured import beginning, figures_of, measured
from overshort.surfaces.web.answers import document
from overshort.surfaces.web.asked import AsOf, Subject, known_symbol
from overshort.surfaces.web.desk import Desk, rows_of
from overshort.surfaces.web.models import PROBLEMS, FigureList
from overshort.surfaces.web.panels import MARKET

__all__ = ["router"]

router = APIRouter(prefix="/api/v1", tags=["figures"])


@router.get("/figures", responses={200: {"model": FigureList}, **PROBLEMS})
async def figures(
    request: Request,
    subject: Subject,
    id: Annotated[
        str, Query(description="A metric id, or the beginning of ids; all where left out.", examples=["crowding.rank"])
    ] = "",
    as_of: AsOf = None,
) -> Response:
    """The newest figure of each metric id of a subject that was known as of a day, with unit, dates and definition."""
    desk: Desk = request.app.state.desk
    moment = await desk.moment(as_of)
    name = subject.upper() if subject.upper() in KINDS else known_symbol(subject, await desk.symbols())
    ids = beginning([id] if id else [])

    async def make() -> Callable[[], Any]:
        rows = rows_of(await desk.parts(MARKET if name in KINDS else (name,)), (name,))

        def found() -> dict[str, Any]:
            figures = figures_of(rows, ids, [name], moment, simulated=desk.lake.simulated)
            late = reports(desk.lake, moment.instant)
            return measured([f.as_dict() for f in marked(figures, late)], moment)

        return found

    return await document(request, ("figures", name, id, moment.instant.isoformat()), make)
