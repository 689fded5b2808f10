"""What price files share: their columns, whose prices they hold, and what must hold of a price.

Column names stand in any case and order.  ``Adj Close`` is not read: it is restated with every later dividend, so it
was never known as it stands.  Everything is in US dollars and of New York's sessions.
"""

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Literal, NamedTuple

import polars as pl

from overshort import sessions
from overshort.errors import RefusedFile
from overshort.sources.declare import AGAIN, Adjustment, Options, Rule, rows_of
from overshort.sources.reading import absent, csv_rows, decimal, decoded, head

__all__ = [
    "CALENDAR",
    "CLOSE",
    "LEVEL",
    "SESSION",
    "WHOLE",
    "Layout",
    "Whose",
    "bars_of",
    "canonical",
    "layout",
    "levels_of",
    "price_rows",
    "whose",
    "with_session",
]

Layout = Literal["days", "instants", "local", "unnamed"]
"""How a price file's rows are stamped: days, times with an offset, times without one, these under no column name."""
STAMPS = ("date", "datetime", "timestamp", "time", "")
PRICES = ("open", "high", "low", "close")
_KNOWN = frozenset({*PRICES, "volume", "adj close", "adj_close", "adjclose"})
INDICES = {"GSPC": "^GSPC", "SP500": "^GSPC", "SPX": "^GSPC", "NDX": "^NDX", "RUT": "^RUT", "DJI": "^DJI"}
"""Names of share-price indices, and the one under which the table of levels has each."""
VOLATILITY = frozenset(
    {
        "VIX",
        "VIX1D",
        "VIX9D",
        "VIX3M",
        "VIX6M",
        "VIX1Y",
        "VXO",
        "VXN",
        "VXD",
        "RVX",
        "VVIX",
        "SKEW",
        "GVZ",
        "OVX",
        "VXEEM",
    }
)
"""Cboe's indices, disseminated until a quarter of an hour after the close."""
AFTER_CLOSE = timedelta(minutes=15)
NOISE = 1e-6
"""Adjusting for splits moves a price by rounding: by less than this share of it."""


class Whose(NamedTuple):
    """Whose prices a file holds: a symbol in letters and digits as given in ``raw``, or an index of the levels."""

    symbol: str
    raw: str
    is_index: bool


def canonical(given: str) -> Whose:
    """Give the symbol or index that a name stands for: ``brk.b`` BRKB, ``SPX`` ^GSPC, ``^VIX`` VIX."""
    raw = given.strip().upper()
    bare = raw.removeprefix("^")
    if bare in VOLATILITY or bare in INDICES:
        return Whose(INDICES.get(bare, bare), raw, True)
    return Whose(raw, raw, True) if raw.startswith("^") else Whose(re.sub("[^A-Z0-9]", "", raw), raw, False)


def whose(name: str, options: Options) -> Whose:
    """Tell whose prices a file holds.

    Raises
    ------
    RefusedFile
        If nobody says so, or what is said has no letters and digits.
    """
    if options.symbol is None:
        raise RefusedFile(name, "it does not say whose prices these are", fix="give --symbol")
    found = canonical(options.symbol)
    if not found.symbol.strip("^"):
        raise RefusedFile(name, f"{options.symbol!r} is no symbol: it has no letters or digits", fix="give --symbol")
    return found


def _cells(line: str) -> list[str]:
    return [c.strip().strip('"').strip() for c in re.split(r"[,;|\t]", line)]


def layout(content: bytes) -> Layout | None:
    """Tell how the rows of a price file are stamped, by its header and first row; ``None`` for other content."""
    header, _, rest = head(content).partition("\n")
    names = _cells(header.lower())
    stamps = [c for c in names if c in STAMPS]
    if len(stamps) != 1 or not {*PRICES} <= {*names} <= {*stamps, *_KNOWN}:
        return None
    first = _cells(rest.lstrip().partition("\n")[0])
    at = names.index(stamps[0])
    stamp = first[at] if at < len(first) else ""
    if not re.search(r"[0-9]:[0-9]{2}", stamp):
        return "days"
    if re.search(r"(Z|[+-][0-9]{2}:?[0-9]{2})$", stamp):
        return "instants"
    return "local" if stamps[0] else "unnamed"


