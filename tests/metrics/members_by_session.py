"""The simulated market session by session in plain Python: members, closes, volumes."""

from datetime import date
from functools import cache

import polars as pl

from contracts.market import market
from demo.markets import true_members

__all__ = ["closes", "files", "listed", "trading", "unadjusted"]


@cache
def trading() -> list[date]:
    bars = market().tables["bars"].filter(pl.col("interval") == "1d")
    return sorted(bars["session"].unique())


@cache
def closes(adjustment: str = "none") -> dict[str, dict[date, tuple[float, float | None]]]:
    """Give close and volume by security and session."""
    own = market().tables["bars"].filter(pl.col("interval") == "1d", pl.col("adjustment") == adjustment)
    out: dict[str, dict[date, tuple[float, float | None]]] = {}
    for symbol, day, close, volume in own.select("symbol", "session", "close", "volume").iter_rows():
        out.setdefault(symbol, {})[day] = close, volume
    return out


def unadjusted(symbol: str, day: date) -> float | None:
    found = closes().get(symbol, {}).get(day)
    return None if found is None else found[0]


@cache
def files() -> dict[date, dict[str, float]]:
    """Give the weights of the Russell 2000's members by the date of the file."""
    out: dict[date, dict[str, float]] = {}
    rows = market().tables["membership"].filter(pl.col("basis") == "snapshot")
    for symbol, dated, weight in rows.select("symbol", "dated", "weight").iter_rows():
        out.setdefault(dated, {})[symbol] = weight
    return out


def listed(subject: str, day: date) -> tuple[set[str], str]:
    """Give the members known at a session's close and the label of their list: a file is out after its day."""
    if subject != "RUT":
        return true_members(market(), subject, day), "point-in-time"
    out = [d for d in files() if d < day]
    dated = max(out) if out else min(files())
    return set(files()[dated]), f"snapshot {dated}" + ("" if out else " backcast")
