"""Studies of claims, and the library's theses with their verdicts, as pages and documents."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import JSONResponse, Response

from overshort.engine import theses
from overshort.engine.moment import Moment
from overshort.engine.panel import KINDS
from overshort.errors import OvershortError
from overshort.evidence.paths import HORIZONS
from overshort.surfaces.page.blocks import Cell, Grid, Page, Section, Words
from overshort.surfaces.page.thesis import contents, rate
from overshort.surfaces.study import Asked, build, checked, document, index_of, page_of
from overshort.surfaces.theses import verdicts
from overshort.surfaces.web.answers import answered
from overshort.surfaces.web.answers import document as as_document
from overshort.surfaces.web.asked import AsOf, known_symbol
from overshort.surfaces.web.desk import Desk, rows_of
from overshort.surfaces.web.models import PROBLEMS, StudyDocument, Theses
from overshort.surfaces.web.pages import Frame, here, message, rendered, to_the_day
from overshort.surfaces.web.panels import MARKET
from overshort.surfaces.web.work import progress
from overshort.surfaces.words import ADVICE, ATTRIBUTION, SIMULATED, subject_name

__all__ = ["router"]

router = APIRouter()
HTML = "text/html; charset=utf-8"
SOON, LATER = 2.0, 20.0
"""Seconds that a page waits for its study before it shows that one is being made, and that its script then waits."""
EXAMPLES = (
    "volatility.cycle_low",
    "refusal.state_3m=REFUSE",
    "crowding.rank_5y>=95",
    "fragile",
    "refusal",
    "members",
    "momentum",
    "replication",
    "persistence.streak",
    *theses.library(),
)
Claim = Annotated[
    str,
    Query(
        description="A flag (volatility.cycle_low), state (refusal.state_3m=REFUSE), comparison "
        "(crowding.rank_5y>=95), fragile, refusal, members, momentum, replication, persistence.streak, or a thesis of "
        "the library.",
        max_length=120,
        examples=["crowding.rank_5y>=95"],
    ),
]
Of = Annotated[str, Query(description="SPX, NDX or RUT; of a thesis about stocks a symbol.", max_length=40)]


@router.get("/study", include_in_schema=False)
async def page(request: Request, claim: Claim = "", subject: Of = "SPX", as_of: AsOf = None) -> Response:
    """Give the page of a study or a thesis; without a claim, what can be asked and how the theses stand."""
    desk: Desk = request.app.state.desk
    moment = await desk.moment(as_of)
    claim, own = claim.strip(), await _subject(desk, claim.strip(), subject)
    day, asked = moment.day.isoformat(), {"claim": claim, "subject": own}
    if as_of is None:
        return to_the_day("/study", day, asked)
    if (waiting := await progress(request, MARKET, "/study", day, asked)) is not None:
        return waiting
    if not await desk.within(_name(asked, moment), _making(desk, asked, moment), SOON):
        return _counting(desk, day, asked)
    return await answered(request, _name(asked, moment), _making(desk, asked, moment), HTML)


@router.get("/study/state", include_in_schema=False)
async def state(request: Request, claim: Claim = "", subject: Of = "SPX", as_of: AsOf = None) -> Response:
    """Say whether a study's page is there, after waiting for it a while."""
    desk: Desk = request.app.state.desk
    moment = await desk.moment(as_of)
    asked = {"claim": claim.strip(), "subject": await _subject(desk, claim.strip(), subject)}
    try:
        ready = await desk.within(_name(asked, moment), _making(desk, asked, moment), LATER)
    except OvershortError as error:
        return JSONResponse({"ready": False, "failed": f"{str(error)[:1].upper()}{str(error)[1:]}."})
    return JSONResponse({"ready": ready})


@router.get("/api/v1/study", tags=["studies"], responses={200: {"model": StudyDocument}, **PROBLEMS})
async def study(request: Request, claim: Claim, subject: Of = "SPX", as_of: AsOf = None) -> Response:
    """What followed every earlier time a claim held, as `overshort study --json` writes it; a thesis as `thesis`."""
    desk: Desk = request.app.state.desk
    moment = await desk.moment(as_of)
    own = await _subject(desk, claim, subject)

    async def make() -> Callable[[], Any]:
        if claim in theses.library():
            await desk.parts(MARKET)
            return lambda: theses.readings(desk.lake, theses.library()[claim], own, moment)
        asked = await _asked(desk, claim, own, moment)
        return lambda: document(asked, build(asked))

    return await as_document(request, ("study", claim, own, moment.instant.isoformat()), make)


