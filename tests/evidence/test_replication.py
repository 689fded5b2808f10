"""The replication's arithmetic on invented months, against loops that refit everything at every month."""

from datetime import date
from typing import Any

import numpy as np
import polars as pl
import pytest
from statsmodels.api import OLS, add_constant

from overshort.evidence.replication import HORIZONS, PERIODS, SERIES, replicated, sii

FIRST, COUNT = 1985, 30 * 12
RNG = np.random.default_rng(1973)


def months(**changed: Any) -> pl.DataFrame:
    days = [date(FIRST + k // 12, k % 12 + 1, 1) for k in range(COUNT)]
    shorts = {name: np.exp(0.004 * np.arange(COUNT) + 0.2 * np.sin(np.arange(COUNT) / 9)) for name in SERIES.values()}
    excess = 0.04 * np.random.default_rng(4).standard_normal(COUNT) - 0.02 * np.sin(np.arange(COUNT) / 9)
    return pl.DataFrame({"month": days, **shorts, "excess": excess} | changed)


FRAME = months()
FOUND = replicated(FRAME)


def test_the_index_is_a_standardised_residual() -> None:
    values = np.exp(RNG.standard_normal(200))
    trend = add_constant(np.arange(200.0))
    rest = OLS(np.log(values), trend).fit().resid
    assert sii(values) == pytest.approx(rest / rest.std(ddof=1))
    assert sii(values * np.exp(3 + 0.1 * np.arange(200))) == pytest.approx(sii(values)), "neither level nor trend count"


@pytest.mark.parametrize("k", range(len(HORIZONS)))
def test_in_sample_figures_are_those_of_statsmodels(k: int) -> None:
    h, fit = HORIZONS[k], FOUND["equal-weighted"][k]
    excess = FRAME["excess"].to_numpy()
    y = np.array([100 * excess[t + 1 : t + 1 + h].mean() for t in range(COUNT - h)])
    x = sii(FRAME["RRZ EWSI"].to_numpy())[: COUNT - h]
    expected = OLS(y, add_constant(x)).fit(cov_type="HAC", cov_kwds={"maxlags": h})
    assert (fit["horizon"], fit["n"]) == (h, COUNT - h)
    assert [fit["beta"], fit["t"], fit["r2"]] == pytest.approx(
        [expected.params[1], expected.tvalues[1], expected.rsquared]
    )


@pytest.mark.parametrize("k", range(len(HORIZONS)))
@pytest.mark.parametrize("period", PERIODS)
def test_out_of_sample_figures_are_a_refit_at_every_month(k: int, period: str) -> None:
    h, (first, last) = HORIZONS[k], PERIODS[period]
    excess, shorts = 100 * FRAME["excess"].to_numpy(), FRAME["RRZ EWSI"].to_numpy()
    errors, least = [], []
    for t, day in enumerate(FRAME["month"]):
        if not first <= day <= last or t + h > COUNT:
            continue
        x = sii(shorts[:t])
        y = np.array([excess[s + 1 : s + 1 + h].mean() for s in range(t - h)])
        fitted = OLS(y, add_constant(x[: t - h])).fit().params
        actual = excess[t : t + h].mean()
        errors.append((actual - fitted[0] - fitted[1] * x[-1]) ** 2)
        least.append((actual - excess[:t].mean()) ** 2)
    found = FOUND["equal-weighted"][k]["outside"][period]
    assert found["n"] == len(errors)
    assert found["r2"] == pytest.approx(1 - sum(errors) / sum(least))


def flat(found: Any) -> list[float]:
    """Give every number of a nested result."""
    if isinstance(found, dict):
        return [v for own in found.values() for v in flat(own)]
    if isinstance(found, list):
        return [v for own in found for v in flat(own)]
    return [] if found is None or isinstance(found, int) else [found]


@pytest.mark.parametrize("column", [*SERIES.values(), "excess"])
def test_one_cell_changes_every_figure_that_rests_on_it(column: str) -> None:
    values = FRAME[column].to_list()
    values[20] *= 1.01
    other = replicated(months(**{column: values}))
    for weighting, series in SERIES.items():
        for before, after in zip(FOUND[weighting], other[weighting], strict=True):
            changed = [a != b for a, b in zip(flat(before), flat(after), strict=True)]
            assert all(changed) if column in (series, "excess") else not any(changed)


def test_forecasts_of_a_period_know_nothing_later() -> None:
    later = FRAME["month"] >= date(2008, 1, 1)
    excess = pl.select(pl.when(later).then(-2 * FRAME["excess"]).otherwise(FRAME["excess"])).to_series()
    other = replicated(months(excess=excess, **{"RRZ EWSI": FRAME["RRZ EWSI"] * (1 + later.cast(pl.Float64))}))
    for before, after in zip(FOUND["equal-weighted"], other["equal-weighted"], strict=True):
        assert before["outside"]["1990–2006"] == after["outside"]["1990–2006"]
        assert before["outside"]["2007–2014"] != after["outside"]["2007–2014"]


def test_a_period_with_too_few_forecasts_has_no_figure() -> None:
    short = FRAME.filter(pl.col("month") < date(2008, 3, 1))
    outside = replicated(short)["equal-weighted"][-1]["outside"]["2007–2014"]
    assert outside == {"n": 3, "r2": None, "t": None, "p": None}
