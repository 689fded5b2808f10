"""What was fetched so late that it may not be what was published: rows of such files say on which day they were served.

1. A report stands at its publication, whenever it is fetched: a publisher serves old reports as it has them now.
2. Where two later reports were out before a file was fetched, what it says may have been revised in place since.
3. The tables say nothing of it: the day stands in the vault's record of the file, and is joined to rows that are shown.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

import polars as pl

from overshort import sessions
from overshort.engine.figures import Figure
from overshort.store import asof
from overshort.store.lake import Lake
from overshort.store.raw import Vault

__all__ = ["marked", "reports", "served"]

FILE = ["settlement", "sha256", "known_at"]
ANNOUNCED = "announced"
"""The members of a total that an exchange announced: no report is behind it."""


def served(lake: Lake, rows: pl.DataFrame) -> pl.DataFrame:
    """Add what rows are, where they are not as first published.

    Parameters
    ----------
    rows
        Columns ``sha256`` and ``known_at`` (UTC) among others.

    Returns
    -------
    DataFrame
        The same rows with ``vintage``: ``as served on DATE``, the day in New York; null for what was imported as a
        file, or fetched by the second publication after its own.
    """
    fetched = _fetched(lake)
    pairs = rows.select("sha256", "known_at").drop_nulls().unique()
    found = [(s, k, _vintage(k, fetched[s])) for s, k in pairs.iter_rows() if s in fetched]
    told = pl.DataFrame(found, {**pairs.schema, "vintage": pl.String()}, orient="row")
    return rows.join(told, on=["sha256", "known_at"], how="left", maintain_order="left")


def _fetched(lake: Lake) -> Mapping[str, datetime]:
    records = Vault(lake.home / "raw").records()
    return {r.sha256: datetime.fromisoformat(r.pulled) for r in records if r.pulled}


def _vintage(published: datetime, fetched: datetime) -> str | None:
    if fetched <= published:
        return None
    _, first = sessions.next_publication(published)
    if fetched <= first or fetched <= sessions.next_publication(first)[1]:
        return None
    return f"as served on {fetched.astimezone(sessions.NEW_YORK).date()}"


def reports(lake: Lake, as_of: datetime) -> dict[str, str]:
    """Give the vintage of every report with rows that are not as first published.

    Returns
    -------
    dict
        Settlement date, ISO, to ``as served on DATE``, ascending; of several days the last.  Rows that were revised
        by then do not count.
    """
    if not _fetched(lake):
        return {}
    whole = asof.known(lake.scan("short_interest"), as_of)
    files = whole.select(FILE).unique().collect()
    late = served(lake, files).drop_nulls("vintage")
    last = _standing(whole, files, late).group_by("settlement").agg(pl.col("vintage").max()).sort("settlement")
    return {day.isoformat(): vintage for day, vintage in last.iter_rows()}


def _standing(whole: pl.LazyFrame, files: pl.DataFrame, late: pl.DataFrame) -> pl.DataFrame:
    """Leave out late files of which every row was revised; only where a report became known twice can there be one."""
    twice = files.group_by("settlement").agg(pl.col("known_at").n_unique().alias("times")).filter(pl.col("times") > 1)
    twice = twice.join(late, on="settlement", how="semi").select("settlement")
    if twice.is_empty():
        return late
    disputed = whole.join(twice.lazy(), on="settlement", how="semi")
    newest = asof.newest(disputed, "short_interest").select(FILE).unique().collect()
    once = late.join(twice, on="settlement", how="anti")
    return pl.concat([once, late.join(newest, on=FILE, how="semi")])


def marked(found: Iterable[Figure], vintages: Mapping[str, str]) -> list[Figure]:
    """Give figures of reports the vintage of their window: the last day on which a report of it was served late.

    Parameters
    ----------
    vintages
        Of reports, as :func:`reports` gives them.
    """
    return [replace(f, vintage=_of_window(f, vintages)) for f in found]


def _of_window(figure: Figure, vintages: Mapping[str, str]) -> str | None:
    if figure.settlement is None or figure.members == ANNOUNCED:
        return None
    first, last = figure.base_date or figure.settlement, figure.settlement
    return max((v for day, v in vintages.items() if min(first, last) <= day <= last), default=None)
