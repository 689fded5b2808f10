"""Massive's (Polygon's) flat files of options: OPRA's trades with their conditions, and OPRA's quotes.

Written from the documented columns and never run against the vendor.

The trades have no bid or ask: their sides come from the quotes, once a file of these is imported too, each trade's from
the newest quote strictly before it.  There are no sequence numbers, and equal rows are separate prints.  A
``correction`` other than 0 marks a trade that was cancelled or corrected: it counts as cancelled.

Of quotes every row is kept but those that repeat another in all.  Where two rows give one contract, instant and
sequence number different prices nobody can tell which stood: both are refused, and the contract counts as unquoted from
that instant to its next quote.
"""

import polars as pl

from overshort.errors import RefusedFile
from overshort.sources.contracts import (
    contract_parts,
    is_contract,
    osi,
    placed,
    price_rule,
    quote,
    spelled,
    underlying_of,
)
from overshort.sources.declare import Extract, Options, Rule, Source, extracted, faults_of, rows_of, sift
from overshort.sources.reading import absent, csv_rows, decimal, decoded, first_names, text, whole
from overshort.sources.trades import trades

__all__ = ["QUOTES", "TRADES"]

VENDOR = "massive"
NEEDED = ("ticker", "conditions", "correction", "exchange", "price", "sip_timestamp", "size")
MARKS = frozenset({"ticker", "sip_timestamp", "correction", "conditions"})
QUOTED = ("ticker", "ask_price", "bid_price", "sequence_number", "sip_timestamp")
QUOTE_MARKS = frozenset({"ticker", "sip_timestamp", "bid_price", "ask_price"})
ITS_OWN = frozenset({"participant_timestamp", "tape", "trf_id"})
"""Columns of the same vendor's trades and quotes of stocks and currencies."""
MOST = 750_000_000
"""Bytes of quotes that are read at once, about 10 M rows, for which 6 GB of memory are enough; a file of the whole
market has a thousand times as many."""
SAID = {
    "ts_ns": "sip_timestamp",
    "price": "price",
    "size": "size",
    "cancel": "correction",
    **dict.fromkeys(("root", "underlying", "expiry", "strike", "right", "sequence"), "ticker"),
}
_KEY = ("session", "ts_ns", "contract", "sequence")
_RAW = "as read "


def _check_product(rows: pl.DataFrame, name: str, product: str) -> None:
    """Refuse the vendor's files of stocks, indices and the like."""
    if not rows.select(text("ticker").str.starts_with("O:").any()).item():
        cause = f"'{rows['ticker'][0]}' is no option: it is another product"
        raise RefusedFile(name, cause, line=rows["line"][0], fix=f"get us_options_opra/{product}")


def _symbol() -> pl.Expr:
    return text("ticker").str.strip_prefix("O:")


def _transform(content: bytes, name: str, _options: Options) -> Extract:
    rows = csv_rows(decoded(content, name), name, ",", NEEDED)
    _check_product(rows, name, "trades_v1")
    parts = contract_parts(_symbol())
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
    return trades(name, rows, parsed, SAID, TRADES.name, "opra", VENDOR)


def _nanoseconds() -> pl.Expr:
    """Give nanoseconds since 1970, 19 digits of them: fewer are another unit."""
    plain = text("sip_timestamp")
    return pl.when(plain.str.contains(r"^1\d{18}$|^20\d{17}$")).then(plain).cast(pl.Int64)


def _check_quotes(content: bytes, name: str) -> None:
    if own := sorted(first_names(content) & ITS_OWN):
        cause = f"its column {own[0]} is of quotes of stocks or currencies: it is another product"
        raise RefusedFile(name, cause, line=1, fix="get us_options_opra/quotes_v1")
    if len(content) > MOST:
        fix = "keep its header line and the lines of the underlyings that you follow (O:VIX, O:VIXW), or split it"
        raise RefusedFile(name, f"it holds {len(content):,} bytes of quotes, more than {MOST:,}", fix=fix)


