"""Cboe DataShop's option trades, with and without its calculations: every trade with the quote of its instant.

The rows are ragged: behind the named columns stand five cells for each exchange that quoted, and the header shows one
such group in braces.  They go by contract and not by time.  Times are New York's, to the millisecond; a bid or ask of 0
is none.  Volatilities and deltas of the calculations, the quotes of single exchanges and of the underlying are left
out.

``canceled_trade_condition_id`` is 1 on a trade that was cancelled later and 2 on the record that cancels it: of the
real sample's 2,295 rows one each, a spread of 180 contracts and its cancellation a quarter of an hour later.  Other
products of the vendor's begin with the same column: they are claimed here, and refused.
"""

import re

import polars as pl

from overshort.errors import RefusedFile
from overshort.sources.contracts import quote
from overshort.sources.declare import Extract, Options, Source
from overshort.sources.reading import csv_rows, day, decimal, decoded, first_names, text, whole
from overshort.sources.trades import trades, wall_ns

__all__ = ["TRADES"]

NEEDED = (
    *("underlying_symbol", "quote_datetime", "sequence_number", "root", "expiration", "strike", "option_type"),
    *("exchange_id", "trade_size", "trade_price", "trade_condition_id", "canceled_trade_condition_id"),
    *("best_bid", "best_ask", "number_of_exchanges"),
)
MARKS = frozenset({"trade_condition_id", "canceled_trade_condition_id", "trade_price"})
VENDOR = "underlying_symbol"
"""The column with which files of all of DataShop's products begin."""
GROUP = 5
"""Cells for each exchange that quoted: its id, bid size, bid, ask size, ask."""
SAID = {
    "ts_ns": "quote_datetime",
    "root": "root",
    "underlying": "underlying_symbol",
    "expiry": "expiration",
    "strike": "strike",
    "right": "option_type",
    "sequence": "sequence_number",
    "price": "trade_price",
    "size": "trade_size",
    "bid": "best_bid",
    "ask": "best_ask",
    "cancel": "canceled_trade_condition_id",
}


def _check_product(content: bytes, name: str) -> None:
    """Refuse the vendor's other products, which hold no trades."""
    if not (found := first_names(content)) & MARKS:
        told = ", ".join(sorted(c for c in found - {VENDOR} if re.fullmatch("[a-z0-9_]+", c))[:4])
        cause = f"it is another product of Cboe DataShop, with columns {told} and no trades"
        raise RefusedFile(name, cause, line=1, fix="get Option Trades")


def _transform(content: bytes, name: str, _options: Options) -> Extract:
    _check_product(content, name)
    rows = csv_rows(decoded(content, name), name, ",", NEEDED, groups=GROUP)
    parsed = {
        "ts_ns": wall_ns("quote_datetime"),
        "root": text("root"),
        "underlying": text("underlying_symbol"),
        "expiry": day(rows, "expiration"),
        "strike": decimal(rows, "strike"),
        "right": text("option_type").replace_strict({"C": "call", "P": "put"}, default=None),
        "sequence": whole(rows, "sequence_number"),
        "price": decimal(rows, "trade_price"),
        "size": whole(rows, "trade_size"),
        "bid": quote(rows, "best_bid"),
        "ask": quote(rows, "best_ask"),
        "quote_ts_ns": pl.lit(None, pl.Int64),
        "condition": text("trade_condition_id"),
        "venue": text("exchange_id"),
        "cancel": whole(rows, "canceled_trade_condition_id") != 0,
    }
    return trades(name, rows, parsed, SAID, TRADES.name, "nxcore")


def _recognise(content: bytes) -> bool:
    found = first_names(content)
    return VENDOR in found or len(found & MARKS) >= 2


TRADES = Source(
    name="cboe.option_trades",
    about="option trades of Cboe DataShop with the quote of their instant",
    tables=frozenset({"option_trades"}),
    recognise=_recognise,
    transform=_transform,
)
