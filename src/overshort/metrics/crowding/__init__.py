"""How crowded the short side is: every ``crowding`` metric."""

from overshort.metrics.crowding import (
    announced,
    changes,
    contributions,
    cycles,
    effects,
    levels,
    outstanding,
    ranks,
    trend,
)

__all__ = ["announced", "changes", "contributions", "cycles", "effects", "levels", "outstanding", "ranks", "trend"]
