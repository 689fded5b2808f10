"""The rungs against scikit-learn, statsmodels and slow twins; and which of them is shown."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from statsmodels.stats.proportion import proportion_confint

from overshort.evidence.probability import ladder
from overshort.evidence.probability.ladder import (
    LEAST_RUNS,
    MODELS,
    Rung,
    beats,
    chosen,
    closed_by,
    fit,
    logistic,
    past,
    table,
    wilson,
)

outcomes = st.lists(st.sampled_from([0.0, 1.0, np.nan]), max_size=70)


@given(outcomes, st.integers(1, 8))
def test_the_past_is_what_was_over(happened: list[float], reports: int) -> None:
    found = past(np.array(happened), reports)
    for t in range(len(happened)):
        over = [happened[k] for k in range(len(happened)) if k + reports <= t and not np.isnan(happened[k])]
        assert found.windows[t] == len(over)
        assert found.hits[t] == sum(over)
        assert found.runs[t] == sum(a == 1 and b != 1 for a, b in zip(over, [0.0, *over], strict=False))
        assert np.isnan(found.base[t]) if not over else found.base[t] == pytest.approx(sum(over) / len(over))


@given(st.integers(0, 200), st.integers(1, 30))
def test_the_embargo_is_the_whole_window(report: int, reports: int) -> None:
    origins = [k for k in range(report + 1) if k + reports <= report]
    assert closed_by(report, reports) == len(origins)


@given(st.integers(1, 60), st.floats(0, 1))
def test_wilsons_interval_is_statsmodels(size: int, share: float) -> None:
    hits = round(share * size)
    low, high = wilson(np.array([hits / size]), np.array([float(size)]))
    theirs = proportion_confint(hits, size, alpha=0.1, method="wilson")
    assert (low[0], high[0]) == pytest.approx(theirs, abs=1e-9)


def drawn(seed: int, size: int, columns: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    inputs = random.standard_normal((size, columns))
    chance = 1 / (1 + np.exp(1 - inputs @ np.linspace(1, -0.5, columns)))
    return inputs, (random.random(size) < chance).astype(float)


@settings(max_examples=20)
@given(st.integers(0, 1000), st.integers(20, 160), st.integers(1, 4), st.sampled_from([1.0, 1 / 6, 1 / 12]))
def test_the_fit_is_scikit_learns(seed: int, size: int, columns: int, weight: float) -> None:
    inputs, happened = drawn(seed, size, columns)
    if happened.min() == happened.max():
        return
    line, spread = fit(inputs, happened, weight)
    theirs = LogisticRegression(C=1.0, tol=1e-12, max_iter=5000).fit(
        inputs, happened, sample_weight=np.full(size, weight)
    )
    assert line == pytest.approx(np.concatenate([theirs.intercept_, theirs.coef_[0]]), abs=2e-4)
    assert np.linalg.eigvalsh(spread).min() > 0


def test_the_spread_is_the_inverse_of_the_penalised_information() -> None:
    inputs, happened = drawn(4, 90, 3)
    line, spread = fit(inputs, happened, 0.5)
    design = np.column_stack([np.ones(90), inputs])
    chance = 1 / (1 + np.exp(-design @ line))
    slow = sum(0.5 * p * (1 - p) * np.outer(x, x) for p, x in zip(chance, design, strict=True))
    assert np.linalg.inv(slow + np.diag([0.0, 1, 1, 1])) == pytest.approx(spread, rel=1e-6)


def test_the_logistic_learns_only_from_windows_that_are_over() -> None:
    inputs, happened = drawn(9, 120, 2)
    found = logistic(happened, inputs, 6)
    for t in (70, 95, 119):
        learnt = inputs[: t - 5]
        scaled = (learnt - learnt.mean(axis=0)) / learnt.std(axis=0)
        theirs = LogisticRegression(C=1.0, tol=1e-12, max_iter=5000).fit(
            scaled, happened[: t - 5], sample_weight=np.full(t - 5, 1 / 6)
        )
        own = (inputs[t] - learnt.mean(axis=0)) / learnt.std(axis=0)
        assert found.given[t] == pytest.approx(theirs.predict_proba([own])[0, 1], abs=1e-4)
        assert found.low[t] < found.given[t] < found.high[t]
    assert np.isnan(found.given[:65]).all()


def test_the_logistic_needs_both_kinds_and_all_inputs() -> None:
    inputs, happened = drawn(9, 120, 2)
    assert np.isnan(logistic(np.zeros(120), inputs, 6).given).all()
    inputs[119, 1] = np.nan
    assert np.isnan(logistic(happened, inputs, 6).given[119])


@settings(max_examples=30)
@given(st.integers(0, 500), st.integers(1, 8))
def test_the_table_is_a_share_pulled_to_climatology(seed: int, reports: int) -> None:
    random = np.random.default_rng(seed)
    happened = random.choice([0.0, 1.0, np.nan], 60, p=[0.6, 0.3, 0.1])
    states = random.choice([0.0, 1.0, 2.0, np.nan], 60)
    seen = past(happened, reports)
    found = table(happened, states, seen, reports)
    for t in range(60):
        over = [k for k in range(60) if k + reports <= t and not np.isnan(happened[k])]
        if np.isnan(states[t]) or len(over) < 24:
            assert np.isnan(found.given[t])
            continue
        own = [happened[k] for k in over if states[k] == states[t]]
        base = np.mean([happened[k] for k in over])
        assert found.given[t] == pytest.approx((sum(own) / reports + 4 * base) / (len(own) / reports + 4))
        assert found.low[t] <= found.given[t] <= found.high[t]


def world(informed: bool, seed: int = 2) -> tuple[np.ndarray, tuple[Rung, Rung]]:
    """Two hundred windows, and rungs that know what is coming or nothing at all."""
    random = np.random.default_rng(seed)
    happened = (np.convolve(random.random(205), np.ones(6) / 6, "valid") < 0.45).astype(float)
    other = happened if informed else random.permutation(happened)
    rung = Rung(0.2 + 0.5 * other, np.zeros(200), np.ones(200))
    return happened, (rung, rung)


def test_a_rung_that_knows_is_shown_and_the_simplest_first() -> None:
    happened, rungs = world(informed=True)
    place = chosen(happened, past(happened, 6), rungs, 6)
    assert MODELS[place[-1]] == "table"
    blind = Rung(np.full(200, np.nan), rungs[0].low, rungs[0].high)
    assert MODELS[chosen(happened, past(happened, 6), (blind, rungs[1]), 6)[-1]] == "logistic"


def test_a_rung_that_knows_nothing_is_not_shown() -> None:
    happened, rungs = world(informed=False)
    assert not chosen(happened, past(happened, 6), rungs, 6).any()


def test_under_eight_runs_nothing_but_climatology(monkeypatch: pytest.MonkeyPatch) -> None:
    happened, rungs = world(informed=True)
    seen = past(happened, 6)
    place = chosen(happened, seen, rungs, 6)
    assert not place[seen.runs < LEAST_RUNS].any()
    monkeypatch.setattr(ladder, "LEAST_RUNS", 10_000)
    assert not chosen(happened, seen, rungs, 6).any()


def test_no_skill_is_claimed_from_few_windows() -> None:
    assert beats(np.zeros(24), np.full(24, 0.25), 6)
    assert not beats(np.zeros(23), np.full(23, 0.25), 6)
