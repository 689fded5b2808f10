"""The SEC's fails to deliver: shares owed at the end of each settlement day.  A balance, not a flow.

``quantity`` is all that is owed on a day, whenever it was due: a difference of two days is new fails less old ones
cured.  The price is the close of the day before, ``.`` where there is none.  Quotation marks are literal.

A file ends with two lines that count its rows and shares; some lack both, and then nothing tells whether they are
whole.  Where a company changes its name, old and new CUSIP stand under one symbol for a day or two, at one price:
their shares are added up.  With another price it is another security, and only the first is taken.

A half month is known late: days 1 to 14 at the month's last day, later ones on the 15th of the next month, 18:00 New
York.  That is the SEC's own rule; it publishes at times a few days earlier or later.
"""

import csv
from dataclasses import replace
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
from overshort.sources.reading import csv_rows, day, decimal, first_names, text, whole
from overshort.sources.trailers import check, parted

__all__ = ["FAILS"]

DATE, QUANTITY = "SETTLEMENT DATE", "QUANTITY (FAILS)"
NEEDED = (DATE, "CUSIP", "SYMBOL", QUANTITY, "PRICE")
COUNT, TOTAL = r"Trailer record count (\d{1,15})", r"Trailer total quantity of shares (\d{1,18})"
MARK = b"\xef\xbb\xbf"
POSTED, HALF = time(18), 14
_RULES = (
    Rule("settlement date '{}' is not a date YYYYMMDD", [DATE], pl.col("session").is_not_null()),
    Rule("symbol '{}' has no letters or digits", ["symbol_raw"], pl.col("symbol") != ""),
    Rule("fails '{}' are not a whole number of shares, 0 or more", [QUANTITY], pl.col("quantity").is_not_null()),
    Rule("price '{}' is neither a number, 0 or more, nor '.'", ["PRICE"], pl.col("price_ok")),
)


def _decoded(content: bytes) -> str:
    """Give the text: Latin-1, which all bytes are, line ends as the SEC writes them or as Windows does."""
    return content.removeprefix(MARK).decode("latin-1")


def _rows(content: bytes, name: str) -> tuple[pl.DataFrame, bool]:
    """Give the rows, checked against the last lines, and whether there were any to check against."""
    body, shares = parted(_decoded(content), TOTAL)
    body, count = parted(body, COUNT)
    rows = csv_rows(body, name, "|", NEEDED, quoting=csv.QUOTE_NONE)
    line = int(rows["line"][-1]) + 1
    if (shares, count) != (None, None):
        check(name, "rows", count, rows.height, line)
        check(name, "shares", shares, rows.select(whole(rows, QUANTITY).sum()).item(), line + 1)
    return rows, shares is not None


def _publication() -> pl.Expr:
    settled = pl.col("session")
    next_month = settled.dt.month_start().dt.offset_by("1mo").dt.offset_by("14d")
    return pl.when(settled.dt.day() <= HALF).then(settled.dt.month_end()).otherwise(next_month).alias("published")


def _added_up(rows: pl.DataFrame) -> pl.DataFrame:
    """Add up the CUSIPs that share symbol, day and price."""
    same = rows.group_by("symbol", "symbol_raw", "session", "price", maintain_order=True)
    return same.agg(pl.col("quantity").sum(), pl.col("row").first(), pl.len().alias("cusips"))


def _remark(rows: pl.DataFrame, counted: bool) -> str:
    more = rows.filter(pl.col("cusips") > 1)
    two = f"{more.height} times two CUSIPs of one symbol and day are added up, the first time {{}}"
    told = [two.format(" ".join(map(str, more.select("symbol_raw", "session").row(0))))] if more.height else []
    return "; ".join([*told, *([] if counted else ["it has no lines that count it: whether it is whole is not known"])])


def _transform(content: bytes, name: str, _options: Options) -> Extract:
    rows, counted = _rows(content, name)
    price = decimal(rows, "PRICE")
    parsed = rows.with_columns(
        day(rows, DATE).alias("session"),
        text("SYMBOL").alias("symbol_raw"),
        letters_and_digits(pl.col("SYMBOL")).alias("symbol"),
        whole(rows, QUANTITY).alias("quantity"),
        pl.when(price >= 0).then(price).alias("price"),
        ((price >= 0) | (text("PRICE") == ".")).fill_null(False).alias("price_ok"),
    )
    sound, broken = sift(parsed, _RULES)
    once, twice = single(sound, ["symbol", "session", "CUSIP"], "symbol_raw")
    kept, again = single(_added_up(once), ["symbol", "session"], "symbol_raw")
    known = kept.with_columns(pl.lit("fails").alias("kind"), _publication()).with_columns(
        instant("published", POSTED).alias("known_at")
    )
    found = extracted(name, rows, {"flows": rows_of("flows", known, FAILS.name)}, [broken, twice, again])
    return replace(found, remark=_remark(kept, counted))


def _recognise(content: bytes) -> bool:
    return len(first_names(content) & {DATE, QUANTITY, "CUSIP"}) >= 2


FAILS = Source(
    name="sec.fails",
    about="the SEC's fails to deliver, a half month of settlement days",
    tables=frozenset({"flows"}),
    recognise=_recognise,
    transform=_transform,
)
