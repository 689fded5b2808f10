"""What is planted in a simulated market, found again by the metrics from its tables alone."""

from datetime import date
from functools import cache

import polars as pl
import pytest

from contracts.market import lazily, stored
from demo.markets import chain
from overshort import schema
from overshort.demo import Market, simulate
from overshort.engine.computing import compute
from overshort.engine.panel import Scope
from overshort.metrics import registry

SEEDS = (1, 2, 3, 4, 5)
ROOMS = ("refusal.", "volatility.", "persistence.", "crowding.chain")
STATE = {"exit": "EXIT", "confirm": "CONFIRM", "covering": "COVER", "crowding": "REFUSE", "refusal": "REFUSE"}
OFF = {"SPX": 0.01, "NDX": 0.01, "RUT": 0.05}
"""How far a measured change may be off the true one: half of the splits must be inferred, and who belongs to the
Russell 2000 is known on four days only."""
Cell = tuple[float | None, str | None]


@cache
def made(seed: int) -> Market:
    return simulate(seed, stocks=60)


@cache
def measured(seed: int) -> dict[tuple[str, str, date], Cell]:
    tables = {name: stored(name, rows) for name, rows in made(seed).tables.items()}
    ids = [i for i in registry() if i.startswith(ROOMS)]
    panel = compute(lazily(tables), Scope("market", (*schema.INDEXES, "VIX")), ids)
    rows = panel.select("id", "subject", pl.col("at").dt.date(), "value", "text")
    return {(i, subject, at): (value, text) for i, subject, at, value, text in rows.iter_rows()}


def last_session(seed: int) -> date:
    newest = made(seed).tables["levels"]["at"].max()
    assert isinstance(newest, date)
    return newest


@pytest.mark.parametrize("seed", SEEDS)
def test_the_state_at_the_end_of_every_episode(seed: int) -> None:
    """Over three months without exception; over twelve, where prices before the episode count too, most of the time."""
    found = measured(seed)
    episodes = made(seed).truth.episodes.rows()
    assert {kind for _, kind, _, _ in episodes} == set(STATE)
    year = 0
    for subject, kind, _, last in episodes:
        assert found["refusal.state_3m", subject, last][1] == STATE[kind], (subject, kind)
        year += found["refusal.state_12m", subject, last][1] == STATE[kind]
    assert year >= 0.7 * len(episodes)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_ranks_that_make_the_states(seed: int) -> None:
    found = measured(seed)
    for subject, kind, _, last in made(seed).truth.episodes.iter_rows():
        ranks = [found[f"refusal.shorts_rank_{w}", subject, last][0] or 0.0 for w in ("3m", "12m")]
        rising = STATE[kind] in ("REFUSE", "CONFIRM")
        assert min(ranks) >= 90 if rising else max(ranks) <= 20, (subject, kind, ranks)


@pytest.mark.parametrize("seed", SEEDS)
def test_changes_over_episodes_are_the_true_ones(seed: int) -> None:
    found = measured(seed)
    for subject, kind, first, last in made(seed).truth.episodes.iter_rows():
        true = chain(made(seed), subject)
        one, other = (found["crowding.chain", subject, day][0] or 0.0 for day in (first, last))
        assert abs(other / one - true[last] / true[first]) <= OFF[subject], (subject, kind)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("subject", schema.INDEXES)
def test_eight_rising_months_at_the_end(seed: int, subject: str) -> None:
    found, last = measured(seed), last_session(seed)
    assert found["persistence.month_streak", subject, last] == (8, None)
    assert found["persistence.month_streak_running", subject, last] == (8, "completed")
    counts = [found[f"persistence.{i}", subject, last][0] for i in ("streak_count_since_1945", "streak_p")]
    assert (counts[0] or 0) >= 1
    assert 0 < (counts[1] or 0) < 1


@pytest.mark.parametrize("seed", SEEDS)
def test_the_vix_ends_at_the_low_of_its_cycle(seed: int) -> None:
    found, last = measured(seed), last_session(seed)
    closes = made(seed).tables["levels"].filter(series="VIX").sort("at")
    begun = closes.filter(pl.col("value") >= 25)["at"][-1]
    own = {
        i: found[f"volatility.{i}", "VIX", last] for i in ("rank_1y", "cycle_low", "cycle_low_ratio", "cycle_low_since")
    }
    assert own["rank_1y"][0] == 0
    assert (own["cycle_low"][0], own["cycle_low_ratio"][0]) == (1, 1)
    assert own["cycle_low_since"][1] == str(begun)


def test_refusal_is_not_the_rule() -> None:
    """Elsewhere the states are mixed: what is found at the episodes is no constant."""
    found = measured(SEEDS[0])
    seen = {text for (i, _, _), (_, text) in found.items() if i == "refusal.state_3m" and text}
    assert seen == {"REFUSE", "CONFIRM", "COVER", "EXIT", "FLAT"}
    flat = [text == "FLAT" for (i, _, _), (_, text) in found.items() if i == "refusal.state_3m" and text]
    assert 0.3 < sum(flat) / len(flat) < 0.8
