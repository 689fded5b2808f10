"""Invesco's holdings file of a fund that follows an index: QQQ for the Nasdaq-100.

Holding tickers are padded with blanks, weights are percent of the fund, the date stands in every row.
"""

import polars as pl

from overshort.errors import RefusedFile
from overshort.sources.declare import (
    AGAIN,
    Extract,
    Options,
    Rule,
    Source,
    extracted,
    letters_and_digits,
    rows_of,
    sift,
    single,
)
from overshort.sources.lists import agreed_date, agreed_index, snapshot
from overshort.sources.reading import absent, csv_rows, day, decimal, decoded, first_names, text

__all__ = ["HOLDINGS"]

FUNDS = {"QQQ": "NDX"}
NEEDED = ("Fund Ticker", "Holding Ticker", "Weight", "Date")
OTHER_KINDS = r"(?i)currency|cash|money market|futures?\b|warrant|\brights?\b"
"""Classes that are no shares; the only file on record holds common stock and depositary receipts alone."""
_RULES = (
    Rule("holding ticker '{}' has no letters or digits", ["Holding Ticker"], pl.col("symbol") != ""),
    Rule("date '{}' is not a date MM/DD/YYYY", ["Date"], pl.col("day").is_not_null()),
    Rule("weight '{}' is not a number of percent", ["Weight"], pl.col("weight_ok")),
)


def _only(name: str, rows: pl.DataFrame, column: str, what: str) -> str:
    found = rows.select(text(column).unique(maintain_order=True)).to_series().to_list()
    if len(found) > 1:
        cause = f"it holds several {what}, {found[0]!r} and {found[1]!r}, and must hold one"
        raise RefusedFile(name, cause, fix="give each list as a file of its own")
    return str(found[0])


def _shares(rows: pl.DataFrame) -> pl.DataFrame:
    if "Class of Shares" not in rows.columns:
        return rows
    return rows.filter(~pl.col("Class of Shares").str.contains(OTHER_KINDS))


def _transform(content: bytes, name: str, options: Options) -> Extract:
    rows = _shares(csv_rows(decoded(content, name), name, ",", NEEDED, ["Class of Shares"]))
    if not rows.height:
        raise RefusedFile(name, "it holds no shares", fix=AGAIN)
    fund = _only(name, rows, "Fund Ticker", "funds")
    index = agreed_index(name, FUNDS.get(fund), options, fund)
    weight = decimal(rows, "Weight")
    parsed = rows.with_columns(
        text("Holding Ticker").alias("symbol_raw"),
        letters_and_digits(pl.col("Holding Ticker")).alias("symbol"),
        day(rows, "Date").alias("day"),
        (weight / 100).alias("weight"),
        (weight.is_not_null() | absent(rows, "Weight")).alias("weight_ok"),
    )
    sound, broken = sift(parsed, _RULES)
    kept, again = single(sound, ["symbol"], "symbol_raw")
    if not kept.height:
        return extracted(name, rows, {}, [broken, again])
    _only(name, kept, "day", "dates")
    dated = agreed_date(name, kept["day"][0], options, None)
    table = rows_of("membership", snapshot(kept, index, dated), HOLDINGS.name)
    return extracted(name, rows, {"membership": table}, [broken, again])


def _recognise(content: bytes) -> bool:
    found = first_names(content)
    return "Holding Ticker" in found and bool(found & {"Fund Ticker", "Security Identifier"})


HOLDINGS = Source(
    name="invesco.holdings",
    about="Invesco holdings of a fund that follows an index",
    tables=frozenset({"membership"}),
    recognise=_recognise,
    transform=_transform,
)
