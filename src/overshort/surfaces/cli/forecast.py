"""``overshort forecast``."""

from collections.abc import Sequence
from typing import Annotated

from cyclopts import Parameter
from rich.console import Console

from overshort.engine.forecasts import Written, write
from overshort.engine.moment import now
from overshort.surfaces.cli.options import AsOf, Home, Json, emit, open_lake, page, when, working
from overshort.surfaces.forecasted import forecasted
from overshort.surfaces.terminal import render
from overshort.surfaces.words import counted

__all__ = ["run"]

LEDGERS = {"live": "live ledger", "backtest": "back-test ledger"}


def run(
    *,
    as_of: AsOf = None,
    subject: Annotated[list[str] | None, Parameter(help="SPX, NDX or RUT; may be repeated (default: all).")] = None,
    event: Annotated[
        list[str] | None, Parameter(help="Such as cover5_3m or coversd_6m_up; may be repeated (default: all).")
    ] = None,
    dry_run: Annotated[bool, Parameter(negative="", help="Print only, write nothing into the ledger.")] = False,
    json: Json = False,
    home: Home = None,
) -> int:
    """Print the probability of each covering event, and write it, dated, into the ledger that scores it later.

    A forecast is live if it is made as of the last completed session from the newest report that is out; any other is
    a back-test.  Once written it is never changed.
    """
    lake = open_lake(home)
    moment = when(lake, as_of)
    with working("walking every report"):
        built = forecasted(lake, moment, subject, event)
    written = [] if dry_run else write(built.found, lake, moment, now())
    if json:
        emit(built.document(written))
    else:
        render(built.page, page(), full=True)
        _said(written, page())
    return 0


def _said(written: Sequence[Written], console: Console) -> None:
    if not written:
        console.print("Dry run: nothing was written.")
    for w in written:
        known = f"; {w.known} stood there already" if w.known else ""
        console.print(f"Written into the {LEDGERS[w.kind]}: {counted(w.new, 'forecast')}{known}.")
