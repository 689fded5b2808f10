"""FINRA's daily short-sale volume (Reg SHO): off-exchange trades of one day, never short interest.

Two kinds of files have the same form.  The consolidated one adds up the facilities that report trades in listed
securities and names several of them in a row (``B,Q,N``): kind ``short_volume``.  A facility's own names the same one
letter in all rows: kind ``short_volume_`` and the letter, B and Q the Nasdaq facilities of Chicago and Carteret, N the
New York one, D the Alternative Display Facility, O the one for over-the-counter securities.  On 2021-06-04 the
consolidated file equals B + Q + N for each of 9,661 symbols, and no symbol of O stands in it: for over-the-counter
securities ``short_volume_o`` is the whole.  It keeps its letter all the same, for a security that moves between the
markets may stand in both files of one day, and the second would pass for a correction of the first.

Short volume includes short-exempt volume.  Volumes have fractions since 2026.  Symbols are spelled as the tape does,
with lower-case letters for what FINRA's short interest writes out: ``TpC`` is TPRC there (a preferred share), and not
TPC, which is another company.  Of 427 preferred shares of that day all are found there as written out, 4 as they
stand, and three of those 4 are the common shares of other companies.
"""

import csv
from datetime import time

import polars as pl

from overshort.sources.declare import (
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
from overshort.sources.reading import csv_rows, day, decimal, decoded, first_names, text
from overshort.sources.trailers import check, parted

__all__ = ["SHORT_VOLUME"]

NEEDED = ("Date", "Symbol", "ShortVolume", "TotalVolume", "Market")
MARKS = frozenset({"ShortVolume", "ShortExemptVolume", "TotalVolume"})
FACILITIES = "BQNDO"
SUFFIXES = {"p": "PR", "r": "RT", "w": "WI"}
"""Preferred share, right, when issued: the tape's letter, and how FINRA's short interest writes it."""
POSTED = time(18)
_VOLUME = "is not a number of shares, 0 or more"
_RULES = (
    Rule("date '{}' is not a date YYYYMMDD", ["Date"], pl.col("session").is_not_null()),
    Rule("symbol '{}' has no letters or digits", ["symbol_raw"], pl.col("symbol") != ""),
    Rule(f"short volume '{{}}' {_VOLUME}", ["ShortVolume"], pl.col("quantity") >= 0),
    Rule(f"total volume '{{}}' {_VOLUME}", ["TotalVolume"], pl.col("total") >= 0),
    Rule(
        "short volume {} is more than the total {}",
        ["ShortVolume", "TotalVolume"],
        pl.col("quantity") <= pl.col("total"),
    ),
    Rule(
        f"market '{{}}' is not made of the letters {', '.join(FACILITIES)}",
        ["Market"],
        text("Market").str.contains(f"^[{FACILITIES}](,[{FACILITIES}])*$"),
    ),
)


def _kind(rows: pl.DataFrame) -> pl.Expr:
    """Tell a facility's own file, whose rows all name the same one letter, from the consolidated one."""
    named = rows.select(text("Market").unique()).to_series().to_list()
    own = len(named) == 1 and len(named[0]) == 1
    return pl.lit(f"short_volume_{named[0].lower()}" if own else "short_volume").alias("kind")


def _symbol() -> pl.Expr:
    return letters_and_digits(text("Symbol").str.replace_many(SUFFIXES))


def _transform(content: bytes, name: str, _options: Options) -> Extract:
    body, said = parted(decoded(content, name), r"(\d{1,12})")
    rows = csv_rows(body, name, "|", NEEDED, quoting=csv.QUOTE_NONE)
    check(name, "rows", said, rows.height, int(rows["line"][-1]) + 1)
    parsed = rows.with_columns(
        day(rows, "Date").alias("session"),
        text("Symbol").alias("symbol_raw"),
        _symbol().alias("symbol"),
        decimal(rows, "ShortVolume").alias("quantity"),
        decimal(rows, "TotalVolume").alias("total"),
    )
    sound, broken = sift(parsed, _RULES)
    kept, again = single(sound, ["symbol", "session"], "symbol_raw")
    known = kept.with_columns(_kind(kept), instant("session", POSTED).alias("known_at"))
    return extracted(name, rows, {"flows": rows_of("flows", known, SHORT_VOLUME.name)}, [broken, again])


def _recognise(content: bytes) -> bool:
    return len(first_names(content) & MARKS) >= 2


SHORT_VOLUME = Source(
    name="finra.short_volume",
    about="FINRA's daily short-sale volume, of all facilities or of one",
    tables=frozenset({"flows"}),
    recognise=_recognise,
    transform=_transform,
)
