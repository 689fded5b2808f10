"""``overshort thesis``."""

from typing import Annotated

from cyclopts import Parameter

from overshort.engine import theses
from overshort.store.lake import Lake
from overshort.surfaces.cli.options import AsOf, Home, Json, emit, open_lake, page, when, working
from overshort.surfaces.page.thesis import contents
from overshort.surfaces.terminal import render
from overshort.thesis.claim import Thesis

__all__ = ["run"]


def run(
    name: Annotated[
        str | None, Parameter(help="A thesis of the library, or a TOML file; without it the library is listed.")
    ] = None,
    /,
    *,
    subject: Annotated[str, Parameter(help="SPX, NDX, RUT, or a stock where its claims are of stocks.")] = "SPX",
    history: Annotated[bool, Parameter(negative="", help="List the runs of sessions at which it held too.")] = False,
    as_of: AsOf = None,
    json: Json = False,
    home: Home = None,
) -> int:
    """Claims over figures, combined: whether each held as of a day, how often it did, and what speaks against it."""
    if name is None:
        return _list(json)
    thesis = theses.find(name)
    lake = open_lake(home)
    built = _built(lake, thesis, subject.upper(), as_of, history)
    if json:
        emit(built)
    else:
        render(contents(built), page(), full=True)
    return 0


def _built(lake: Lake, thesis: Thesis, subject: str, as_of: str | None, history: bool) -> dict[str, object]:
    with working("measuring every session"):
        return theses.readings(lake, thesis, subject, when(lake, as_of), history=history)


def _list(json: bool) -> int:
    known = theses.library()
    if json:
        emit(theses.listed())
        return 0
    for name, thesis in known.items():
        print(f"{name:32}{thesis.title}: {thesis.text}")
    return 0
