"""Nothing is learnt before it is known: a planted leak is caught, and later knowledge improves no score."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from contracts.market import lazily, tables
from overshort.engine.computing import compute
from overshort.engine.forecasts import _parts as parts_of
from overshort.engine.forecasts import forecasts, scored, track
from overshort.engine.panel import market
from overshort.engine.studies import Known
from overshort.evidence.probability import ladder
from overshort.evidence.probability.events import EVENTS
from overshort.metrics import registry

IDS = sorted(i for i in registry() if i.startswith("probability."))
LATE = datetime.fromisoformat("2026-06-01T00:00:00+00:00")
DAY = timedelta(days=1)


def measured(cut: datetime | None = None) -> pl.DataFrame:
    known = {n: t if cut is None else t.filter(pl.col("known_at") <= cut) for n, t in tables().items()}
    return compute(lazily(known), market(), IDS)


@pytest.fixture(scope="module")
def whole() -> pl.DataFrame:
    return measured()


@pytest.fixture(scope="module")
def cut(whole: pl.DataFrame) -> datetime:
    known = whole["known_at"].unique().sort()
    found: datetime = known[len(known) * 4 // 5]
    return found


def differs(whole: pl.DataFrame, short: pl.DataFrame, cut: datetime) -> set[str]:
    """Give the ids of which a row known by then is another one in the run that ends there."""
    then = whole.filter(pl.col("known_at") <= cut, ~pl.col("basis").fill_null("").str.contains("backcast"))
    return set(then.join(short, on=then.columns, how="anti", nulls_equal=True)["id"])


def test_the_truncation_contract_holds(whole: pl.DataFrame, cut: datetime) -> None:
    assert not differs(whole, measured(cut), cut)


@pytest.fixture
def leaking() -> Iterator[None]:
    """Learn from every window that has begun, over or not: what is not known yet is learnt all the same."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ladder, "closed_by", lambda report, _: report + 1)
        yield


def test_it_catches_a_planted_leak_that_looks_like_skill(
    whole: pl.DataFrame, cut: datetime, request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue("leaking")
    leaked = measured()
    caught = differs(leaked, measured(cut), cut)
    assert {e.id + part for e in EVENTS if e.kind == "cover5" for part in ("", ".base", ".runs")} <= caught
    assert total(leaked) < total(whole) - 0.005, "or the contract would guard against nothing"


def total(panel: pl.DataFrame) -> float:
    """Give the mean Brier score of what the table gave, over events and indices."""
    parts = parts_of(Known(panel, LATE))
    tracks = [(track(parts, e.id, s, "table"), e.reports) for e in EVENTS for s in ("SPX", "NDX", "RUT")]
    scores = [found["brier"] for t, n in tracks if (found := scored(t, n)) is not None]
    assert len(scores) > 20
    return sum(scores) / len(scores)


def test_knowing_a_day_later_improves_no_score(whole: pl.DataFrame) -> None:
    """The same values, a day later: and what is forecast as of a day is what was forecast a day before."""
    later = {n: t.with_columns(pl.col("known_at") + DAY) for n, t in tables().items()}
    shifted = compute(lazily(later), market(), IDS)
    assert_frame_equal(whole.with_columns(pl.col("known_at") + DAY), shifted, check_exact=True)
    assert total(shifted) == total(whole)
    instant = whole["known_at"].unique().sort()[-30]
    now, then = forecasts(Known(shifted, instant + DAY)), forecasts(Known(whole, instant))
    assert now
    assert [{k: v for k, v in f.items() if k != "known_at"} for f in now] == [
        {k: v for k, v in f.items() if k != "known_at"} for f in then
    ]
    early = forecasts(Known(shifted, instant))
    assert all(a["at"] <= b["at"] for a, b in zip(early, then, strict=True))
    assert any(a["at"] < b["at"] for a, b in zip(early, then, strict=True))
