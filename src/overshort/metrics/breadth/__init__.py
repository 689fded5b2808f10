"""How many members of an index rose in a session, and how quiet the session was."""

from overshort.metrics.breadth import green, quiet

__all__ = ["green", "quiet"]
