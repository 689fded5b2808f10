"""Where a value stands among earlier ones: against counting one by one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from overshort.metrics.ranking import at_or_below, mid_rank, trailing
from overshort.metrics.volatility import expanding_ranks

few = st.lists(st.integers(0, 6).map(float), max_size=40)
"""Small whole numbers, so that ties are common."""


def counted(value: float, earlier: list[float], equal: float) -> float:
    return 100 * sum(1.0 if e < value else equal * (e == value) for e in earlier) / len(earlier)


@given(few.filter(len), st.integers(0, 6).map(float))
def test_ranks_count_below_and_equal(earlier: list[float], value: float) -> None:
    assert mid_rank(value, np.array(earlier)) == pytest.approx(counted(value, earlier, 0.5), abs=1e-9)
    assert at_or_below(value, np.array(earlier)) == pytest.approx(counted(value, earlier, 1.0), abs=1e-9)
    assert 0 <= mid_rank(value, np.array(earlier)) <= at_or_below(value, np.array(earlier)) <= 100


@given(few, st.integers(1, 8), st.integers(1, 8))
def test_trailing_ranks_see_only_the_span_before(values: list[float], span: int, least: int) -> None:
    expected = [
        counted(v, values[max(0, k - span) : k], 0.5) if min(k, span) >= least else None for k, v in enumerate(values)
    ]
    assert trailing(np.array(values), span, least, mid_rank) == expected


@given(few, st.integers(1, 8))
def test_expanding_ranks_see_all_before(values: list[float], least: int) -> None:
    expected = [counted(v, values[:k], 0.5) if k >= least else None for k, v in enumerate(values)]
    assert expanding_ranks(np.array(values), least) == expected
