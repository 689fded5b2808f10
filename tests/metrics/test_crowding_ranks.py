"""Where the chain stands, since when it rises, and the index of the literature: against slow plain twins."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics import twins
from overshort.metrics.crowding.ranks import trend_residuals
from overshort.metrics.crowding.trend import troughs
from overshort.metrics.ranking import at_or_below, mid_rank

SUBJECTS = ("SPX", "NDX", "NASDAQ", "LISTED")
Values = Callable[[str, str], dict[Any, float | None]]
positive = st.floats(0.01, 1e6, allow_nan=False)


def by_day(subject: str, values: list[float | None]) -> dict[date, float | None]:
    return dict(zip(twins.members_rows(subject), values, strict=True))


def share_below(value: float, earlier: list[float], equal: float) -> float:
    return 100 * sum(1.0 if e < value else equal * (e == value) for e in earlier) / len(earlier)


@pytest.mark.parametrize("subject", SUBJECTS)
def test_chain(values: Values, subject: str) -> None:
    assert twins.lined_up(values("crowding.chain", subject), by_day(subject, [*twins.chain(subject)])) == []


@pytest.mark.parametrize("subject", SUBJECTS)
@pytest.mark.parametrize(("suffix", "equal"), [("", 0.5), ("_le", 1.0)])
@pytest.mark.parametrize(("span", "most", "least"), [("1y", 24, 24), ("5y", 120, 60)])
def test_ranks(values: Values, subject: str, suffix: str, equal: float, span: str, most: int, least: int) -> None:
    chain = twins.chain(subject)
    expected = [share_below(v, chain[max(0, k - most) : k], equal) if k >= least else None for k, v in enumerate(chain)]
    found = values(f"crowding.rank_{span}{suffix}", subject)
    assert twins.lined_up(found, by_day(subject, expected)) == []


@pytest.mark.parametrize("subject", SUBJECTS)
def test_rank_among_all_reports(simulated: pl.DataFrame, values: Values, subject: str) -> None:
    chain = twins.chain(subject)
    expected = [share_below(v, chain[:k], 0.5) if k >= 60 else None for k, v in enumerate(chain)]
    assert twins.lined_up(values("crowding.rank_all", subject), by_day(subject, expected)) == []
    own = simulated.filter(pl.col("id") == "crowding.rank_all", pl.col("subject") == subject).sort("at")
    assert own["n"].to_list() == list(range(len(chain)))
    assert own["base_at"].n_unique() == 1


@pytest.mark.parametrize("subject", SUBJECTS)
def test_rank_off_trend(values: Values, subject: str) -> None:
    chain = twins.chain(subject)
    expected: list[float | None] = []
    for k in range(len(chain)):
        left = twins.residuals(np.log(chain[: k + 1]))
        expected.append(share_below(left[-1], left[-121:-1], 0.5) if k >= 60 else None)
    assert twins.lined_up(values("crowding.rank_5y_detrended", subject), by_day(subject, expected)) == []


def start(values: list[float]) -> int:
    """Search for the earliest report that no later one undercuts and since which no fall exceeded 10 %."""
    for j in range(len(values)):
        own = values[j:]
        whole = all(later >= (1 - 0.1) * max(own[:k]) for k, later in enumerate(own) if k)
        if whole and min(own) == own[0]:
            return j
    raise AssertionError


@pytest.mark.parametrize("subject", ["SPX", "NDX"])
def test_since(simulated: pl.DataFrame, values: Values, subject: str) -> None:
    chain, days = twins.chain(subject), list(twins.members_rows(subject))
    expected = [days[start(chain[: k + 1])] for k in range(len(chain))]
    numbers = [float((day - date(1970, 1, 1)) / timedelta(days=1)) for day in expected]
    assert twins.lined_up(values("crowding.since", subject), by_day(subject, [*numbers])) == []
    own = simulated.filter(pl.col("id") == "crowding.since", pl.col("subject") == subject).sort("at")
    assert own["text"].to_list() == [str(day) for day in expected]
    assert own["base_at"].to_list() == expected


@given(st.lists(positive, min_size=1, max_size=12))
def test_troughs_are_found_by_search_too(chain: list[float]) -> None:
    assert troughs(np.array(chain)) == [start(chain[: k + 1]) for k in range(len(chain))]


def test_a_fall_of_exactly_10_percent_goes_on_and_more_ends_the_trend() -> None:
    assert troughs(np.array([100.0, 200.0, 180.0, 190.0])) == [0, 0, 0, 0]
    assert troughs(np.array([100.0, 200.0, 179.9, 190.0])) == [0, 0, 2, 2]
    assert troughs(np.array([100.0, 200.0, 179.9, 170.0, 190.0])) == [0, 0, 2, 3, 3]
    assert troughs(np.array([100.0, 99.0, 101.0])) == [0, 1, 1]
    assert troughs(np.empty(0)) == []


@pytest.mark.parametrize("subject", SUBJECTS)
def test_sii(values: Values, subject: str) -> None:
    weighted = values("crowding.equal_weighted", subject)
    seen: list[float] = []
    expected: dict[date, float | None] = {}
    for day, value in sorted(weighted.items()):
        seen += [value] if value else []
        left = twins.residuals(np.log(seen)) if value and len(seen) >= 24 else []
        expected[day] = left[-1] / float(np.std(left, ddof=1)) if left else None
    assert sum(v is not None for v in expected.values()) > 100
    assert twins.lined_up(values("crowding.sii", subject), expected) == []


@given(st.lists(positive, min_size=3, max_size=40))
def test_trend_residuals_are_least_squares(numbers: list[float]) -> None:
    found = trend_residuals(np.array(numbers))
    assert found == pytest.approx(twins.residuals(numbers), abs=1e-8 * max(numbers))


def test_ties_count_half_in_the_mid_rank_and_whole_at_or_below() -> None:
    earlier = np.array([1.0, 2.0, 2.0, 3.0])
    assert (mid_rank(2.0, earlier), at_or_below(2.0, earlier)) == (50, 75)
    assert (mid_rank(0.0, earlier), at_or_below(3.0, earlier)) == (0, 100)
