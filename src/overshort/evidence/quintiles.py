"""What followed members sorted twice, by momentum and by short interest: is it dangerous to short what rises?

1. At every report the members with a close and a position are put into five groups by momentum (return from 252 to 21
   sessions before the last close known) and, on their own, into five by days to cover.
2. Entry is the close of the first session after publication, exit the close of the h-th session after it; a member
   whose closes end before is held at its last one.
3. A cell's return at a report is the plain mean of its members' returns; its excess, that less the mean of all.
4. Over the reports: mean, Newey and West's t with as many lags as reports in a window, a stationary-bootstrap
   interval; over all members of all reports: both tails.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from overshort.evidence.inference import Floats, block_length, mean_interval, newey_west_mean

__all__ = ["CORNERS", "GROUPS", "Closes", "doubly_sorted"]

GROUPS = 5
LONG, SHORT = 252, 21
"""Sessions before the last known close at which momentum begins and ends."""
FRESH = 5
"""Sessions back within which a member must have a close to be sorted."""
LEAST = 100
"""Members at a report; fewer are not sorted."""
SQUEEZE = 0.25
"""A rise that is called a squeeze here, and a fall of the same size."""
CORNERS: Mapping[str, tuple[int, int]] = MappingProxyType(
    {
        "rising, most shorted": (5, 5),
        "rising, least shorted": (5, 1),
        "falling, most shorted": (1, 5),
        "falling, least shorted": (1, 1),
    }
)
"""Group of momentum and of days to cover, 5 the highest."""
Groups = NDArray[np.int64]


class Closes(NamedTuple):
    """Closes by session and symbol; ``values`` holds NaN where there is none."""

    sessions: Sequence[object]
    symbols: Mapping[str, int]
    values: Floats

    @classmethod
    def of(cls, closes: pl.DataFrame) -> "Closes":
        """Lay rows ``session, symbol, close`` out as a table."""
        wide = closes.pivot("symbol", index="session", values="close", sort_columns=True).sort("session")
        names = wide.columns[1:]
        values = wide.select(pl.col(names).cast(pl.Float64).fill_null(float("nan"))).to_numpy()
        return cls(wide["session"].to_list(), {n: k for k, n in enumerate(names)}, values)


@dataclass(frozen=True, slots=True)
class _Report:
    """The members of one report: where they stand, and what followed."""

    place: int
    momentum: Groups
    shorted: Groups
    returns: Floats
    ended: int
    """Members whose closes end before the exit."""

    def cell(self, groups: tuple[int, int]) -> Floats:
        """Give the returns of a cell's members."""
        found: Floats = self.returns[(self.momentum == groups[0]) & (self.shorted == groups[1])]
        return found


def _filled(values: Floats, limit: int | None) -> Floats:
    """Carry closes forward, at most ``limit`` sessions."""
    rows = np.where(np.isnan(values), -1, np.arange(len(values))[:, None])
    last = np.maximum.accumulate(rows, axis=0)
    filled = np.where(last >= 0, np.take_along_axis(values, np.maximum(last, 0), axis=0), np.nan)
    if limit is not None:
        filled[np.arange(len(values))[:, None] - last > limit] = np.nan
    return filled


def _groups(values: Floats) -> Groups:
    """Put values into five groups of like size, 1 the lowest; ties in the order given."""
    ranks = np.argsort(np.argsort(values, kind="stable"), kind="stable")
    found: Groups = 1 + ranks * GROUPS // len(values)
    return found


def _sorted(closes: Closes, ranked: pl.DataFrame, h: int) -> Iterator[_Report]:
    """Sort the members of every report whose window is over."""
    fresh, held = _filled(closes.values, FRESH), _filled(closes.values, None)
    places = {day: k for k, day in enumerate(closes.sessions)}
    for report in ranked.partition_by("entry", maintain_order=True):
        entry = places.get(report["entry"][0], -1)
        if entry - 1 - LONG < 0 or entry + h >= len(closes.sessions):
            continue
        own = report.filter(pl.col("symbol").is_in(list(closes.symbols)))
        columns = np.array([closes.symbols[s] for s in own["symbol"]], dtype=np.int64)
        momentum = fresh[entry - 1 - SHORT, columns] / fresh[entry - 1 - LONG, columns] - 1
        returns = held[entry + h, columns] / fresh[entry, columns] - 1
        sound = ~np.isnan(momentum) & ~np.isnan(fresh[entry, columns])
        if sound.sum() >= LEAST:
            cover = own["days_to_cover"].to_numpy()[sound]
            ended = int(np.isnan(fresh[entry + h, columns[sound]]).sum())
            yield _Report(entry, _groups(momentum[sound]), _groups(cover), returns[sound], ended)


def doubly_sorted(closes: Closes, ranked: pl.DataFrame, horizons: Sequence[int]) -> list[dict[str, Any]]:
    """Sum up every horizon.

    Parameters
    ----------
    ranked
        ``entry`` (first session after publication), ``symbol``, ``days_to_cover``; one row a member and report.

    Returns
    -------
    list of dict
        ``sessions, reports, members`` (average), ``ended`` (outcomes held at a last close), ``windows`` (that do not
        overlap), ``all``, ``corners`` (by the names of :data:`CORNERS`) and ``cells``
        (25, by groups); horizons without two reports that are over are left out.
    """
    found = ((h, list(_sorted(closes, ranked, h))) for h in horizons)
    return [_horizon(h, reports) for h, reports in found if len(reports) > 1]


def _horizon(h: int, reports: Sequence[_Report]) -> dict[str, Any]:
    steps = max(1, ceil(h / float(np.median(np.diff([r.place for r in reports])))))
    every = np.array([r.returns.mean() for r in reports])
    cells = [
        {"momentum": m, "shorted": s, **_excess([r.cell((m, s)) for r in reports], every, steps)}
        for m in range(1, GROUPS + 1)
        for s in range(1, GROUPS + 1)
    ]
    own = {(c["momentum"], c["shorted"]): c for c in cells}
    pooled = [np.concatenate([r.cell(groups) for r in reports]) for groups in CORNERS.values()]
    return {
        "sessions": h,
        "reports": len(reports),
        "members": float(np.mean([len(r.returns) for r in reports])),
        "ended": sum(r.ended for r in reports),
        "windows": 1 + int((reports[-1].place - reports[0].place) // h),
        "all": {"mean": float(every.mean()), **_tails(np.concatenate([r.returns for r in reports]))},
        "corners": {n: own[g] | _tails(p) for (n, g), p in zip(CORNERS.items(), pooled, strict=True)},
        "cells": cells,
    }


def _excess(cells: Sequence[Floats], every: Floats, steps: int) -> dict[str, Any]:
    there = np.array([len(c) > 0 for c in cells])
    if there.sum() < 2:
        return {"reports": int(there.sum())} | dict.fromkeys(("mean", "excess", "t", "low", "high"))
    means = np.array([c.mean() for c in cells if len(c)])
    excess = means - every[there]
    block = min(max(block_length(excess), float(steps)), len(excess) / 2)
    low, high = mean_interval(excess, block)
    return {
        "reports": len(means),
        "mean": float(means.mean()),
        "excess": float(excess.mean()),
        "t": newey_west_mean(excess, steps),
        "low": low,
        "high": high,
    }


def _tails(returns: Floats) -> dict[str, float | int]:
    low, high = np.quantile(returns, [0.05, 0.95])
    return {
        "n": len(returns),
        "p5": float(low),
        "p95": float(high),
        "squeezed": float((returns >= SQUEEZE).mean()),
        "collapsed": float((returns <= -SQUEEZE).mean()),
    }