@router.get("/api/v1/theses", tags=["studies"], responses={200: {"model": Theses}, **PROBLEMS})
async def library(request: Request, subject: Of = "SPX", as_of: AsOf = None) -> Response:
    """Every thesis of the library with its verdict for a subject."""
    desk: Desk = request.app.state.desk
    moment, own = await desk.moment(as_of), await _known(desk, subject)

    async def make() -> Callable[[], Any]:
        await desk.parts(MARKET)
        return lambda: verdicts(desk.lake, own, moment)

    return await as_document(request, ("theses", own, moment.instant.isoformat()), make)


async def _known(desk: Desk, subject: str) -> str:
    return subject.upper() if subject.upper() in KINDS else known_symbol(subject, await desk.symbols())


async def _subject(desk: Desk, claim: str, subject: str) -> str:
    """Give the subject of a claim; refuse what cannot be asked before anything is measured for it."""
    if not claim or claim in theses.library():
        return await _known(desk, subject)
    index = index_of(subject)
    checked(claim, index)
    return index


async def _asked(desk: Desk, claim: str, index: str, moment: Moment) -> Asked:
    rows = rows_of(await desk.parts(MARKET), tuple(KINDS))
    return Asked(desk.lake, moment, claim, index, tuple(HORIZONS), lambda: rows)


def _name(asked: dict[str, str], moment: Moment) -> tuple[str, ...]:
    return ("page", "/study", asked["claim"], asked["subject"], moment.instant.isoformat())


def _making(desk: Desk, asked: dict[str, str], moment: Moment) -> Callable[[], Awaitable[Callable[[], bytes]]]:
    more = {"examples": EXAMPLES}
    frame = Frame("/study", moment.day.isoformat(), desk.lake.simulated, "study.html", more, asked)

    async def make() -> Callable[[], bytes]:
        claim, subject = asked["claim"], asked["subject"]
        if not claim:
            return lambda: rendered(_overview(verdicts(desk.lake, subject, moment)), frame)
        if claim in theses.library():
            found = theses.library()[claim]
            return lambda: rendered(contents(theses.readings(desk.lake, found, subject, moment)), frame)
        wanted = await _asked(desk, claim, subject, moment)
        return lambda: rendered(page_of(wanted, build(wanted)), frame)

    return make


def _counting(desk: Desk, day: str, asked: dict[str, str]) -> Response:
    more = {"status": here("/study/state", day, asked)}
    frame = Frame("/study", day, desk.lake.simulated, "counting.html", more, asked)
    answer = message("overshort is measuring", "", 202, frame)
    answer.headers["Retry-After"] = "1"
    return answer


def _overview(built: dict[str, Any]) -> Page:
    name = subject_name(built["subject"])
    rows = [
        [
            Cell(text=t["name"]),
            Cell(text=t["verdict"] or "not known"),
            Cell(text="–" if t["held"] is None else f"{t['held']} of {t['claims']}, {t['need']} must"),
        ]
        for t in built["theses"]
    ]
    grid = Grid(heads=["", "verdict", "claims that hold"], rows=rows)
    words = [Words(text=_said(t), tone="dim") for t in built["theses"]]
    return Page(
        title=f"Theses and studies: {name}, as of {built['as_of']}",
        as_of=built["as_of"],
        banner=SIMULATED if built["simulated"] else "",
        head=[Words(text="A study says what followed every earlier time a claim held, and how little that proves.")],
        sections=[Section(id="theses", title=f"Theses of the library: {name}", blocks=[grid, *words])],
        foot=[ATTRIBUTION, ADVICE],
    )


def _said(thesis: dict[str, Any]) -> str:
    beside = rate(thesis["base_rate"]) if thesis["base_rate"] else f"not known: {thesis['reason']}"
    return f"{thesis['name']}: {thesis['text']} {beside[:1].upper()}{beside[1:]}."
