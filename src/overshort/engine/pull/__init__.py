"""Pulling from publishers: what the store lacks, asked for and taken in."""

from overshort.engine.pull.plan import Plan, chosen, plans
from overshort.engine.pull.run import Means, Pulled, pull

__all__ = ["Means", "Plan", "Pulled", "chosen", "plans", "pull"]
