"""The one door for reads and joins as of a time.

Nothing else compares ``known_at`` with an instant or joins to the newest earlier row: everything that could look
ahead passes through here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

import polars as pl

from overshort import schema

__all__ = [
    "View",
    "before",
    "earlier",
    "history",
    "join_newest",
    "known",
    "latest",
    "leading",
    "newest",
    "standing",
    "views",
]

KNOWN = "known_at"
SEVERAL = frozenset({"option_quotes"})
"""Tables of which a view has every vintage known by then: what joins them takes the newest of a key by itself."""
AT_ONCE = 20_000_000
"""Rows that are searched for revisions at once; larger tables session by session."""


@dataclass(frozen=True, slots=True)
class View:
    """The tables as they stood between two revisions.

    Attributes
    ----------
    tables
        Table name to rows; every key has one row, the newest vintage known before ``until``, but in the tables of
        :data:`SEVERAL`.
    since, until
        The revision that begins this view and the one that ends it; ``None`` before the first and after the last.
    """

    tables: Mapping[str, pl.LazyFrame]
    since: datetime | None
    until: datetime | None

    def own(self, panel: pl.DataFrame) -> pl.DataFrame:
        """Keep the rows of a panel, computed from this view, that became known while it was the newest."""
        begun = pl.lit(True) if self.since is None else pl.col(KNOWN) >= self.since
        running = pl.lit(True) if self.until is None else pl.col(KNOWN) < self.until
        return panel.filter(begun & running)


def known(rows: pl.LazyFrame, as_of: datetime) -> pl.LazyFrame:
    """Keep the rows that were known at an instant, all their vintages."""
    return rows.filter(pl.col(KNOWN) <= as_of)


def newest(rows: pl.LazyFrame, table: str, as_of: datetime | None = None) -> pl.LazyFrame:
    """Give the newest vintage of every key of a table.

    Parameters
    ----------
    rows
        Rows of the table, in any order, all vintages.
    as_of
        Leave out what became known later; everything counts where left out.
    """
    key = list(schema.table(table).key)
    seen = rows if as_of is None else known(rows, as_of)
    return seen.filter(pl.col(KNOWN) == pl.col(KNOWN).max().over(key))


def earlier(rows: pl.LazyFrame, until: datetime | None) -> pl.LazyFrame:
    """Keep the rows that were known before an instant, all their vintages; all rows where none is given."""
    return rows if until is None else rows.filter(pl.col(KNOWN) < until)


def before(rows: pl.LazyFrame, table: str, until: datetime | None) -> pl.LazyFrame:
    """Give the newest vintage of every key that was known before an instant: the rows of the view that it ends."""
    return newest(earlier(rows, until), table)


def latest(panel: pl.LazyFrame, as_of: datetime) -> pl.LazyFrame:
    """Give of every (id, subject) the row with the newest ``at`` known at an instant, in its newest vintage."""
    order, own = ["id", "subject", "at", KNOWN], ["id", "subject"]
    # The newest rows are few, so that putting them in order is quick.
    last = known(panel, as_of).filter(pl.col("at") == pl.col("at").max().over(own))
    return last.sort(order).group_by(own, maintain_order=True).last()


def history(panel: pl.LazyFrame, as_of: datetime) -> pl.LazyFrame:
    """Give of every (id, subject, at) the newest vintage known at an instant, sorted."""
    order = ["id", "subject", "at", KNOWN]
    return known(panel, as_of).sort(order).group_by("id", "subject", "at", maintain_order=True).last()


def _revisions(name: str, rows: pl.LazyFrame) -> set[datetime]:
    """Give the instants at which a key of a table got a second or later vintage."""
    key = list(schema.table(name).key)
    if "session" not in key or rows.select(pl.len()).collect(engine="streaming").item() <= AT_ONCE:
        return _again(key, rows)
    days = rows.select(pl.col("session").unique()).collect(engine="streaming")["session"]
    return set().union(*(_again(key, rows.filter(pl.col("session") == day)) for day in days))


def _again(key: list[str], rows: pl.LazyFrame) -> set[datetime]:
    keys = rows.select(key).collect()
    if keys.hash_rows().n_unique() == keys.height:  # equal keys have equal hashes
        return set()
    again = rows.select(*key, KNOWN).filter(pl.len().over(key) > 1)
    later = again.filter(pl.col(KNOWN) > pl.col(KNOWN).min().over(key))
    return set(later.select(KNOWN).unique().collect()[KNOWN])


def views(tables: Mapping[str, pl.LazyFrame]) -> list[View]:
    """Cut tables into stretches of time within which no published row was revised.

    Parameters
    ----------
    tables
        Table name to rows, all vintages.

    Returns
    -------
    list of View
        In order of time; one view where nothing was ever revised.
    """
    revised = {name: _revisions(name, rows) for name, rows in tables.items()}
    instants = sorted(set().union(*revised.values()))
    bounds = [None, *instants, None]
    again = frozenset(name for name, found in revised.items() if found) - SEVERAL
    return [_view(tables, again, since, until) for since, until in pairwise(bounds)]


def _view(
    tables: Mapping[str, pl.LazyFrame], again: frozenset[str], since: datetime | None, until: datetime | None
) -> View:
    seen = {n: earlier(t, until) for n, t in tables.items()}
    return View({n: newest(t, n) if n in again else t for n, t in seen.items()}, since, until)


def standing(tables: Mapping[str, pl.LazyFrame], as_of: datetime) -> dict[str, pl.LazyFrame]:
    """Give tables as they stood at an instant: of every key the newest vintage known then."""
    return dict(views({n: known(t, as_of) for n, t in tables.items()})[-1].tables)


def leading(rows: pl.LazyFrame, by: str, at: str) -> pl.LazyFrame:
    """Leave out what was overtaken before it was known: rows of an earlier ``at`` than one known by then.

    To join the newest *known* of the rest is to join the newest ``at`` among all that was known.
    """
    ordered = rows.sort(by, KNOWN, at)
    return ordered.filter(pl.col(at) >= pl.col(at).cum_max().over(by))


def join_newest(
    left: pl.LazyFrame,
    right: pl.LazyFrame,
    *,
    by: str | Sequence[str],
    left_on: str,
    right_on: str,
    then: Sequence[str] = (),
    strict: bool = False,
) -> pl.LazyFrame:
    """Join to each left row the newest right row of the same ``by`` that is not later.

    Parameters
    ----------
    left_on, right_on
        Instants, dates or numbers to compare; both without nulls.
    then
        Right columns that order the right rows of one instant, before the given order does.
    strict
        Require the right row to be earlier, not merely not later.

    Returns
    -------
    LazyFrame
        The left rows, sorted by ``by`` and ``left_on``, with the right columns; null where no right row qualifies.
        Of right rows at the same instant the last counts.

    Notes
    -----
    Polars joins unsorted groups to wrong rows and only warns; both sides are sorted here, so its check is off.
    """
    groups = [by] if isinstance(by, str) else list(by)
    return left.sort(*groups, left_on).join_asof(
        right.sort(*groups, right_on, *then, maintain_order=True),
        left_on=left_on,
        right_on=right_on,
        by=groups,
        strategy="backward",
        allow_exact_matches=not strict,
        check_sortedness=False,
    )
