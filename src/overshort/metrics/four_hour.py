"""Bars of four hours, built from shorter ones by session and New York's clock.

1. Lay out each session's buckets: four hours from the open, and from there to the close; an early close makes one.
   With extended hours, four hours at a time from 04:00 to four hours after the close.
2. Keep the shorter bars that lie wholly within one bucket; split-adjusted ones before unadjusted, never those adjusted
   for dividends too.
3. Where a bucket has bars of several intervals, take one: the one that covers most of the session up to the bucket's
   end, of equals the longer.  Looking at the whole session would look ahead.
4. Join them: first open, highest high, lowest low, last close, sum of the volume that there is.
5. A bar is complete when no minute of its bucket is missing; what is missing is said, and nothing made up for it.
"""

from datetime import time, timedelta

import polars as pl

from overshort import sessions
from overshort.metrics.declare import Inputs, intermediate
from overshort.metrics.prices import ADJUSTED
from overshort.metrics.rows import in_order, reason

__all__ = ["four_hour", "four_hour_bars", "intraday", "parts"]

MINUTES = 240
LENGTH = timedelta(minutes=MINUTES)
EARLY = time(4)
"""When trading before the regular session begins, in New York."""
BUCKET = ["symbol", "session", "bucket"]
FEED = [*BUCKET, "adjusted", "minutes"]
WHOLE = pl.all_horizontal(pl.col(c).is_not_null() for c in ("open", "high", "low"))


def _hours(extended: bool) -> pl.LazyFrame:
    """Give when the first bucket of every session begins and the last one ends."""
    hours = sessions.schedule().lazy()
    if not extended:
        return hours.select("session", pl.col("opens").alias("begins"), pl.col("closes").alias("ceases"))
    early = pl.col("session").dt.combine(EARLY, "us").dt.replace_time_zone("America/New_York")
    return hours.select(
        "session", early.dt.convert_time_zone("UTC").alias("begins"), (pl.col("closes") + LENGTH).alias("ceases")
    )


def _minutes() -> pl.Expr:
    """Give how many minutes an interval such as 15m or 1h has; null for days."""
    number = pl.col("interval").str.extract(r"^(\d+)[mh]$").cast(pl.Int64)
    return pl.when(pl.col("interval").str.ends_with("h")).then(60 * number).otherwise(number)


def _within(bars: pl.LazyFrame, extended: bool) -> pl.LazyFrame:
    """Keep whole bars that lie in one bucket, and add the bucket, its bounds, and the order of preference."""
    bucket = (pl.col("start") - pl.col("begins")).dt.total_minutes() // MINUTES
    opened = pl.col("begins") + pl.col("bucket") * LENGTH
    placed = (
        bars.filter(WHOLE, pl.col("adjustment").is_in(list(ADJUSTED)))
        .with_columns(
            _minutes().alias("minutes"),
            pl.col("adjustment").replace_strict(ADJUSTED, return_dtype=pl.Int64).alias("adjusted"),
        )
        .filter(pl.col("minutes") < MINUTES)
        .join(_hours(extended), on="session")
        .filter(pl.col("start") >= pl.col("begins"), pl.col("start") < pl.col("ceases"))
        .with_columns(bucket.alias("bucket"))
        .with_columns(opened.alias("opened"))
        .with_columns(pl.min_horizontal(pl.col("opened") + LENGTH, "ceases").alias("closed"))
    )
    return placed.filter(pl.col("end") <= pl.col("closed"))


def parts(bars: pl.LazyFrame, *, extended: bool = False) -> pl.LazyFrame:
    """Give the shorter bars that make up bars of four hours.

    Parameters
    ----------
    bars
        Rows of the table, of any symbols and intervals; one vintage per key.
    extended
        Keep trading outside regular hours.

    Returns
    -------
    LazyFrame
        The bars, of one interval and adjustment per bucket, with ``bucket`` (its number in the session)``, opened,
        closed`` (the bucket's bounds)`` and ``seen``: when the last bar was known that had a say in the choice.
    """
    placed = _within(bars, extended)
    lasted = (pl.col("end") - pl.col("start")).dt.total_minutes().sum()
    feeds = placed.group_by(FEED).agg(lasted.alias("covered"), pl.col("known_at").max().alias("seen")).sort(FEED)
    so_far = feeds.with_columns(pl.col("covered").cum_sum().over("symbol", "session", "adjusted", "minutes"))
    seen = feeds.group_by(BUCKET).agg(pl.col("seen").max()).sort(BUCKET)
    known = seen.with_columns(pl.col("seen").cum_max().over("symbol", "session"))
    best = so_far.sort(*BUCKET, "adjusted", "covered", "minutes", descending=[False] * 4 + [True] * 2)
    chosen = best.unique(BUCKET, keep="first", maintain_order=True).select(FEED)
    return placed.join(chosen, on=FEED, how="semi").join(known, on=BUCKET).sort(*BUCKET, "start")


