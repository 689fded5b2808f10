"""``overshort streaks``."""

from typing import Annotated

from cyclopts import Parameter

from overshort.engine.panel import market, panel
from overshort.engine.studies import Known, standing_length, streak_study
from overshort.errors import NothingToShow, UsageError
from overshort.schema import INDEXES
from overshort.store.lake import Lake
from overshort.surfaces.cli.options import AsOf, Home, Json, emit, open_lake, page, when, whole, working
from overshort.surfaces.page.blocks import Page, Section
from overshort.surfaces.page.persistence import streaks
from overshort.surfaces.terminal import render
from overshort.surfaces.words import ADVICE, ATTRIBUTION, SIMULATED

__all__ = ["run"]


def run(
    *,
    length: Annotated[
        int | None,
        Parameter(
            converter=whole, help="Rising months in a row (default: the running streak, or the one that just ended)."
        ),
    ] = None,
    subject: Annotated[str, Parameter(help="SPX, NDX or RUT.")] = "SPX",
    as_of: AsOf = None,
    json: Json = False,
    home: Home = None,
) -> int:
    """List every streak of rising months of a length, with what followed and two null models, as known by a day."""
    if length is not None and length < 1:
        raise UsageError(f"--length {length} is no number of months, 1 or more; give one")
    index = subject.upper()
    if index not in INDEXES:
        raise UsageError(f"--subject {subject!r} is none of {', '.join(INDEXES)}; give one of them")
    lake = open_lake(home)
    moment = when(lake, as_of)
    with working("measuring every month"):
        known = Known(panel(lake, market()), moment.instant)
    wanted = length or standing_length(known, index) or 1
    study = streak_study(known, index, wanted)
    if study is None:
        raise NothingToShow(
            f"no completed month of {index} was known by {moment.day}; import daily or month-end closes, or give a "
            "later --as-of"
        )
    if json:
        emit({"schema": "overshort.streaks/1", "as_of": moment.day.isoformat(), "simulated": lake.simulated} | study)
    else:
        render(_page(lake, moment.day.isoformat(), study), page(), full=True)
    return 0


def _page(lake: Lake, as_of: str, study: dict[str, object]) -> Page:
    return Page(
        title=f"Streaks as of {as_of}",
        as_of=as_of,
        banner=SIMULATED if lake.simulated else "",
        head=(),
        sections=[Section(id="streaks", title=str(study["subject"]), blocks=streaks(study))],
        foot=[ATTRIBUTION, ADVICE],
    )
