"""The store as an extension of OpenBB: ``obb.overshort.figures(subject="SPX")``, and routes for any FastAPI server.

OpenBB finds :data:`router` through the entry point ``openbb_core_extension``; nothing else of overshort imports this
module, which loads FastAPI, and nothing here imports OpenBB. Every route reads, and gives records: one row a figure,
stock or streak.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query

from overshort.engine.moment import Moment
from overshort.errors import NothingToShow, OvershortError, StoreMissing, UsageError
from overshort.store.lake import Lake
from overshort.surfaces import answers
from overshort.surfaces.brief import document
from overshort.surfaces.explanation import explanation

__all__ = ["router"]

Records = list[dict[str, Any]]
AsOf = Annotated[str | None, Query(description="Only what was known by the end of this day in New York, YYYY-MM-DD.")]
Subject = Annotated[
    str, Query(description="SPX, NDX, RUT, NASDAQ, LISTED, SPY, QQQ, IWM, VIX or a stock; several with commas.")
]
Ids = Annotated[str, Query(description="Metric ids or beginnings of ids, with commas; all where empty.")]

router = APIRouter(prefix="", tags=["overshort"])


@router.get("/figures")
def figures(subject: Subject = "SPX", ids: Ids = "", as_of: AsOf = None) -> Records:
    """Newest figures with their dates, counts and definitions."""
    with _told():
        lake, moment = _asked(as_of)
        return [f.as_dict() for f in answers.figures_of(lake, moment, _parts(ids), _parts(subject))]


@router.get("/history")
def history(subject: Subject = "SPX", ids: Ids = "crowding.chain", as_of: AsOf = None) -> Records:
    """Every date's figures, each in the newest vintage known then."""
    with _told():
        lake, moment = _asked(as_of)
        return answers.plain(answers.history_of(lake, moment, _parts(ids), _parts(subject)))


@router.get("/claims")
def claims(as_of: AsOf = None) -> Records:
    """What the brief says, each sentence with its figures, base rate, counter-evidence and what would make it false."""
    with _told():
        lake, moment = _asked(as_of)
        found: Records = document(lake, moment)["claims"]
        return found


@router.get("/explain")
def explain(
    id: Annotated[str, Query(description="A metric's full id.")],
    subject: Annotated[str, Query(description="One index, exchange, fund or stock.")] = "SPX",
    rows: Annotated[int, Query(description="How many rows at most.", ge=0)] = 25,
    as_of: AsOf = None,
) -> Records:
    """Published rows behind one figure, largest contribution first."""
    with _told():
        lake, moment = _asked(as_of)
        found: Records = explanation(lake, moment, id, subject, rows).get("rows", [])
        return found


@router.get("/screen")
def screen(
    universe: Annotated[str, Query(description="SPX, NDX, RUT, NASDAQ or LISTED.")] = "LISTED",
    by: Annotated[str, Query(description="Column to sort by.")] = "score",
    top: Annotated[int, Query(description="How many stocks; 0 gives all.", ge=0)] = 25,
    as_of: AsOf = None,
) -> Records:
    """Common stocks by how much a covering of their shorts would hurt."""
    with _told():
        lake, moment = _asked(as_of)
        return answers.plain(answers.screened(lake, moment, universe, by, top)[1])


@router.get("/streaks")
def streaks(
    subject: Annotated[str, Query(description="SPX, NDX or RUT.")] = "SPX",
    length: Annotated[int | None, Query(description="Rising months in a row.", ge=1)] = None,
    as_of: AsOf = None,
) -> Records:
    """Every streak of rising months of a length, with what followed."""
    with _told():
        lake, moment = _asked(as_of)
        found: Records = answers.streaks_of(lake, moment, subject, length)["occurrences"]
        return found


def _asked(as_of: str | None) -> tuple[Lake, Moment]:
    lake = answers.open_lake(None)
    return lake, answers.when(lake, as_of)


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


@contextmanager
def _told() -> Iterator[None]:
    """Turn what a user can foresee into a status and the sentence that the command line would print."""
    try:
        yield
    except OvershortError as error:
        raise HTTPException(_status(error), str(error)) from None


def _status(error: OvershortError) -> int:
    match error:
        case UsageError():
            return 400
        case NothingToShow() | StoreMissing():
            return 404
        case _:
            return 503
