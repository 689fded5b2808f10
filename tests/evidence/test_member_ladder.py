"""The ladder for members: against plain loops over pairs, scikit-learn and statsmodels; and which rung is shown."""

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from overshort.evidence.probability import ladder
from overshort.evidence.probability.ladder import MODELS
from overshort.evidence.probability.members import ladder as rungs
from overshort.evidence.probability.members.cells import cells_of
from overshort.evidence.probability.members.ladder import (
    CELLS,
    STATES,
    Cells,
    MemberRung,
    cell_of,
    climatology,
    member_logistic,
    member_table,
)
from overshort.evidence.probability.members.walk import walk
from overshort.evidence.probability.members.windows import own_rank
from overshort.metrics.ranking import mid_rank, trailing

REPORTS, MEMBERS = 80, 60
Pairs = pl.DataFrame
AXES = [(c // 25, c // 5 % 5, c % 5) for c in range(CELLS)]
"""Of every cell the fifths of rank, days to cover and growth."""


def drawn(seed: int, chance: Callable[[np.ndarray], np.ndarray] = lambda rank: 0.1 + 0 * rank) -> Pairs:
    """Draw members' cells, one in twenty without, and outcomes; the last two reports' windows are not over."""
    random = np.random.default_rng(seed)
    report = np.repeat(np.arange(REPORTS), MEMBERS)
    cell = random.integers(0, CELLS, report.size)
    shock = random.normal(0, 0.02, REPORTS)[report]
    fell = random.random(report.size) < np.clip(chance(cell // 25) + shock, 0, 1)
    held = (random.random(report.size) < 0.95) & (report < REPORTS - 2)
    blank = random.random(report.size) < 0.05
    columns = {"settlement": report, "cell": pl.Series(cell).set(pl.Series(blank), None)}
    return pl.DataFrame(columns | {"held_2": held.astype(int), "fell_2": (held & fell).astype(int)})


def laid(pairs: Pairs) -> Cells:
    """Give the counts of pairs."""
    sums = pairs.group_by("settlement", "cell").agg(pl.len().alias("members"), pl.col("held_2", "fell_2").sum())
    return cells_of(sums, "")


def learnt(pairs: Pairs, report: int) -> Pairs:
    return pairs.filter(pl.col("settlement") <= report - 2, pl.col("held_2") == 1)


def ordered(pairs: Pairs) -> Pairs:
    return pairs.filter(pl.col("cell").is_not_null())


def inputs_of(pairs: Pairs) -> np.ndarray:
    return np.array([AXES[c] for c in pairs["cell"]], dtype=float)


@settings(max_examples=40)
@given(st.integers(0, 10_000))
def test_the_rank_is_that_among_its_own_year(seed: int) -> None:
    random = np.random.default_rng(seed)
    position = random.integers(1, 6, (60, 2)).astype(float)
    position[random.random(position.shape) < 0.1] = np.nan
    found = own_rank(position)
    for column in (0, 1):
        for t in range(60):
            year = position[max(0, t - 24) : t, column]
            year = year[np.isfinite(year)]
            if np.isnan(position[t, column]) or year.size < 20:
                assert np.isnan(found[t, column])
            else:
                assert found[t, column] == pytest.approx(mid_rank(float(position[t, column]), year))


def test_a_whole_year_gives_the_rank_of_a_single_stock() -> None:
    position = np.random.default_rng(1).lognormal(10, 1, (70, 1))
    theirs = trailing(position[:, 0], 24, 24, mid_rank)
    assert own_rank(position)[24:, 0] == pytest.approx(theirs[24:])


@given(st.lists(st.none() | st.integers(0, 9), min_size=1, max_size=25), st.integers(0, 100))
def test_cells_are_fifths_of_the_report(days: list[int | None], rank: int) -> None:
    columns = {"rank": [float(rank)] * len(days), "days": days, "growth": [1.0] * len(days), "at": [1] * len(days)}
    frame = pl.DataFrame(columns, schema_overrides={"days": pl.Float64})
    found = frame.select(cell_of("rank", "days", "growth", over=["at"])).to_series().to_list()
    there = [d for d in days if d is not None]
    for own, cell in zip(days, found, strict=True):
        if own is None:
            assert cell is None
            continue
        place = sum(d < own for d in there) + (sum(d == own for d in there) - 1) / 2 + 0.5
        assert AXES[cell] == (min(rank // 20, 4), int(5 * place / len(there)), 2)


@pytest.mark.parametrize("report", [5, 40, REPORTS - 1])
def test_climatology_and_its_error_are_statsmodels(report: int) -> None:
    pairs = drawn(3)
    own = learnt(pairs, report)
    theirs = sm.OLS(own["fell_2"].to_numpy().astype(float), np.ones(own.height)).fit(
        cov_type="cluster", cov_kwds={"groups": own["settlement"].to_numpy()}
    )
    found = climatology(laid(pairs))
    assert (found.given[report], found.error[report]) == pytest.approx((theirs.params[0], theirs.bse[0]), rel=1e-4)


def test_the_table_is_each_states_share_drawn_to_climatology() -> None:
    pairs = drawn(5, lambda rank: 0.05 + 0.03 * rank)
    found = member_table(laid(pairs))
    assert np.isnan(found.given[:25]).all()
    assert np.isfinite(found.given[25:]).all()
    own = learnt(pairs, 70)
    base = own["fell_2"].mean()
    chances = {}
    for state in range(STATES):
        alike = own.filter(pl.col("cell") // 5 == state)
        weight = 4 * 2 * alike.height / own["settlement"].n_unique()
        chances[state] = (alike["fell_2"].sum() + weight * base) / (alike.height + weight)
    assert found.chances[70, ::5] == pytest.approx(list(chances.values()))
    today = pairs.filter(pl.col("settlement") == 70)["cell"].to_list()
    mean = np.mean([base if c is None else chances[c // 5] for c in today])
    assert found.given[70] == pytest.approx(mean)


def test_the_tables_error_is_statsmodels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rungs, "PULL", 0.0)
    pairs = ordered(drawn(7))
    own = learnt(pairs, 70)
    dummies = np.eye(STATES)[own["cell"].to_numpy() // 5]
    theirs = sm.OLS(own["fell_2"].to_numpy().astype(float), dummies).fit(
        cov_type="cluster", cov_kwds={"groups": own["settlement"].to_numpy(), "use_correction": False}
    )
    today = np.eye(STATES)[pairs.filter(pl.col("settlement") == 70)["cell"].to_numpy() // 5].mean(axis=0)
    clusters = own["settlement"].n_unique()
    expected = np.sqrt(today @ theirs.cov_params() @ today * clusters / (clusters - 1))
    found = member_table(laid(pairs))
    assert found.given[70] == pytest.approx(today @ theirs.params)
    assert found.error[70] == pytest.approx(expected)


def scaled(own: Pairs, whole: Pairs) -> tuple[np.ndarray, np.ndarray]:
    """Give inputs of the pairs learnt from and of others in the standard units of the first."""
    mine, middle = inputs_of(own), inputs_of(own).mean(axis=0)
    return (mine - middle) / mine.std(axis=0), (inputs_of(whole) - middle) / mine.std(axis=0)


def test_the_fit_is_scikit_learns() -> None:
    pairs = drawn(9, lambda rank: 0.05 + 0.03 * rank)
    found = member_logistic(laid(pairs))
    assert np.isnan(found.given[:61]).all()
    own = ordered(learnt(pairs, 75))
    learnt_inputs, every = scaled(own, pl.DataFrame({"cell": range(CELLS)}))
    theirs = LogisticRegression(C=1.0, tol=1e-12, max_iter=5000).fit(
        learnt_inputs, own["fell_2"].to_numpy(), sample_weight=np.full(own.height, 0.5)
    )
    assert found.chances[75] == pytest.approx(theirs.predict_proba(every)[:, 1], abs=1e-5)


def test_the_fits_error_is_statsmodels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ladder, "RIDGE", 0.0)
    pairs = ordered(drawn(11, lambda rank: 0.05 + 0.03 * rank))
    own, today = learnt(pairs, 75), pairs.filter(pl.col("settlement") == 75)
    inputs, now = scaled(own, today)
    theirs = sm.Logit(own["fell_2"].to_numpy(), sm.add_constant(inputs)).fit(
        disp=0, cov_type="cluster", cov_kwds={"groups": own["settlement"].to_numpy(), "use_correction": False}
    )
    design = sm.add_constant(now)
    chance = theirs.predict(design)
    slope = (chance * (1 - chance)) @ design / len(design)
    clusters = own["settlement"].n_unique()
    found = member_logistic(laid(pairs))
    assert found.given[75] == pytest.approx(chance.mean())
    assert found.error[75] == pytest.approx(np.sqrt(slope @ theirs.cov_params() @ slope * clusters / (clusters - 1)))


@pytest.mark.parametrize("rule", [climatology, member_table, member_logistic])
def test_nothing_is_learnt_before_it_is_over(rule: Callable[[Cells], MemberRung]) -> None:
    pairs = drawn(13, lambda rank: 0.05 + 0.03 * rank)
    later = pl.col("settlement") > 68
    other = pairs.with_columns(pl.when(later).then("held_2").otherwise("fell_2").alias("fell_2"))
    one, two = rule(laid(pairs)), rule(laid(other))
    assert one.given[:71] == pytest.approx(two.given[:71], nan_ok=True)
    assert one.given[71:] != pytest.approx(two.given[71:])


def test_losses_are_the_squared_errors_of_members_with_inputs() -> None:
    pairs = drawn(15)
    cells = laid(pairs)
    found = member_table(cells)
    own = ordered(pairs).filter(pl.col("settlement") == 60, pl.col("held_2") == 1)
    expected = sum((found.chances[60, c] - f) ** 2 for c, f in own.select("cell", "fell_2").iter_rows())
    losses = found.losses(cells)
    assert losses[60] == pytest.approx(expected)
    assert np.isnan(losses[[0, REPORTS - 1]]).all()


def shown(pairs: Pairs) -> list[str]:
    begun = np.full(REPORTS, 3, dtype=np.int64)
    sums = pairs.group_by("settlement", "cell").agg(pl.len().alias("members"), pl.col("held_2", "fell_2").sum())
    return [MODELS[k] for k in walk(sums, begun, "").place]


def test_a_planted_effect_is_shown_once_it_has_proved_itself() -> None:
    found = shown(drawn(17, lambda rank: 0.02 + 0.09 * rank))
    assert set(found[:49]) == {"climatology"}, "24 windows to learn from, 24 more to be judged on"
    assert found[-1] == "table"


def test_where_nothing_was_planted_climatology_stands() -> None:
    shares = [shown(drawn(seed))[-1] == "climatology" for seed in range(100, 130)]
    assert sum(shares) >= 25, "seeds 100 to 129"
