"""Sessions whose trades and quotes come apart, as a vendor's separate files have them, with quotes that mislead.

1. Of every fourth session the trades lose their quotes.  What a trade had stands in table ``option_quotes`` a
   nanosecond before it; so does an empty quote where it had none.
2. Around it stand others by which the trade would be of another side: half a second before, at the same instant with
   a lower sequence number, at the trade's own instant, and after it.
"""

import polars as pl

from overshort.demo.tables import typed

__all__ = ["EVERY", "parted"]

EVERY, FIRST = 4, 2
TICK = 0.05
LACKS = ("bid", "ask", "quote_ts_ns")
MISLEADING = {1: -500_000_000, 2: -1, 4: 0, 5: 1}
TRUE = {3: -1}
"""Last digit of the sequence number, and nanoseconds after the trade."""


def parted(trades: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Part trades from their quotes in some sessions.

    Parameters
    ----------
    trades
        Table ``option_trades``, in whole seconds.

    Returns
    -------
    tuple of DataFrame
        Tables ``option_trades`` and ``option_quotes``.  Sessions in which a contract trades twice in one instant stay
        as they are: their trades would share what misleads.
    """
    twice = pl.struct("contract", "ts_ns").is_duplicated().any().over("session")
    own = (pl.col("session").rank("dense") % EVERY == FIRST) & ~twice
    bare = trades.filter(own)
    without = trades.with_columns(pl.when(~own).then(pl.col(c)).alias(c) for c in LACKS)
    at_bid = (pl.col("price") == pl.col("bid")) & (pl.col("bid") < pl.col("ask"))
    low = pl.when(at_bid.fill_null(False)).then(pl.col("price") - TICK).otherwise("price").round(2)
    wrong = bare.with_columns(low.alias("bid"), (low + TICK).round(2).alias("ask"))
    rows = [*(_at(bare, *t) for t in TRUE.items()), *(_at(wrong, *w) for w in MISLEADING.items())]
    return typed("option_trades", without), typed("option_quotes", pl.concat(rows))


def _at(quotes: pl.DataFrame, digit: int, after: int) -> pl.DataFrame:
    stamp = pl.col("ts_ns") + after
    known = ((stamp + 999) // 1000).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    return quotes.with_columns(stamp.alias("ts_ns"), pl.col("sequence") * 10 + digit, known.alias("known_at"))
