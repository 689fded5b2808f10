"""Databento's OPRA trades, as CSV and as DBN: trades alone, or each with the quote before it.

Databento gives no sale conditions, so that no leg is told: every trade is of leg ``unknown``, and never ``single``.
Of its layouts ``trades``, ``tbbo`` and ``tcbbo`` hold trades; the others, and other data sets such as futures, are
refused.  Prices are billionths, 2^63 - 1 none; CSV may write them as decimals, and instants as ISO text, instead.  The
venue is the publisher's id.  Reading DBN needs the package ``databento-dbn``; a file may be packed with zstd.

The layouts of DBN were read on the real samples of 2025-02-20; CSV is written from the documented columns.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import polars as pl
import zstandard

from overshort.errors import RefusedFile
from overshort.sources.contracts import contract_parts, underlying_of
from overshort.sources.declare import AGAIN, HEAD, Extract, Options, Source
from overshort.sources.reading import absent, csv_rows, decimal, decoded, first_names, text, whole
from overshort.sources.trades import trades

if TYPE_CHECKING:
    from databento_dbn import Metadata

__all__ = ["CSV", "DBN"]

DATASET = "OPRA.PILLAR"
LAYOUTS = ("trades", "tbbo", "tcbbo")
PACKED, BINARY = b"\x28\xb5\x2f\xfd", b"DBN"
BARE = "databento-trades"
"""Vendor of trades without quotes: beside the same trades with quotes they would pass for their correction."""
LARGEST, PIECE = 4 << 30, 1 << 14
NONE = 2**63 - 1
UNIT = 1_000_000_000
NEEDED = ("ts_event", "publisher_id", "action", "price", "size", "sequence", "symbol")
QUOTES = ("bid_px_00", "ask_px_00")
MARKS = frozenset({"ts_event", "publisher_id", "instrument_id", "ts_in_delta"})
GET = "get the layout trades, tbbo or tcbbo of OPRA.PILLAR"
_ISO = r"^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})\.(\d{9})Z$"
_SAID = {
    "ts_ns": "ts_event",
    "price": "price",
    "size": "size",
    "sequence": "sequence",
    "cancel": "action",
    **dict.fromkeys(("root", "underlying", "expiry", "strike", "right"), "symbol"),
}
_COLUMNS = {
    "ts_event": pl.Int64(),
    "publisher_id": pl.Int64(),
    "action": pl.String(),
    "price": pl.Float64(),
    "size": pl.Int64(),
    "sequence": pl.Int64(),
    "symbol": pl.String(),
    **dict.fromkeys(QUOTES, pl.Float64()),
}


def _unpacked(content: bytes, name: str) -> bytes:
    """Give the content, unpacked where it is zstd.

    Raises
    ------
    RefusedFile
        If it is damaged, ends too early, or is endless.
    """
    if not content.startswith(PACKED):
        return content
    unzipped, plain = _unzipped(), bytearray()
    try:
        for start in range(0, len(content), PIECE):
            plain += unzipped.decompress(content[start : start + PIECE])
            if len(plain) > LARGEST:
                raise RefusedFile(name, f"it unpacks to more than {LARGEST:,} bytes", fix="split it")
    except zstandard.ZstdError as error:
        raise RefusedFile(name, f"its zstd is damaged ({error})", fix=AGAIN) from None
    if not unzipped.eof:
        raise RefusedFile(name, "its zstd ends too early", fix=AGAIN)
    return bytes(plain)


def _unzipped() -> "zstandard.ZstdDecompressionObj":
    return zstandard.ZstdDecompressor(max_window_size=1 << 31).decompressobj()


def _beginning(content: bytes) -> bytes:
    """Give the beginning of a file, unpacked as far as it goes."""
    if not content.startswith(PACKED):
        return content[:HEAD]
    try:
        return _unzipped().decompress(content[: 4 * HEAD])[:HEAD]
    except zstandard.ZstdError:
        return b""


def _trades(name: str, rows: pl.DataFrame, source: str, prices: dict[str, pl.Expr], at: pl.Expr) -> Extract:
    """Put together the trades of either form; ``prices`` reads price and, where there are any, bid and ask."""
    parts = contract_parts(text("symbol"))
    nothing = {"bid": pl.lit(None, pl.Float64), "ask": pl.lit(None, pl.Float64)}
    parsed = (
        parts
        | nothing
        | prices
        | {
            "ts_ns": at,
            "underlying": underlying_of(parts["root"]),
            "sequence": whole(rows, "sequence"),
            "size": whole(rows, "size"),
            "quote_ts_ns": pl.lit(None, pl.Int64),
            "condition": pl.lit(None, pl.String),
            "venue": text("publisher_id"),
            "cancel": pl.when(text("action") == "T").then(False),
        }
    )
    if "bid" not in prices:
        return trades(name, rows, parsed, _SAID, source, None, BARE)
    return trades(name, rows, parsed, _SAID | dict(zip(("bid", "ask"), QUOTES, strict=True)), source, None)


def _check_layout(name: str, rows: pl.DataFrame) -> None:
    """Refuse a layout in which records other than trades stand, and symbols of another product."""
    other = rows.filter(text("action") != "T")
    if other.height:
        cause = f"{other.height:,} of its {rows.height:,} records are no trades (action {other['action'][0]!r})"
        raise RefusedFile(name, cause, line=other["line"][0], fix=GET)
    foreign = rows.filter(contract_parts(text("symbol"))["root"].is_null())
    if foreign.height == rows.height:
        cause = f"{foreign['symbol'][0]!r} is no option contract of OPRA: it is another product"
        raise RefusedFile(name, cause, line=foreign["line"][0], fix=GET)


def _csv_price(rows: pl.DataFrame, column: str, *, fixed: bool) -> pl.Expr:
    there = text(column) != str(NONE)
    if not fixed:
        return pl.when(there).then(decimal(rows, column))
    digits = pl.when(there & text(column).str.contains(r"^\d{1,18}$")).then(text(column).str.zfill(10))
    return pl.concat_str(digits.str.head(-9), pl.lit("."), digits.str.tail(9)).cast(pl.Float64)


def _csv_quote(rows: pl.DataFrame, column: str, *, fixed: bool) -> pl.Expr:
    missing = absent(rows, column) | (text(column) == str(NONE))
    number = pl.when(missing).then(0.0).otherwise(_csv_price(rows, column, fixed=fixed).fill_null(-1.0))
    return pl.when(number != 0).then(number)


def _csv_instant() -> pl.Expr:
    plain = text("ts_event")
    number = pl.when(plain.str.contains(r"^1\d{18}$|^20\d{17}$")).then(plain).cast(pl.Int64)
    seconds = plain.str.extract(_ISO, 1).str.to_datetime("%Y-%m-%dT%H:%M:%S", time_unit="us", strict=False)
    near = pl.when(seconds.dt.year().is_between(1990, 2040)).then(seconds)
    return pl.coalesce(number, near.dt.epoch("us") * 1000 + plain.str.extract(_ISO, 2).cast(pl.Int64))


def _csv(content: bytes, name: str, _options: Options) -> Extract:
    rows = csv_rows(decoded(_unpacked(content, name), name), name, ",", NEEDED, QUOTES)
    _check_layout(name, rows)
    fixed = not rows.select(text("price").str.contains(".", literal=True).any()).item()
    prices = {"price": _csv_price(rows, "price", fixed=fixed)}
    if set(QUOTES) <= set(rows.columns):
        prices |= {c: _csv_quote(rows, q, fixed=fixed) for c, q in zip(("bid", "ask"), QUOTES, strict=True)}
    return _trades(name, rows, CSV.name, prices, _csv_instant())


def _records(content: bytes, name: str) -> tuple["Metadata", list[Any]]:
    try:
        import databento_dbn as dbn
    except ImportError:
        cause = "it is DBN, which needs the package databento-dbn"
        raise RefusedFile(name, cause, fix="install overshort[databento], or get CSV") from None
    decoder = dbn.DBNDecoder()
    try:
        decoder.write(content)
        found = decoder.decode()
    except (dbn.DBNError, ValueError, OverflowError) as error:
        raise RefusedFile(name, f"its DBN cannot be read ({str(error)[:80]})", fix=AGAIN) from None
    if not found or not isinstance(found[0], dbn.Metadata) or decoder.buffer():
        raise RefusedFile(name, "its DBN ends within a record: it is cut off", fix=AGAIN)
    return found[0], found[1:]


def _symbols(metadata: "Metadata") -> dict[tuple[int, int], str]:
    """Give the symbol of an instrument's id on a day, counted from 1970."""
    out = {}
    for symbol, intervals in metadata.mappings.items():
        for interval in intervals:
            first, end = interval["start_date"], interval["end_date"]
            for day in range(_day(first), _day(end)):
                out[int(interval["symbol"] or -1), day] = symbol
    return out


