"""``overshort chart``."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from overshort.errors import NothingToShow, UsageError
from overshort.metrics.prices import PROXIES
from overshort.surfaces.brief import brief
from overshort.surfaces.cli.options import (
    AsOf,
    Home,
    Trigger,
    levels_of,
    open_lake,
    page,
    require_ending,
    when,
    working,
)
from overshort.surfaces.page.chart import chart
from overshort.surfaces.terminal import render

__all__ = ["run"]


def run(
    subject: Annotated[str, Parameter(help="Traded proxy: SPY, QQQ or IWM.")],
    *,
    output: Annotated[
        Path | None, Parameter(name=["--output", "-o"], help="Write the chart to this file, .html, readable offline.")
    ] = None,
    trigger: Trigger = None,
    as_of: AsOf = None,
    home: Home = None,
) -> int:
    """One fund's 4-hour candles with envelopes, averages, value area and triggers, and where price stands in them."""
    require_ending(output)
    proxy = _proxy(subject)
    levels = levels_of(trigger)
    if others := sorted(set(levels) - {proxy}):
        raise UsageError(f"--trigger is for {', '.join(others)}, and the chart is of {proxy}; give {proxy}=LEVEL")
    lake = open_lake(home)
    moment = when(lake, as_of)
    with working("measuring every bar"):
        built = brief(lake, moment, levels)
    laid_out = chart(built.document, proxy)
    if laid_out is None:
        raise NothingToShow(
            f"no bars of {proxy}, or too few for a chart, were known by {moment.day}; import (earlier) bars of it, "
            "or give a later --as-of"
        )
    render(laid_out, page(), full=True)
    if output is not None:
        from overshort.surfaces.html import render as as_html

        output.write_text(as_html(laid_out, built.known, built.document), "utf-8")
        print(f"Written: {output.resolve()}")
    return 0


def _proxy(subject: str) -> str:
    """Give a traded proxy's symbol in capitals.

    Raises
    ------
    UsageError
        If it is none.
    """
    if subject.upper() not in PROXIES.values():
        raise UsageError(f"{subject!r} is no traded proxy; give one of {', '.join(PROXIES.values())}")
    return subject.upper()
