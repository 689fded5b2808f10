"""Answers are made once, whoever waits or leaves, and never more of them are kept than there is room for."""

import asyncio
import threading
from collections.abc import Callable

import pytest

from overshort.surfaces.web.kept import Kept


def counting(made: list[str], gate: threading.Event | None = None) -> Callable[[str], Callable[[], bytes]]:
    def of(name: str) -> Callable[[], bytes]:
        def make() -> bytes:
            if gate is not None:
                assert gate.wait(10)
            made.append(name)
            return name.encode() * 10

        return make

    return of


def test_many_who_ask_at_once_get_the_one_answer() -> None:
    made: list[str] = []
    gate = threading.Event()

    async def ask() -> list[bytes]:
        kept, of = Kept(100, 2), counting(made, gate)
        asked = [asyncio.create_task(kept.get("a", of("a"))) for _ in range(50)]
        await asyncio.sleep(0.05)
        gate.set()
        found = await asyncio.gather(*asked)
        return [*found, await kept.get("a", of("a"))]

    assert asyncio.run(ask()) == [b"a" * 10] * 51
    assert made == ["a"]


def test_one_who_leaves_stops_nobody_and_the_answer_is_kept() -> None:
    made: list[str] = []
    gate = threading.Event()

    async def ask() -> bytes:
        kept, of = Kept(100, 2), counting(made, gate)
        leaving = asyncio.create_task(kept.get("a", of("a")))
        staying = asyncio.create_task(kept.get("a", of("a")))
        await asyncio.sleep(0.05)
        leaving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leaving
        gate.set()
        return await staying

    assert asyncio.run(ask()) == b"a" * 10
    assert made == ["a"]


def test_the_longest_unused_is_dropped() -> None:
    made: list[str] = []

    async def ask() -> int:
        kept, of = Kept(25, 1), counting(made)
        for name in ("a", "b", "a", "c", "a", "b"):
            await kept.get(name, of(name))
        await kept.get("large", lambda: b"x" * 26)
        assert kept.found("large") is None
        return kept.size

    assert asyncio.run(ask()) == 20
    assert made == ["a", "b", "c", "b"]


def test_an_error_is_everybodys_and_is_not_kept() -> None:
    def fails() -> bytes:
        raise ValueError("no")

    async def ask() -> bytes:
        kept = Kept(100, 1)
        found = await asyncio.gather(kept.get("a", fails), kept.get("a", fails), return_exceptions=True)
        assert [str(f) for f in found] == ["no", "no"]
        return await kept.get("a", lambda: b"yes")

    assert asyncio.run(ask()) == b"yes"
