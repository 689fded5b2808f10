"""The calibrated probability of a covering, against counting by hand and against a plain twin."""

from datetime import date
from typing import Any

import numpy as np
import polars as pl
import pytest

from metrics.tiny import reports
from overshort import sessions
from overshort.engine.computing import compute, frame
from overshort.engine.scope import listed
from overshort.evidence.squeezes import AHEAD, BASE, COVERED, CROWD, LEAST_REPORTS
from overshort.metrics.squeeze.score import LEAST_CROWD

DAYS = sessions.settlements_between(date(2022, 1, 1), date(2023, 6, 30))[:30]
NAMES = [f"{chr(65 + k // 26)}{chr(65 + k % 26)}X" for k in range(LEAST_CROWD + 10)]


def _walks(seed: int = 5) -> dict[str, list[int]]:
    chance = np.random.default_rng(seed)
    return {n: np.exp(8 + chance.normal(0, 0.2, len(DAYS)).cumsum()).astype(int).tolist() for n in NAMES}


def _table(held: dict[str, list[int]]) -> dict[str, pl.LazyFrame]:
    return {"short_interest": reports(held, DAYS)}


def _twin(scores: dict[tuple[str, int], float], held: dict[str, list[int]], last: int) -> dict[str, Any]:
    cases: list[tuple[int, bool]] = []
    for (name, k), score in scores.items():
        own = held[name]
        if k + AHEAD > last or own[k] < 100:
            continue
        lowest = min(own[k + 1] / own[k], own[k + 2] / own[k]) - 1
        cases.append((int(min(score // 10, 9)), lowest <= COVERED))
    reports_over = len({k for (_, k) in scores if k + AHEAD <= last})
    base = sum(c for _, c in cases) / len(cases)
    weight = len(cases) / reports_over / 10
    found = {}
    for decile in range(10):
        own_cases = [c for d, c in cases if d == decile]
        found[decile] = (sum(own_cases) + weight * base) / (len(own_cases) + weight)
    return {"base": base, "p": found, "cases": len(cases)}


def test_every_report_counts_only_what_was_over_by_then() -> None:
    held = _walks()
    tables = _table(held)
    squeezed = frame("squeezed", tables, listed(NAMES)).filter(pl.col("score").is_not_null())
    numbers = {day: k for k, day in enumerate(DAYS)}
    scores = {(s, numbers[d]): v for s, d, v in squeezed.select("symbol", "settlement", "score").iter_rows()}
    panel = compute(tables, listed([CROWD])).with_columns(pl.col("at").dt.date())
    for last in (27, 29):
        twin = _twin(scores, held, last)
        own = panel.filter(pl.col("at") == DAYS[last])
        base = own.filter(pl.col("id") == BASE).row(0, named=True)
        assert base["value"] == pytest.approx(twin["base"])
        assert base["n"] == twin["cases"]
        for decile, p in twin["p"].items():
            assert own.filter(pl.col("id") == f"squeeze.p.d{decile}")["value"].item() == pytest.approx(p)


def test_too_few_reports_give_no_probability() -> None:
    panel = compute(_table(_walks()), listed([CROWD])).with_columns(pl.col("at").dt.date())
    base = panel.filter(pl.col("id") == BASE).sort("at")
    early = base.filter(pl.col("value").is_null())["at"].to_list()
    # The first report has no change and so no score, and the last two are not over.
    assert early == DAYS[: LEAST_REPORTS + AHEAD]
    assert base["reason"][5] == "only 3 reports have cases that are over, under 24"


def test_a_stock_has_the_probability_of_its_decile() -> None:
    tables = _table(_walks())
    panel = compute(tables, listed([NAMES[0], CROWD])).filter(pl.col("at").dt.date() == DAYS[-1])
    score = panel.filter(pl.col("id") == "squeeze.score", pl.col("subject") == NAMES[0])["value"].item()
    own = panel.filter(pl.col("id") == "squeeze.p", pl.col("subject") == NAMES[0])["value"].item()
    assert own == panel.filter(pl.col("id") == f"squeeze.p.d{int(score // 10)}")["value"].item()


def test_a_small_position_is_no_case() -> None:
    held = _walks() | {NAMES[0]: [99] * len(DAYS)}
    panel = compute(_table(held), listed([NAMES[0]])).filter(pl.col("id") == "squeeze.p")
    last = panel.sort("at").row(-1, named=True)
    assert last["value"] is None
    assert last["reason"] == "under one day's volume is short, or the volume is unknown"
