"""What counts as covering: every event against a walk through its windows, and counts against SQL."""

from itertools import pairwise
from math import sqrt
from pathlib import Path
from statistics import fmean, stdev

import duckdb
import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from overshort.evidence.probability import events
from overshort.evidence.probability.events import EVENTS, broad, drifted, fell
from overshort.evidence.scoring import runs_of

levels = st.lists(st.sampled_from([60.0, 88.0, 90.0, 95.0, 96.0, 100.0, 104.0]), max_size=30)
closes = st.lists(st.none() | st.sampled_from([9.0, 10.0, 11.0]), max_size=30)


def table(values: list[list[float | None]], size: int) -> np.ndarray:
    """Give feeds as rows of one size; NaN where there is no close."""
    rows = [([np.nan if v is None else v for v in own] + [np.nan] * size)[:size] for own in values]
    return np.array(rows, dtype=float).reshape(len(rows), size)


def rise(feeds: np.ndarray, k: int, later: int) -> bool | None:
    """Take the first feed that has both ends."""
    return next((bool(f[later] > f[k]) for f in feeds if np.isfinite(f[k]) and np.isfinite(f[later])), None)


def walk(hits: list[bool | None]) -> float | None:
    if True in hits:
        return 1.0
    return None if None in hits else 0.0


def plain(found: np.ndarray) -> list[float | None]:
    return [None if np.isnan(v) else float(v) for v in found]


@given(levels, st.integers(1, 7), closes, closes, st.booleans())
def test_a_fall_is_one_report_at_or_below(chain: list[float], reports: int, one: list, two: list, up: bool) -> None:
    size = len(chain)
    feeds = table([one, two], size)
    expected: list[float | None] = []
    for k in range(size):
        if k + reports >= size or (up and not np.isfinite(feeds[:, k]).any()):
            expected.append(None)
            continue
        below = [j for j in range(k + 1, k + reports + 1) if chain[j] <= 0.95 * chain[k]]
        expected.append(walk([rise(feeds, k, j) if up else True for j in below] or [False]))
    assert plain(fell(np.array(chain), 0.05, reports, feeds if up else None)) == expected


def test_exactly_the_fraction_counts_and_a_window_that_is_not_over_does_not() -> None:
    chain = np.array([100.0, 99.0, 95.0, 100.0, 100.0, 94.0])
    assert plain(fell(chain, 0.05, 2)) == [1.0, 0.0, 0.0, 1.0, None, None]


@settings(max_examples=40)
@given(st.lists(st.floats(-0.08, 0.08), min_size=30, max_size=45), st.integers(1, 6))
def test_off_drift_against_a_walk(growth: list[float], reports: int) -> None:
    logs = [0.0]
    for step in growth:
        logs.append(logs[-1] + step)
    found = plain(drifted(np.exp(np.array(logs)), reports))
    for k in range(len(logs)):
        past = [b - a for a, b in pairwise(logs[: k + 1])]
        if len(past) < 24 or k + reports >= len(logs):
            assert found[k] is None
            continue
        room = fmean(past), stdev(past) * sqrt(reports)
        offs = [logs[k + j] - logs[k] - j * room[0] + room[1] for j in range(1, reports + 1)]
        if min(abs(o) for o in offs) > 1e-9:  # rounding decides the others
            assert found[k] == float(min(offs) <= 0)


def test_a_steady_rise_hides_nothing() -> None:
    """A chain that stops rising is below its drift without falling at all."""
    steps = [0.03 + (0.002 if k % 2 else -0.002) for k in range(40)] + [0.0] * 6
    chain = np.exp(np.cumsum([0.0, *steps]))
    assert drifted(chain, 6)[40] == 1
    assert fell(chain, 0.05, 6)[40] == 0


@given(st.lists(st.none() | st.sampled_from([0.01, 0.02, 0.03, 0.1]), max_size=50), st.integers(1, 5))
def test_breadth_is_above_the_percentile_known_at_the_origin(shares: list[float | None], reports: int) -> None:
    values = np.array([np.nan if s is None else s for s in shares], dtype=float)
    found = plain(broad(values, reports))
    for k, share in enumerate(shares):
        earlier = [s for j, s in enumerate(shares) if j + reports <= k and s is not None]
        if len(earlier) < 24 or share is None:
            assert found[k] is None
        else:
            assert found[k] == float(share > np.quantile(earlier, 0.8))


def test_sql_counts_the_same_windows(tmp_path: Path) -> None:
    random = np.random.default_rng(8)
    chain = 100 * np.exp(np.cumsum(0.025 * random.standard_normal(200)))
    rows = tmp_path / "rows.parquet"
    pl.DataFrame({"k": np.arange(200), "v": chain}).write_parquet(rows)
    query = f"""
        select count(*) filter (h), count(*) filter (h and not coalesce(before, false)), count(*) from (
            select h, lag(h) over (order by k) before from (
                select k, min(v) over (order by k rows between 1 following and 6 following) <= 0.9 * v as h,
                       count(*) over (order by k rows between 1 following and 6 following) n from '{rows}') where n = 6)
    """
    hits, runs, windows = duckdb.sql(query).fetchall()[0]
    found = fell(chain, 0.10, 6)
    known = found[np.isfinite(found)]
    assert (int(known.sum()), known.size) == (hits, windows)
    assert runs_of(known) == runs > 3


def test_every_event_has_words_of_its_own() -> None:
    assert len({e.id for e in EVENTS}) == len({e.words for e in EVENTS}) == 16
    assert all(("price" in e.words) == e.up for e in EVENTS)
    assert {e.reports for e in EVENTS} == set(events.HORIZONS.values())
