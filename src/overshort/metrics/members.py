"""Which settlements have a report, and who belongs to an index at each, and at every session.

1. A settlement is a report of an index or exchange only if it is complete: website exports put single names into
   settlements that have no full file.  Complete = at least half as many rows of the listed market classes as the
   last complete report had.
2. Membership is decided symbol by symbol: dated changes > spells > snapshots.
"""

from bisect import bisect_right
from datetime import timedelta
from itertools import pairwise

import polars as pl

from overshort import sessions
from overshort.metrics.declare import Inputs, intermediate
from overshort.schema import EXCHANGES

__all__ = [
    "POINT_IN_TIME",
    "complete",
    "list_days",
    "lists",
    "members",
    "members_on",
    "missing_between",
    "reports",
    "stays",
]

COMPLETE = 0.5
"""Smallest number of listed rows of a complete report, as a share of the last complete report's."""
POINT_IN_TIME = "point-in-time"
SEEN = timedelta(days=1)
"""A holdings file is out at the end of its day, after the session's close."""
KEY, ON = ["subject", "settlement"], ["subject", "day"]
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
    subjects = inputs["subjects"].filter(pl.col("kind").is_in(["index", "exchange", "stock"])).collect()
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


def _standing(membership: pl.LazyFrame, days: pl.LazyFrame) -> pl.LazyFrame:
    """Pair every membership row that has begun with every day, and say whether it still runs."""
    pairs = membership.select(pl.col("index").alias("subject"), "symbol", "first", "last", "basis", "dated")
    begun = pairs.join(days, on="subject").filter(pl.col("first") <= pl.col("day"))
    return begun.with_columns((pl.col("last").is_null() | (pl.col("day") < pl.col("last"))).alias("runs"))


def _dated_members(standing: pl.LazyFrame) -> pl.LazyFrame:
    """Members by changes and spells, on the days on which together they make a whole list."""
    changes = standing.filter(pl.col("basis") == "changes")
    spells = standing.filter((pl.col("basis") == "spells") & pl.col("runs"))
    whole = pl.concat([changes.filter(pl.col("dated").is_not_null()).select(ON), spells.select(ON)]).unique()
    spoken = [*ON, "symbol"]
    silent = spells.join(changes.select(spoken).unique(), on=spoken, how="anti")
    found = pl.concat([changes.filter("runs").select(spoken), silent.select(spoken)]).unique()
    return found.join(whole, on=ON, how="semi").with_columns(
        pl.lit(POINT_IN_TIME).alias("basis"), pl.lit(None, pl.Date).alias("dated")
    )


def _snapshot_members(membership: pl.LazyFrame, days: pl.LazyFrame, seen: timedelta) -> pl.LazyFrame:
    """Members by the newest holdings file seen by a day, before the first file by the first one."""
    files = membership.filter(pl.col("basis") == "snapshot").select(
        pl.col("index").alias("subject"), "symbol", pl.coalesce("dated", "first").alias("dated")
    )
    choices = days.join(files.select("subject", "dated").unique(), on="subject")
    known = pl.col("dated") + seen <= pl.col("day")
    earlier = pl.when(known).then("dated")
    chosen = choices.group_by(ON).agg(pl.coalesce(earlier.max(), pl.col("dated").min()).alias("dated"))
    day = pl.format("snapshot {}", pl.col("dated").cast(pl.String))
    backcast = pl.when(known).then(pl.lit("")).otherwise(pl.lit(" backcast"))
    found = chosen.join(files.unique(), on=["subject", "dated"])
    return found.with_columns((day + backcast).alias("basis")).select(*ON, "symbol", "basis", "dated")


