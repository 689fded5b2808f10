"""Daily prices: of shares and funds into bars, of indices into levels, of which only the close is kept.

* ``prices.daily``: one row a day with open, high, low and close, of one symbol that the file does not name;
* ``prices.closes``: adjusted closes of many symbols in one Parquet file;
* ``cboe.series``: two columns, a date and an index that the header names.

Prices of the first kind are taken as adjusted for splits and not for dividends, as Yahoo gives them, and of the second
for both; ``--adjustment`` says otherwise.  An index is judged by its close: Cboe's earliest rows have one value in all
four columns, and some of its opens are misprints.  Cboe computes its volatility indices on most holidays too: these
are published values and count.  A share-price index has none then, and long histories begin before the exchange
calendar does: such rows are listed, and are not held against the file.
"""

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
from overshort.sources.quotes import (
    CALENDAR,
    CLOSE,
    INDICES,
    LEVEL,
    SESSION,
    VOLATILITY,
    WHOLE,
    Whose,
    bars_of,
    canonical,
    layout,
    levels_of,
    price_rows,
    whose,
    with_session,
)
from overshort.sources.reading import csv_rows, day, decimal, decoded, first_names, parquet_columns, parquet_rows, text

__all__ = ["CLOSES", "DAILY", "SERIES"]

ADJUSTED = ("Date", "ticker", "adj_close")
_DATE = Rule("'{}' is not a date YYYY-MM-DD, MM/DD/YYYY or YYYY/M/D", ["stamp"], pl.col("session").is_not_null())
_WEEKEND = pl.col("session").dt.weekday() > 5
_HOLIDAY = Rule(
    "{} is no session of the New York Stock Exchange, and levels are kept by session",
    ["session"],
    (pl.col("opens").is_not_null() | _WEEKEND).fill_null(True),
)


def _dated(rows: pl.DataFrame, stamp: str) -> pl.DataFrame:
    """Add the session of each row with its regular hours, which are those of its bar."""
    dated = with_session(rows.with_columns(day(rows, stamp).alias("session")))
    return dated.with_columns(pl.col("opens").alias("start"), pl.col("closes").alias("end"))


def _every_weekday(dated: pl.DataFrame) -> pl.DataFrame:
    """Give weekdays without a session the close of an ordinary one: Cboe computes volatility indices then too."""
    usual = pl.when(~_WEEKEND).then(instant("session", time(16)))
    return dated.with_columns(pl.coalesce(c, usual).alias(c) for c in ("opens", "closes"))


def _level_rows(rows: pl.DataFrame, series: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Part an index's rows that the table can hold from those before the calendar and of days without a session."""
    dated = _dated(rows, "stamp")
    return sift(_every_weekday(dated) if series in VOLATILITY else dated, (CALENDAR, _HOLIDAY))


def _daily(content: bytes, name: str, options: Options) -> Extract:
    of = whose(name, options)
    rows = price_rows(content, name)
    usable, unusable = _level_rows(rows, of.symbol) if of.is_index else sift(_dated(rows, "stamp"), (CALENDAR,))
    sound, broken = sift(usable, (_DATE, SESSION, *(LEVEL if of.is_index else WHOLE)))
    kept, again = single(sound, ["session"], "stamp")
    levels, bars = (kept, kept.clear()) if of.is_index else (kept.clear(), kept)
    tables = {
        "levels": levels_of(levels, of.symbol, DAILY.name),
        "bars": bars_of(bars, of, "1d", options.adjustment or "split", DAILY.name),
    }
    return extracted(name, rows, tables, [broken, again], [unusable])


def _closes(content: bytes, name: str, options: Options) -> Extract:
    rows = parquet_rows(content, name, ADJUSTED)
    parsed = rows.with_columns(
        text("ticker").alias("symbol_raw"),
        letters_and_digits(pl.col("ticker").fill_null("")).alias("symbol"),
        pl.col("Date").alias("stamp"),
        pl.col("adj_close").alias("close"),
        decimal(rows, "adj_close").alias("close_"),
    )
    usable, unusable = sift(_dated(parsed, "Date"), [CALENDAR])
    named = Rule("symbol '{}' has no letters or digits", ["symbol_raw"], pl.col("symbol") != "")
    sound, broken = sift(usable, (named, _DATE, SESSION, CLOSE))
    kept, again = single(sound, ["symbol", "session"], "symbol_raw")
    bars = kept.with_columns(
        pl.lit("1d").alias("interval"),
        pl.lit(options.adjustment or "total").alias("adjustment"),
        pl.lit("USD").alias("currency"),
        pl.col("close_").alias("close"),
        pl.col("end").alias("known_at"),
    )
    return extracted(name, rows, {"bars": rows_of("bars", bars, CLOSES.name)}, [broken, again], [unusable])


def _series_named(content: bytes) -> Whose | None:
    """Give the index that a header of two columns, ``DATE`` and its name, speaks of."""
    names = first_names(content)
    others = [c for c in names if c.upper() != "DATE"]
    if len(names) != 2 or len(others) != 1 or others[0].removeprefix("^").upper() not in {*VOLATILITY, *INDICES}:
        return None
    return canonical(others[0])


def _series(content: bytes, name: str, _options: Options) -> Extract:
    header, end, rest = decoded(content, name).partition("\n")
    cells = header.upper().replace("^", "")
    column = next((c for c in (*VOLATILITY, *INDICES) if c in first_names(cells.encode())), "VIX")
    read = csv_rows(cells + end + rest, name, ",", ["DATE", column])
    rows = read.rename({"DATE": "stamp", column: "close"})
    series = canonical(column).symbol
    usable, unusable = _level_rows(rows.with_columns(decimal(rows, "close").alias("close_")), series)
    sound, broken = sift(usable, (_DATE, SESSION, CLOSE))
    kept, again = single(sound, ["session"], "stamp")
    levels = levels_of(kept, series, SERIES.name)
    return extracted(name, rows, {"levels": levels}, [broken, again], [unusable])


DAILY = Source(
    name="prices.daily",
    about="daily open, high, low and close of one symbol or index",
    tables=frozenset({"bars", "levels"}),
    recognise=lambda content: layout(content) == "days",
    transform=_daily,
    asks=frozenset({"symbol"}),
)
CLOSES = Source(
    name="prices.closes",
    about="adjusted closes of many symbols, Parquet",
    tables=frozenset({"bars"}),
    recognise=lambda content: {"ticker", "adj_close"} <= (parquet_columns(content) or frozenset()),
    transform=_closes,
)
SERIES = Source(
    name="cboe.series",
    about="daily values of an index that the header names, such as VVIX or SKEW",
    tables=frozenset({"levels"}),
    recognise=lambda content: _series_named(content) is not None,
    transform=_series,
)
