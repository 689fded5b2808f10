"""Panels in memory, each computed once however many ask, with its progress, and stopped when all who waited have left.

1. A panel is asked for by its subjects; of one data version it is computed, or read from the store's cache, once.
2. Whoever waits on a page holds a ticket, and shows it whenever the page asks how far it is.  Giving back the last
   one stops the computing at the next function's end: nothing of it is kept, and the next who asks begins anew.
   A ticket that was not shown for a while counts as given back, but stops nothing by itself.
3. Panels of an older data version are dropped when a newer one is there; of stocks the longest unused.

Everything here is called on the server's one event loop; only the computing runs in a thread.
"""

import asyncio
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping

import polars as pl
from anyio import CapacityLimiter, to_thread

from overshort.engine.computing import Step
from overshort.engine.panel import market, panel, panel_of
from overshort.engine.scope import listed
from overshort.errors import OvershortError
from overshort.evidence.squeezes import CROWD
from overshort.store.lake import Lake

__all__ = ["MARKET", "SQUEEZE", "Job", "Panels", "Parts", "Stopped"]

Key = tuple[str, tuple[str, ...]]
Parts = Mapping[str, pl.DataFrame]
"""Panel rows by subject."""
MARKET: tuple[str, ...] = ()
"""Asks for the subjects of the market."""
SQUEEZE: tuple[str, ...] = ("squeeze",)
"""Asks for how often squeeze scores of each decile were covered; no symbol is written in small letters."""
UNSEEN = 5.0
"""Seconds after which a ticket that was not shown no longer counts."""
TICKETS = 64
"""Pages that wait for one panel; the others see its progress and have no say in its end."""


class Stopped(OvershortError):
    """A computing was stopped because nobody waited for it any more."""


class Job:
    """One computing: how far it is, who waits, and its end."""

    def __init__(self) -> None:
        self.done = self.total = 0
        self.tickets: dict[str, float] = {}
        self._stop = threading.Event()
        self.task: asyncio.Task[Parts] | None = None

    def step(self, done: int, total: int) -> None:
        """Note how far it is; called in the thread that computes.

        Raises
        ------
        Stopped
            If it was stopped meanwhile.
        """
        self.done, self.total = done, total
        if self._stop.is_set():
            raise Stopped("the measuring was stopped because nobody waited for it any more; load the page again")

    def stop(self) -> None:
        """End it when the function that is running ends."""
        self._stop.set()

    @property
    def stopping(self) -> bool:
        """Tell whether it was stopped."""
        return self._stop.is_set()

    def ticket(self, now: float) -> str:
        """Give a new ticket; an empty one where too many wait already.

        Parameters
        ----------
        now
            The loop's time, in seconds.
        """
        self._forget(now)
        if len(self.tickets) >= TICKETS:
            return ""
        ticket = secrets.token_urlsafe(12)
        self.tickets[ticket] = now
        return ticket

    def seen(self, ticket: str, now: float) -> None:
        """Note that the holder of a ticket still waits."""
        if ticket in self.tickets:
            self.tickets[ticket] = now

    def leave(self, ticket: str, now: float) -> None:
        """Give a ticket back; with the last one the computing stops."""
        if self.tickets.pop(ticket, None) is not None:
            self._forget(now)
            if not self.tickets:
                self.stop()

    def _forget(self, now: float) -> None:
        self.tickets = {t: at for t, at in self.tickets.items() if now - at < UNSEEN}


class Panels:
    """The panels of a store by data version and subjects.

    Parameters
    ----------
    limit
        Bytes to keep of panels other than the market's.
    """

    def __init__(self, lake: Lake, limit: int = 128_000_000) -> None:
        self._lake = lake
        self._limit = limit
        self._found: OrderedDict[Key, Parts] = OrderedDict()
        self._jobs: dict[Key, Job] = {}
        self._one = CapacityLimiter(1)

    def ready(self, version: str, subjects: tuple[str, ...]) -> Parts | None:
        """Give a panel that is there; nothing where it would have to be computed."""
        key = (version, subjects)
        if key in self._found:
            self._found.move_to_end(key)
        return self._found.get(key)

    def job(self, version: str, subjects: tuple[str, ...]) -> Job:
        """Give the computing of a panel; begin it where there is none."""
        key = (version, subjects)
        if key not in self._jobs or self._jobs[key].stopping:
            self._jobs[key] = job = Job()
            job.task = asyncio.create_task(self._compute(key, job))
            job.task.add_done_callback(lambda task: None if task.cancelled() else task.exception() and None)
        return self._jobs[key]

    def running(self, version: str, subjects: tuple[str, ...]) -> Job | None:
        """Give the computing of a panel that goes on."""
        return self._jobs.get((version, subjects))

    async def wait(self, version: str, subjects: tuple[str, ...], patience: float) -> Parts:
        """Give a panel when it is there.

        Raises
        ------
        TimeoutError
            If it takes longer than ``patience`` seconds; the computing goes on.
        """
        if (found := self.ready(version, subjects)) is not None:
            return found
        task = self.job(version, subjects).task
        assert task is not None
        async with asyncio.timeout(patience):
            return await asyncio.shield(task)

    async def _compute(self, key: Key, job: Job) -> Parts:
        _, subjects = key
        try:
            parts = await to_thread.run_sync(_parted(self._lake, subjects, job.step), limiter=self._one)
            self._keep(key, parts)
        finally:
            if self._jobs.get(key) is job:
                del self._jobs[key]
        return parts

    def _keep(self, key: Key, parts: Parts) -> None:
        for old in [k for k in self._found if k[0] != key[0]]:
            del self._found[old]
        self._found[key] = parts
        others = [k for k in self._found if k[1] != MARKET]
        sizes = {k: sum(p.estimated_size() for p in self._found[k].values()) for k in others}
        while len(others) > 1 and sum(sizes[k] for k in others) > self._limit:
            del self._found[others.pop(0)]


def _whole(lake: Lake, subjects: tuple[str, ...], step: Step) -> pl.DataFrame:
    if subjects == MARKET:
        return panel(lake, market(), step=step)
    return panel(lake, listed([CROWD]), step=step) if subjects == SQUEEZE else panel_of(lake, subjects, step=step)


def _parted(lake: Lake, subjects: tuple[str, ...], step: Step) -> Callable[[], Parts]:
    def compute() -> Parts:
        whole = _whole(lake, subjects, step)
        parts = whole.partition_by("subject", as_dict=True, maintain_order=True)
        return {str(subject): rows for (subject,), rows in parts.items()}

    return compute