def members_on(membership: pl.LazyFrame, days: pl.LazyFrame, *, seen: timedelta = timedelta(0)) -> pl.LazyFrame:
    """Give who belongs to every index on any days.

    Dated changes speak for a symbol from its first change on; spells for the symbols of which no change speaks;
    snapshots only where the index has neither a running spell nor changes that start from a complete list.

    Parameters
    ----------
    days
        ``subject, day``.
    seen
        How long after its date a holdings file is first used: it comes out at the end of its day.

    Returns
    -------
    LazyFrame
        ``subject, day, symbol, basis, dated``; ``basis`` is ``point-in-time``, ``snapshot DATE`` or
        ``snapshot DATE backcast``, the same for all members of a subject on a day; ``dated`` the snapshot's date.
    """
    known = _dated_members(_standing(membership, days))
    held = _snapshot_members(membership, days, seen).join(known.select(ON).unique(), on=ON, how="anti")
    return pl.concat([known, held])


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

    Returns
    -------
    LazyFrame
        ``subject, settlement, symbol, basis, dated``, as :func:`members_on` gives them; the members of an exchange
        are the rows of its market classes.
    """
    dates = inputs["reports"].select("subject", "kind", "settlement")
    closed = dates.filter(pl.col("kind") != "exchange").select("subject", pl.col("settlement").alias("day"))
    listed = members_on(inputs["membership"], closed).rename({"day": "settlement"})
    return pl.concat([listed, *_exchange_rows(inputs["short_interest"], dates)])


def _turns(membership: pl.LazyFrame) -> pl.LazyFrame:
    """Give the days from which an index's list may differ from the day before's, and the calendar's first day."""
    snapshot = pl.col("basis") == "snapshot"
    rows = membership.select(
        pl.col("index").alias("subject"),
        pl.when(snapshot).then(pl.coalesce("dated", "first") + SEEN).otherwise("first").alias("first"),
        pl.when(~snapshot).then("last").alias("last"),
    )
    whole = rows.select("subject", pl.lit(sessions.FIRST).alias("day"))
    parts = [rows.select("subject", pl.col(c).alias("day")).drop_nulls() for c in ("first", "last")]
    return pl.concat([whole, *parts]).unique()


@intermediate("lists", reads=frozenset({"membership", "subjects"}))
def lists(inputs: Inputs) -> pl.LazyFrame:
    """Give the members of every index on every day on which its list may change.

    A holdings file counts from the day after its date: at that day's close it is not out yet.

    Returns
    -------
    LazyFrame
        ``subject, day, symbol, basis, dated``; each list stands until the next day of the same subject.
    """
    indexes = inputs["subjects"].filter(pl.col("kind") == "index").select("subject")
    own = inputs["membership"].join(indexes, left_on="index", right_on="subject", how="semi")
    return members_on(own, _turns(own), seen=SEEN).sort(*ON, "symbol")


@intermediate("list_days", reads=frozenset({"lists"}))
def list_days(inputs: Inputs) -> pl.LazyFrame:
    """Give for every session the list that stands then.

    Returns
    -------
    LazyFrame
        ``subject, session, day`` (in ``lists``)``, members`` (how many)``, basis, dated``, sorted.
    """
    kept = (
        inputs["lists"]
        .group_by(ON)
        .agg(pl.len().cast(pl.Int64).alias("members"), pl.col("basis").first(), pl.col("dated").first())
    )
    trading = sessions.schedule()["session"]
    parts = []
    for subject, days in kept.sort(ON).group_by("subject", maintain_order=True).agg("day").collect().iter_rows():
        place = [k if (k := bisect_right(days, s) - 1) >= 0 else None for s in trading.to_list()]
        day = pl.Series("day", days, dtype=pl.Date).gather(pl.Series(place, dtype=pl.UInt32))
        parts.append(pl.DataFrame({"session": trading, "day": day}).with_columns(pl.lit(subject).alias("subject")))
    none = pl.DataFrame(schema={"session": pl.Date, "day": pl.Date, "subject": pl.String})
    return pl.concat([none, *parts]).lazy().join(kept, on=ON).sort("subject", "session")


@intermediate("stays", reads=frozenset({"lists"}))
def stays(inputs: Inputs) -> pl.LazyFrame:
    """Give from when until when every member belongs to an index, by ``lists``.

    Returns
    -------
    LazyFrame
        ``subject, symbol, first, last`` (the first day without it, null while it stays)``, dated`` (of the holdings
        file that says so, null where none does), sorted.
    """
    days = inputs["lists"].select(ON).unique().sort(ON)
    numbered = days.with_columns(
        pl.int_range(pl.len()).over("subject").alias("k"), pl.col("day").shift(-1).over("subject").alias("next")
    )
    stay = ["subject", "symbol", "dated"]
    own = inputs["lists"].join(numbered, on=ON).sort(*stay, "k")
    # Within an unbroken stay the number of the list and that of the member's row rise together.
    run = (pl.col("k") - pl.int_range(pl.len()).over(stay)).alias("run")
    ends = pl.col("day").min().alias("first"), pl.col("next").last().alias("last")
    found = own.with_columns(run).group_by(*stay, "run", maintain_order=True).agg(ends)
    return found.select("subject", "symbol", "first", "last", "dated").sort("subject", "symbol", "first")
