"""Levels that the user calls a risk trigger: ``symbol, from, level`` and, where it ends, ``to``.

A level counts from the opening of the day it is given for, which is the user's own word; it stays in force through
``to``, or until the next one of the same symbol begins.  Both are rows of table ``levels``: the level as series
``trigger:QQQ``, its last day as ``trigger_end:QQQ`` (days since 1970-01-01; 9999-12-31 where none is given).  Levels
are on the scale of the day's prices: a later split does not move them.
"""

from datetime import date

import polars as pl

from overshort.schema import TRIGGERS as SERIES
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
from overshort.sources.reading import absent, csv_rows, day, decimal, decoded, first_names, text

__all__ = ["TRIGGERS"]

TRIGGER, TRIGGER_END = SERIES
NEEDED, OPTIONAL = ("symbol", "from", "level"), ("to",)
ENDLESS = date(9999, 12, 31)
_RULES = (
    Rule("symbol '{}' has no letters or digits", ["symbol_raw"], pl.col("symbol") != ""),
    Rule("from '{}' is not a date YYYY-MM-DD", ["from"], pl.col("at").is_not_null()),
    Rule("level '{}' is not a number above 0", ["level"], pl.col("value") > 0),
    Rule("to '{}' is not a date YYYY-MM-DD", ["to"], pl.col("last").is_not_null()),
    Rule("to '{}' is before from '{}'", ["to", "from"], pl.col("last") >= pl.col("at")),
)


def _series(kept: pl.DataFrame, prefix: str, value: pl.Expr, unit: str) -> pl.DataFrame:
    series = pl.concat_str(pl.lit(prefix), "symbol").alias("series")
    return kept.select(series, "at", value.cast(pl.Float64).alias("value"), pl.lit(unit).alias("unit"))


def _transform(content: bytes, name: str, _options: Options) -> Extract:
    rows = csv_rows(decoded(content, name), name, ",", NEEDED, OPTIONAL)
    rows = rows if "to" in rows.columns else rows.with_columns(pl.lit(None, pl.String).alias("to"))
    parsed = rows.with_columns(
        text("symbol").alias("symbol_raw"),
        letters_and_digits(pl.col("symbol")).alias("symbol"),
        day(rows, "from").alias("at"),
        decimal(rows, "level").alias("value"),
        pl.when(absent(rows, "to")).then(pl.lit(ENDLESS)).otherwise(day(rows, "to")).alias("last"),
    )
    sound, broken = sift(parsed, _RULES)
    kept, again = single(sound, ["symbol", "at"], "symbol_raw")
    ends = _series(kept, TRIGGER_END, pl.col("last").cast(pl.Int32), "days since 1970-01-01")
    whole = pl.concat([_series(kept, TRIGGER, pl.col("value"), "USD"), ends])
    dated = whole.with_columns(pl.lit("day").alias("frequency"), instant("at").alias("known_at"))
    return extracted(name, rows, {"levels": rows_of("levels", dated, TRIGGERS.name)}, [broken, again])


def _recognise(content: bytes) -> bool:
    return {*NEEDED} <= first_names(content)


TRIGGERS = Source(
    name="overshort.triggers",
    about="risk triggers that the user gives: symbol, from, level and, where it ends, to",
    tables=frozenset({"levels"}),
    recognise=_recognise,
    transform=_transform,
)
