"""The simulated store: beside the real one, never inside it."""

import shutil
from datetime import date, datetime
from pathlib import Path

import polars as pl

from overshort import sessions
from overshort.demo import describe, simulate
from overshort.engine.intake import import_frames
from overshort.engine.moment import Moment, moment
from overshort.errors import NothingToShow
from overshort.store.lake import Lake
from overshort.store.raw import Vault, content_hash

__all__ = ["demo_home", "ensure_demo", "last_known_day", "when"]

SOURCE = "simulated"
STOCKS, FIRST, LAST = 240, date(2016, 1, 4), date(2026, 1, 12)


def demo_home(home: Path) -> Path:
    """Give the folder of the simulated store that belongs to a real one."""
    return home.with_name(home.name + "-demo")


def ensure_demo(home: Path, *, seed: int = 7) -> Lake:
    """Open the simulated store beside ``home``; make it first where there is none, or one of an earlier edition."""
    folder = demo_home(home)
    sha256 = content_hash(describe(seed, STOCKS, FIRST, LAST))
    held = [r.sha256 for r in Vault(folder / "raw").records() if r.source == SOURCE and r.state == "active"]
    if held == [sha256]:
        return Lake.open(folder)
    if held:
        _discard(folder)
    market = simulate(seed, stocks=STOCKS, first=FIRST, last=LAST)
    return import_frames(folder, market.tables, source=SOURCE, simulated=True, content=market.description)


def _discard(folder: Path) -> None:
    """Remove a simulated store of an earlier edition; a real one is never touched."""
    Lake.open(folder).require(simulated=True)
    shutil.rmtree(folder)


def last_known_day(lake: Lake) -> date:
    """Give the day on which the newest report of a store became known: the natural "now" of a simulated market.

    Raises
    ------
    NothingToShow
        If the store has no report.
    """
    newest: datetime | None = lake.scan("short_interest").select(pl.col("known_at").max()).collect().item()
    if newest is None:
        raise NothingToShow(f"the store in {lake.home} has no short-interest row; run `overshort demo`")
    return newest.astimezone(sessions.NEW_YORK).date()


def when(lake: Lake, as_of: str | None) -> Moment:
    """Give the decision time; a simulated market's "now" is the day of its newest report.

    Raises
    ------
    UsageError
        If the text is no date within the exchange calendar.
    NothingToShow
        If no day is given and a simulated store has no report.
    """
    return moment(last_known_day(lake).isoformat() if lake.simulated and as_of is None else as_of)
