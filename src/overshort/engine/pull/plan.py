"""What would be asked: the dates that a publisher has and the store lacks, and those that are asked for again.

1. A feed gives the dates that are out; the newest of them, as many as its depth or since a day, are wanted.
2. Those that the store holds are left out, save the last ones where a publisher revises them in place.
3. Of a file that holds all dates only the newest counts: it is asked for again, unless a run goes only until current.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from overshort import sessions
from overshort.engine.intake import Store
from overshort.errors import UsageError
from overshort.sources.feeds import FEEDS, Asked, Feed
from overshort.store.lake import Lake

__all__ = ["Holdings", "Plan", "chosen", "plans"]

EARLIEST = date(1990, 1, 1)
DATES = {"short_interest": "settlement", "flows": "session", "bars": "session", "option_trades": "session"}
OTHERS = {"membership": "first"}
LEAST = 0.5
"""Seconds that a request takes at the least."""


@dataclass(frozen=True, slots=True)
class Holdings:
    """Tells which dates the store holds."""

    lake: Lake | None

    def __call__(self, table: str, **where: str | Collection[str]) -> frozenset[date]:
        if self.lake is None:
            return frozenset()
        own = (pl.col(c).is_in([v] if isinstance(v, str) else list(v)) for c, v in where.items())
        dates = self.lake.scan(table).filter(*own).select(date_of(table).alias("day")).unique().collect()["day"]
        return frozenset(dates.drop_nulls())

    def members(self) -> frozenset[str]:
        """Give the symbols that belong to the S&P 500 or the Nasdaq-100 by any list that has no end to them."""
        if self.lake is None:
            return frozenset()
        own = self.lake.scan("membership").filter(pl.col("index").is_in(["SPX", "NDX"]), pl.col("last").is_null())
        newest = pl.col("dated") == pl.col("dated").max().over("index")
        now = own.filter(pl.col("dated").is_null() | newest)
        return frozenset(now.select(pl.col("symbol").unique()).collect()["symbol"])


def date_of(table: str) -> pl.Expr:
    """Give the date in New York of a row of a table."""
    column = (DATES | OTHERS).get(table, "at")
    if table in ("borrow", "option_chain"):
        return pl.col(column).dt.convert_time_zone(sessions.NEW_YORK.key).dt.date()
    return pl.col(column)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is going to be asked of one feed.

    Attributes
    ----------
    due
        The newest date that is out; ``None`` where there is none.
    newest
        The newest date that the store holds of every part; ``None`` where it lacks one of them.
    """

    feed: Feed
    asked: tuple[Asked, ...]
    due: date | None
    newest: date | None

    @property
    def late(self) -> bool:
        return self.due is not None and (self.newest is None or self.newest < self.due)

    @property
    def requests(self) -> int:
        return len(self.asked) * self.feed.requests

    @property
    def bytes(self) -> int:
        return len(self.asked) * self.feed.size

    @property
    def seconds(self) -> float:
        return self.requests * max(self.feed.every, LEAST)


def chosen(names: Sequence[str]) -> list[Feed]:
    """Give the feeds of some names, of all of a publisher's, or the usual ones where none is named.

    Raises
    ------
    UsageError
        If a name is neither a feed's nor a publisher's.
    """
    if not names:
        return [f for f in FEEDS if f.usual]
    known = {n for f in FEEDS for n in (f.name, f.name.partition(".")[0])}
    if wrong := [n for n in names if n not in known]:
        raise UsageError(f"{wrong[0]!r} is nothing that can be pulled; known are {', '.join(f.name for f in FEEDS)}")
    return [f for f in FEEDS if f.name in names or f.name.partition(".")[0] in names]


def plans(store: Store, feeds: Iterable[Feed], now: datetime, *, since: date | None, until_current: bool) -> list[Plan]:
    """Give what would be asked of feeds.

    Parameters
    ----------
    since
        The first date wanted; each feed's own depth where left out.
    until_current
        Ask nothing of a feed whose newest date is in the store.
    """
    held = Holdings(store.lake)
    return [_plan(feed, held, now, since, until_current) for feed in feeds]


def _plan(feed: Feed, held: Holdings, now: datetime, since: date | None, until_current: bool) -> Plan:
    dates = feed.dates(since or EARLIEST, now)
    wanted = list(dates[-1:] if feed.whole else dates if since else dates[-feed.depth :])
    have = {part: feed.held(held, part) for part in feed.parts}
    asked = [
        Asked(part=part, day=day, now=now)
        for day in wanted
        for part in feed.parts
        if _is_wanted(feed, day, have[part], wanted, until_current)
    ]
    newest = [max(days, default=None) for days in have.values()]
    known = [d for d in newest if d is not None]
    return Plan(feed, tuple(asked), wanted[-1] if wanted else None, min(known) if len(known) == len(newest) else None)


def _is_wanted(feed: Feed, day: date, have: Collection[date], wanted: Sequence[date], until_current: bool) -> bool:
    if feed.whole:
        return not until_current or not any(d >= day for d in have)
    current = bool(wanted) and wanted[-1] in have
    again = feed.again and day in wanted[-feed.again :] and not (until_current and current)
    return bool(again) or day not in have
