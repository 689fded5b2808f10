"""Returns, rises and drawdowns against loops over the sessions, and against the outcomes of reports."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from overshort.evidence.outcomes import after_reports
from overshort.evidence.paths import PRIOR, followed

FIRST = date(2020, 1, 1)


def prices(seed: int, count: int, change_at: int | None = None) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(0.02 * rng.standard_normal(count)))
    feeds = ["a" if change_at is None or k < change_at else "b" for k in range(count)]
    days = [FIRST + timedelta(days=k) for k in range(count)]
    opens = close * np.exp(0.005 * rng.standard_normal(count))
    return pl.DataFrame({"session": days, "open": opens, "close": close, "feed": feeds})


def naive(frame: pl.DataFrame, place: int, h: int) -> tuple[float, float, float] | None:
    days = frame.rows(named=True)[place : place + h]
    if len(days) < h or len({d["feed"] for d in days}) > 1:
        return None
    entry = days[0]["open"]
    high, fall = entry, 0.0
    for day in days:
        high = max(high, day["close"])
        fall = min(fall, day["close"] / high - 1)
    return days[-1]["close"] / entry - 1, high / entry - 1, fall


@given(st.integers(0, 99), st.integers(0, 79), st.sampled_from([None, 30, 75]))
def test_a_case_is_a_walk_through_its_sessions(seed: int, place: int, change_at: int | None) -> None:
    frame = prices(seed, 80, change_at)
    found = followed(pl.DataFrame({"entry": [frame["session"][place]]}), frame, (1, 5, 20)).frame.row(0, named=True)
    for h in (1, 5, 20):
        own, expected = [found[f"{n}_{h}"] for n in ("after", "rise", "drawdown")], naive(frame, place, h)
        assert own == (pytest.approx(expected, abs=1e-12) if expected else [None, None, None])
    closes, feeds, first = frame["close"].to_list(), frame["feed"].to_list(), place - 1 - PRIOR
    prior = closes[place - 1] / closes[first] - 1 if first >= 0 and feeds[first] == feeds[place - 1] else None
    assert found["prior"] == (None if prior is None else pytest.approx(prior, abs=1e-12))


def test_an_entry_without_a_price_gives_nothing() -> None:
    frame = prices(1, 20)
    outside = pl.DataFrame({"entry": [FIRST - timedelta(days=1), FIRST + timedelta(days=20)]})
    found = followed(outside, frame, (5,))
    assert found.frame.select("place", "after_5", "prior").rows() == [(None, None, None)] * 2
    assert np.isnan(found.values).all()


def test_returns_are_those_of_the_outcomes_of_reports() -> None:
    frame = prices(3, 400)
    published = [FIRST + timedelta(days=k) for k in range(0, 390, 15)]
    theirs = after_reports(pl.DataFrame({"published": published}), frame)
    ours = followed(theirs.select("entry"), frame, (63, 252)).frame
    for h, name in ((63, "3m"), (252, "12m")):
        assert ours[f"after_{h}"].is_null().to_list() == theirs[f"after_{name}"].is_null().to_list()
        gap = (ours[f"after_{h}"] - theirs[f"after_{name}"]).abs().max()
        assert gap is not None
        assert float(str(gap)) < 1e-12
