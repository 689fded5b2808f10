"""What the rungs for members were worth at earlier reports: scored over pairs of a member and a report."""

from typing import Any

import numpy as np

from overshort.evidence.probability.ladder import LEAST_WINDOWS, MODELS
from overshort.evidence.probability.members.ladder import FIFTHS, STATES, by_state
from overshort.evidence.probability.members.walk import MemberWalk
from overshort.evidence.probability.members.windows import POOLED
from overshort.evidence.scoring import brier, decomposition, log_loss, reliability, skill_of
from overshort.metrics.ranking import Floats

__all__ = ["scored", "states"]

BINS = 40
"""Of reliability: most probabilities of a member lie under 20 %."""


def scored(found: MemberWalk, rung: int) -> dict[str, Any] | None:
    """Score a rung against climatology on the members with inputs; nothing under :data:`LEAST_WINDOWS` reports.

    Parameters
    ----------
    rung
        Its place in :data:`~overshort.evidence.probability.ladder.MODELS`.

    Returns
    -------
    dict or None
        ``model, reports, n`` (pairs of a member and a report)``, brier, brier_base, log_loss, log_loss_base, skill,
        low, high`` (resampled over reports)``, decomposition, reliability``.
    """
    own, base = (found.rungs[k].losses(found.cells) for k in (rung, 0))
    there = np.flatnonzero(np.isfinite(own) & np.isfinite(base))
    if there.size < LEAST_WINDOWS:
        return None
    given, happened = _pairs(found, rung, there)
    climate, _ = _pairs(found, 0, there)
    beside = skill_of(own[there], base[there], POOLED)
    return {
        "model": MODELS[rung],
        "reports": int(there.size),
        "n": int(given.size),
        "brier": brier(given, happened),
        "brier_base": brier(climate, happened),
        "log_loss": log_loss(given, happened),
        "log_loss_base": log_loss(climate, happened),
        **{k: None if beside is None else beside[k] for k in ("skill", "low", "high")},
        "decomposition": decomposition(given, happened, BINS),
        "reliability": reliability(given, happened, BINS),
    }


def _pairs(found: MemberWalk, rung: int, there: np.ndarray) -> tuple[Floats, Floats]:
    """Give of every member of some reports the probability and what happened, report by report."""
    held, fell = (v[there].astype(np.int64) for v in (found.cells.held, found.cells.fell))
    counts = np.stack([fell, held - fell], axis=-1)
    chances = np.broadcast_to(found.rungs[rung].chances[there][..., None], counts.shape)
    happened = np.broadcast_to(np.array([1.0, 0.0]), counts.shape)
    return np.repeat(chances.ravel(), counts.ravel()), np.repeat(happened.ravel(), counts.ravel())


def states(found: MemberWalk) -> list[dict[str, Any]]:
    """Give of every state the share that covered, over all windows that are over, and what the table says now.

    Returns
    -------
    list of dict
        ``rank, days`` (fifths, 1 the lowest)``, n`` (pairs)``, share`` (null without a pair)``, table`` (null before
        there is one)``, members`` (at the newest report).
    """
    cells, table = found.cells, found.rungs[1].chances[-1]
    held, fell, now = (by_state(v) for v in (cells.held.sum(axis=0), cells.fell.sum(axis=0), cells.members[-1]))
    chance = table.reshape(STATES, -1)[:, 0]
    return [
        {
            "rank": k // FIFTHS + 1,
            "days": k % FIFTHS + 1,
            "n": int(held[k]),
            "share": float(fell[k] / held[k]) if held[k] else None,
            "table": float(chance[k]) if np.isfinite(chance[k]) else None,
            "members": int(now[k]),
        }
        for k in range(STATES)
    ]
