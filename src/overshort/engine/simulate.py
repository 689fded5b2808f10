"""The simulated store: beside the real one, never inside it."""

from datetime import date
from pathlib import Path

import polars as pl

from overshort import sessions
from overshort.demo import simulate
from overshort.engine.ingest import import_frames
from overshort.errors import StoreMissing
from overshort.store.lake import Lake

__all__ = ["demo_home", "ensure_demo", "last_known_day"]

STOCKS, FIRST, LAST = 240, date(2016, 1, 4), date(2025, 12, 31)


def demo_home(home: Path) -> Path:
    """Give the folder of the simulated store that belongs to a real one."""
    return home.with_name(home.name + "-demo")


def ensure_demo(home: Path, *, seed: int = 7) -> Lake:
    """Open the simulated store beside ``home``; make it first where there is none."""
    folder = demo_home(home)
    try:
        return Lake.open(folder)
    except StoreMissing:
        market = simulate(seed, stocks=STOCKS, first=FIRST, last=LAST)
    import_frames(folder, market.tables, source="simulated", simulated=True, content=market.description)
    return Lake.open(folder)


def last_known_day(lake: Lake) -> date:
    """Give the day on which the newest report of a store became known: the natural "now" of a simulated market."""
    newest = lake.scan("short_interest").select(pl.col("known_at").max()).collect().item()
    return newest.astimezone(sessions.NEW_YORK).date()
