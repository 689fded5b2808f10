"""Option trades, whoever publishes them: contracts, sessions, conditions, and one number for each of equal rows.

1. A source says how each of :data:`PARSED` is read, and from which of its file's columns, which messages quote.
2. Rows that break a rule are faults; a price of 0 for a bid or an ask is none, as no such order can stand.
3. Sale conditions are looked up; a cancelled trade and the record that cancels it are both ``cancelled``.
4. Rows that share instant, contract and sequence number are counted through in the order of their values, so that the
   same trades in any other order get the same keys.  Equal rows are prints of their own: a tape repeats none.

A trade is known from its own instant on.  What trades after 17:00 New York belongs to the next session.
"""

from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from overshort.sources.conditions import Numbering, told, unlisted
from overshort.sources.contracts import is_contract, osi, placed, price_rule, spelled
from overshort.sources.declare import Extract, Rule, extracted, rows_of, sift
from overshort.sources.reading import DAYS, text

__all__ = ["MULTIPLIER", "PARSED", "trades", "wall_ns"]

PARSED = (
    *("ts_ns", "root", "underlying", "expiry", "strike", "right", "sequence", "price", "size"),
    *("bid", "ask", "quote_ts_ns", "condition", "venue", "cancel"),
)
"""What a source gives of every trade; ``right`` is ``call`` or ``put``; ``condition`` is null where none can be."""
MULTIPLIER = 100
"""Shares, or dollars a point, of a contract; that of adjusted contracts, whose roots end in a digit, may differ."""
LARGEST = 10_000_000
"""Sizes from here on are misreadings."""
OPENING = "CNCO"
"""OPRA's name of a cancellation of the opening report."""
_KEY = ("session", "ts_ns", "contract", "sequence")
_RAW = "as read "
_WALL = r"^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}:\d{2}(\.\d{1,6})?$"


def wall_ns(column: str) -> pl.Expr:
    """Give New York wall-clock times ``YYYY-MM-DD HH:MM:SS.ffffff`` as nanoseconds since 1970; null for others."""
    plain = pl.when(text(column).str.contains(_WALL)).then(text(column).str.replace("T", " "))
    wall = plain.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="us", strict=False)
    near = pl.when(wall.dt.date().is_between(*DAYS)).then(wall)
    zoned = near.dt.replace_time_zone("America/New_York", ambiguous="earliest", non_existent="null")
    return zoned.dt.epoch("us") * 1000


def _rules(said: Mapping[str, str]) -> list[Rule]:
    """Give the rules of a trade; ``said`` names the file's own column for each of the parsed ones."""
    own = {c: f"{_RAW}{column}" for c, column in said.items()}
    contract = list(dict.fromkeys(own[c] for c in ("root", "expiry", "strike", "right")))
    symbol = " ".join("'{}'" for _ in contract)
    sizes = f"a number of contracts from 1 to {LARGEST:,}"
    return [
        Rule("time '{}' cannot be read, or is on no session", [own["ts_ns"]], pl.col("session").is_not_null()),
        Rule(f"{symbol} is no option contract", contract, is_contract()),
        Rule("underlying '{}' has no letters or digits", [own["underlying"]], pl.col("underlying") != ""),
        price_rule("price", own["price"]),
        Rule(f"size '{{}}' is not {sizes}", [own["size"]], pl.col("size").is_between(1, LARGEST, closed="left")),
        Rule("sequence number '{}' is none", [own["sequence"]], pl.col("sequence") >= 0),
        Rule("cancellation '{}' is not a number", [own["cancel"]], pl.col("cancel").is_not_null()),
        *(price_rule(c, own[c], needed=False) for c in ("bid", "ask") if c in own),
    ]


def _numbered(sound: pl.DataFrame) -> pl.DataFrame:
    told_apart = ["price", "size", "bid", "ask", "quote_ts_ns", "condition", "venue", "cancel"]
    ordered = sound.drop("row").sort(*_KEY, *told_apart)
    return ordered.with_columns(pl.int_range(pl.len()).over(_KEY).alias("row"))


