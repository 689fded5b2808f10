"""Scores against scikit-learn and a bootstrap written by others; skill is never claimed from noise."""

from itertools import groupby

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss
from sklearn.metrics import log_loss as their_log_loss

from overshort.evidence.inference.resampling import blocks
from overshort.evidence.scoring import (
    CLIP,
    DRAWS,
    LEVEL,
    SEED,
    brier,
    decomposition,
    log_loss,
    reliability,
    runs_of,
    skill,
    skill_of,
)

pairs = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60)


def parted(cases: list[tuple[float, bool]]) -> tuple[np.ndarray, np.ndarray]:
    chances, hits = zip(*cases, strict=True)
    return np.array(chances), np.array(hits, dtype=float)


@given(pairs)
def test_brier_and_log_loss_equal_scikit_learns(cases: list[tuple[float, bool]]) -> None:
    chances, hits = parted(cases)
    assert brier(chances, hits) == pytest.approx(brier_score_loss(hits, chances, labels=[0, 1]))
    theirs = their_log_loss(hits, np.clip(chances, CLIP, 1 - CLIP), labels=[0, 1])
    assert log_loss(chances, hits) == pytest.approx(theirs)


@given(pairs, st.integers(1, 12))
def test_reliability_equals_scikit_learns_curve(cases: list[tuple[float, bool]], bins: int) -> None:
    chances, hits = parted(cases)
    happened, said = calibration_curve(hits, chances, n_bins=bins, strategy="uniform") if bins > 1 else (None, None)
    found = reliability(chances, hits, bins)
    assert sum(row["n"] for row in found) == len(cases)
    if happened is not None:
        assert [row["given"] for row in found] == pytest.approx(said.tolist())
        assert [row["happened"] for row in found] == pytest.approx(happened.tolist())


@given(pairs, st.integers(1, 12))
def test_the_parts_add_up_to_the_brier_score(cases: list[tuple[float, bool]], bins: int) -> None:
    chances, hits = parted(cases)
    parts = decomposition(chances, hits, bins)
    whole = parts["reliability"] - parts["resolution"] + parts["uncertainty"] + parts["within"]
    assert whole == pytest.approx(brier(chances, hits))
    assert min(parts["reliability"], parts["resolution"], parts["uncertainty"]) >= 0


def test_of_equal_probabilities_within_a_bin_nothing_is_left() -> None:
    """Murphy's identity is exact then."""
    chances, hits = np.array([0.2, 0.2, 0.2, 0.7, 0.7]), np.array([0.0, 1, 0, 1, 1])
    parts = decomposition(chances, hits)
    assert parts["within"] == pytest.approx(0, abs=1e-15)
    assert parts["reliability"] == pytest.approx(0.6 * (0.2 - 1 / 3) ** 2 + 0.4 * 0.3**2)
    assert parts["uncertainty"] == pytest.approx(0.24)


@given(st.lists(st.booleans(), max_size=40))
def test_runs_are_counted_as_groups(flags: list[bool]) -> None:
    assert runs_of(np.array(flags, dtype=float)) == sum(up for up, _ in groupby(flags))


def _places(size: int, block: int, replicate: int) -> NDArray[np.int64]:
    starts, lengths = blocks(size, block, replicate=replicate, seed=SEED)
    return np.concatenate([np.arange(s, s + n) % size for s, n in zip(starts, lengths, strict=True)])


def test_skill_is_one_minus_the_ratio_of_brier_scores() -> None:
    random = np.random.default_rng(3)
    hits = (random.random(80) < 0.4).astype(float)
    chances, base = random.random(80), np.full(80, 0.4)
    found = skill(chances, base, hits, 6)
    assert found is not None
    assert found["skill"] == pytest.approx(1 - brier_score_loss(hits, chances) / brier_score_loss(hits, base))
    assert found["low"] < found["skill"] < found["high"]
    drawn = [_places(80, 6, replicate) for replicate in range(DRAWS)]
    slow = [1 - ((chances - hits)[d] ** 2).mean() / ((base - hits)[d] ** 2).mean() for d in drawn]
    assert [found["low"], found["high"]] == pytest.approx(np.percentile(slow, [5, 95]).tolist())
    assert LEVEL == 0.9


def test_no_skill_without_cases_or_against_a_reference_that_is_never_off() -> None:
    assert skill(np.empty(0), np.empty(0), np.empty(0), 6) is None
    assert skill_of(np.array([0.1]), np.array([0.0]), 6) is None


def test_noise_rarely_beats_climatology() -> None:
    """Of forecasts that know nothing, at most about one in twenty has an interval above 0."""
    won = 0
    for seed in range(120):
        random = np.random.default_rng(seed)
        hits = (np.convolve(random.random(126), np.ones(6) / 6, "valid") < 0.45).astype(float)
        base = np.full(hits.size, hits.mean())
        found = skill(np.clip(base + 0.1 * random.standard_normal(hits.size), 0, 1), base, hits, 6)
        won += found is not None and found["low"] > 0
    assert won <= 12
