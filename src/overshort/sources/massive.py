"""Massive's (Polygon's) flat files of option trades: OPRA's trades with their conditions, and no quotes.

Written from the documented columns and never run against the vendor.  Bid and ask are null, so that no side can be
told: to join the quotes strictly before each trade is not done, and the flat file of quotes is refused, because every
row in the store comes from one file, by which it can be read again.  There are no sequence numbers, and equal rows are
separate prints.  A ``correction`` other than 0 marks a trade that was cancelled or corrected: it counts as cancelled.
"""

import polars as pl

from overshort.errors import RefusedFile
from overshort.sources.declare import Extract, Options, Source
from overshort.sources.reading import absent, csv_rows, decimal, decoded, first_names, text, whole
from overshort.sources.trades import contract_parts, trades, underlying_of

__all__ = ["TRADES"]

NEEDED = ("ticker", "conditions", "correction", "exchange", "price", "sip_timestamp", "size")
MARKS = frozenset({"ticker", "sip_timestamp", "correction", "conditions"})
ITS_OWN = frozenset({"participant_timestamp", "tape", "trf_id"})
"""Columns of the same vendor's trades of stocks."""
QUOTED = frozenset({"ticker", "sip_timestamp", "bid_price", "ask_price"})
"""Columns of its flat files of quotes."""
SAID = {
    "ts_ns": "sip_timestamp",
    "price": "price",
    "size": "size",
    "cancel": "correction",
    **dict.fromkeys(("root", "underlying", "expiry", "strike", "right", "sequence"), "ticker"),
}


def _check_product(rows: pl.DataFrame, name: str) -> None:
    """Refuse the vendor's trades of stocks, indices and the like."""
    if not rows.select(text("ticker").str.starts_with("O:").any()).item():
        cause = f"'{rows['ticker'][0]}' is no option: it is another product"
        raise RefusedFile(name, cause, line=rows["line"][0], fix="get us_options_opra/trades_v1")


def _check_no_quotes(content: bytes, name: str) -> None:
    if first_names(content) >= QUOTED:
        fix = "take a tape that has each trade's quote: Cboe DataShop, ThetaData or Databento's tbbo"
        raise RefusedFile(name, "it holds quotes, which are not joined to the trades of another file", fix=fix)


def _transform(content: bytes, name: str, _options: Options) -> Extract:
    _check_no_quotes(content, name)
    rows = csv_rows(decoded(content, name), name, ",", NEEDED)
    _check_product(rows, name)
    parts = contract_parts(text("ticker").str.strip_prefix("O:"))
    parsed = parts | {
        "underlying": underlying_of(parts["root"]),
        "ts_ns": _nanoseconds(),
        "sequence": pl.lit(0, pl.Int64),
        "price": decimal(rows, "price"),
        "size": whole(rows, "size"),
        "bid": pl.lit(None, pl.Float64),
        "ask": pl.lit(None, pl.Float64),
        "quote_ts_ns": pl.lit(None, pl.Int64),
        "condition": text("conditions").replace("0", ""),
        "venue": text("exchange"),
        "cancel": pl.when(absent(rows, "correction")).then(False).otherwise(whole(rows, "correction") != 0),
    }
    return trades(name, rows, parsed, SAID, TRADES.name, "opra")


def _nanoseconds() -> pl.Expr:
    """Give nanoseconds since 1970, 19 digits of them: fewer are another unit."""
    plain = text("sip_timestamp")
    return pl.when(plain.str.contains(r"^1\d{18}$|^20\d{17}$")).then(plain).cast(pl.Int64)


def _recognise(content: bytes) -> bool:
    found = first_names(content)
    return (len(found & MARKS) >= 3 or found >= QUOTED) and not found & ITS_OWN


TRADES = Source(
    name="massive.option_trades",
    about="option trades of a Massive (Polygon) flat file, without quotes",
    tables=frozenset({"option_trades"}),
    recognise=_recognise,
    transform=_transform,
)
