"""What every route works with: the store, its panels in memory, and the answers kept."""

import asyncio
import hashlib
import threading
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

import polars as pl
from anyio import to_thread

from overshort import sessions
from overshort.engine.moment import Moment, moment, now
from overshort.engine.panel import declaration_hash
from overshort.engine.screen import standings
from overshort.engine.simulate import last_known_day
from overshort.errors import NothingToShow
from overshort.store.lake import Lake
from overshort.surfaces.subject import REPORTS
from overshort.surfaces.web.kept import Kept
from overshort.surfaces.web.panels import Panels, Parts

__all__ = ["Desk", "rows_of"]

FRESH = 1.0
"""Seconds for which a data version that was read is believed."""
PATIENCE = 45.0
"""Seconds that a program waits for a panel; a page waits for none and shows its progress."""
ROOM = 96_000_000
"""Bytes of finished pages, pictures and documents to keep."""
WORKERS = 2


class Desk:
    """The state of one server.

    Attributes
    ----------
    lake
        The store.
    panels
        Its panels in memory.
    answers
        Finished answers as bytes.
    """

    def __init__(self, lake: Lake) -> None:
        self.lake = lake
        self.panels = Panels(lake)
        self.answers = Kept(ROOM, WORKERS)
        self._version = ("", float("-inf"))
        self._symbols: tuple[str, frozenset[str]] = ("", frozenset())
        self._last: tuple[str, str] = ("", "")
        self._stood: tuple[tuple[str, datetime] | None, pl.DataFrame] = (None, pl.DataFrame())
        self._standing = threading.Lock()

    async def version(self) -> str:
        """Give the data version of the store, at most a second old."""
        now = asyncio.get_running_loop().time()
        if now - self._version[1] > FRESH:
            self._version = (await to_thread.run_sync(self.lake.version), now)
        return self._version[0]

    async def moment(self, as_of: str | None) -> Moment:
        """Give the decision time of a day, or of now; a simulated market's now is the day of its newest report.

        Raises
        ------
        UsageError
            If the text is no date within the exchange calendar.
        """
        if as_of is not None or not self.lake.simulated:
            return _no_later_than_now(moment(as_of))
        version = await self.version()
        if self._last[0] != version:
            day = await to_thread.run_sync(last_known_day, self.lake)
            self._last = (version, day.isoformat())
        return moment(self._last[1])

    async def symbols(self) -> frozenset[str]:
        """Give every stock that the store has a report or an option trade of."""
        version = await self.version()
        if self._symbols[0] != version:
            self._symbols = (version, await to_thread.run_sync(_symbols, self.lake))
        return self._symbols[1]

    def standings(self, version: str, instant: datetime) -> pl.DataFrame:
        """Give where every stock stood at the newest reports as of an instant; called in a thread, once for the last.

        Without a complete report it is empty.
        """
        with self._standing:
            if self._stood[0] != (version, instant):
                self._stood = ((version, instant), _standings(self.lake, instant))
            return self._stood[1]

    async def parts(self, subjects: tuple[str, ...]) -> Parts:
        """Give a panel by subject, waiting for it.

        Raises
        ------
        TimeoutError
            If it takes longer than :data:`PATIENCE`; the computing goes on.
        """
        return await self.panels.wait(await self.version(), subjects, PATIENCE)

    async def answer(self, name: tuple[str, ...], prepare: Callable[[], Awaitable[Callable[[], bytes]]]) -> bytes:
        """Give a finished answer by its name; it is made once for each data version.

        Parameters
        ----------
        prepare
            Gives what makes it; asked only where it is not there yet.
        """
        key = (await self.version(), *name)
        found = self.answers.found(key)
        return found if found is not None else await self.answers.get(key, await prepare())

    async def within(
        self, name: tuple[str, ...], prepare: Callable[[], Awaitable[Callable[[], bytes]]], patience: float
    ) -> bool:
        """Tell whether a finished answer is there after so many seconds; making it goes on where it is not."""
        try:
            async with asyncio.timeout(patience):
                await self.answer(name, prepare)
        except TimeoutError:
            return False
        return True

    async def tag(self, *name: str) -> str:
        """Give the entity tag of an answer: it changes with the data, the definitions and the name."""
        text = "\n".join((await self.version(), declaration_hash(), *name))
        return f'"{hashlib.sha256(text.encode()).hexdigest()[:24]}"'


def _no_later_than_now(asked: Moment) -> Moment:
    """Of today count what is known by this minute: an answer holds that long, and a report due tonight is not late."""
    instant = now()
    today = instant.astimezone(sessions.NEW_YORK).date()
    return Moment(today, instant.replace(second=0, microsecond=0)) if asked.day == today else asked


def rows_of(parts: Parts, subjects: Sequence[str]) -> pl.DataFrame:
    """Put the rows of some subjects of a panel together again."""
    found = [parts[s] for s in subjects if s in parts]
    return pl.concat(found) if found else next(iter(parts.values())).clear()


def _standings(lake: Lake, instant: datetime) -> pl.DataFrame:
    try:
        return standings(lake, instant, REPORTS)
    except NothingToShow:
        return pl.DataFrame(schema={"symbol": pl.String})


def _symbols(lake: Lake) -> frozenset[str]:
    tables = (("short_interest", "symbol"), ("option_trades", "underlying"))
    return frozenset(s for t, c in tables for s in lake.scan(t).select(pl.col(c).unique()).collect()[c])
