"""Short interest and the market's return over 42 years: Rapach, Ringgenberg and Zhou (2016), computed again.

1. SII is the residual of log short interest on a constant and a linear trend, over its standard deviation.
2. The return of h months is the mean of the next h monthly log excess returns of the S&P 500, in percent.
3. In sample: that return on SII, Newey–West errors with h lags.
4. Out of sample from 1990 on: at every month trend, deviation and regression are fitted anew on what was known then;
   the benchmark is the mean of the *monthly* returns so far.  R² is 1 less the ratio of the summed squared errors.

Reference: Short interest and aggregate stock returns, Journal of Financial Economics 121, 46-65.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

import numpy as np
import polars as pl

from overshort.evidence.inference import Floats, clark_west, newey_west

__all__ = ["FIRST", "HORIZONS", "PERIODS", "PUBLISHED", "RATE", "RETURN", "SERIES", "Fit", "replicated", "sii"]

HORIZONS = (1, 3, 6, 12)
FIRST = date(1990, 1, 1)
"""Month from which forecasts are counted."""
PERIODS: Mapping[str, tuple[date, date]] = MappingProxyType(
    {
        "1990–2014": (date(1990, 1, 1), date(2014, 12, 31)),
        "1990–2006": (date(1990, 1, 1), date(2006, 12, 31)),
        "2007–2014": (date(2007, 1, 1), date(2014, 12, 31)),
    }
)
"""Forecasts made for returns that begin within; the paper's own table has the first."""
SERIES: Mapping[str, str] = MappingProxyType({"equal-weighted": "RRZ EWSI", "value-weighted": "RRZ VWSI"})
"""Short interest as published, by weighting."""
RETURN, RATE = "RRZ S&P 500 VW", "RRZ Rfree"
PUBLISHED: Mapping[str, float] = MappingProxyType({"in_sample_r2": 0.1289, "out_of_sample_r2": 0.1324})
"""The paper's figures at twelve months, to compare with; nothing is computed from them."""


@dataclass(frozen=True, slots=True)
class Fit:
    """One horizon: slope in percent a month per standard deviation, its t, and R² as fractions.

    ``outside`` gives for every period the out-of-sample R², the number of forecasts, Clark and West's t and its p.
    """

    horizon: int
    n: int
    beta: float
    t: float
    r2: float
    outside: Mapping[str, Mapping[str, float | int | None]]


def sii(short_interest: Floats) -> Floats:
    """Give the standardised residual of log short interest on a linear trend over the whole of a series."""
    log = np.log(short_interest)
    trend = np.column_stack([np.ones(len(log)), np.arange(len(log))])
    rest = log - trend @ np.linalg.lstsq(trend, log, rcond=None)[0]
    found: Floats = rest / rest.std(ddof=1)
    return found


def _ahead(returns: Floats, h: int) -> Floats:
    """Give the mean of the h returns after every month that has them."""
    total = np.concatenate([[0.0], np.cumsum(returns)])
    found: Floats = (total[1 + h :] - total[1:-h]) / h
    return found


def _line(y: Floats, x: Floats) -> tuple[float, float]:
    slope = float(((x - x.mean()) * (y - y.mean())).sum() / ((x - x.mean()) ** 2).sum())
    return float(y.mean() - slope * x.mean()), slope


def _forecasts(interest: Floats, returns: Floats, h: int, first: int) -> tuple[Floats, Floats, Floats]:
    """Give actual returns, forecasts, and benchmarks for every start month from ``first`` on."""
    rows = []
    for t in range(first, len(returns) - h + 1):  # months before t are known
        predictor = sii(interest[:t])
        ahead = _ahead(returns[:t], h)
        constant, slope = _line(ahead, predictor[: len(ahead)])
        rows.append((returns[t : t + h].mean(), constant + slope * predictor[-1], returns[:t].mean()))
    actual, forecast, benchmark = np.array(rows).T
    return actual, forecast, benchmark


def _outside(begins: Sequence[date], h: int, found: tuple[Floats, Floats, Floats]) -> dict[str, dict[str, Any]]:
    out: dict[str, dict[str, Any]] = {}
    for name, (first, last) in PERIODS.items():
        own = np.array([first <= day <= last for day in begins])
        if own.sum() <= h + 1:
            out[name] = {"n": int(own.sum()), "r2": None, "t": None, "p": None}
            continue
        actual, forecast, benchmark = (v[own] for v in found)
        r2 = 1 - ((actual - forecast) ** 2).sum() / ((actual - benchmark) ** 2).sum()
        test = clark_west(actual, forecast, benchmark, h)
        out[name] = {"n": int(own.sum()), "r2": float(r2), "t": test.t, "p": test.p}
    return out


def _fit(months: pl.DataFrame, column: str, h: int) -> Fit:
    interest, returns = months[column].to_numpy(), 100 * months["excess"].to_numpy()
    ahead = _ahead(returns, h)
    line = newey_west(ahead, sii(interest)[: len(ahead)], h)
    days = months["month"].to_list()
    first = sum(day < FIRST for day in days)
    found = _forecasts(interest, returns, h, first)
    begins = days[first : len(days) - h + 1]
    return Fit(h, len(ahead), line.slope, line.t, line.r2, _outside(begins, h, found))


def replicated(months: pl.DataFrame) -> dict[str, list[dict[str, Any]]]:
    """Fit every horizon for every weighting.

    Parameters
    ----------
    months
        ``month`` (first day), the columns of :data:`SERIES` (short interest), ``excess`` (log return of the S&P 500
        less the log of 1 + the bill rate of the month before), ascending, without gaps; begins before 1990.

    Returns
    -------
    dict
        By weighting, one mapping of :class:`Fit` a horizon.
    """
    return {name: [asdict(_fit(months, column, h)) for h in HORIZONS] for name, column in SERIES.items()}
