"""Month-end closes of the S&P 500: one row a completed month, known at the close of the month's last session.

Before March 1957 it is the index of 90 shares and what scholars put before that, chained to one series.
"""

import polars as pl

from overshort.sources.declare import Extract, Options, Rule, Source, extracted, sift, single
from overshort.sources.levels import Level, long, month, numeric, with_month_ends
from overshort.sources.reading import csv_rows, decoded, first_names

__all__ = ["MONTH_ENDS"]

MONTH, VALUE = "yyyymm", "sp500_month_end_close"
_RULES = (
    Rule("month '{}' is not a month YYYYMM", [MONTH], pl.col("month").is_not_null()),
    Rule("close '{}' is not a number above 0", [VALUE], pl.col(f"{VALUE}_") > 0),
)


def _transform(content: bytes, name: str, _options: Options) -> Extract:
    rows = csv_rows(decoded(content, name), name, ",", [MONTH, VALUE])
    parsed = numeric(rows, [VALUE]).with_columns(month(MONTH).alias("month"))
    sound, broken = sift(parsed, _RULES)
    kept, again = single(sound, ["month"], MONTH)
    table = long(with_month_ends(kept), {VALUE: Level("^GSPC", "index")}, "month_end", MONTH_ENDS.name)
    return extracted(name, rows, {"levels": table}, [broken, again])


def _recognise(content: bytes) -> bool:
    return VALUE in first_names(content)


MONTH_ENDS = Source(
    name="sp500.month_ends",
    about="month-end closes of the S&P 500",
    tables=frozenset({"levels"}),
    recognise=_recognise,
    transform=_transform,
)
