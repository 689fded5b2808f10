"""What a feed is: which dates a publisher has, which of them the store lacks, and how one of them is asked for.

A feed gives bytes and nothing else.  What they are, the kinds of files that it names tell; so a pulled file and an
imported one are read alike.  Feeds do not know each other, and none reads a clock or a disk.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from overshort import sessions
from overshort.errors import ConfigError
from overshort.sources.declare import Options
from overshort.sources.wire import Wire

__all__ = [
    "Asked",
    "Feed",
    "Held",
    "any_day",
    "kept_in",
    "key_of",
    "newest_session",
    "own_day",
    "sessions_between",
    "symbol_of",
    "undated",
]


class Held(Protocol):
    """Tells which dates of a table the store holds."""

    def __call__(self, table: str, **where: str | Collection[str]) -> frozenset[date]:
        """Give the dates of the rows that have these values in these columns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One thing to ask for.

    Attributes
    ----------
    part
        Which of the feed's files: a fund, a symbol; empty where it has one.
    day
        The date that it is of.
    now
        The instant at which it is asked.
    """

    part: str
    day: date
    now: datetime

    @property
    def today(self) -> date:
        """The day in New York on which it is asked."""
        return self.now.astimezone(sessions.NEW_YORK).date()

    @property
    def label(self) -> str:
        """What it is, for a reader."""
        return f"{self.part} {self.day}".strip()


def undated(_asked: Asked) -> Options:
    """Say nothing about a file that says all itself."""
    return Options()


def symbol_of(asked: Asked) -> Options:
    """Say whose prices a file holds that names nobody: those of the part asked for."""
    return Options(symbol=asked.part)


def kept_in(table: str, *, part_in: str | None = None, **where: str) -> Callable[[Held, str], frozenset[date]]:
    """Make what tells which dates of a feed's part the store holds.

    Parameters
    ----------
    table
        The table that the feed fills.
    part_in
        The column that says which part a row is of; left out where the feed has one part, or a row does not say.
    where
        Values that all rows of the feed have, by column.
    """

    def dates(held: Held, part: str) -> frozenset[date]:
        return held(table, **where, **({part_in: part} if part_in else {}))

    return dates


def own_day(asked: Asked, first: date, last: date) -> bool:
    """Tell whether the rows of an answer are of the day asked for and no other."""
    return first == last == asked.day


def any_day(asked: Asked, _first: date, last: date) -> bool:
    """Tell whether the rows of an answer are of no day to come."""
    return last <= asked.today


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """One thing that can be pulled from a publisher.

    Attributes
    ----------
    name
        ``publisher.kind``; what ``pull`` takes.
    hosts
        The only hosts that are asked.
    kinds
        Names of the kinds of files that its bytes may be.
    dates
        The dates that have been published from a day up to an instant, ascending.
    held
        The dates of a part that the store holds.
    fetch
        Asks for one thing, and gives the bytes.
    fits
        Whether rows from one date to another are what was asked for: a server may answer with another date's.
    options
        What is to be said about the bytes that they do not say themselves.
    parts
        Its files of one date.
    depth
        How many of the newest dates are asked for where the user names no day to begin with.
    again
        How many of the newest dates are asked for again, for the publisher revises them in place.
    whole
        One file holds all dates: only the newest is asked for.
    requests, size
        About how many requests and bytes one thing takes.
    every
        Seconds between two requests to one host.
    needs
        Environment variables that hold the keys it cannot do without.
    signed
        The publisher answers only those who say who they are.
    usual
        Whether it is pulled when no feed is named.
    ftp
        Whether its server speaks FTP.
    terminal
        Address of the vendor's own program on this machine, where it is asked instead of a host.
    library
        Name of the library that asks in place of this program, where there is one: then there is no mirror.
    """

    name: str
    about: str
    hosts: frozenset[str]
    kinds: frozenset[str]
    dates: Callable[[date, datetime], Sequence[date]]
    held: Callable[[Held, str], Collection[date]]
    fetch: Callable[[Asked, Wire], bytes]
    fits: Callable[[Asked, date, date], bool] = own_day
    options: Callable[[Asked], Options] = undated
    parts: Sequence[str] = ("",)
    depth: int
    again: int = 0
    whole: bool = False
    requests: int = 1
    size: int
    every: float = 1.0
    needs: Sequence[str] = ()
    signed: bool = False
    usual: bool = True
    ftp: bool = False
    terminal: str | None = None
    library: str = ""


def sessions_between(first: date, last: date) -> list[date]:
    """Give the sessions from one day to another, both included."""
    days = (first + timedelta(days=k) for k in range((last - first).days + 1))
    return [d for d in days if sessions.is_session(d)]


def newest_session(_first: date, now: datetime) -> list[date]:
    """Give the newest session whose prices are out: a day after its close, for files come overnight."""
    return [sessions.last_completed_session(now - timedelta(days=1))]


def key_of(wire: Wire, variable: str) -> str:
    """Give a key of a service.

    Raises
    ------
    ConfigError
        If the environment does not hold it.
    """
    if not (found := wire.keys.get(variable, "").strip()):
        raise ConfigError(f"{variable} is not set, and this service asks for a key; set it in the environment")
    return found
