"""Regressions whose errors hang together in time, and the comparison of nested forecasts."""

from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from overshort.evidence.inference.resampling import Floats

__all__ = ["ClarkWest", "Line", "clark_west", "newey_west", "newey_west_mean"]


class Line(NamedTuple):
    """A fitted line: slope, its Newey–West t, and R² as a fraction."""

    slope: float
    t: float
    r2: float


class ClarkWest(NamedTuple):
    """The adjusted difference of squared errors in standard errors, and its one-sided p-value."""

    t: float
    p: float


def newey_west(y: Floats, x: Floats, lags: int) -> Line:
    """Fit y on a constant and x by least squares, with Newey–West standard errors (Bartlett weights).

    Parameters
    ----------
    x
        Not constant.
    lags
        Of autocovariances counted; 0 gives White's errors.
    """
    from statsmodels.api import OLS, add_constant

    fit = OLS(y, add_constant(x, has_constant="add")).fit(cov_type="HAC", cov_kwds={"maxlags": lags})
    return Line(float(fit.params[1]), float(fit.tvalues[1]), float(fit.rsquared))


def clark_west(actual: Floats, forecast: Floats, benchmark: Floats, lags: int) -> ClarkWest:
    """Test whether a forecast beats the nested benchmark (Clark and West 2007), Newey–West errors.

    Under the null of no predictability the larger model's errors are larger by the noise that it fits, so that
    ``(forecast - benchmark)²`` is given back to it.
    """
    adjusted = (actual - benchmark) ** 2 - (actual - forecast) ** 2 + (forecast - benchmark) ** 2
    t = newey_west_mean(adjusted, lags)
    return ClarkWest(t, NormalDist().cdf(-t))


def newey_west_mean(values: Floats, lags: int) -> float:
    """Give the t of a mean with Newey–West standard errors."""
    from statsmodels.api import OLS

    return float(OLS(values, np.ones(len(values))).fit(cov_type="HAC", cov_kwds={"maxlags": lags}).tvalues[0])
