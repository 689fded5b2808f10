"""Where the two columns meet.  Whoever comes in here has every metric declared: those of evidence too."""

from overshort import evidence, metrics

__all__ = ["evidence", "metrics"]
