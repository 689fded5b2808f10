"""The data of a picture: a page names its pictures by address, and its script fetches them after the first paint."""

from collections.abc import Callable, Sequence

from fastapi import APIRouter, Request
from starlette.responses import Response

from overshort.engine.panel import KINDS
from overshort.engine.studies import Known
from overshort.errors import UnknownSubject
from overshort.metrics.prices import PROXIES
from overshort.surfaces.html.view import ready
from overshort.surfaces.plots import PICTURES
from overshort.surfaces.web.answers import answered, as_bytes
from overshort.surfaces.web.asked import AsOf, known_symbol
from overshort.surfaces.web.desk import Desk, rows_of
from overshort.surfaces.web.panels import MARKET

__all__ = ["router"]

router = APIRouter(include_in_schema=False)


def _read(subject: str) -> Sequence[str]:
    """Give the subjects that the pictures of one subject are drawn from."""
    return [subject, PROXIES[subject]] if subject in PROXIES else [subject]


@router.get("/picture/{name}/{subject}")
async def picture(request: Request, name: str, subject: str, as_of: AsOf = None) -> Response:
    """Give title, data and layout of a picture as plotly's script takes them; 204 where there is nothing to draw."""
    desk: Desk = request.app.state.desk
    if name not in PICTURES:
        raise UnknownSubject(f"{name[:40]!r} is no picture; ask for one of {', '.join(PICTURES)}")
    subjects = MARKET if subject in KINDS else (known_symbol(subject, await desk.symbols()),)
    moment = await desk.moment(as_of)

    async def make() -> Callable[[], bytes]:
        rows = rows_of(await desk.parts(subjects), _read(subject))

        def draw() -> bytes:
            shown = ready(name, subject, Known(rows, moment.instant))
            return b"" if shown is None else as_bytes(shown)

        return draw

    answer = await answered(request, ("picture", name, subject, moment.instant.isoformat()), make, "application/json")
    return answer if answer.body or answer.status_code == 304 else Response(status_code=204)
