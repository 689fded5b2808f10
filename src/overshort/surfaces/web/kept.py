"""Answers kept in memory: each made once however many ask for it, the longest unused dropped when room runs out.

Everything here is called on the server's one event loop; only what makes an answer runs in a thread.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Hashable

from anyio import CapacityLimiter, to_thread

__all__ = ["Kept"]


class Kept:
    """Answers by key, at most so many bytes of them.

    Parameters
    ----------
    limit
        Bytes to keep; a single answer that is larger is given and not kept.
    workers
        How many may be made at the same time.
    """

    def __init__(self, limit: int, workers: int) -> None:
        self._limit = limit
        self._workers = CapacityLimiter(workers)
        self._found: OrderedDict[Hashable, bytes] = OrderedDict()
        self._running: dict[Hashable, asyncio.Task[bytes]] = {}
        self.size = 0

    def found(self, key: Hashable) -> bytes | None:
        """Give an answer that is there."""
        if key in self._found:
            self._found.move_to_end(key)
        return self._found.get(key)

    async def get(self, key: Hashable, make: Callable[[], bytes]) -> bytes:
        """Give the answer of a key; whoever asks while it is being made waits for the same one.

        One who stops waiting stops nobody else: the answer is made to its end and kept.
        """
        if (there := self.found(key)) is not None:
            return there
        if key not in self._running:
            self._running[key] = asyncio.create_task(self._make(key, make))
            self._running[key].add_done_callback(_looked_at)
        return await asyncio.shield(self._running[key])

    async def _make(self, key: Hashable, make: Callable[[], bytes]) -> bytes:
        try:
            made = await to_thread.run_sync(make, limiter=self._workers)
        finally:
            del self._running[key]
        self._keep(key, made)
        return made

    def _keep(self, key: Hashable, made: bytes) -> None:
        if len(made) > self._limit:
            return
        self._found[key] = made
        self.size += len(made)
        while self.size > self._limit:
            _, dropped = self._found.popitem(last=False)
            self.size -= len(dropped)


def _looked_at(task: asyncio.Task[bytes]) -> None:
    """An error nobody waits for any more is no error of the loop."""
    if not task.cancelled():
        task.exception()
