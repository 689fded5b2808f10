"""What the study finds where the truth is known: nothing planted, something planted, and a look into the future."""

from datetime import date, datetime, timedelta
from statistics import NormalDist, fmean

import numpy as np
import polars as pl
import pytest
from scipy.stats import binom

from evidence.histories import history
from overshort import sessions
from overshort.evidence.events import cases
from overshort.evidence.paths import followed
from overshort.evidence.study import POWER, studied

REPORTS, HELD = 180, 21
SIZE_SEEDS, POWER_SEEDS = range(500), range(10_000, 10_200)
EFFECT = 0.03


def test_with_nothing_planted_one_history_in_twenty_is_significant() -> None:
    found = [studied(history(seed, REPORTS, 0.0, HELD), (HELD,))["horizons"][0]["p"] for seed in SIZE_SEEDS]
    tested = [p for p in found if p is not None]
    low, high = binom.interval(0.95, len(tested), 0.05)
    hits = sum(p <= 0.05 for p in tested)
    print(f"seeds {SIZE_SEEDS}: {hits} of {len(tested)} significant, binomial interval {low:.0f} to {high:.0f}")
    assert len(tested) > 490
    assert low <= hits <= high


def test_a_planted_effect_is_found_with_the_stated_power() -> None:
    rows = [studied(history(seed, REPORTS, EFFECT, HELD), (HELD,))["horizons"][0] for seed in POWER_SEEDS]
    tested = [r for r in rows if r["detectable"] is not None]
    error = fmean(r["detectable"] for r in tested) / POWER
    stated = NormalDist().cdf(fmean(r["difference"] for r in tested) / error - NormalDist().inv_cdf(0.975))
    hits = sum(r["p"] <= 0.05 for r in tested)
    print(f"seeds {POWER_SEEDS}: found in {hits} of {len(tested)}, stated {stated:.2f}")
    assert 0.5 < stated < 0.95
    assert abs(hits / len(tested) - stated) < 0.12


def sessions_from(first: date, count: int) -> pl.DataFrame:
    return sessions.schedule().filter(pl.col("session") >= first).head(count)


def tomorrow() -> tuple[pl.DataFrame, pl.DataFrame]:
    """Give a flag that is up on every session with a large rise, known at its close, and the prices."""
    days = sessions_from(date(2010, 1, 4), 1500)
    moves = 0.01 * np.random.default_rng(5).standard_normal(days.height)
    close = 100 * np.exp(np.cumsum(moves))
    prices = days.select("session").with_columns(
        pl.Series("open", np.concatenate([[100.0], close[:-1]])), pl.Series("close", close), pl.lit("x").alias("feed")
    )
    flag = days.select(pl.col("session").alias("at"), pl.col("closes").alias("decided")).with_columns(
        pl.Series("holds", moves > 0.012)
    )
    return flag, prices


def p_of(flag: pl.DataFrame, prices: pl.DataFrame, grid: str) -> float:
    found = studied(followed(cases(flag, grid), prices, (5,)), (5,))["horizons"][0]["p"]
    assert isinstance(found, float)
    return found


def test_a_planted_look_ahead_is_caught() -> None:
    flag, prices = tomorrow()
    assert p_of(flag, prices, "session") > 0.05
    leaked = flag.with_columns(pl.col("decided") - timedelta(days=1))
    assert p_of(leaked, prices, "unchecked") < 0.001, "known a day too early, the flag trades on its own rise"
    with pytest.raises(RuntimeError, match=r"is said to have been known at .* a look-ahead"):
        cases(leaked, "session")


def test_a_report_known_before_its_publication_is_caught() -> None:
    day = date(2024, 5, 15)
    published = sessions.publication(day)[0]

    def flag(decided: datetime) -> pl.DataFrame:
        return pl.DataFrame({"at": [day], "decided": [decided], "holds": [True]})

    assert cases(flag(published), "report")["entry"].to_list() == [date(2024, 5, 28)]
    with pytest.raises(RuntimeError, match="look-ahead"):
        cases(flag(published - timedelta(days=1)), "report")
