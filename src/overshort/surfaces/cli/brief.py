"""``overshort brief``."""

from typing import Annotated

from cyclopts import Parameter

from overshort.engine.simulate import ensure_demo
from overshort.errors import StoreMissing
from overshort.store.lake import Lake
from overshort.surfaces.brief import document
from overshort.surfaces.cli.options import AsOf, Home, Json, emit, home_of, page, when, working
from overshort.surfaces.terminal import render

__all__ = ["run"]


def run(
    *,
    as_of: AsOf = None,
    json: Json = False,
    fail_stale: Annotated[bool, Parameter(negative="", help="Exit 3 when a report that was due is missing.")] = False,
    demo_if_missing: Annotated[
        bool, Parameter(negative="", help="Without a store, show a small simulated market, marked SIMULATED.")
    ] = False,
    home: Home = None,
) -> int:
    """How crowded the shorts of SPX, NDX, RUT, NASDAQ and LISTED are, as of a day."""
    lake = _lake(home, demo_if_missing)
    with working("measuring every report"):
        built = document(lake, when(lake, as_of))
    if json:
        emit(built)
    else:
        render(built, page())
    return 3 if fail_stale and built["stale"] else 0


def _lake(home: str | None, demo_if_missing: bool) -> Lake:
    folder = home_of(home)
    try:
        return Lake.open(folder)
    except StoreMissing:
        if not demo_if_missing:
            raise
    return ensure_demo(folder)