def four_hour_bars(bars: pl.LazyFrame, *, extended: bool = False) -> pl.LazyFrame:
    """Give bars of four hours.

    Parameters
    ----------
    bars
        Rows of the table, of any symbols and intervals; one vintage per key.
    extended
        Build bars from 04:00 instead of the open, and past the close.

    Returns
    -------
    LazyFrame
        ``symbol, session, bucket, start, end`` (the bucket's bounds)``, open, high, low, close, volume`` (null where
        no bar has any)``, bars, unmeasured`` (bars without volume)``, coverage`` (share of the bucket's minutes)``,
        complete, flag`` (what is wrong with it, null where nothing is)``, interval, adjustment, known_at`` (not
        before its end), sorted.  A bucket without any bar has no row.
    """
    return joined(parts(bars, extended=extended))


def joined(shorter: pl.LazyFrame) -> pl.LazyFrame:
    """Join the bars of each bucket into one."""
    overlapping = pl.col("start") < pl.col("end").shift(1).over(BUCKET)
    measured = pl.col("volume").filter(pl.col("volume") > 0)
    grouped = (
        shorter.sort(*BUCKET, "start")
        .with_columns(overlapping.fill_null(False).alias("overlaps"))
        .group_by(*BUCKET, "opened", "closed", "interval", "adjustment", maintain_order=True)
        .agg(
            pl.col("open").first(),
            pl.col("high").max(),
            pl.col("low").min(),
            pl.col("close").last(),
            in_order(measured).alias("volume"),
            pl.len().cast(pl.Int64).alias("bars"),
            (pl.len() - measured.len()).cast(pl.Int64).alias("unmeasured"),
            (pl.col("end") - pl.col("start")).dt.total_minutes().sum().alias("covered"),
            pl.col("overlaps").any(),
            pl.col("seen").max(),
        )
    )
    return _judged(grouped.rename({"opened": "start", "closed": "end"}))


def _judged(grouped: pl.LazyFrame) -> pl.LazyFrame:
    whole = (pl.col("end") - pl.col("start")).dt.total_minutes()
    missing = whole - pl.col("covered")
    gap = reason((missing > 0, pl.format("{} of {} minutes are missing", missing, whole)))
    twice = reason((pl.col("overlaps"), "its bars overlap"))
    silent = reason(
        (pl.col("unmeasured") > 0, pl.format("no volume in {} of {} bars", "unmeasured", "bars")),
    )
    return grouped.select(
        *BUCKET,
        *("start", "end", "open", "high", "low", "close", "volume", "bars", "unmeasured"),
        (pl.col("covered") / whole).clip(0, 1).alias("coverage"),
        ((missing <= 0) & ~pl.col("overlaps")).alias("complete"),
        pl.concat_str(gap, twice, silent, separator="; ", ignore_nulls=True).replace({"": None}).alias("flag"),
        *("interval", "adjustment"),
        pl.max_horizontal("end", "seen").alias("known_at"),
    ).sort(BUCKET)


@intermediate("intraday", reads=frozenset({"bars", "subjects"}))
def intraday(inputs: Inputs) -> pl.LazyFrame:
    """Give the shorter bars that the traded proxies' bars of four hours are made of: see :func:`parts`."""
    asked = inputs["subjects"].filter(pl.col("kind") == "proxy").select("subject")
    return parts(inputs["bars"].join(asked, left_on="symbol", right_on="subject", how="semi"))


@intermediate("four_hour", reads=frozenset({"intraday"}))
def four_hour(inputs: Inputs) -> pl.LazyFrame:
    """Give the traded proxies' bars of four hours in regular hours: :func:`four_hour_bars` by ``subject``."""
    return joined(inputs["intraday"]).rename({"symbol": "subject"})
