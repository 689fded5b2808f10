"""Option contracts and their quotes, whoever publishes them: OSI symbols, underlyings, sessions, prices."""

from collections.abc import Mapping

import polars as pl

from overshort import sessions
from overshort.sources.declare import Rule, letters_and_digits
from overshort.sources.reading import DAYS, absent, decimal

__all__ = [
    "ROOTS",
    "contract_parts",
    "is_contract",
    "osi",
    "placed",
    "price_rule",
    "quote",
    "spelled",
    "underlying_of",
]

ROOTS: Mapping[str, str] = {"VIXW": "VIX", "SPXW": "SPX", "NDXP": "NDX", "RUTW": "RUT", "XSPW": "XSP", "MRUTW": "MRUT"}
"""Roots of weekly index options, and what they are options on."""
DEAREST = 100_000
"""Prices and strikes from here on are misreadings."""
_OSI = r"^([A-Z0-9]{1,6}) *(\d{6})([CP])(\d{8})$"


def underlying_of(root: pl.Expr) -> pl.Expr:
    """Give what the options of a root are options on."""
    return root.replace(dict(ROOTS))


def contract_parts(symbol: pl.Expr) -> dict[str, pl.Expr]:
    """Read OSI symbols, padded or not, into root, expiry, strike and right; all null where one is none."""
    part = [symbol.str.extract(_OSI, k) for k in range(1, 5)]
    return {
        "root": part[0],
        "expiry": ("20" + part[1]).str.to_date("%Y%m%d", strict=False),
        "right": part[2].replace_strict({"C": "call", "P": "put"}, default=None, return_dtype=pl.String),
        "strike": pl.concat_str(part[3].str.head(5), pl.lit("."), part[3].str.tail(3)).cast(pl.Float64),
    }


def spelled() -> list[pl.Expr]:
    """Give ``root`` and ``underlying`` in letters and digits, empty where there are none."""
    return [letters_and_digits(pl.col(c).fill_null("")).alias(c) for c in ("root", "underlying")]


def is_contract() -> pl.Expr:
    """Tell whether ``root, expiry, strike, right`` make a contract."""
    thousandths = pl.col("strike") * 1000
    return (
        pl.col("root").str.contains("^[A-Z0-9]{1,6}$")
        & pl.col("right").is_in(["call", "put"])
        & pl.col("expiry").is_between(*DAYS)
        & ((thousandths - thousandths.round()).abs() < 1e-6)
        & pl.col("strike").is_between(0.001, DEAREST, closed="left")
    )


def osi() -> pl.Expr:
    """Give the OSI symbol of ``root, expiry, strike, right``."""
    strike = (pl.col("strike") * 1000).round().cast(pl.Int64).cast(pl.String).str.zfill(8)
    right = pl.col("right").replace_strict({"call": "C", "put": "P"}, default="", return_dtype=pl.String)
    return pl.concat_str(pl.col("root").str.pad_end(6), pl.col("expiry").dt.strftime("%y%m%d"), right, strike)


def quote(frame: pl.DataFrame, column: str) -> pl.Expr:
    """Give a column as bids or asks: null where none is given or it is 0, and -1 where it cannot be read."""
    number = pl.when(absent(frame, column)).then(0.0).otherwise(decimal(frame, column).fill_null(-1.0))
    return pl.when(number != 0).then(number)


def price_rule(column: str, published: str, *, needed: bool = True) -> Rule:
    """Give the rule of a price, with the column that holds it as published; one that is not needed may be null."""
    holds = pl.col(column).is_between(0, DEAREST, closed="left")
    held = holds if needed else holds | pl.col(column).is_null()
    return Rule(f"{column} '{{}}' is not a price from 0 to {DEAREST:,}", [published], held)


def placed(parsed: pl.DataFrame) -> pl.DataFrame:
    """Add session, and the instant from which ``ts_ns`` is known: the microsecond that is not before it."""
    known = (((pl.col("ts_ns") + 999) // 1000).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")).alias("known_at")
    known_too = parsed.with_columns(known)
    return known_too.with_columns(sessions.tape_sessions(known_too["known_at"]).alias("session"))
