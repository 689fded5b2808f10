"""Shares outstanding by the SEC's structured filings, bound together with its list of tickers.

* ``sec.shares``: a frame, all filers as of one quarter.  It says for which day a count holds and not when it was filed,
  so a count is known only from the day on which it was pulled, which the feed says.
* ``sec.filings``: one filer's counts after another's, each with the day on which it was filed: known from then on.

Written from the documented fields and never run against the SEC.  Of a filer with several tickers every one gets the
count; filers without a ticker are left out.  Counts under 100,000 are mistakes of unit, and counts for a day more than
400 days before are stale: such rows are listed.  A filer with several classes of shares has no count there at all.
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

__all__ = ["FILERS", "FILINGS"]

LEAST, OLDEST = 100_000, timedelta(days=400)
FIELDS = ("ticker", "end", "val", "filed")
_USABLE = (
    Rule("count '{}' is under 100,000 shares, a mistake of unit", ["val"], pl.col("outstanding") >= LEAST),
    Rule("the count of {} is more than 400 days old", ["end"], pl.col("at") - pl.col("day") <= OLDEST),
)
_RULES = (
    Rule("ticker '{}' has no letters or digits", ["ticker"], pl.col("symbol") != ""),
    Rule("day '{}' is not a date YYYY-MM-DD", ["end"], pl.col("day").is_not_null()),
    Rule("day of filing '{}' is not a date YYYY-MM-DD", ["filed"], pl.col("at").is_not_null()),
    Rule("count '{}' is not a number of shares, 0 or more", ["val"], pl.col("outstanding") >= 0),
    Rule("the count is of {}, after the day it was seen", ["end"], pl.col("day") <= pl.col("at")),
)


def _document(content: bytes, name: str, member: str) -> tuple[dict[str, Any], Any]:
    """Give the list of tickers and what else is bound to it."""
    try:
        found = json.loads(decoded(content, name), parse_float=str, parse_int=str, parse_constant=str)
    except (json.JSONDecodeError, RecursionError):
        raise RefusedFile(name, "its JSON cannot be read: it is cut off or damaged", fix=AGAIN) from None
    tickers, rest = (found.get(k) if isinstance(found, dict) else None for k in ("company_tickers", member))
    if not isinstance(tickers, dict) or rest is None:
        raise RefusedFile(name, f"it lacks the list of tickers or the {member}", fix=AGAIN)
    return tickers, rest


def _framed(content: bytes, name: str) -> tuple[dict[str, Any], list[Any]]:
    """Give the list of tickers and the counts of a frame."""
    tickers, frame = _document(content, name, "frame")
    rows = frame.get("data") if isinstance(frame, dict) else None
    if not isinstance(rows, list):
        raise RefusedFile(name, "its frame has no rows", fix=AGAIN)
    said = frame.get("pts")
    if said is not None and str(said) != str(len(rows)):
        raise RefusedFile(name, f"it says {said} counts and has {len(rows)}: it is cut off or damaged", fix=AGAIN)
    return tickers, rows


def _filed(content: bytes, name: str) -> tuple[dict[str, Any], list[Any]]:
    """Give the list of tickers and, of every filer and day of filing, the count of the latest day."""
    tickers, concepts = _document(content, name, "concepts")
    latest: dict[tuple[str, str], dict[str, Any]] = {}
    for concept in concepts if isinstance(concepts, list) else ():
        units = concept.get("units") if isinstance(concept, dict) else None
        listed = units.get("shares") if isinstance(units, dict) else None
        for row in (r for r in listed or () if isinstance(r, dict)):
            key = str(concept.get("cik")), str(row.get("filed"))
            before = latest.get(key)
            if before is None or str(row.get("end")) > str(before.get("end")):
                latest[key] = {**row, "cik": key[0]}
    return tickers, list(latest.values())


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _rows(tickers: dict[str, Any], counts: list[Any], name: str) -> pl.DataFrame:
    filers: dict[str, list[str]] = {}
    for entry in tickers.values():
        if isinstance(entry, dict) and _text(entry.get("ticker")):
            filers.setdefault(str(entry.get("cik_str")), []).append(entry["ticker"])
    listed = [
        (ticker, *(_text(row.get(f)) for f in FIELDS[1:]))
        for row in counts
        if isinstance(row, dict)
        for ticker in filers.get(str(row.get("cik")), ())
    ]
    if not listed:
        raise RefusedFile(name, "no filer in it has a ticker", fix=AGAIN)
    frame = pl.DataFrame(listed, schema=dict.fromkeys(FIELDS, pl.String), orient="row")
    return frame.with_row_index("row").with_columns(pl.lit(None, pl.Int64).alias("line"))


def _extract(rows: pl.DataFrame, name: str, at: pl.Expr, source: str) -> Extract:
    parsed = rows.with_columns(
        text("ticker").alias("symbol_raw"),
        letters_and_digits(pl.col("ticker")).alias("symbol"),
        day(rows, "end").alias("day"),
        decimal(rows, "val").alias("outstanding"),
        at.alias("at"),
        pl.lit(1).alias("rounding"),
    )
    sound, broken = sift(parsed, _RULES)
    usable, unusable = sift(sound, _USABLE)
    kept, again = single(usable.with_columns(instant("at", NIGHT).alias("known_at")), ["symbol", "at"], "symbol_raw")
    return extracted(name, rows, {"shares": rows_of("shares", kept, source)}, [broken, again], [unusable])


def _frames(content: bytes, name: str, options: Options) -> Extract:
    if options.dated is None:
        raise RefusedFile(name, "it does not say when it was seen", fix="give the day with --dated YYYY-MM-DD")
    return _extract(_rows(*_framed(content, name), name), name, pl.lit(options.dated), FILERS.name)


def _filings(content: bytes, name: str, _options: Options) -> Extract:
    rows = _rows(*_filed(content, name), name)
    return _extract(rows, name, day(rows, "filed"), FILINGS.name)


def _is(content: bytes, kind: str) -> bool:
    """Tell the kind by the first member, for the list of tickers alone is longer than a head."""
    return head(content).lstrip().startswith(f'{{"sec": "{kind}"')


FILERS = Source(
    name="sec.shares",
    about="shares outstanding of the SEC's filers as of one quarter, JSON",
    tables=frozenset({"shares"}),
    recognise=lambda content: _is(content, "shares"),
    transform=_frames,
)
FILINGS = Source(
    name="sec.filings",
    about="shares outstanding by the filings of many of the SEC's filers, JSON",
    tables=frozenset({"shares"}),
    recognise=lambda content: _is(content, "filings"),
    transform=_filings,
)
