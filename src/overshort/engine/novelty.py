"""Which rows of a file are new, which are known, and which revise a known row.

1. A row whose key and values stand in the table already, in any vintage, is known.
2. A row with a new key is new.
3. A row with a known key and other values is a revision: what it says was not known before the publication that
   follows the newest vintage of that key.  Where it was fetched from its publisher, it was not known before that.
"""

from dataclasses import dataclass
from datetime import datetime

import polars as pl

from overshort import schema, sessions
from overshort.store import asof

__all__ = ["Sorted", "sort_out"]

KNOWN = "known_at"


@dataclass(frozen=True, slots=True)
class Sorted:
    """Rows of one table from one file; ``fresh`` holds the new rows and the revisions, ready to append."""

    fresh: pl.DataFrame
    new: int
    revised: int
    known: int


def sort_out(table: str, rows: pl.DataFrame, stored: pl.LazyFrame, *, fetched: datetime | None = None) -> Sorted:
    """Compare rows of a file with what a table holds.

    Parameters
    ----------
    rows
        All columns of the table.
    stored
        The visible rows of the table, all vintages.
    fetched
        When the rows were fetched from their publisher; ``None`` for a file that lay around.
    """
    declared = schema.table(table)
    key = list(declared.key)
    there = _overlap(stored, rows, key).select(*key, *declared.values, KNOWN).collect()
    if there.is_empty():
        return Sorted(rows, rows.height, 0, 0)
    unknown = rows.join(there, on=[*key, *declared.values], how="anti", nulls_equal=True)
    standing = asof.newest(there.lazy(), table).select(*key, pl.col(KNOWN).alias("standing")).collect()
    placed = unknown.join(standing, on=key, how="left", nulls_equal=True)
    revisions = placed.filter(pl.col("standing").is_not_null())
    new = placed.filter(pl.col("standing").is_null()).drop("standing")
    fresh = pl.concat([new, _dated(revisions, fetched).select(rows.columns)])
    return Sorted(fresh, new.height, revisions.height, rows.height - unknown.height)


def _overlap(stored: pl.LazyFrame, rows: pl.DataFrame, key: list[str]) -> pl.LazyFrame:
    """Read only what has a key of the file, from the stretch of dates that the file covers."""
    days = [c for c in key if rows.schema[c].is_temporal()]
    near = stored.filter(*(pl.col(c).is_between(rows[c].min(), rows[c].max()) for c in days))
    return near.join(rows.lazy().select(key), on=key, how="semi", nulls_equal=True)


def _dated(revisions: pl.DataFrame, fetched: datetime | None) -> pl.DataFrame:
    if fetched is not None and all(at < fetched for at in revisions["standing"].unique()):
        return revisions.with_columns(pl.max_horizontal(KNOWN, pl.lit(fetched)).alias(KNOWN))
    standing = revisions["standing"].unique()
    after: dict[datetime, datetime] = {at: sessions.next_publication(at)[1] for at in standing}
    following = pl.col("standing").replace_strict(after, return_dtype=revisions.schema[KNOWN])
    return revisions.with_columns(pl.max_horizontal(KNOWN, following).alias(KNOWN))
