"""How long price has risen without a break, and how rare that is."""

from overshort.metrics.persistence import months, rarity, running, weeks

__all__ = ["months", "rarity", "running", "weeks"]
