"""How sure one may be: intervals, p-values and regressions; arch and statsmodels are used nowhere else.

Both take more than a second to import, so each function that needs one imports it itself.
"""

from overshort.evidence.inference.bootstrap import LEVEL, REPLICATES, Intervals, block_length, intervals, mean_interval
from overshort.evidence.inference.chance import benjamini_hochberg, p_of, romano_wolf, shifted
from overshort.evidence.inference.regression import ClarkWest, Line, clark_west, newey_west, newey_west_mean
from overshort.evidence.inference.resampling import Floats, resampled

__all__ = [
    "LEVEL",
    "REPLICATES",
    "ClarkWest",
    "Floats",
    "Intervals",
    "Line",
    "benjamini_hochberg",
    "block_length",
    "clark_west",
    "intervals",
    "mean_interval",
    "newey_west",
    "newey_west_mean",
    "p_of",
    "resampled",
    "romano_wolf",
    "shifted",
]
