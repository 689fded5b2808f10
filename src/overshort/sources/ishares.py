"""iShares' holdings files: the members of an index as the fund that follows it held them on a day.

1. A preamble names the fund and the day; one variant lacks it, and then the user must give both.
2. The header begins with ``Ticker``; ``Shares`` became ``Quantity``, of which neither is read.
3. The holdings end at a blank line, after which come legal notices.

Kept are equities that trade on an exchange.  Left out, as rows of other kinds and not as faults: cash and futures;
unlisted rows (``NO MARKET``, non-NMS quotation); rows without a ticker (``-``); tickers with digits, which are
placeholders such as P5N994; contingent value rights, escrow shares, warrants, rights and private placements.
"""

import csv
import re
from contextlib import suppress
from datetime import date, datetime

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
from overshort.sources.reading import DAYS, absent, check_delimiter, csv_rows, decimal, decoded, head, names, text

__all__ = ["HOLDINGS"]

NEEDED = ("Ticker", "Name", "Asset Class", "Weight (%)", "Exchange")
MARKS = frozenset({"Ticker", "Asset Class", "Weight (%)", "Notional Value"})
AS_OF = "Fund Holdings as of"
FORMS = ("%b %d, %Y", "%d/%b/%Y", "%Y-%m-%d")
UNLISTED = r"(?i)no market|non-nms"
NO_SHARE = r"(?i)\S\s.*\b(cvr|escrow|warrants?|rights|prvt)\b"
"""Words that make a name no share; not as its first word, for CVR Energy is a company."""
_RULES = (Rule("weight '{}' is not a number of percent", ["Weight (%)"], pl.col("weight_ok")),)


def _is_header(line: str) -> bool:
    return len(names(line) & MARKS) >= 2


def _recognise(content: bytes) -> bool:
    lines = head(content).split("\n")
    return any(_is_header(line) or line.strip('" ').startswith(AS_OF) for line in lines[:40])


def _index_of(fund: str) -> str | None:
    if "Core S&P 500" in fund:
        return "SPX"
    whole = "Russell 2000" in fund and not re.search("Growth|Value", fund)
    return "RUT" if whole else None


def _cells(line: str) -> list[str]:
    try:
        return [c.strip() for c in next(csv.reader([line]), [])]
    except csv.Error:
        return []


def _date_line(preamble: list[str]) -> tuple[int, str] | None:
    """Give the line on which the preamble states the day, and what it states."""
    for number, line in enumerate(preamble, 1):
        if (cells := _cells(line)) and cells[0] == AS_OF:
            return number, ", ".join(cells[1:])
    return None


def _read_date(written: str, name: str, line: int) -> date:
    if written in ("", "-", "--"):
        cause = "it holds no date and no holdings: the publisher answered for a day without holdings"
        raise RefusedFile(name, cause, line=line, fix="ask for a trading day")
    for form in FORMS:
        with suppress(ValueError):
            found = datetime.strptime(written, form).date()
            if DAYS[0] <= found <= DAYS[1]:
                return found
    raise RefusedFile(name, f"{written!r} is not a date such as May 13, 2025", line=line, fix=AGAIN)


def _told(preamble: list[str], name: str, options: Options) -> tuple[str, date]:
    """Give index and date, from the preamble or, where there is none, from the user."""
    if (found := _date_line(preamble)) is not None:
        dated = agreed_date(name, _read_date(found[1], name, found[0]), options, found[0])
        fund = next(iter(_cells(preamble[0])), "")
        return agreed_index(name, _index_of(fund), options, fund), dated
    flags = {"--dated YYYY-MM-DD": options.dated, "--index SPX, NDX or RUT": options.index}
    if options.dated is None or options.index is None:
        missing = " and ".join(flag for flag, given in flags.items() if given is None)
        raise RefusedFile(name, "it says neither its fund nor its date", fix=f"give them with {missing}")
    return agreed_index(name, None, options, "the fund"), options.dated


def _listed(rows: pl.DataFrame) -> pl.DataFrame:
    """Keep equities that trade on an exchange."""
    ticker = text("Ticker")
    other = (
        (text("Asset Class") != "Equity")
        | text("Exchange").str.contains(UNLISTED)
        | ~ticker.str.contains("[A-Za-z]")
        | ticker.str.contains("[0-9]")
        | text("Name").str.contains(NO_SHARE)
    )
    return rows.filter(~other)


def _one_line_each(rows: pl.DataFrame) -> pl.DataFrame:
    """Add up the lines of one stock; a weight is null where none of them has one."""
    weight = pl.when(pl.col("weight").is_not_null().any()).then(pl.col("weight").sum())
    return rows.group_by("symbol", "symbol_raw", maintain_order=True).agg(pl.col("row").first(), weight.alias("weight"))


def _transform(content: bytes, name: str, options: Options) -> Extract:
    lines = decoded(content, name).split("\n")
    at = next((k for k, line in enumerate(lines) if _is_header(line)), len(lines))
    check_delimiter("\n".join(lines[at:]), name, ",", at + 1)
    index, dated = _told(lines[:at], name, options)
    if at == len(lines):
        raise RefusedFile(name, "it has no line of column names with Ticker and Asset Class", fix=AGAIN)
    rows = _listed(csv_rows("\n".join(lines[at:]), name, ",", NEEDED, start=at + 1, until_blank=True))
    if not rows.height:
        raise RefusedFile(name, "it holds no listed equities", line=at + 1, fix=AGAIN)
    weight = decimal(rows, "Weight (%)")
    parsed = rows.with_columns(
        text("Ticker").alias("symbol_raw"),
        letters_and_digits(pl.col("Ticker")).alias("symbol"),
        (weight / 100).alias("weight"),
        (weight.is_not_null() | absent(rows, "Weight (%)")).alias("weight_ok"),
    )
    sound, broken = sift(parsed, _RULES)
    kept, again = single(_one_line_each(sound), ["symbol"], "symbol_raw")
    table = rows_of("membership", snapshot(kept, index, dated), HOLDINGS.name)
    return extracted(name, rows, {"membership": table}, [broken, again])


HOLDINGS = Source(
    name="ishares.holdings",
    about="iShares holdings of a fund that follows an index",
    tables=frozenset({"membership"}),
    recognise=_recognise,
    transform=_transform,
)
