"""Overlap with the crowd against slow plain twins."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from overshort.metrics.overlap import overlap, universe
from overshort.metrics.ranking import mid_rank


def issues(rows: list[tuple[str, int, int | None]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema={"symbol": pl.String, "position": pl.Int64, "adv": pl.Int64}, orient="row")


@given(st.lists(st.tuples(st.integers(0, 50), st.one_of(st.none(), st.integers(0, 9))), max_size=40))
def test_ranks_are_mid_ranks_by_days_to_cover(pairs: list[tuple[int, int | None]]) -> None:
    found = universe(issues([(f"S{k}", p, v) for k, (p, v) in enumerate(pairs)]))
    days = np.array([p / v for p, v in pairs if p > 0 and v])
    assert found["dtc"].sort().to_list() == sorted(days)
    assert found["rank"].to_list() == pytest.approx([mid_rank(d, days) for d in found["dtc"]])


def test_an_issue_without_position_or_volume_is_not_in_it() -> None:
    assert universe(issues([("A", 10, 2), ("B", 0, 2), ("C", 10, 0), ("D", 10, None)]))["symbol"].to_list() == ["A"]


def test_the_overlap_by_hand() -> None:
    found = overlap(pl.DataFrame({"notional": [300.0, 100.0, None, 50.0], "rank": [95.0, 20.0, 99.0, None]}))
    assert found == {
        "top_decile": 0.75,
        "rank": (300 * 95 + 100 * 20) / 400,
        "rank_plain": 57.5,
        "n": 2,
        "left_out": 2,
        "notional": 400.0,
    }


def test_shorts_spread_as_the_issues_are_overlap_by_chance() -> None:
    ranks = universe(issues([(f"S{k}", k + 1, 1) for k in range(200)])).select(pl.lit(1.0).alias("notional"), "rank")
    found = overlap(ranks)
    assert found["top_decile"] == pytest.approx(0.1)
    assert found["rank"] == pytest.approx(50)


def test_without_a_short_there_is_none() -> None:
    none = pl.DataFrame(schema={"notional": pl.Float64, "rank": pl.Float64})
    found = overlap(none)
    assert (found["top_decile"], found["rank"], found["rank_plain"], found["n"]) == (None, None, None, 0)
