"""What addresses may carry: parameters with their descriptions, shared by all routes."""

from typing import Annotated

from fastapi import Path, Query

from overshort.errors import UnknownSubject
from overshort.surfaces.subject import symbol_of

__all__ = ["AsOf", "Stock", "Subject", "known_symbol"]

AsOf = Annotated[
    str | None,
    Query(
        description="Only what was known by the end of this day in New York, YYYY-MM-DD, 1990 to 2035; now where left "
        "out, of a simulated market the day of its newest report.",
        json_schema_extra={"format": "date"},
        examples=["2025-06-30"],
    ),
]
Subject = Annotated[
    str,
    Query(
        description="SPX, NDX, RUT, NASDAQ, LISTED, SPY, QQQ, IWM, VIX, or a stock by its symbol.",
        examples=["SPX"],
    ),
]
Stock = Annotated[str, Path(description="A stock's symbol, with or without separators: GME, BRK.B.", examples=["GME"])]


def known_symbol(text: str, known: frozenset[str]) -> str:
    """Give a stock's symbol as the tables have it.

    Raises
    ------
    UnknownSubject
        If no table has a row of it.
    """
    symbol = symbol_of(text)
    if not symbol:
        raise UnknownSubject("no stock is named; write its symbol, such as GME or BRKB")
    if symbol not in known:
        raise UnknownSubject(
            f"{text[:40]!r} is no stock with a short-interest row or an option trade in the store; write its symbol, "
            "such as GME or BRKB, or import files that hold it"
        )
    return symbol
