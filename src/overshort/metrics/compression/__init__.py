"""Whether a price is wound up below a level: the level, the lower band, the width of the bands, and what became of it.

Ids without a suffix are on four-hour bars; ``_1d`` are the same on daily ones, which reach back further.
"""

from overshort.metrics.compression import gamma, state, trigger

__all__ = ["gamma", "state", "trigger"]
