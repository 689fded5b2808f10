"""On a market with known truth the events are found where they were planted."""

from datetime import date

import polars as pl
import pytest

from contracts.market import lazily, market, tables
from overshort.engine.computing import compute
from overshort.engine.panel import market as market_scope
from overshort.evidence.probability.events import EVENTS

IDS = [f"{e.id}{part}" for e in EVENTS for part in ("", ".outcome", ".runs")]


@pytest.fixture(scope="module")
def panel() -> pl.DataFrame:
    return compute(lazily(tables()), market_scope(), IDS)


def outcomes(panel: pl.DataFrame, event: str, subject: str) -> dict[date, float]:
    """Give every known outcome by the report at which its window began."""
    own = panel.filter(pl.col("id") == f"probability.{event}.outcome", pl.col("subject") == subject)
    return dict(own.filter(pl.col("value").is_not_null()).select("base_at", "value").iter_rows())


def episodes(kind: str) -> list[tuple[str, date, date]]:
    rows = market().truth.episodes.filter(pl.col("kind") == kind)
    return list(rows.select("subject", "first", "last").iter_rows())


def test_covering_is_found_with_price_higher(panel: pl.DataFrame) -> None:
    for subject, first, _ in episodes("covering"):
        for event in ("cover5_3m", "cover10_3m", "coversd_3m", "cover5_3m_up", "cover10_3m_up", "cover10_6m_up"):
            assert outcomes(panel, event, subject)[first] == 1, event


def test_an_exit_is_covering_without_price(panel: pl.DataFrame) -> None:
    found = episodes("exit")
    assert len(found) == 3
    for subject, first, _ in found:
        assert outcomes(panel, "cover5_3m", subject)[first] == 1
        assert outcomes(panel, "cover5_3m_up", subject)[first] == 0


@pytest.mark.parametrize("kind", ["confirm", "crowding", "refusal"])
def test_where_shorts_were_planted_to_build_nobody_covered(panel: pl.DataFrame, kind: str) -> None:
    for subject, first, last in episodes(kind):
        known = outcomes(panel, "cover10_3m", subject)
        inside = [v for day, v in known.items() if first <= day <= last]
        before_the_end = inside[:-6] if kind == "confirm" else inside
        assert not any(before_the_end)


def test_every_outcome_is_that_of_the_true_chain(panel: pl.DataFrame) -> None:
    """The true chain, walked in plain Python, gives the same events, and the same number of separate runs."""
    for subject in ("SPX", "NDX"):
        own = market().truth.chains.filter(pl.col("subject") == subject).sort("settlement")
        days, chain = own["settlement"].to_list(), own["chain"].to_list()
        true = {
            days[k]: float(min(chain[k + 1 : k + 7]) <= 0.95 * chain[k])
            for k in range(len(days) - 6)
            if abs(min(chain[k + 1 : k + 7]) / chain[k] - 0.95) > 0.004
        }
        found = outcomes(panel, "cover5_3m", subject)
        shared = set(true) & set(found)
        assert len(shared) > 100
        wrong = [d for d in shared if true[d] != found[d]]
        assert len(wrong) <= 2, "the measured chain knows not every split"
        own_runs = panel.filter(pl.col("id") == "probability.cover5_3m.runs", pl.col("subject") == subject).sort("at")
        flags = [found[d] for d in sorted(found)]
        runs = sum(a == 1 and b != 1 for a, b in zip(flags, [0.0, *flags], strict=False))
        assert own_runs["value"][-1] == runs
