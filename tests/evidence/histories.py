"""Simulated histories of which the truth is known: prices as a random walk, a flag that knows nothing of them."""

from datetime import date

import numpy as np
import polars as pl

from overshort import sessions
from overshort.evidence.events import runs
from overshort.evidence.paths import Paths, followed

EVERY = 10
"""Sessions between reports."""
DAILY = 0.01
"""Standard deviation of a session's log return."""


def flags(rng: np.random.Generator, n: int, stay: float = 0.7) -> list[bool]:
    """Draw a flag that is up about a fifth of the time and, once up, stays so with a probability."""
    out, up = [], False
    for _ in range(n):
        up = bool(rng.random() < (stay if up else 0.25 * (1 - stay)))
        out.append(up)
    return out


def history(seed: int, reports: int, effect: float, h: int) -> Paths:
    """Draw one history; after each flagged report the next ``h`` sessions gain ``effect``, once where they overlap."""
    rng = np.random.default_rng(seed)
    days = sessions.schedule()["session"].filter(sessions.schedule()["session"] >= date(2000, 1, 3))
    days = days[: (reports + 1) * EVERY + h]
    holds = flags(rng, reports)
    log = DAILY * rng.standard_normal(len(days))
    lifted = np.zeros(len(days), dtype=bool)
    for k, up in enumerate(holds):
        lifted[(k + 1) * EVERY : (k + 1) * EVERY + h] |= up
    close = 100 * np.exp(np.cumsum(log + lifted * np.log1p(effect) / h))
    prices = pl.DataFrame({"session": days, "open": np.concatenate([[100.0], close[:-1]]), "close": close})
    entries = [days[(k + 1) * EVERY] for k in range(reports)]
    cases = pl.DataFrame({"entry": entries, "holds": holds, "run": runs(holds)}, schema_overrides={"run": pl.Int64})
    return followed(cases, prices.with_columns(pl.lit("simulated").alias("feed")), (h,))
