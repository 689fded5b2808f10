"""A risk trigger given for once: it stands in no file, and no panel that is kept knows of it."""

from collections.abc import Mapping
from datetime import date, time

import polars as pl

from overshort import schema, sessions
from overshort.engine.computing import compute, tables_behind
from overshort.engine.panel import market
from overshort.metrics import registry
from overshort.metrics.compression.trigger import ONCE
from overshort.store.lake import Lake

__all__ = ["with_triggers"]

SINCE = date(1990, 1, 2)
"""A level given for once counts at every bar: price is measured against it as if it had always stood."""


def with_triggers(whole: pl.DataFrame, lake: Lake, given: Mapping[str, float]) -> pl.DataFrame:
    """Put into a panel of the market what a user's triggers say, in place of what the store's own say.

    Parameters
    ----------
    whole
        Columns of :data:`overshort.schema.PANEL`, all history.
    given
        Traded proxy to level (USD).

    Returns
    -------
    DataFrame
        The panel, sorted as before; the same where nothing is given.
    """
    if not given:
        return whole
    ids = [i for i in registry() if i.startswith("compression.") and "_user" in i]
    own = pl.col("id").is_in(ids) & pl.col("subject").is_in(list(given))
    tables = {n: lake.scan(n) for n in {t for i in ids for t in tables_behind(i)}}
    tables["levels"] = pl.concat([_others(lake, given), _rows(given)])
    found = compute(tables, market(), ids).filter(own)
    return pl.concat([whole.filter(~own), found]).sort("id", "subject", "at", "known_at")


def _others(lake: Lake, given: Mapping[str, float]) -> pl.LazyFrame:
    replaced = [prefix + symbol for prefix in schema.TRIGGERS for symbol in given]
    return lake.scan("levels").filter(~pl.col("series").is_in(replaced))


def _rows(given: Mapping[str, float]) -> pl.LazyFrame:
    columns = schema.table("levels").columns
    told = {"at": SINCE, "known_at": sessions.at_new_york(SINCE, time(0)), "source": ONCE, "sha256": ""}
    rows = [
        told | {"series": schema.TRIGGERS[0] + s, "frequency": "day", "value": v, "unit": "USD", "batch": 0}
        for s, v in given.items()
    ]
    return (
        pl.DataFrame(rows, schema_overrides=dict(columns)).select(pl.col(c).cast(t) for c, t in columns.items()).lazy()
    )
