"""Slow twins of the refusal metrics: every report looked at anew, on a chain and closes given by date."""

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import groupby, pairwise
from math import log

import numpy as np

__all__ = ["Closes", "absorption", "price", "rank", "state", "states", "tally"]

Closes = Sequence[Mapping[date, float]]
"""Closes by date of each feed, the best feed first."""


def price(closes: Closes, base: date, at: date) -> float | None:
    """Give the price change by the first feed that has both days."""
    return next((own[at] / own[base] - 1 for own in closes if base in own and at in own), None)


def changes(chain: Sequence[float | None], window: int) -> list[float | None]:
    out: list[float | None] = []
    for k, value in enumerate(chain):
        base = chain[k - window] if k >= window else None
        out.append(None if value is None or base is None else value / base - 1)
    return out


def rank(chain: Sequence[float | None], window: int, at: int) -> float | None:
    """Rank a report's change among up to 120 before it, null under 24."""
    found = changes(chain, window)
    own, before = found[at], [c for c in found[:at] if c is not None][-120:]
    if own is None or len(before) < 24:
        return None
    return 100 * sum(1.0 if c < own else 0.5 * (c == own) for c in before) / len(before)


def state(shorts: float | None, change: float | None) -> str | None:
    if shorts is None or change is None:
        return None
    if change == 0 or 20 < shorts < 80:
        return "FLAT"
    return {(True, True): "REFUSE", (True, False): "CONFIRM", (False, True): "COVER", (False, False): "EXIT"}[
        shorts >= 80, change > 0
    ]


def states(chain: Mapping[date, float | None], closes: Closes, window: int) -> dict[date, str | None]:
    days, values = list(chain), list(chain.values())
    out: dict[date, str | None] = {}
    for k, day in enumerate(days):
        moved = price(closes, days[k - window], day) if k >= window else None
        out[day] = state(rank(values, window, k), moved)
    return out


def tally(found: Sequence[str | None]) -> tuple[int, float, int] | None:
    """Give of the last report: how many have a state, the share of its own, and its runs; those without part none."""
    known = [s for s in found if s is not None]
    if not found or found[-1] is None:
        return None
    runs = sum(own == known[-1] for own, _ in groupby(known))
    return len(known), known.count(known[-1]) / len(known), runs


def absorption(chain: Mapping[date, float], closes: Closes) -> dict[date, float | None]:
    """Fit a line by numpy on all cycles before each, and say how far off it this one is."""
    days, pairs = list(chain), []
    out: dict[date, float | None] = {days[0]: None}
    for base, at in pairwise(days):
        moved = price(closes, base, at)
        assert moved is not None
        growth, change = log(chain[at] / chain[base]), log(1 + moved)
        out[at] = None
        if len(pairs) >= 60:
            x, y = np.array(pairs).T
            design = np.column_stack([np.ones(len(x)), x])
            line = np.linalg.lstsq(design, y, rcond=None)[0]
            left = y - design @ line
            out[at] = float((change - line @ [1, growth]) / np.sqrt(left @ left / (len(x) - 2)))
        pairs.append((growth, change))
    return out
