"""Shiller's monthly table of the S&P 500 as its plain-text copies publish it: averages, not month ends.

``SP500`` is the mean of a month's daily closes, so its streaks differ from those of month-end closes: frequency
``month_average``, for the series beside it too.  A value of 0 means that there is none, save in ``SP500``.

When each is known, on the careful side: the average at the close of the month's last session, and so the long rate;
consumer prices at the end of the month after; dividends, earnings and the price over ten years' earnings at the end
of the third month after.  Values are of the file's edition: earnings and dividends between two quarters are drawn as
a line, and the newest consumer prices are the author's own extrapolation until his next edition.

Two kinds of months are left out, with a remark, because they may be averages of a few days:

- the file's newest month: nothing in it tells whether that month was over;
- the month to whose prices the file reckons its real values (real price = price, the newest with consumer prices).
  It was the newest when the author published, and copies that go on with other data keep it: 4515.77 for September
  2023 is the close of 1 September, the mean of its closes 4409.09.

Real price, dividend and earnings are not taken: they are the others in the money of that month, new in each edition.
"""

from dataclasses import replace
from datetime import date

import polars as pl

from overshort.sources.declare import NIGHT, Extract, Options, Rule, Source, extracted, instant, sift, single
from overshort.sources.levels import Level, long, month, numbers, numeric, with_month_ends
from overshort.sources.reading import csv_rows, decoded, first_names

__all__ = ["SHILLER"]

MONTH, PRICE, PRICES, REAL = "Date", "SP500", "Consumer Price Index", "Real Price"
SERIES = {
    PRICE: Level("^GSPC", "index"),
    "Dividend": Level("Shiller dividend", "index points a year", instant("after_3", NIGHT)),
    "Earnings": Level("Shiller earnings", "index points a year", instant("after_3", NIGHT)),
    PRICES: Level("Shiller consumer prices", "index", instant("after_1", NIGHT)),
    "Long Interest Rate": Level("Shiller long rate", "percent"),
    "PE10": Level("Shiller PE10", "ratio", instant("after_3", NIGHT)),
}
"""The file's columns, and ours."""
_RULES = (
    Rule("date '{}' is not a date YYYY-MM-DD", [MONTH], pl.col("month").is_not_null()),
    Rule("SP500 '{}' is not a number above 0", [PRICE], pl.col(f"{PRICE}_") > 0),
    *numbers([c for c in SERIES if c != PRICE]),
)


def _parsed(rows: pl.DataFrame) -> pl.DataFrame:
    given = numeric(rows, [*SERIES, *({REAL} & set(rows.columns))]).with_columns(month(MONTH).alias("month"))
    others = [f"{c}_" for c in SERIES if c != PRICE]
    return given.with_columns(pl.when(pl.col(c) != 0).then(pl.col(c)).alias(c) for c in others)


def _after(months: int) -> pl.Expr:
    return pl.col("month").dt.offset_by(f"{months}mo").dt.month_end().alias(f"after_{months}")


def _unsure(rows: pl.DataFrame) -> list[date]:
    """Give the months that may be averages of a few days: the newest, and the newest of the author."""
    months = rows.select(pl.col("month").max()).to_series()
    if f"{REAL}_" in rows.columns:
        author = rows.filter(pl.col(f"{PRICES}_").is_not_null()).filter(pl.col("month") == pl.col("month").max())
        months = months.append(author.filter(pl.col(f"{REAL}_") == pl.col(f"{PRICE}_"))["month"])
    return sorted(set(months.drop_nulls()))


def _remark(left_out: list[date]) -> str:
    months = " and ".join(f"{m:%Y-%m}" for m in left_out)
    return f"{months} left out: the newest month of an edition may be an average of a few days" if months else ""


def _transform(content: bytes, name: str, _options: Options) -> Extract:
    rows = csv_rows(decoded(content, name), name, ",", [MONTH, *SERIES], [REAL])
    sound, broken = sift(_parsed(rows), _RULES)
    kept, again = single(sound, ["month"], MONTH)
    left_out = _unsure(kept)
    dated = with_month_ends(kept.filter(~pl.col("month").is_in(left_out))).with_columns(_after(1), _after(3))
    table = long(dated, SERIES, "month_average", SHILLER.name)
    return replace(extracted(name, rows, {"levels": table}, [broken, again]), remark=_remark(left_out))


def _recognise(content: bytes) -> bool:
    return PRICE in (names := first_names(content)) and len(names & SERIES.keys()) >= 3


SHILLER = Source(
    name="shiller.monthly",
    about="Shiller's monthly averages of the S&P 500 with dividends, earnings, consumer prices and rates",
    tables=frozenset({"levels"}),
    recognise=_recognise,
    transform=_transform,
)
