"""The history of one metric of one subject, as JSON or CSV."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

import polars as pl
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from overshort.engine.panel import KINDS
from overshort.metrics import metric
from overshort.surfaces.measured import history_of
from overshort.surfaces.texts import as_csv
from overshort.surfaces.web.answers import answered, document
from overshort.surfaces.web.asked import AsOf, Subject, known_symbol
from overshort.surfaces.web.desk import Desk, rows_of
from overshort.surfaces.web.models import PROBLEMS, PanelRows
from overshort.surfaces.web.panels import MARKET
from overshort.surfaces.words import ADVICE, ATTRIBUTION

__all__ = ["router"]

router = APIRouter(prefix="/api/v1", tags=["figures"])
Format = Annotated[
    Literal["json", "csv"],
    Query(description="CSV is safe in a spreadsheet: a text that would be a formula begins with an apostrophe."),
]


@router.get(
    "/panel",
    responses={200: {"model": PanelRows, "content": {"text/csv": {"schema": {"type": "string"}}}}, **PROBLEMS},
)
async def panel(
    request: Request,
    id: Annotated[str, Query(description="A metric id.", examples=["crowding.rank_5y"])],
    subject: Subject,
    as_of: AsOf = None,
    format: Format = "json",
) -> Response:
    """Every value of a metric that was known as of a day: of each date the newest vintage, with the unit."""
    desk: Desk = request.app.state.desk
    declared, moment = metric(id), await desk.moment(as_of)
    name = subject.upper() if subject.upper() in KINDS else known_symbol(subject, await desk.symbols())

    async def rows() -> Callable[[], pl.DataFrame]:
        own = rows_of(await desk.parts(MARKET if name in KINDS else (name,)), (name,))
        return lambda: history_of(own, [declared.id], [name], moment)

    async def as_document() -> Callable[[], Any]:
        found = await rows()
        head = {"schema": "overshort.panel/1", "as_of": moment.day.isoformat(), "unit": declared.unit}
        foot = {"attribution": ATTRIBUTION, "disclaimer": ADVICE}
        return lambda: head | {"definition": declared.definition, "rows": found().to_dicts()} | foot

    async def as_table() -> Callable[[], bytes]:
        found = await rows()
        return lambda: as_csv(found()).encode()

    key = ("panel", declared.id, name, moment.instant.isoformat(), format)
    if format == "csv":
        return await answered(request, key, as_table, "text/csv; charset=utf-8")
    return await document(request, key, as_document)
