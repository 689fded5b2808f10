"""Intervals, regressions and p-values against arch, statsmodels, closed forms and naive loops."""

import numpy as np
import pytest
from arch.bootstrap import StationaryBootstrap
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from overshort.evidence.inference import (
    benjamini_hochberg,
    block_length,
    clark_west,
    intervals,
    mean_interval,
    newey_west,
    newey_west_mean,
    p_of,
    romano_wolf,
    shifted,
)

RNG = np.random.default_rng(1990)
NOISE = RNG.standard_normal(300)


def autoregressive(n: int, rho: float, seed: int) -> np.ndarray:
    noise, out = np.random.default_rng(seed).standard_normal(n), np.zeros(n)
    for k in range(1, n):
        out[k] = rho * out[k - 1] + noise[k]
    return out


def long_run(columns: np.ndarray, lags: int) -> np.ndarray:
    """Give the Newey–West sum of outer products of moment columns, rows in time."""
    total = columns.T @ columns
    for lag in range(1, lags + 1):
        cross = columns[lag:].T @ columns[:-lag]
        total = total + (1 - lag / (lags + 1)) * (cross + cross.T)
    return np.asarray(total)


@pytest.mark.parametrize("lags", [0, 1, 6, 24])
def test_newey_west_is_the_closed_form(lags: int) -> None:
    x, y = autoregressive(300, 0.9, 1), autoregressive(300, 0.5, 2)
    full = np.column_stack([np.ones(300), x])
    beta = np.linalg.solve(full.T @ full, full.T @ y)
    rest = y - full @ beta
    bread = np.linalg.inv(full.T @ full)
    error = np.sqrt((bread @ long_run(full * rest[:, None], lags) @ bread)[1, 1])
    found = newey_west(y, x, lags)
    assert found.slope == pytest.approx(beta[1])
    assert found.t == pytest.approx(beta[1] / error)
    assert found.r2 == pytest.approx(1 - rest.var() / y.var())


def test_a_mean_has_the_error_of_its_long_run_variance() -> None:
    values = autoregressive(200, 0.6, 3) + 0.4
    rest = values - values.mean()
    error = np.sqrt(long_run(rest[:, None], 5)[0, 0]) / 200
    assert newey_west_mean(values, 5) == pytest.approx(values.mean() / error)


def test_clark_west_is_the_closed_form() -> None:
    actual, forecast, benchmark = NOISE[:100], 0.3 * NOISE[:100] + 0.1 * NOISE[100:200], np.full(100, 0.05)
    adjusted = (actual - benchmark) ** 2 - ((actual - forecast) ** 2 - (benchmark - forecast) ** 2)
    found = clark_west(actual, forecast, benchmark, 0)
    assert found.t == pytest.approx(adjusted.mean() / (adjusted.std() / 10))
    assert found.p < 0.001
    worse = clark_west(actual, -forecast, benchmark, 0)
    assert worse.t < 0
    assert worse.p > 0.5


def test_block_length_is_that_of_arch_and_grows_with_persistence() -> None:
    lengths = [block_length(autoregressive(1000, rho, 4)) for rho in (0.0, 0.5, 0.9)]
    assert lengths == sorted(lengths)
    assert lengths[-1] > 10
    assert block_length(np.ones(100)) == block_length(NOISE[:10]) == 1.0


@pytest.mark.parametrize("length", [1.0, 8.0])
def test_intervals_are_those_of_arch(length: float) -> None:
    flags, values = np.repeat(NOISE[:30] > 0.5, 10), autoregressive(300, 0.5, 5)
    found = intervals(flags, values, length)
    assert found is not None

    def measured(up: np.ndarray, own: np.ndarray) -> np.ndarray:
        mean = own[up].mean() if up.any() else np.nan
        return np.array([mean, (own[up] > 0).mean() if up.any() else np.nan, mean - own.mean()])

    draws = StationaryBootstrap(length, flags, values, seed=2).apply(measured, 4000)
    bounds = np.nanquantile(draws, [0.025, 0.975], axis=0).T
    for own, expected in zip((found.mean, found.up, found.difference), bounds, strict=True):
        assert own == pytest.approx(tuple(expected), abs=0.05)
    assert found.spread == pytest.approx(np.nanstd(draws[:, 2]), rel=0.06)


def test_no_interval_rests_on_resamples_without_a_case() -> None:
    flags = np.zeros(200, dtype=bool)
    flags[3] = True
    assert intervals(flags, NOISE[:200], 60.0) is None


def test_an_interval_of_a_mean() -> None:
    low, high = mean_interval(NOISE, 1.0)
    error = NOISE.std() / np.sqrt(len(NOISE))
    assert (low, high) == pytest.approx((NOISE.mean() - 1.96 * error, NOISE.mean() + 1.96 * error), abs=0.1 * error)


@given(st.lists(st.tuples(st.booleans(), st.integers(-5, 5)), min_size=2, max_size=25))
def test_shifts_are_rolls(rows: list[tuple[bool, int]]) -> None:
    flags, values = np.array([up for up, _ in rows]), np.array([v for _, v in rows], dtype=float)
    if not flags.any():
        return
    naive = [np.roll(values, -k)[flags].mean() - values.mean() for k in range(len(values))]
    assert shifted(flags, values) == pytest.approx(naive, abs=1e-9)
    as_far = sum(abs(v) >= abs(naive[0]) - 1e-9 for v in naive)
    assert p_of(shifted(flags, values)) == as_far / len(naive)


def test_romano_wolf_steps_down() -> None:
    null = np.random.default_rng(8).standard_normal((999, 3))
    null[:, 2] = null[:, 1]
    observed = np.array([3.5, 2.1, 2.1])
    found = romano_wolf(observed, null)
    largest = np.abs(null).max(axis=1)
    assert found[0] == (largest >= 3.5).mean()
    assert found[1] == found[2] == max(found[0], (np.abs(null[:, 1]) >= 2.1).mean())
    single = [(np.abs(null[:, k]) >= observed[k]).mean() for k in range(3)]
    assert all(a >= b for a, b in zip(found, single, strict=True))


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_false_discoveries_are_those_of_statsmodels(p: list[float]) -> None:
    assert benjamini_hochberg(p) == pytest.approx(multipletests(p, method="fdr_bh")[1])
