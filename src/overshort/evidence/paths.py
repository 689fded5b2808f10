"""What the proxy did after each entry: its path, return, rise and drawdown over every horizon.

Entry is the open of the entry session, exit the close of the h-th session, the entry's own session counted.  A window
that is not over, or in which the feed of prices changes, gives null.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import polars as pl

from overshort.evidence.inference import Floats

__all__ = ["HORIZONS", "PRIOR", "Paths", "followed"]

HORIZONS: Mapping[int, str] = MappingProxyType(
    {5: "1 week", 21: "1 month", 63: "3 months", 126: "6 months", 252: "12 months"}
)
"""Sessions held, and what each stands for."""
PRIOR = 63
"""Sessions before an entry over which its prior return is taken, close to close."""


@dataclass(frozen=True, slots=True)
class Paths:
    """Cases with what followed.

    Attributes
    ----------
    frame
        The cases with ``place`` (position of the entry among the sessions), ``prior`` (return of the 63 sessions before
        the entry), and for each horizon h ``after_h``, ``rise_h`` (highest close over the entry price, 0 at least) and
        ``drawdown_h`` (deepest fall of a close below the highest point so far, the entry price counted; 0 at most).
    values
        Shape (cases, longest horizon): close over entry price less 1 after each session; NaN where not over.
    """

    frame: pl.DataFrame
    values: Floats


def followed(cases: pl.DataFrame, prices: pl.DataFrame, horizons: Sequence[int]) -> Paths:
    """Add to cases what the proxy did.

    Parameters
    ----------
    cases
        ``entry`` (session) and whatever else.
    prices
        ``session, open, close, feed`` of the proxy, ascending.
    """
    places = _places(cases["entry"].to_list(), prices)
    values = _paths(places, prices, max(horizons))
    columns = [pl.Series("place", [None if p < 0 else p for p in places], dtype=pl.Int64)]
    columns.append(_nullable("prior", _prior(places, prices)))
    high = np.maximum.accumulate(np.maximum(values, 0.0), axis=1)
    low = np.minimum.accumulate((1 + values) / (1 + high) - 1, axis=1)
    for h in horizons:
        found = {"after": values, "rise": high, "drawdown": low}
        columns += [_nullable(f"{name}_{h}", table[:, h - 1]) for name, table in found.items()]
    return Paths(cases.with_columns(columns), values)


def _places(entries: Sequence[object], prices: pl.DataFrame) -> list[int]:
    """Give the position of every entry that has an open; -1 for the others."""
    own = {day: k for k, (day, start) in enumerate(prices.select("session", "open").iter_rows()) if start}
    return [own.get(day, -1) for day in entries]


def _paths(places: Sequence[int], prices: pl.DataFrame, longest: int) -> Floats:
    closes, opens = prices["close"].to_numpy(), prices["open"].to_numpy()
    feeds = prices["feed"].rle_id().to_numpy()
    values = np.full((len(places), longest), np.nan)
    for row, place in enumerate(places):
        if place >= 0:
            own = closes[place : place + longest] / opens[place] - 1
            values[row, : len(own)] = np.where(feeds[place : place + longest] == feeds[place], own, np.nan)
    return values


def _prior(places: Sequence[int], prices: pl.DataFrame) -> Floats:
    closes, feeds = prices["close"].to_numpy(), prices["feed"].rle_id().to_numpy()
    found = np.full(len(places), np.nan)
    for row, place in enumerate(places):
        first, last = place - 1 - PRIOR, place - 1
        if first >= 0 and feeds[first] == feeds[last]:
            found[row] = closes[last] / closes[first] - 1
    return found


def _nullable(name: str, values: Floats) -> pl.Series:
    return pl.Series(name, values).fill_nan(None)
