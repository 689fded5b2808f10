"""The ledger: written once, resolved by exactly its window, live and back-tests apart."""

from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss

from overshort import schema, sessions
from overshort.errors import ForecastFixed
from overshort.evidence.ledger import fresh, resolved, score, separate_windows
from store.checks import sentence

TABLE = schema.table("forecasts")
DAYS = sessions.settlements_between(date(2019, 1, 1), date(2023, 12, 31))
EVENT = "probability.cover5_3m"
NOW = datetime(2024, 1, 2, tzinfo=UTC)


def written(k: int = 0, **changed: Any) -> dict[str, Any]:
    row = {"id": EVENT, "subject": "SPX", "settlement": DAYS[k], "kind": "live", "event": "a fall", "probability": 0.3}
    row |= {"base": 0.25, "low": 0.1, "high": 0.5, "runs": 9, "windows": 100, "model": "table", "known_at": NOW}
    row |= {"window_ends": DAYS[k + 6], "resolves": sessions.publication(DAYS[k + 6])[0].date(), "as_of": DAYS[k]}
    return (
        row | {"written_at": NOW, "code": "1", "data": "2", "source": "overshort", "sha256": "a", "batch": 0} | changed
    )


def rows(*given: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(list(given), schema=TABLE.columns)


def closed(*given: tuple[dict[str, Any], float | None]) -> pl.DataFrame:
    return rows(*(row for row, _ in given)).with_columns(pl.Series("happened", [h for _, h in given], dtype=pl.Float64))


def test_a_forecast_is_valid_and_a_probability_above_one_is_none() -> None:
    assert TABLE.schema.is_valid(rows(written()))
    assert not TABLE.schema.is_valid(rows(written(probability=1.2)))
    assert not TABLE.schema.is_valid(rows(written(kind="guess")))


def test_the_same_again_changes_nothing_whoever_writes_it_from_what() -> None:
    stored = rows(written())
    again = written(as_of=DAYS[1], written_at=NOW.replace(year=2025), code="9", data="9", sha256="b")
    assert fresh(rows(again), stored).is_empty()
    assert fresh(rows(again, written(1)), stored)["settlement"].to_list() == [DAYS[1]]
    assert fresh(stored, stored.clear()).equals(stored)


@pytest.mark.parametrize("name", TABLE.values)
def test_any_other_value_is_refused_with_a_sentence(name: str) -> None:
    kinds = {pl.String: "other", pl.Float64: 0.9, pl.Int64: 7, pl.Date: date(2030, 1, 1)}
    value = kinds[type(TABLE.columns[name])]
    with pytest.raises(ForecastFixed) as caught:
        fresh(rows(written(1), written(**{name: value})), rows(written()))
    said = sentence(caught)
    assert f"{EVENT} for SPX from the report of {DAYS[0]} was written with {name}" in said
    assert str(value) in said
    assert "never changed" in said


def test_a_back_test_is_another_forecast_than_a_live_one() -> None:
    assert fresh(rows(written(kind="backtest", probability=0.9)), rows(written())).height == 1


def test_it_is_resolved_by_its_own_window_only() -> None:
    outcomes = pl.DataFrame(
        {
            "id": [EVENT, EVENT, "probability.cover10_3m"],
            "subject": ["SPX", "NDX", "SPX"],
            "settlement": [DAYS[1], DAYS[0], DAYS[0]],
            "happened": [1.0, 1.0, 1.0],
            "happened_known_at": [NOW] * 3,
        }
    )
    found = resolved(rows(written(), written(1)), outcomes)
    assert found["happened"].to_list() == [None, 1.0]


@settings(max_examples=40)
@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1), st.none() | st.booleans()), max_size=40))
def test_the_score_is_scikit_learns_over_what_is_resolved(cases: list[tuple[float, float, bool | None]]) -> None:
    given = [(written(k, probability=p, base=b), None if h is None else float(h)) for k, (p, b, h) in enumerate(cases)]
    found = score(closed(*given))
    over = [(p, b, h) for p, b, h in cases if h is not None]
    assert (found["n"], found["open"]) == (len(over), len(cases) - len(over))
    if not over:
        assert found["brier"] is None
        return
    chances, base, hits = (np.array(c, dtype=float) for c in zip(*over, strict=True))
    assert found["brier"] == pytest.approx(brier_score_loss(hits, chances, labels=[0, 1]))
    assert found["brier_base"] == pytest.approx(brier_score_loss(hits, base, labels=[0, 1]))
    assert sum(row["n"] for row in found["reliability"]) == len(over)
    assert found["happened"] == hits.sum()
    if found["skill"] is not None:
        assert found["runs"] >= 8
        assert found["skill"]["skill"] == pytest.approx(1 - found["brier"] / found["brier_base"])


def test_no_skill_is_claimed_from_few_runs_or_reports() -> None:
    steady = [(written(k, probability=0.9), 1.0) for k in range(60)]
    assert score(closed(*steady))["skill"] is None, "one run"
    changing = [(written(k, probability=0.9), float(k % 2)) for k in range(60)]
    assert score(closed(*changing))["skill"] is not None
    assert score(closed(*changing[:20]))["skill"] is None, "ten runs of twenty reports"


def test_windows_that_overlap_count_once() -> None:
    assert separate_windows(rows(*(written(k) for k in range(13)))) == 3
    assert separate_windows(rows(written(0), written(3), written(6))) == 2
    both = (written(0), written(3, subject="NDX"), written(3, id="probability.cover10_3m"))
    assert separate_windows(rows(*both)) == 3
