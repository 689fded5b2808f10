"""Pulling from replayed publishers: time that does not pass, a library that is not there, and one call for all."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from engine.homes import take
from overshort.engine.pull import Means, Pulled, pull
from overshort.sources.feeds import FEEDS, Feed
from overshort.sources.wire import Pace
from publishers.ftp import FtpServer, ftp_serving
from publishers.replays import REPLAYS, Replay
from publishers.server import Publisher, serving

__all__ = ["BY_NAME", "KEYS", "Stage", "Watch", "fake_yfinance", "stage"]

BY_NAME: dict[str, Feed] = {f.name: f for f in FEEDS}
AGENT = "Jane Doe jane@example.com"
KEYS = {k: "secret-of-a-test" for f in FEEDS for k in f.needs}


@dataclass(slots=True)
class Watch:
    """A clock that moves only by waiting, and by a step at every look."""

    step: float = 0.0
    at: float = 0.0
    waits: list[float] = field(default_factory=list)

    def ticks(self) -> float:
        self.at += self.step
        return self.at

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.at += seconds

    @property
    def pace(self) -> Pace:
        return Pace(self.ticks, self.wait)


@dataclass(slots=True)
class Stage:
    """Publishers on this machine, one a feed."""

    web: Publisher
    ftp: FtpServer
    watch: Watch = field(default_factory=Watch)

    def sound(self, feed: Feed, data: Path) -> None:
        """Let a feed's publisher answer as it should."""
        replay = REPLAYS[feed.name]
        if replay.made is not None:
            self.web.handlers[feed.name] = replay.made(data)
        if replay.file is not None:
            self.ftp.content = replay.file(data)

    def base(self, feed: Feed) -> str:
        return self.ftp.url if feed.ftp else f"{self.web.url}/{feed.name}"

    def pull(self, home: Path, *feeds: Feed, **more: Any) -> dict[str, Pulled]:
        """Pull feeds at the instant of the first one's replay."""
        replay: Replay = REPLAYS[feeds[0].name]
        if replay.before and not more.get("offline"):
            file = home.with_name(f"{home.name}.before.csv")
            file.write_bytes(replay.before)
            take(home, file)
        now = more.pop("now", replay.now)
        means = Means(
            clock=lambda: now,
            pace=self.watch.pace,
            agent=more.pop("agent", AGENT),
            keys=more.pop("keys", KEYS),
            bases={f.name: self.base(f) for f in feeds if not f.library},
        )
        given: Mapping[str, Any] = {"since": replay.since, "until_current": False, **more}
        return {p.feed: p for p in pull(home, feeds, means, **given)}


@contextmanager
def stage() -> Iterator[Stage]:
    """Run a web server and an FTP server."""
    with serving() as web, ftp_serving() as ftp:
        yield Stage(web, ftp)


def _frame(path: Path, interval: str, last: date, rows: int) -> pd.DataFrame:
    found = pd.read_csv(path)
    stamp = found.columns[0]
    zone = "America/New_York"
    at = pd.to_datetime(found[stamp], utc=interval != "1d")
    found.index = pd.DatetimeIndex(at.dt.tz_localize(zone) if interval == "1d" else at.dt.tz_convert(zone))
    found = found.drop(columns=stamp).rename(columns=str.capitalize)
    return found[found.index.date <= last].tail(rows)


def fake_yfinance(
    monkeypatch: pytest.MonkeyPatch, data: Path, *, fault: Exception | None = None, rows: int = 60
) -> list[str]:
    """Put a library in place of yfinance that gives real bars from files; gives the list of what it is asked for."""
    asked: list[str] = []
    names = {"1d": "{}_yahoo_unadj_to_2026-08-21.csv", "1h": "{}_1h_2024-01_2026-01.csv"}

    class Ticker:
        def __init__(self, symbol: str) -> None:
            self.symbol = symbol

        def history(self, *, interval: str, start: str, end: str, **_: Any) -> pd.DataFrame:
            asked.append(f"{self.symbol} {interval} {start} {end}")
            if fault is not None:
                raise fault
            last = date.fromisoformat(end)  # a bar of the end's own day too, as of a session still open
            return _frame(data / "prices" / names[interval].format(self.symbol), interval, last, rows)

    library = ModuleType("yfinance")
    library.__spec__ = ModuleSpec("yfinance", None)
    library.Ticker = Ticker
    library.config = SimpleNamespace(debug=SimpleNamespace(hide_exceptions=True))
    monkeypatch.setitem(sys.modules, "yfinance", library)
    return asked
