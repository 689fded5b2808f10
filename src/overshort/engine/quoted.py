"""Option trades with the quotes before them: what a vendor's separate files of trades and of quotes make together.

1. A trade that came with a quote, be it only an instant or one side of one, is left as it is.
2. Of the others those whose contract has quotes of the same vendor in the same session get the newest of these that
   is strictly before the trade: a quote of the trade's own instant may be its consequence.  Of quotes of one instant
   the one with the highest sequence number counts.
3. A trade with its quote is known once both are.

Quotes are many: they are read session by session, and of a session only those of contracts that lack any.
"""

from collections.abc import Iterator

import polars as pl
from polars.io.plugins import register_io_source

from overshort.store import asof

__all__ = ["quoted"]

_SAME = ("vendor", "session", "contract")
_QUOTE = ("bid", "ask", "quote_ts_ns")
_NEEDED = frozenset({*_SAME, *_QUOTE, "ts_ns", "known_at"})
_NO = pl.lit(False).alias("joined")


def quoted(trades: pl.LazyFrame, quotes: pl.LazyFrame) -> pl.LazyFrame:
    """Join quotes to the trades that came without one.

    Parameters
    ----------
    trades
        Rows of table ``option_trades``, one vintage a key.
    quotes
        Rows of table ``option_quotes``; of several vintages of a key the newest counts.

    Returns
    -------
    LazyFrame
        The trades, in no particular order, with ``joined``: whether the quote comes from table ``option_quotes``.  A
        trade without a quote before it keeps its nulls.

    Notes
    -----
    Only the trades that lack a quote and the quotes of their contracts are sorted: where there are none of either,
    nothing is.
    """
    lacks = pl.all_horizontal(pl.col(c).is_null() for c in _QUOTE)
    bare = trades.filter(lacks)

    def parts(
        columns: list[str] | None, predicate: pl.Expr | None, most: int | None, _batch: int | None
    ) -> Iterator[pl.DataFrame]:
        roots = () if predicate is None else predicate.meta.root_names()
        read = [c for c in kinds if columns is None or c in {*columns, *roots, *_NEEDED}]
        for part in _parts(bare.select(c for c in read if c != "joined").collect(), quotes):
            held = part if predicate is None else part.filter(predicate)
            found = (held if columns is None else held.select(columns)).collect()
            yield found if most is None else found.head(most)
            most = None if most is None else max(0, most - found.height)

    kinds = {**trades.collect_schema(), "joined": pl.Boolean()}
    return pl.concat([trades.filter(~lacks).with_columns(_NO), register_io_source(parts, schema=kinds)])


def _parts(bare: pl.DataFrame, quotes: pl.LazyFrame) -> Iterator[pl.LazyFrame]:
    """Give the trades without a quote of their own: first those of sessions without any, then session by session."""
    days = quotes.select(pl.col("session").unique()).collect(engine="streaming")["session"]
    both = sorted(set(days) & set(bare["session"].unique()))
    others = bare.filter(~pl.col("session").is_in(both)) if both else bare
    yield others.lazy().with_columns(_NO)
    for day in both:
        own = pl.col("session") == day
        yield _session(bare.lazy().filter(own), quotes.filter(own))


def _session(bare: pl.LazyFrame, quotes: pl.LazyFrame) -> pl.LazyFrame:
    some = quotes.select(_SAME).unique()
    none = bare.join(some, on=_SAME, how="anti").with_columns(_NO)
    return pl.concat([none, _joined(bare.join(some, on=_SAME, how="semi"), quotes)])


def _joined(trades: pl.LazyFrame, quotes: pl.LazyFrame) -> pl.LazyFrame:
    columns = trades.collect_schema().names()
    theirs = {c: f"quote_{c}" for c in ("ts_ns", "sequence", "known_at")}
    own = quotes.join(trades.select(_SAME).unique(), on=_SAME, how="semi").rename(theirs)
    found = asof.join_newest(
        trades.drop(_QUOTE),
        own.select(*_SAME, "bid", "ask", *theirs.values()),
        by=_SAME,
        left_on="ts_ns",
        right_on="quote_ts_ns",
        then=("quote_sequence", "quote_known_at"),
        strict=True,
    )
    both = pl.max_horizontal("known_at", "quote_known_at").alias("known_at")
    return found.with_columns(both).select(*columns, pl.col("quote_ts_ns").is_not_null().alias("joined"))
