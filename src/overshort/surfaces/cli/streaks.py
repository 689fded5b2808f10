"""``overshort streaks``."""

from typing import Annotated

from cyclopts import Parameter

from overshort.surfaces.answers import streaks_of
from overshort.surfaces.cli.options import AsOf, Home, Json, emit, open_lake, page, when, whole, working
from overshort.surfaces.page.persistence import streaks_page
from overshort.surfaces.terminal import render

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
    lake = open_lake(home)
    with working("measuring every month"):
        built = streaks_of(lake, when(lake, as_of), subject, length)
    if json:
        emit(built)
    else:
        render(streaks_page(built), page(), full=True)
    return 0
