"""Price bars as published."""

from collections.abc import Callable
from typing import Annotated, Any

import polars as pl
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from overshort.engine.moment import Moment
from overshort.errors import NothingToShow
from overshort.store import asof
from overshort.store.lake import Lake
from overshort.surfaces.subject import symbol_of
from overshort.surfaces.web.answers import document
from overshort.surfaces.web.asked import AsOf
from overshort.surfaces.web.desk import Desk
from overshort.surfaces.web.models import PROBLEMS, Bars
from overshort.surfaces.words import ADVICE

__all__ = ["router"]

router = APIRouter(prefix="/api/v1", tags=["tables"])
MOST = 5000
HIDDEN = ("sha256", "batch", "symbol_raw")


@router.get("/bars", responses={200: {"model": Bars}, **PROBLEMS})
async def bars(
    request: Request,
    symbol: Annotated[str, Query(description="Whose bars: a fund or stock.", examples=["SPY"], max_length=40)],
    interval: Annotated[str, Query(description="Length of a bar: 1d, or minutes or hours as imported.")] = "1d",
    limit: Annotated[int, Query(description="How many of the newest bars.", ge=1, le=MOST)] = 250,
    as_of: AsOf = None,
) -> Response:
    """The newest bars that were known as of a day, in the currency and adjustment that each row names."""
    desk: Desk = request.app.state.desk
    moment, name = await desk.moment(as_of), symbol_of(symbol)

    async def make() -> Callable[[], Any]:
        return lambda: _document(desk.lake, name, interval[:20], limit, moment)

    return await document(request, ("bars", name, interval[:20], str(limit), moment.instant.isoformat()), make)


def _document(lake: Lake, symbol: str, interval: str, limit: int, moment: Moment) -> dict[str, Any]:
    own = lake.scan("bars").filter(pl.col("symbol") == symbol, pl.col("interval") == interval)
    rows = asof.newest(own, "bars", moment.instant).sort("start", "adjustment", "source").tail(limit).collect()
    if rows.is_empty():
        raise NothingToShow(
            f"no {interval!r} bar of {symbol!r} was known by {moment.day}; give another interval or a later day, or "
            "import its prices"
        )
    return {
        "schema": "overshort.bars/1",
        "as_of": moment.day.isoformat(),
        "simulated": lake.simulated,
        "bars": rows.drop(HIDDEN, strict=False).to_dicts(),
        "disclaimer": ADVICE,
    }
