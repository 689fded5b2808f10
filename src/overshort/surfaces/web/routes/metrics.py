"""What is measured: every metric with its unit, null rule and definition."""

from fastapi import APIRouter
from starlette.responses import Response

from overshort.metrics import metric, registry
from overshort.surfaces.declared import declaration
from overshort.surfaces.web.answers import as_bytes
from overshort.surfaces.web.models import PROBLEMS, Declaration, Declarations

__all__ = ["router"]

router = APIRouter(prefix="/api/v1", tags=["metrics"])


def _json(document: object) -> Response:
    return Response(as_bytes(document), media_type="application/json")


@router.get("/metrics", responses={200: {"model": Declarations}})
async def every() -> Response:
    """Every metric: id, kind, unit, grid, subjects, null rule, lookback and definition."""
    return _json({"schema": "overshort.metrics/1", "metrics": [declaration(m) for m in registry().values()]})


@router.get("/metrics/{id}", responses={200: {"model": Declaration}, **PROBLEMS})
async def one(id: str) -> Response:
    """One metric."""
    return _json(declaration(metric(id)))
