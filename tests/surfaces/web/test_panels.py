"""Panels are computed once, can be stopped, and stopping leaves the store's cache as it was."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from overshort.engine.panel import market, panel
from overshort.store.lake import Lake
from overshort.surfaces.web import panels as module
from overshort.surfaces.web.panels import MARKET, TICKETS, UNSEEN, Job, Panels, Stopped
from surfaces.made import small


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return small(tmp_path_factory.mktemp("panels") / "store")


def kept(lake: Lake) -> list[Path]:
    return sorted((lake.home / "cache").iterdir())


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    made: list[object] = []

    def once(lake: Lake, scope: object, *, step: Callable[[int, int], None]) -> pl.DataFrame:
        made.append(scope)
        return panel(lake, market(), step=step)

    monkeypatch.setattr(module, "panel", once)
    return made


def test_stopping_keeps_nothing_and_the_next_begins_anew(lake: Lake, computed: list[object]) -> None:
    async def ask() -> pl.DataFrame:
        panels, version = Panels(lake), lake.version()
        job = panels.job(version, MARKET)
        one, two = job.ticket(0), job.ticket(0)
        while job.done == 0:
            await asyncio.sleep(0.01)
        assert 0 < job.done < job.total
        job.leave(one, 1)
        job.leave(one, 1)
        assert not job.stopping
        job.leave(two, 1)
        assert job.stopping
        assert job.task is not None
        with pytest.raises(Stopped, match="nobody waited"):
            await job.task
        assert kept(lake) == []
        assert panels.ready(version, MARKET) is None
        waiting = [asyncio.create_task(panels.wait(version, MARKET, 60)) for _ in range(20)]
        await asyncio.sleep(0.05)
        waiting[0].cancel()
        parts = (await asyncio.gather(*waiting[1:]))[0]
        assert panels.ready(version, MARKET) is parts
        assert panels.running(version, MARKET) is None
        return pl.concat(list(parts.values()))

    found = asyncio.run(ask())
    assert len(computed) == 2
    assert len(kept(lake)) == 1
    order = ["id", "subject", "at", "known_at"]
    assert_frame_equal(found.sort(order), panel(lake, market()).sort(order), check_exact=True)


def test_impatience_ends_the_waiting_and_not_the_computing(lake: Lake, computed: list[object]) -> None:
    async def ask() -> None:
        panels, version = Panels(lake), lake.version()
        with pytest.raises(TimeoutError):
            await panels.wait(version, MARKET, 0)
        await panels.wait(version, MARKET, 60)

    asyncio.run(ask())
    assert len(computed) == 1


def test_an_older_version_is_dropped_and_stocks_have_bounded_room(lake: Lake) -> None:
    async def ask() -> None:
        panels = Panels(lake, limit=1)
        symbols = sorted(set(lake.scan("short_interest").select("symbol").collect()["symbol"]))[:2]
        await panels.wait("old", MARKET, 60)
        await panels.wait("new", MARKET, 60)
        assert panels.ready("old", MARKET) is None
        for symbol in symbols:
            await panels.wait("new", (symbol,), 60)
        assert panels.ready("new", (symbols[0],)) is None
        assert panels.ready("new", (symbols[1],)) is not None
        assert panels.ready("new", MARKET) is not None

    asyncio.run(ask())


def test_tickets_have_an_end() -> None:
    job = Job()
    assert all(job.ticket(0) for _ in range(TICKETS))
    assert job.ticket(1) == ""
    job.leave("", 1)
    assert not job.stopping
    assert job.ticket(UNSEEN) != ""
    assert len(job.tickets) == 1


def test_a_page_that_went_away_does_not_hold_up_a_stop() -> None:
    job = Job()
    job.ticket(0)
    gone, here, last = job.ticket(0), job.ticket(0), job.ticket(0)
    job.seen(here, 4)
    job.seen(last, 6)
    job.seen("nobody", 6)
    assert gone in job.tickets
    job.leave(here, 6)
    assert not job.stopping
    job.leave(last, 6)
    assert job.stopping
