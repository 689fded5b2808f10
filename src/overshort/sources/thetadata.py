"""ThetaData's trades with quotes (v3, ``trade_quote``, CSV): every trade of OPRA's with the quote before it.

Written from the documented columns and never run against the vendor.  Times are New York's; strikes are in dollars.
Ask with ``exclusive=true``, as the vendor recommends: a quote of the trade's own instant may be its consequence.  For
options OPRA reports no extended conditions, so only ``condition`` is read.  A cancellation is a record of its own here
and names no trade: the last earlier trade of the same contract, price, size and venue counts as the one cancelled.
"""

import polars as pl

from overshort.sources.contracts import quote, underlying_of
from overshort.sources.declare import Extract, Options, Source
from overshort.sources.reading import csv_rows, day, decimal, decoded, first_names, text, whole
from overshort.sources.trades import trades, wall_ns

__all__ = ["TRADE_QUOTE"]

NEEDED = (
    *("symbol", "expiration", "strike", "right", "trade_timestamp", "quote_timestamp", "sequence", "condition"),
    *("size", "exchange", "price", "bid", "ask"),
)
MARKS = frozenset({"trade_timestamp", "quote_timestamp", "ext_condition1"})
SAID = {
    "ts_ns": "trade_timestamp",
    "root": "symbol",
    "underlying": "symbol",
    "expiry": "expiration",
    "cancel": "condition",
    **{c: c for c in ("strike", "right", "sequence", "price", "size", "bid", "ask")},
}
RIGHTS = {"CALL": "call", "PUT": "put", "C": "call", "P": "put"}


def _transform(content: bytes, name: str, _options: Options) -> Extract:
    rows = csv_rows(decoded(content, name), name, ",", NEEDED)
    parsed = {
        "ts_ns": wall_ns("trade_timestamp"),
        "root": text("symbol"),
        "underlying": underlying_of(text("symbol")),
        "expiry": day(rows, "expiration"),
        "strike": decimal(rows, "strike"),
        "right": text("right").str.to_uppercase().replace_strict(RIGHTS, default=None),
        "sequence": whole(rows, "sequence"),
        "price": decimal(rows, "price"),
        "size": whole(rows, "size"),
        "bid": quote(rows, "bid"),
        "ask": quote(rows, "ask"),
        "quote_ts_ns": wall_ns("quote_timestamp"),
        "condition": text("condition"),
        "venue": text("exchange"),
        "cancel": pl.lit(False),
    }
    return trades(name, rows, parsed, SAID, TRADE_QUOTE.name, "nxcore", unlinked=True)


TRADE_QUOTE = Source(
    name="thetadata.trade_quote",
    about="option trades of ThetaData with the quote before them",
    tables=frozenset({"option_trades"}),
    recognise=lambda content: len(first_names(content) & MARKS) >= 2,
    transform=_transform,
)
