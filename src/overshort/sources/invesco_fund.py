"""Invesco's holdings as its website's service gives them (JSON): one fund on its ``effectiveDate``.

Written from the documented fields and never run against the vendor.  The answer does not name its fund, so the user or
the feed must say which index it follows.  It says how many holdings it has, cash among them; those without a ticker are
no shares and are left out.  Weights are percent of the fund.
"""

import json
from typing import Any

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
from overshort.sources.reading import DAYS, absent, day, decimal, decoded, head, text

__all__ = ["FUND"]

MARKS = ('"holdings"', '"effectiveDate"', '"percentageOfTotalNetAssets"')
WEIGHT = "percentageOfTotalNetAssets"
_RULES = (
    Rule("ticker '{}' has no letters or digits", ["ticker"], pl.col("symbol") != ""),
    Rule("weight '{}' is not a number of percent", [WEIGHT], pl.col("weight_ok")),
)


def _document(content: bytes, name: str) -> dict[str, Any]:
    try:
        found = json.loads(decoded(content, name), parse_float=str, parse_int=str, parse_constant=str)
    except (json.JSONDecodeError, RecursionError):
        raise RefusedFile(name, "its JSON cannot be read: it is cut off or damaged", fix=AGAIN) from None
    if not isinstance(found, dict) or not isinstance(found.get("holdings"), list):
        raise RefusedFile(name, "it has no list 'holdings'", fix=AGAIN)
    said, have = found.get("totalNumberOfHoldings"), len(found["holdings"])
    if said is not None and str(said) != str(have):
        raise RefusedFile(name, f"it says {said} holdings and has {have}: it is cut off or damaged", fix=AGAIN)
    return found


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _rows(document: dict[str, Any], name: str) -> pl.DataFrame:
    listed = [h for h in document["holdings"] if isinstance(h, dict) and str(h.get("ticker") or "").strip()]
    if not listed:
        raise RefusedFile(name, "it holds no shares", fix=AGAIN)
    cells = {c: pl.Series([_text(h.get(c)) for h in listed], dtype=pl.String) for c in ("ticker", WEIGHT)}
    return pl.DataFrame(cells).with_row_index("row").with_columns(pl.lit(None, pl.Int64).alias("line"))


def _transform(content: bytes, name: str, options: Options) -> Extract:
    document = _document(content, name)
    said = pl.DataFrame({"day": [_text(document.get("effectiveDate"))]}, schema={"day": pl.String})
    dated = said.select(day(said, "day")).item()
    if dated is None:
        cause = f"its effectiveDate {document.get('effectiveDate')!r} is no date of {DAYS[0].year} to {DAYS[1].year}"
        raise RefusedFile(name, cause, fix=AGAIN)
    index = agreed_index(name, None, options, "that it does not name")
    dated = agreed_date(name, dated, options, None)
    rows = _rows(document, name)
    weight = decimal(rows, WEIGHT)
    parsed = rows.with_columns(
        text("ticker").alias("symbol_raw"),
        letters_and_digits(pl.col("ticker")).alias("symbol"),
        (weight / 100).alias("weight"),
        (weight.is_not_null() | absent(rows, WEIGHT)).alias("weight_ok"),
    )
    sound, broken = sift(parsed, _RULES)
    kept, again = single(sound, ["symbol"], "symbol_raw")
    table = rows_of("membership", snapshot(kept, index, dated), FUND.name)
    return extracted(name, rows, {"membership": table}, [broken, again])


def _recognise(content: bytes) -> bool:
    beginning = head(content).lstrip()
    return beginning.startswith("{") and sum(mark in beginning for mark in MARKS) >= 2


FUND = Source(
    name="invesco.fund",
    about="Invesco holdings of a fund as its website's service gives them, JSON",
    tables=frozenset({"membership"}),
    recognise=_recognise,
    transform=_transform,
)
