"""Shares outstanding and free float as a newspaper's market pages showed them, with the date of each sighting.

Its short-interest columns are not read: FINRA is the source of those.  Counts were printed with two decimals of a
million or of a billion, so ``rounding`` is 10,000 or 10,000,000 shares by the larger of the two counts, and 1 below
a million.  Many rows show neither count (the page listed the short position alone): they are left out.
"""

import polars as pl

from overshort.sources.declare import (
    NIGHT,
    Extract,
    Options,
    Rule,
    Source,
    extracted,
    instant,
    letters_and_digits,
    rows_of,
    sift,
    single,
)
from overshort.sources.reading import absent, day, decimal, parquet_columns, parquet_rows, text

__all__ = ["SHARES"]

COUNTS = {"outstanding": "shares_outstanding", "float": "public_float"}
SEEN = "first_seen_commit_date"
_RULES = (
    Rule("symbol '{}' has no letters or digits", ["symbol_raw"], pl.col("symbol_") != ""),
    Rule("date '{}' is not a date YYYY-MM-DD", [SEEN], pl.col("at").is_not_null()),
    Rule(
        "outstanding '{}' and float '{}' are no numbers of shares above 0",
        list(COUNTS.values()),
        pl.any_horizontal(pl.col(c).is_not_null() for c in COUNTS),
    ),
)


def _rounding() -> pl.Expr:
    larger = pl.max_horizontal(*COUNTS)
    return pl.when(larger >= 1e9).then(10_000_000).when(larger >= 1e6).then(10_000).otherwise(1)


def _transform(content: bytes, name: str, _options: Options) -> Extract:
    given = parquet_rows(content, name, ["symbol", *COUNTS.values(), SEEN])
    silent = pl.all_horizontal(absent(given, c) for c in COUNTS.values())
    rows = given.filter(~silent)
    counts = {c: decimal(rows, theirs) for c, theirs in COUNTS.items()}
    parsed = rows.with_columns(
        text("symbol").alias("symbol_raw"),
        letters_and_digits(pl.col("symbol").fill_null("")).alias("symbol_"),
        day(rows, SEEN).alias("at"),
        *(pl.when(e > 0).then(e).alias(c) for c, e in counts.items()),
    )
    sound, broken = sift(parsed, _RULES)
    known = sound.with_columns(
        pl.col("symbol_").alias("symbol"), _rounding().alias("rounding"), instant("at", NIGHT).alias("known_at")
    )
    kept, again = single(known, ["symbol", "at"], "symbol_raw")
    return extracted(name, rows, {"shares": rows_of("shares", kept, SHARES.name)}, [broken, again])


def _recognise(content: bytes) -> bool:
    columns = parquet_columns(content) or frozenset()
    return SEEN in columns and bool(columns & {*COUNTS.values()})


SHARES = Source(
    name="wsj.shares",
    about="shares outstanding and free float as first seen on a newspaper's market pages",
    tables=frozenset({"shares"}),
    recognise=_recognise,
    transform=_transform,
)
