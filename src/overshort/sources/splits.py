"""A table of split ratios, new shares per old, for the rows that FINRA flags ``S`` without saying the ratio."""

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
from overshort.sources.reading import csv_rows, day, decimal, decoded, first_names, text

__all__ = ["SPLITS"]

NEEDED = ("symbol", "settlement_date", "ratio_new_per_old")
_RULES = (
    Rule("symbol '{}' has no letters or digits", ["symbol_raw"], pl.col("symbol") != ""),
    Rule("settlement date '{}' is not a date YYYY-MM-DD", ["settlement_date"], pl.col("settlement").is_not_null()),
    Rule("ratio '{}' is not a number of new shares per old, above 0", ["ratio_new_per_old"], pl.col("ratio") > 0),
)


def _transform(content: bytes, name: str, _options: Options) -> Extract:
    rows = csv_rows(decoded(content, name), name, ",", NEEDED)
    parsed = rows.with_columns(
        text("symbol").alias("symbol_raw"),
        letters_and_digits(pl.col("symbol")).alias("symbol"),
        day(rows, "settlement_date").alias("settlement"),
        decimal(rows, "ratio_new_per_old").alias("ratio"),
        pl.lit("table").alias("basis"),
    )
    sound, broken = sift(parsed, _RULES)
    kept, again = single(sound, ["symbol", "settlement"], "symbol_raw")
    table = rows_of("splits", with_publication(kept), SPLITS.name)
    return extracted(name, rows, {"splits": table}, [broken, again])


def _recognise(content: bytes) -> bool:
    return "ratio_new_per_old" in first_names(content)


SPLITS = Source(
    name="overshort.splits",
    about="split ratios, new shares per old, by settlement date",
    tables=frozenset({"splits"}),
    recognise=_recognise,
    transform=_transform,
)