def _day(day: Any) -> int:
    return int(day.toordinal()) - 719_163


def _values(records: list[Any], symbols: dict[tuple[int, int], str]) -> Iterator[tuple[object, ...]]:
    for r in records:
        pair = r.levels[0] if getattr(r, "levels", None) else None
        quotes = (pair.bid_px, pair.ask_px) if pair else (NONE, NONE)
        price, bid, ask = (None if v == NONE else v / UNIT for v in (r.price, *quotes))
        symbol = symbols.get((r.instrument_id, r.ts_event // (86_400 * UNIT)), f"instrument {r.instrument_id}")
        at = r.ts_event if r.ts_event <= NONE else None
        yield at, r.publisher_id, str(r.action), price, r.size, getattr(r, "sequence", 0), symbol, bid, ask


def _dbn(content: bytes, name: str, _options: Options) -> Extract:
    metadata, records = _records(_unpacked(content, name), name)
    if metadata.dataset != DATASET:
        raise RefusedFile(name, f"its data set is {metadata.dataset}, another product than {DATASET}", fix=GET)
    if str(metadata.schema) not in LAYOUTS:
        raise RefusedFile(name, f"its layout {metadata.schema} is not one of trades", fix=GET)
    if not records:
        raise RefusedFile(name, "it has a header and no rows", fix=AGAIN)
    frame = pl.DataFrame(list(_values(records, _symbols(metadata))), schema=_COLUMNS, orient="row")
    rows = frame.with_row_index("row").with_columns(pl.lit(None, pl.Int64).alias("line"))
    _check_layout(name, rows)
    quotes = {c: pl.when(pl.col(q) != 0).then(pl.col(q)) for c, q in zip(("bid", "ask"), QUOTES, strict=True)}
    prices = {"price": pl.col("price")} | ({} if str(metadata.schema) == "trades" else quotes)
    return _trades(name, rows, DBN.name, prices, pl.col("ts_event"))


def _is_dbn(content: bytes) -> bool:
    """Recognise DBN; and zstd that is damaged from its beginning on, which nobody else packs with."""
    beginning = _beginning(content)
    return beginning.startswith(BINARY) or (content.startswith(PACKED) and not beginning)


CSV = Source(
    name="databento.csv",
    about="option trades of Databento (OPRA), CSV",
    tables=frozenset({"option_trades"}),
    recognise=lambda content: len(first_names(_beginning(content)) & MARKS) >= 3,
    transform=_csv,
)
DBN = Source(
    name="databento.dbn",
    about="option trades of Databento (OPRA), DBN",
    tables=frozenset({"option_trades"}),
    recognise=_is_dbn,
    transform=_dbn,
)
