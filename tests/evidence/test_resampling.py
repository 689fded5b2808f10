"""The prefix-sum bootstrap against arch, draw for draw on the same indices, and against its own blocks laid out."""

import numpy as np
import pytest
from arch.bootstrap import StationaryBootstrap
from hypothesis import given
from hypothesis import strategies as st

from overshort.evidence.inference.resampling import blocks, blocks_of, resampled, sums_of

RNG = np.random.default_rng(20161231)
RETURNS = 0.01 * RNG.standard_normal(2500)


def laid_out(starts: np.ndarray, lengths: np.ndarray, n: int) -> np.ndarray:
    return np.concatenate([(a + np.arange(b)) % n for a, b in zip(starts, lengths, strict=True)])


@pytest.mark.parametrize("length", [1, 2.5, 10, 60, 4000])
def test_sums_equal_those_of_arch_on_the_same_indices(length: float) -> None:
    boot = StationaryBootstrap(length, RETURNS, seed=7)
    for positional, _ in boot.bootstrap(100):
        assert sums_of(RETURNS, blocks_of(np.asarray(boot.index))) == pytest.approx(positional[0].sum(), abs=1e-11)


@given(st.integers(2, 400), st.floats(1, 80), st.integers(0, 999), st.integers(0, 2**40))
def test_a_replicate_is_the_sum_over_its_blocks(n: int, length: float, replicate: int, seed: int) -> None:
    values = RETURNS[:n]
    own = blocks(n, length, replicate=replicate, seed=seed)
    index = laid_out(*own, n)
    assert len(index) == n
    found = resampled(np.vstack([values, np.ones(n)]), length, replicates=replicate + 1, seed=seed)[replicate]
    assert found == pytest.approx([values[index].sum(), n], abs=1e-10)


def test_replicates_do_not_depend_on_how_many_are_drawn() -> None:
    few, many = (resampled(RETURNS[None, :], 10, replicates=k, seed=3) for k in (17, 400))
    assert np.array_equal(few, many[:17])
    assert not np.array_equal(few, resampled(RETURNS[None, :], 10, replicates=17, seed=4))


def mixed(x: int) -> int:
    """Scramble 64 bits, in Python's whole numbers."""
    mask = 2**64 - 1
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9 & mask
    x = (x ^ (x >> 27)) * 0x94D049BB133111EB & mask
    return x ^ (x >> 31)


def test_blocks_are_drawn_as_written() -> None:
    n, length, golden, mask = 1000, 8.0, 0x9E3779B97F4A7C15, 2**64 - 1
    starts, lengths = blocks(n, length, replicate=4, seed=11)
    state, left, expected = mixed((11 + 5 * golden) & mask), n, []
    while left > 0:
        state = (state + golden) & mask
        bits = mixed(state)
        size = 1 + int(np.log(((bits & 0xFFFFFFFF) + 0.5) / 2**32) / np.log1p(-1 / length))
        expected.append((((bits >> 32) * n) >> 32, min(size, left)))
        left -= size
    assert list(zip(starts.tolist(), lengths.tolist(), strict=True)) == expected


def test_blocks_are_geometric_and_begin_anywhere() -> None:
    drawn = [blocks(2000, 12.0, replicate=k) for k in range(200)]
    lengths = np.concatenate([sizes[:-1] for _, sizes in drawn])
    assert lengths.mean() == pytest.approx(12, rel=0.03)
    assert (lengths == 1).mean() == pytest.approx(1 / 12, rel=0.1)
    counts, _ = np.histogram(np.concatenate([starts for starts, _ in drawn]), 20, (0, 2000))
    assert np.abs(counts / counts.mean() - 1).max() < 0.1


def test_the_spread_is_that_of_arch() -> None:
    walk = RETURNS + 0.5 * np.concatenate([[0.0], RETURNS[:-1]])
    ours = resampled(walk[None, :], 20, seed=1)[:, 0]
    theirs = [p[0].sum() for p, _ in StationaryBootstrap(20, walk, seed=1).bootstrap(4000)]
    assert ours.std() == pytest.approx(np.std(theirs), rel=0.05)
    assert ours.mean() == pytest.approx(walk.sum(), abs=0.05)
