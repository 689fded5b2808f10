"""``overshort study``."""

from typing import Annotated

from cyclopts import Parameter

from overshort.surfaces.cli.options import (
    AsOf,
    Home,
    Json,
    Offline,
    emit,
    open_lake,
    page,
    require_ending,
    when,
    whole,
    working,
)
from overshort.surfaces.study import studied
from overshort.surfaces.terminal import render

__all__ = ["run"]


def run(
    claim: Annotated[
        str,
        Parameter(
            help="A flag (volatility.cycle_low), state (refusal.state_3m=REFUSE), comparison (crowding.rank_5y>=95), "
            "or fragile, refusal, members, momentum, replication, persistence.streak."
        ),
    ],
    *,
    subject: Annotated[str, Parameter(help="SPX, NDX or RUT; outcomes are those of its traded fund.")] = "SPX",
    horizon: Annotated[
        int | None, Parameter(converter=whole, help="Sessions held (default: 5, 21, 63, 126 and 252).")
    ] = None,
    output: Offline = None,
    as_of: AsOf = None,
    json: Json = False,
    home: Home = None,
) -> int:
    """What followed every earlier time a claim held, beside what followed anyway, and how little that can prove."""
    require_ending(output)
    lake = open_lake(home)
    moment = when(lake, as_of)
    with working("measuring every case"):
        built = studied(lake, moment, claim, subject, horizon)
    if json:
        emit(built.document)
    else:
        render(built.page, page(), full=True)
    if output is not None:
        from overshort.surfaces.html import render as as_html

        output.write_text(as_html(built.page, built.known, built.document), "utf-8")
        if not json:
            print(f"Written: {output.resolve()}")
    return 0
