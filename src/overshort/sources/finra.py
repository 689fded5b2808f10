"""FINRA's short interest: the consolidated reports, and what the website exports for single names.

The consolidated report is delimited by ``|`` although its files are called ``.csv``; quotation marks belong to the
issue names.  The Parquet form holds the same columns, typed; so do the pages of the query service, bound together.  A
position of 0 stays 0; an empty previous position or average volume is null.  ``previous`` is not split-adjusted on
rows flagged ``S``, in any form.

The export has the same numbers for one security over many settlements (market classes are written as codes there
too), but neither the split flag, which is therefore false and must be taken from the consolidated report, nor the
exchange, which is null.
"""

import csv
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

import polars as pl

from overshort.sources.declare import (
    Extract,
    Options,
    Rule,
    Source,
    extracted,
    letters_and_digits,
    rows_of,
    sift,
    single,
    with_publication,
)
from overshort.sources.pages import is_paged, page_names, page_rows
from overshort.sources.reading import (
    absent,
    csv_rows,
    day,
    decimal,
    decoded,
    first_names,
    parquet_columns,
    parquet_rows,
    text,
    whole,
)

__all__ = ["CONSOLIDATED", "EXPORT"]

REPORT: Mapping[str, str] = MappingProxyType(
    {
        "symbolCode": "symbol_raw",
        "issueName": "name",
        "issuerServicesGroupExchangeCode": "exchange",
        "marketClassCode": "market",
        "currentShortPositionQuantity": "position",
        "previousShortPositionQuantity": "previous",
        "stockSplitFlag": "split",
        "averageDailyVolumeQuantity": "adv",
        "daysToCoverQuantity": "dtc_published",
        "revisionFlag": "revised",
        "settlementDate": "settlement",
    }
)
"""FINRA's column names, and ours."""
PAGE: Mapping[str, str] = MappingProxyType(
    {
        "Symbol": "symbol_raw",
        "Issue Name": "name",
        "Market": "market",
        "Current Short": "position",
        "Previous Short": "previous",
        "Avg Daily Vol": "adv",
        "Days to Cover": "dtc_published",
        "Revision Flag": "revised",
        "Settlement Date": "settlement",
    }
)
"""The website's column names, and ours."""
CHANGE: Mapping[str, str] = MappingProxyType({"changePreviousNumber": "change", "Chg": "change"})
"""Current less previous, as FINRA publishes it: equal in all 3,327,511 rows of 2017-12-29 to 2025-06-13."""
ENOUGH = 3
"""How many of its columns make a kind; not all, so that a file that lacks some is refused and not overlooked."""

_SHARES = "is not a whole number of shares, 0 or more"
_RULES = (
    Rule("symbol '{}' has no letters or digits", ["symbol_raw"], pl.col("symbol") != ""),
    Rule("settlement date '{}' is not a date YYYY-MM-DD", ["settlement"], pl.col("settlement_").is_not_null()),
    Rule(f"short position '{{}}' {_SHARES}", ["position"], pl.col("position_").is_not_null()),
    Rule(f"previous short position '{{}}' {_SHARES}", ["previous"], pl.col("previous_ok")),
    Rule(f"average daily volume '{{}}' {_SHARES}", ["adv"], pl.col("adv_ok")),
    Rule("days to cover '{}' are not a number", ["dtc_published"], pl.col("dtc_published_ok")),
    Rule(
        "market '{}' is not a class code such as NNM or NYSE",
        ["market"],
        text("market").str.contains("^[A-Z0-9]+$"),
    ),
)


def _parsed(rows: pl.DataFrame) -> pl.DataFrame:
    """Add what can be read of each column beside it, under its name and ``_``."""
    counts = {c: whole(rows, c) for c in ("previous", "adv")}
    counts["dtc_published"] = decimal(rows, "dtc_published")
    return rows.with_columns(
        letters_and_digits(pl.col("symbol_raw").fill_null("")).alias("symbol"),
        day(rows, "settlement").alias("settlement_"),
        whole(rows, "position").alias("position_"),
        *(e.alias(f"{c}_") for c, e in counts.items()),
        *((e.is_not_null() | absent(rows, c)).alias(f"{c}_ok") for c, e in counts.items()),
    )


