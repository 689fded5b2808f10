"""Weekly values of Cboe's volatility and skew indices, one row a week, blank where an index had no value.

A week is dated by its Friday, holidays too (66 of 1,909 in the file at hand: Good Friday, 4 July ...): the value is
then the one of the week's last session, and is known that Friday at 16:15 like all others, late and never early.
A blank cell is no row.
"""

from datetime import time

import polars as pl

from overshort.errors import RefusedFile
from overshort.sources.declare import AGAIN, Extract, Options, Rule, Source, extracted, instant, sift, single
from overshort.sources.levels import Level, long, numbers, numeric
from overshort.sources.reading import csv_rows, day, decoded, first_names

__all__ = ["WEEKS"]

WEEK = "week_ending"
SERIES = {s: Level(s, "index") for s in ("VIX", "VXN", "GVZ", "OVX", "VXEWZ", "VXEFA", "VVIX", "SKEW")}
SETTLED = time(16, 15)
"""When the day's last value of a volatility index is known."""


def _rules(columns: list[str]) -> list[Rule]:
    above = [Rule(f"{c} '{{}}' is not above 0", [c], (pl.col(f"{c}_") > 0).fill_null(True)) for c in columns]
    dated = Rule("week ending '{}' is not a date YYYY-MM-DD", [WEEK], pl.col("at").is_not_null())
    return [dated, *numbers(columns), *above]


def _transform(content: bytes, name: str, _options: Options) -> Extract:
    rows = csv_rows(decoded(content, name), name, ",", [WEEK], list(SERIES))
    if not (given := [c for c in SERIES if c in rows.columns]):
        raise RefusedFile(name, f"it has none of the columns {', '.join(SERIES)}", line=1, fix=AGAIN)
    parsed = numeric(rows, given).with_columns(day(rows, WEEK).alias("at"))
    sound, broken = sift(parsed, _rules(given))
    kept, again = single(sound, ["at"], WEEK)
    known = kept.with_columns(instant("at", SETTLED).alias("known_at"))
    table = long(known, {c: SERIES[c] for c in given}, "week", WEEKS.name)
    return extracted(name, rows, {"levels": table}, [broken, again])


def _recognise(content: bytes) -> bool:
    return WEEK in first_names(content)


WEEKS = Source(
    name="cboe.weeks",
    about="weekly values of Cboe's volatility and skew indices",
    tables=frozenset({"levels"}),
    recognise=_recognise,
    transform=_transform,
)
