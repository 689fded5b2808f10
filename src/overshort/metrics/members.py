"""Which settlements have a report, and who belongs to an index at each.

1. A settlement is a report of an index or exchange only if it is complete: website exports put single names into
   settlements that have no full file.  Complete = at least half as many rows of the listed market classes as the
   last complete report had.
2. Membership is decided symbol by symbol: dated changes > spells > snapshots.
"""

from bisect import bisect_right
from itertools import pairwise

import polars as pl

from overshort import sessions
from overshort.metrics.declare import Inputs, intermediate
from overshort.schema import EXCHANGES

__all__ = ["POINT_IN_TIME", "complete", "members", "missing_between", "reports"]

COMPLETE = 0.5
"""Smallest number of listed rows of a complete report, as a share of the last complete report's."""
POINT_IN_TIME = "point-in-time"
KEY = ["subject", "settlement"]
REPORTS = {"subject": pl.String, "kind": pl.String, "settlement": pl.Date, "missing": pl.Date, "known_at": pl.Datetime}


def complete(counts: pl.DataFrame) -> pl.DataFrame:
    """Keep the settlements whose report is complete.

    Parameters
    ----------
    counts
        One row a settlement, with ``settlement`` and ``rows``: how many rows of the listed market classes it has.

    Returns
    -------
    DataFrame
        The complete ones, sorted by settlement.  The first that has any row counts as complete.
    """
    kept, last = [], 0
    ordered = counts.sort("settlement")
    for rows in ordered["rows"]:
        whole = rows > 0 and rows >= COMPLETE * last
        kept.append(whole)
        last = rows if whole else last
    return ordered.filter(pl.Series(kept, dtype=pl.Boolean))


def missing_between(reports: pl.DataFrame) -> pl.DataFrame:
    """Add ``missing``: the first settlement of FINRA's calendar between a report and the one before, null if none."""
    dates = reports["settlement"].to_list()
    calendar = sessions.settlements_between(dates[0], dates[-1]) if dates else []
    after = {a: calendar[bisect_right(calendar, a)] for a in dates[:-1]}
    found = [None, *(after[a] if after[a] < b else None for a, b in pairwise(dates))][: len(dates)]
    return reports.with_columns(pl.Series("missing", found, dtype=pl.Date))


def _market_reports(rows: pl.LazyFrame) -> pl.DataFrame:
    listed = rows.filter(pl.col("market").is_in(EXCHANGES["LISTED"]))
    counts = listed.group_by("settlement").agg(pl.len().cast(pl.Int64).alias("rows"), pl.col("known_at").max())
    return missing_between(complete(counts.collect()))


def _stock_reports(rows: pl.LazyFrame, names: pl.DataFrame) -> pl.DataFrame:
    """Every row of a stock is a report of its own; stocks on the same dates share one look at the calendar."""
    own = rows.join(names.lazy(), left_on="symbol", right_on="subject", how="semi")
    slim = own.select(pl.col("symbol").alias("subject"), "settlement", "known_at").collect()
    dates = slim.sort(KEY).group_by("subject", maintain_order=True).agg("settlement")
    gaps = {tuple(d): missing_between(pl.DataFrame({"settlement": d})) for d in dates["settlement"].to_list()}
    parts = [
        gaps[tuple(d)].with_columns(pl.lit(s).alias("subject"))
        for s, d in zip(dates["subject"].to_list(), dates["settlement"].to_list(), strict=True)
    ]
    none = pl.DataFrame(schema={"settlement": pl.Date, "missing": pl.Date, "subject": pl.String})
    return pl.concat([none, *parts]).join(slim, on=KEY)


@intermediate("reports", reads=frozenset({"short_interest", "subjects"}))
def reports(inputs: Inputs) -> pl.LazyFrame:
    """Give the reports of every subject.

    Returns
    -------
    LazyFrame
        ``subject, kind, settlement, missing, known_at``, sorted.  ``missing`` names the first settlement between
        the last report and this one that the calendar has and the table has not.
    """
    subjects = inputs["subjects"].collect()
    rows = inputs["short_interest"]
    stock = pl.col("kind") == "stock"
    parts = []
    if (groups := subjects.filter(~stock)).height:
        parts.append(groups.join(_market_reports(rows), how="cross").drop("rows"))
    if (single := subjects.filter(stock)).height:
        parts.append(single.join(_stock_reports(rows, single), on="subject"))
    columns = list(REPORTS)
    none = pl.DataFrame(schema={**REPORTS, "known_at": pl.Datetime("us", "UTC")})
    return pl.concat([none, *(p.select(columns) for p in parts)]).sort(KEY).lazy()