def _columns(rows: pl.DataFrame) -> pl.DataFrame:
    """Give sound rows the columns of the table; an empty name or exchange is null, an empty flag false."""
    read = ("settlement", "position", "previous", "adv", "dtc_published")
    return rows.with_columns(
        text("symbol_raw"),
        text("market"),
        *(pl.when(text(c) != "").then(text(c)).alias(c) for c in ("name", "exchange")),
        *((text(c) != "").fill_null(False).alias(c) for c in ("split", "revised")),
        *(pl.col(f"{c}_").alias(c) for c in read),
    )


def _short_interest(rows: pl.DataFrame, ours: Mapping[str, str], name: str, source: str) -> Extract:
    given = rows.rename({c: n for c, n in {**ours, **CHANGE}.items() if c in rows.columns})
    lacking = [pl.lit("").alias(c) for c in REPORT.values() if c not in given.columns]
    sound, broken = sift(_parsed(given.with_columns(lacking)), _RULES)
    kept, again = single(_columns(sound), ["symbol", "settlement"], "symbol_raw")
    table = rows_of("short_interest", with_publication(kept), source)
    found = extracted(name, rows, {"short_interest": table}, [broken, again])
    return replace(found, remark=_contradictions(kept))


def _contradictions(rows: pl.DataFrame) -> str:
    """Say how many rows contradict themselves: they are taken as they stand, but somebody altered or damaged them."""
    if "change" not in rows.columns:
        return ""
    said, moved = decimal(rows, "change"), pl.col("position") - pl.col("previous").fill_null(0)
    wrong = rows.filter(said != moved)
    if wrong.is_empty():
        return ""
    symbol, settlement = wrong.select("symbol_raw", "settlement").row(0)
    where = f"in {wrong.height:,} of {rows.height:,} rows"
    return f"{where} the change is not current less previous, the first {symbol} at {settlement}; check the file"


def _is_consolidated(content: bytes) -> bool:
    """Parquet whose columns cannot be read is claimed too: nobody can tell its kind, and here it is refused."""
    columns = parquet_columns(content)
    if columns is None:
        return len(page_names(content) & REPORT.keys()) >= ENOUGH
    return not columns or len(columns & REPORT.keys()) >= ENOUGH


def _consolidated(content: bytes, name: str, _options: Options) -> Extract:
    if parquet_columns(content) is not None:
        rows = parquet_rows(content, name, list(REPORT), list(CHANGE))
    elif is_paged(content):
        rows = page_rows(content, name, list(REPORT), list(CHANGE))
    else:
        rows = csv_rows(decoded(content, name), name, "|", list(REPORT), list(CHANGE), quoting=csv.QUOTE_NONE)
    return _short_interest(rows, REPORT, name, CONSOLIDATED.name)


def _is_export(content: bytes) -> bool:
    return len(first_names(content) & (PAGE.keys() - {"Symbol", "Market"})) >= ENOUGH


def _export(content: bytes, name: str, _options: Options) -> Extract:
    rows = csv_rows(decoded(content, name), name, ",", list(PAGE), list(CHANGE))
    return _short_interest(rows, PAGE, name, EXPORT.name)


CONSOLIDATED = Source(
    name="finra.consolidated",
    about="FINRA consolidated short interest, all securities of a settlement date",
    tables=frozenset({"short_interest"}),
    recognise=_is_consolidated,
    transform=_consolidated,
    order=0,
)
EXPORT = Source(
    name="finra.export",
    about="FINRA website export of short interest, one security over many settlement dates",
    tables=frozenset({"short_interest"}),
    recognise=_is_export,
    transform=_export,
    order=2,
)