def _transform_quotes(content: bytes, name: str, _options: Options) -> Extract:
    _check_quotes(content, name)
    rows = csv_rows(decoded(content, name), name, ",", QUOTED)
    _check_product(rows, name, "quotes_v1")
    sound, broken = sift(placed(_quotes(rows)), _rules())
    taken, unclear = _single(sound)
    table = {"option_quotes": rows_of("option_quotes", taken.with_columns(vendor=pl.lit(VENDOR)), QUOTES.name)}
    return extracted(name, rows, table, [broken, unclear])


def _quotes(rows: pl.DataFrame) -> pl.DataFrame:
    """Read the columns; the contract is null where the symbol is none."""
    own = [pl.col(c).alias(f"{_RAW}{c}") for c in QUOTED]
    frame = rows.select(
        "row",
        *own,
        _nanoseconds().alias("ts_ns"),
        whole(rows, "sequence_number").alias("sequence"),
        *(quote(rows, f"{c}_price").alias(c) for c in ("bid", "ask")),
    )
    return frame.join(_contracts(rows), on=f"{_RAW}ticker", how="left", maintain_order="left")


def _contracts(rows: pl.DataFrame) -> pl.DataFrame:
    """Read every symbol once, however many quotes it has."""
    symbols = rows.select(pl.col("ticker").unique())
    parts = contract_parts(_symbol())
    parsed = parts | {"underlying": underlying_of(parts["root"])}
    frame = symbols.select(pl.col("ticker").alias(f"{_RAW}ticker"), *(e.alias(c) for c, e in parsed.items()))
    contract = pl.when(is_contract()).then(osi()).alias("contract")
    return frame.with_columns(spelled()).select(f"{_RAW}ticker", "underlying", contract)


def _rules() -> list[Rule]:
    stamp, symbol, sequence = (f"{_RAW}{c}" for c in ("sip_timestamp", "ticker", "sequence_number"))
    return [
        Rule("time '{}' cannot be read, or is on no session", [stamp], pl.col("session").is_not_null()),
        Rule("'{}' is no option contract", [symbol], pl.col("contract").is_not_null()),
        Rule("sequence number '{}' is none", [sequence], pl.col("sequence") >= 0),
        *(price_rule(c, f"{_RAW}{c}_price", needed=False) for c in ("bid", "ask")),
    ]


def _single(sound: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Part one quote of each key from the faults: the quotes whose key has others, in place of which none stands."""
    if sound.select(_KEY).hash_rows().n_unique() == sound.height:  # equal keys have equal hashes
        return sound, faults_of()
    once = sound.unique([*_KEY, "bid", "ask"], keep="first", maintain_order=True)
    several = pl.len().over(_KEY) > 1
    unclear = once.filter(several).select(*_KEY).unique(maintain_order=True)
    if unclear.is_empty():
        return once, faults_of()
    both = sound.join(unclear, on=list(_KEY), how="semi").sort("row")
    said = "'{}' has another quote of instant {} and sequence number {}: which one stood cannot be told"
    reason = pl.format(said, f"{_RAW}ticker", "ts_ns", "sequence")
    unquoted = both.unique(_KEY, keep="first", maintain_order=True).with_columns(
        pl.lit(None, pl.Float64).alias(c) for c in ("bid", "ask")
    )
    faults = both.select("row", pl.lit("two quotes of one key").alias("rule"), reason.alias("reason"))
    return pl.concat([once.filter(~several), unquoted]), faults


def _recognise(content: bytes) -> bool:
    found = first_names(content)
    return len(found & MARKS) >= 3 and not found & ITS_OWN


TRADES = Source(
    name="massive.option_trades",
    about="option trades of a Massive (Polygon) flat file, without quotes",
    tables=frozenset({"option_trades"}),
    recognise=_recognise,
    transform=_transform,
)
QUOTES = Source(
    name="massive.option_quotes",
    about="option quotes of a Massive (Polygon) flat file, cut to the underlyings followed",
    tables=frozenset({"option_quotes"}),
    recognise=lambda content: len(first_names(content) & QUOTE_MARKS) >= 3,
    transform=_transform_quotes,
)
