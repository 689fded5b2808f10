"""Shares outstanding of all filers as of one quarter: the SEC's frame with its list of tickers, bound together.

Written from the documented fields and never run against the SEC.  A frame says for which day a count holds and not when
it was filed, so a count is known only from the day on which it was pulled, which the feed says.  Of a filer with
several tickers every one gets the count; filers without a ticker are left out.  Counts under 100,000 are mistakes of
unit, and counts for a day more than 400 days before are stale: such rows are listed.  A filer with several classes of
shares has no count there at all.
"""

import json
from datetime import timedelta
from typing import Any

import polars as pl

from overshort.errors import RefusedFile
from overshort.sources.declare import (
    AGAIN,
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
from overshort.sources.reading import day, decimal, decoded, head, text

__all__ = ["FILERS"]

LEAST, OLDEST = 100_000, timedelta(days=400)
FIELDS = ("ticker", "end", "val")
_USABLE = (
    Rule("count '{}' is under 100,000 shares, a mistake of unit", ["val"], pl.col("outstanding") >= LEAST),
    Rule("the count of {} is more than 400 days old", ["end"], pl.col("at") - pl.col("day") <= OLDEST),
)
_RULES = (
    Rule("ticker '{}' has no letters or digits", ["ticker"], pl.col("symbol") != ""),
    Rule("day '{}' is not a date YYYY-MM-DD", ["end"], pl.col("day").is_not_null()),
    Rule("count '{}' is not a number of shares, 0 or more", ["val"], pl.col("outstanding") >= 0),
    Rule("the count is of {}, after the day it was seen", ["end"], pl.col("day") <= pl.col("at")),
)


def _document(content: bytes, name: str) -> tuple[dict[str, Any], list[Any]]:
    try:
        found = json.loads(decoded(content, name), parse_float=str, parse_int=str, parse_constant=str)
    except (json.JSONDecodeError, RecursionError):
        raise RefusedFile(name, "its JSON cannot be read: it is cut off or damaged", fix=AGAIN) from None
    tickers, frame = (found.get(k) if isinstance(found, dict) else None for k in ("company_tickers", "frame"))
    rows = frame.get("data") if isinstance(frame, dict) else None
    if not isinstance(tickers, dict) or not isinstance(rows, list):
        raise RefusedFile(name, "it lacks the list of tickers or the rows of a frame", fix=AGAIN)
    said = frame.get("pts") if isinstance(frame, dict) else None
    if said is not None and str(said) != str(len(rows)):
        raise RefusedFile(name, f"it says {said} counts and has {len(rows)}: it is cut off or damaged", fix=AGAIN)
    return tickers, rows


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _rows(tickers: dict[str, Any], counts: list[Any], name: str) -> pl.DataFrame:
    filers: dict[str, list[str]] = {}
    for entry in tickers.values():
        if isinstance(entry, dict) and _text(entry.get("ticker")):
            filers.setdefault(str(entry.get("cik_str")), []).append(entry["ticker"])
    listed = [
        (ticker, _text(row.get("end")), _text(row.get("val")))
        for row in counts
        if isinstance(row, dict)
        for ticker in filers.get(str(row.get("cik")), ())
    ]
    if not listed:
        raise RefusedFile(name, "no filer of the frame has a ticker", fix=AGAIN)
    frame = pl.DataFrame(listed, schema=dict.fromkeys(FIELDS, pl.String), orient="row")
    return frame.with_row_index("row").with_columns(pl.lit(None, pl.Int64).alias("line"))


def _transform(content: bytes, name: str, options: Options) -> Extract:
    if options.dated is None:
        raise RefusedFile(name, "it does not say when it was seen", fix="give the day with --dated YYYY-MM-DD")
    rows = _rows(*_document(content, name), name)
    parsed = rows.with_columns(
        text("ticker").alias("symbol_raw"),
        letters_and_digits(pl.col("ticker")).alias("symbol"),
        day(rows, "end").alias("day"),
        decimal(rows, "val").alias("outstanding"),
        pl.lit(options.dated).alias("at"),
        pl.lit(1).alias("rounding"),
    )
    sound, broken = sift(parsed, _RULES)
    usable, unusable = sift(sound, _USABLE)
    kept, again = single(usable.with_columns(instant("at", NIGHT).alias("known_at")), ["symbol", "at"], "symbol_raw")
    table = rows_of("shares", kept, FILERS.name)
    return extracted(name, rows, {"shares": table}, [broken, again], [unusable])


def _recognise(content: bytes) -> bool:
    return head(content).lstrip().startswith('{"company_tickers"')


FILERS = Source(
    name="sec.shares",
    about="shares outstanding of the SEC's filers as of one quarter, JSON",
    tables=frozenset({"shares"}),
    recognise=_recognise,
    transform=_transform,
)