def price_rows(content: bytes, name: str) -> pl.DataFrame:
    """Read a price file: ``stamp`` and the published columns as text, and the numbers in them as ``open_`` and so on.

    Raises
    ------
    RefusedFile
        If it is damaged or has no rows.
    """
    header, end, rest = decoded(content, name).partition("\n")
    lower = header.lower()
    stamps = [c for c in _cells(lower) if c in STAMPS]
    if len(stamps) != 1:
        raise RefusedFile(name, "its header does not have one column of dates or times", line=1, fix=AGAIN)
    rows = csv_rows(lower + end + rest, name, ",", [*stamps, *PRICES], ["volume"]).rename({stamps[0]: "stamp"})
    rows = rows if "volume" in rows.columns else rows.with_columns(pl.lit("").alias("volume"))
    volume = decimal(rows, "volume")
    return rows.with_columns(
        *(decimal(rows, c).alias(f"{c}_") for c in PRICES),
        volume.alias("volume_"),
        ((volume >= 0) | absent(rows, "volume")).alias("volume_ok"),
    )


def with_session(frame: pl.DataFrame) -> pl.DataFrame:
    """Add ``opens`` and ``closes`` of ``session``: regular hours in UTC, null where that day has no session."""
    return frame.join(sessions.schedule(), on="session", how="left", maintain_order="left")


CALENDAR = Rule(
    "{} lies before 1990, where the exchange calendar begins",
    ["session"],
    (pl.col("session") >= sessions.FIRST).fill_null(True),
)
SESSION = Rule("{} is no session of the New York Stock Exchange", ["session"], pl.col("opens").is_not_null())
CLOSE = Rule("close '{}' is not a price above 0", ["close"], pl.col("close_") > 0)


def _between(column: str) -> Rule:
    inside = pl.col(f"{column}_").is_between(pl.col("low_") * (1 - NOISE), pl.col("high_") * (1 + NOISE))
    return Rule(f"{column} {{}} lies outside low {{}} and high {{}}", [column, "low", "high"], inside)


WHOLE: Sequence[Rule] = (
    *(Rule(f"{c} '{{}}' is not a price above 0", [c], pl.col(f"{c}_") > 0) for c in PRICES),
    Rule("high {} lies below low {}", ["high", "low"], pl.col("high_") * (1 + NOISE) >= pl.col("low_")),
    _between("open"),
    _between("close"),
    Rule("volume '{}' is not a number of shares, 0 or more", ["volume"], pl.col("volume_ok")),
)
"""What must hold of a bar."""
LEVEL: Sequence[Rule] = (
    CLOSE,
    _between("close")._replace(
        holds=_between("close").holds | ~((pl.col("low_") > 0) & (pl.col("high_") > 0)).fill_null(False)
    ),
)
"""What must hold of an index's row: its close counts, and lies between high and low where they are given."""


def bars_of(frame: pl.DataFrame, of: Whose, interval: str, adjustment: Adjustment, source: str) -> pl.DataFrame:
    """Give rows of the table of bars from ``session``, ``start``, ``end`` and the numbers of :func:`price_rows`."""
    labels = {
        "symbol": of.symbol,
        "symbol_raw": of.raw,
        "interval": interval,
        "adjustment": adjustment,
        "currency": "USD",
    }
    numbers = (pl.col(f"{c}_").alias(c) for c in (*PRICES, "volume"))
    said = (pl.lit(v).alias(c) for c, v in labels.items())
    return rows_of("bars", frame.with_columns(*numbers, *said, pl.col("end").alias("known_at")), source)


def levels_of(frame: pl.DataFrame, series: str, source: str) -> pl.DataFrame:
    """Give rows of the table of levels from ``session``, ``closes`` and ``close_``."""
    after = AFTER_CLOSE if series in VOLATILITY else timedelta(0)
    labels = {"series": series, "frequency": "day", "unit": "index"}
    columns = frame.with_columns(
        pl.col("session").alias("at"),
        pl.col("close_").alias("value"),
        (pl.col("closes") + after).alias("known_at"),
        *(pl.lit(v).alias(c) for c, v in labels.items()),
    )
    return rows_of("levels", columns, source)
