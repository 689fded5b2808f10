"""The published months behind the replication of Rapach, Ringgenberg and Zhou (2016), read from the store."""

from datetime import datetime
from typing import Any

import polars as pl

from overshort.evidence.replication import RATE, RETURN, SERIES, replicated
from overshort.store import asof
from overshort.store.lake import Lake

__all__ = ["months", "replication"]

COLUMNS = {**{series: series for series in SERIES.values()}, RETURN: "return", RATE: "rate"}


def months(levels: pl.LazyFrame, as_of: datetime) -> pl.DataFrame:
    """Give the months that have short interest and a return.

    Parameters
    ----------
    levels
        Rows of table ``levels``, all vintages.

    Returns
    -------
    DataFrame
        ``month`` (first day), short interest by series, ``excess``; empty where the workbook is not imported.
    """
    rows = asof.newest(levels.filter(pl.col("series").is_in(list(COLUMNS))), "levels", as_of)
    wide = rows.select(pl.col("at").dt.month_start().alias("month"), "series", "value").collect()
    if wide["series"].n_unique() < len(COLUMNS):
        return pl.DataFrame()
    spread = wide.pivot("series", index="month", values="value").sort("month").rename(COLUMNS)
    excess = (1 + pl.col("return")).log() - (1 + pl.col("rate").shift(1)).log()
    return spread.select("month", *SERIES.values(), excess.alias("excess")).drop_nulls()


def replication(lake: Lake, as_of: datetime) -> dict[str, Any] | None:
    """Compute the paper's figures from what was known by an instant; nothing where its workbook was not.

    Returns
    -------
    dict or None
        ``id, from, to, months, weightings``.
    """
    found = months(lake.scan("levels"), as_of)
    if found.is_empty():
        return None
    return {
        "id": "replication",
        "from": found["month"][0].isoformat(),
        "to": found["month"][-1].isoformat(),
        "months": found.height,
        "weightings": replicated(found),
    }