def _standing(membership: pl.LazyFrame, dates: pl.LazyFrame) -> pl.LazyFrame:
    """Pair every membership row that has begun with every report, and say whether it still runs."""
    pairs = membership.select(pl.col("index").alias("subject"), "symbol", "first", "last", "basis", "dated")
    begun = pairs.join(dates, on="subject").filter(pl.col("first") <= pl.col("settlement"))
    return begun.with_columns((pl.col("last").is_null() | (pl.col("settlement") < pl.col("last"))).alias("runs"))


def _dated_members(standing: pl.LazyFrame) -> pl.LazyFrame:
    """Members by changes and spells, at the reports where together they make a whole list."""
    changes = standing.filter(pl.col("basis") == "changes")
    spells = standing.filter((pl.col("basis") == "spells") & pl.col("runs"))
    whole = pl.concat([changes.filter(pl.col("dated").is_not_null()).select(KEY), spells.select(KEY)]).unique()
    spoken = [*KEY, "symbol"]
    silent = spells.join(changes.select(spoken).unique(), on=spoken, how="anti")
    found = pl.concat([changes.filter("runs").select(spoken), silent.select(spoken)]).unique()
    return found.join(whole, on=KEY, how="semi").with_columns(
        pl.lit(POINT_IN_TIME).alias("basis"), pl.lit(None, pl.Date).alias("dated")
    )


def _snapshot_members(membership: pl.LazyFrame, dates: pl.LazyFrame) -> pl.LazyFrame:
    """Members by the newest holdings file dated on or before the report, before the first file by the first one."""
    files = membership.filter(pl.col("basis") == "snapshot").select(
        pl.col("index").alias("subject"), "symbol", pl.coalesce("dated", "first").alias("dated")
    )
    choices = dates.join(files.select("subject", "dated").unique(), on="subject")
    earlier = pl.when(pl.col("dated") <= pl.col("settlement")).then("dated")
    chosen = choices.group_by(KEY).agg(pl.coalesce(earlier.max(), pl.col("dated").min()).alias("dated"))
    day = pl.format("snapshot {}", pl.col("dated").cast(pl.String))
    backcast = pl.when(pl.col("dated") > pl.col("settlement")).then(pl.lit(" backcast")).otherwise(pl.lit(""))
    found = chosen.join(files.unique(), on=["subject", "dated"])
    return found.with_columns((day + backcast).alias("basis")).select(*KEY, "symbol", "basis", "dated")


def _exchange_rows(rows: pl.LazyFrame, dates: pl.LazyFrame) -> list[pl.LazyFrame]:
    out = []
    for name, markets in EXCHANGES.items():
        own = dates.filter(pl.col("subject") == name).select(KEY)
        listed = rows.filter(pl.col("market").is_in(markets)).select("symbol", "settlement")
        labels = pl.lit(POINT_IN_TIME).alias("basis"), pl.lit(None, pl.Date).alias("dated")
        out.append(listed.join(own, on="settlement").select(*KEY, "symbol", *labels))
    return out


@intermediate("members", reads=frozenset({"membership", "short_interest", "reports"}))
def members(inputs: Inputs) -> pl.LazyFrame:
    """Give who belongs to every subject at every report.

    Dated changes speak for a symbol from its first change on; spells for the symbols of which no change speaks;
    snapshots only where the index has neither a running spell nor changes that start from a complete list.

    Returns
    -------
    LazyFrame
        ``subject, settlement, symbol, basis, dated``; ``basis`` is ``point-in-time``, ``snapshot DATE`` or
        ``snapshot DATE backcast``, the same for all members of a subject at a report; ``dated`` the snapshot's date.
    """
    dates = inputs["reports"].select("subject", "kind", "settlement")
    closed = dates.filter(pl.col("kind") != "exchange").select(KEY)
    known = _dated_members(_standing(inputs["membership"], closed))
    held = _snapshot_members(inputs["membership"], closed).join(known.select(KEY).unique(), on=KEY, how="anti")
    return pl.concat([known, held, *_exchange_rows(inputs["short_interest"], dates)])