def _classed(sound: pl.DataFrame, numbering: Numbering | None) -> tuple[pl.DataFrame, str]:
    """Add ``opra`` and ``leg``, and say which conditions are unknown; a vendor without conditions tells no legs."""
    if numbering is None:
        bare = sound.with_columns(pl.lit(None, pl.String).alias("opra"), pl.lit("unknown").alias("leg"))
        return bare.with_columns(_cancelled()), ""
    classed = told(sound.with_columns(pl.col("condition").fill_null("")), numbering)
    remark = unlisted(classed.filter(~pl.col("listed"))["condition"])
    whole = classed.with_columns((pl.col("cancel") | (pl.col("leg") == "cancelled")).alias("cancel"))
    blank = pl.when(pl.col("condition") != "").then("condition").alias("condition")
    return whole.with_columns(_cancelled(), blank), remark


def _cancelled() -> pl.Expr:
    return pl.when("cancel").then(pl.lit("cancelled")).otherwise("leg").alias("leg")


def _linked(classed: pl.DataFrame) -> tuple[pl.DataFrame, str]:
    """Mark the trades that cancellations are about, and say how many of these are about none on file.

    A cancellation repeats contract, price, size and venue of its trade: of those before it that are not cancelled yet
    it is the last, or the first where the opening report is cancelled.
    """
    alike = ["session", "contract", "price", "size", "venue"]
    touched = classed.filter("cancel").select(alike).unique()
    own = classed.join(touched, on=alike, how="semi", nulls_equal=True).sort("ts_ns", "sequence", "row")
    standing: dict[tuple[object, ...], list[int]] = {}
    cancelled: list[int] = []
    lost = 0
    for *key, row, cancel, opra in own.select(*alike, "row", "cancel", "opra").iter_rows():
        earlier = standing.setdefault(tuple(key), [])
        if not cancel:
            earlier.append(row)
        elif earlier:
            cancelled.append(earlier.pop(0 if opra == OPENING else -1))
        else:
            lost += 1
    gone = pl.col("row").is_in(pl.Series(cancelled, dtype=classed.schema["row"]).implode())
    marked = classed.with_columns((pl.col("cancel") | gone).alias("cancel")).with_columns(_cancelled())
    said = f"{lost:,} cancellation{'s' * (lost > 1)} of trades that are not in the file" if lost else ""
    return marked, said


def trades(
    name: str,
    rows: pl.DataFrame,
    parsed: Mapping[str, pl.Expr],
    said: Mapping[str, str],
    source: str,
    numbering: Numbering | None,
    vendor: str | None = None,
    *,
    unlinked: bool = False,
) -> Extract:
    """Put together what a file of trades gave.

    Parameters
    ----------
    rows
        As read.
    parsed
        How each of :data:`PARSED` is read from them.
    said
        From which column; ``bid`` and ``ask`` left out where there are none.
    source
        The source; what stands before its first point is the vendor, where that is not given.
    numbering
        Of its sale conditions; ``None`` where it gives none.
    unlinked
        A cancellation is a record of its own that names no trade: look for the trade.

    Raises
    ------
    RefusedFile
        If too many rows are faulty.
    """
    own = [pl.col(c).alias(f"{_RAW}{c}") for c in dict.fromkeys(said.values())]
    frame = rows.select("row", *own, *(parsed[c].alias(c) for c in PARSED))
    sound, broken = sift(placed(frame.with_columns(spelled())), _rules(said))
    classed, remark = _classed(sound.with_columns(osi().alias("contract")), numbering)
    if unlinked:
        classed, lost = _linked(classed)
        remark = "; ".join(filter(None, (remark, lost)))
    constant = {"vendor": vendor or source.partition(".")[0], "multiplier": MULTIPLIER}
    whole = _numbered(classed).with_columns(pl.lit(v).alias(c) for c, v in constant.items())
    table = {"option_trades": rows_of("option_trades", whole, source)}
    return replace(extracted(name, rows, table, [broken]), remark=remark)
