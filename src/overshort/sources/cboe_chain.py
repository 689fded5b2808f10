"""Cboe's delayed option chains (JSON): every contract of one underlying with its quote, open interest and gamma.

Written from the documented fields and never run against the vendor.  The file says when it was served, in UTC; what it
shows is a quarter of an hour older.  Open interest is that of the evening before.  A bid, ask or volatility of 0 is
none.  Adjusted contracts are kept under their own roots.
"""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from overshort.errors import RefusedFile
from overshort.sources.contracts import contract_parts
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
from overshort.sources.reading import decoded, head, text

__all__ = ["CHAIN"]

DELAY = timedelta(minutes=15)
FIELDS = ("option", "bid", "ask", "iv", "open_interest", "volume", "gamma")
_QUOTED = ("bid", "ask", "iv")
_COUNTED = ("volume", "open_interest")


def _document(content: bytes, name: str) -> dict[str, Any]:
    plain = decoded(content, name)
    try:
        found = json.loads(plain, parse_float=str, parse_int=str, parse_constant=str)
    except json.JSONDecodeError as error:
        raise RefusedFile(name, f"its JSON cannot be read ({error.msg})", line=error.lineno, fix=AGAIN) from None
    except RecursionError:
        raise RefusedFile(name, "its JSON cannot be read (it is nested too deep)", fix=AGAIN) from None
    if not isinstance(found, dict) or not isinstance(found.get("data"), dict):
        raise RefusedFile(name, "it has no member 'data'", fix=AGAIN)
    return found


def _served(document: dict[str, Any], name: str) -> datetime:
    given = document.get("timestamp")
    try:
        at = datetime.strptime(str(given), "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        raise RefusedFile(name, f"its timestamp {given!r} is not YYYY-MM-DD HH:MM:SS", fix=AGAIN) from None
    if not 1990 <= at.year <= 2035:
        raise RefusedFile(name, f"its timestamp {given!r} lies outside 1990 to 2035", fix=AGAIN)
    return at


def _underlying(document: dict[str, Any], name: str) -> str:
    given = document["data"].get("symbol") or document.get("symbol")
    found = pl.select(letters_and_digits(pl.lit(str(given or "")))).item()
    if not isinstance(found, str) or not found:
        raise RefusedFile(name, f"its symbol {given!r} has no letters or digits", fix=AGAIN)
    return found


def _read(document: dict[str, Any], name: str) -> pl.DataFrame:
    listed = document["data"].get("options")
    if not isinstance(listed, list) or not listed:
        raise RefusedFile(name, "its list of options has no rows", fix=AGAIN)
    cells = [
        [v if isinstance(v := row.get(f), str) else None for f in FIELDS]
        if isinstance(row, dict)
        else [None] * len(FIELDS)
        for row in listed
    ]
    frame = pl.DataFrame(cells, schema=dict.fromkeys(FIELDS, pl.String), orient="row")
    return frame.with_row_index("row").with_columns(pl.lit(None, pl.Int64).alias("line"))


def _number(column: str) -> pl.Expr:
    """Give a JSON number as such; null where there is none, not a number where it is none."""
    number = text(column).cast(pl.Float64, strict=False).fill_null(float("nan"))
    return pl.when(pl.col(column).is_not_null()).then(number)


def _rules() -> list[Rule]:
    fine = {c: pl.col(f"{c}_").is_null() | (pl.col(f"{c}_").is_finite() & (pl.col(f"{c}_") >= 0)) for c in FIELDS[1:]}
    whole = {c: fine[c] & (pl.col(f"{c}_").is_null() | (pl.col(f"{c}_").floor() == pl.col(f"{c}_"))) for c in _COUNTED}
    return [
        Rule("'{}' is no option contract", ["option"], pl.col("contract").is_not_null()),
        *(
            Rule(f"{c} '{{}}' is not a number, 0 or more", [c], holds)
            for c, holds in (fine | whole).items()
            if c != "gamma"
        ),
        Rule("gamma '{}' is not a number", ["gamma"], pl.col("gamma_").is_null() | pl.col("gamma_").is_finite()),
    ]


def _contract() -> pl.Expr:
    symbol, parts = text("option"), contract_parts(text("option"))
    return pl.when(parts["expiry"].is_not_null()).then(parts["root"].str.pad_end(6) + symbol.str.tail(15))


def _transform(content: bytes, name: str, _options: Options) -> Extract:
    document = _document(content, name)
    served, underlying = _served(document, name), _underlying(document, name)
    rows = _read(document, name)
    numbers = [_number(c).alias(f"{c}_") for c in FIELDS[1:]]
    sound, broken = sift(rows.with_columns(_contract().alias("contract"), *numbers), _rules())
    kept, again = single(sound, ["contract"], "option")
    values: dict[str, pl.Expr] = {c: pl.when(pl.col(f"{c}_") != 0).then(pl.col(f"{c}_")) for c in _QUOTED}
    values |= {c: pl.col(f"{c}_") for c in ("gamma", *_COUNTED)}
    whole = kept.with_columns(
        *(e.alias(c) for c, e in values.items()),
        pl.lit(underlying).alias("underlying"),
        pl.lit(served - DELAY).alias("at"),
        pl.lit(served).alias("known_at"),
    )
    return extracted(name, rows, {"option_chain": rows_of("option_chain", whole, CHAIN.name)}, [broken, again])


def _recognise(content: bytes) -> bool:
    beginning = head(content).lstrip()
    return beginning.startswith("{") and '"data"' in beginning and '"option"' in beginning


CHAIN = Source(
    name="cboe.chain",
    about="Cboe's delayed option chain of one underlying, JSON",
    tables=frozenset({"option_chain"}),
    recognise=_recognise,
    transform=_transform,
)
