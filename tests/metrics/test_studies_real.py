"""Studies of the real files: what is listed is recomputed from the fund's own file, and the counts are the brief's."""

import csv
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from overshort import sessions
from overshort.engine.studies import Known, refusal_study
from overshort.engine.study import claim_study
from overshort.evidence.paths import HORIZONS

pytestmark = pytest.mark.data
FILES = {"SPX": "SPY", "NDX": "QQQ", "RUT": "IWM"}


@pytest.fixture(scope="module")
def known(real: pl.DataFrame) -> Known:
    return Known(real, sessions.end_of_day(date(2025, 6, 30)))


@pytest.mark.parametrize("subject", FILES)
def test_every_listed_outcome_is_that_of_the_fund_s_file(known: Known, data: Path, subject: str) -> None:
    with (data / f"prices/{FILES[subject]}_yahoo_unadj_to_2026-08-21.csv").open(newline="") as file:
        rows = [(r["Date"][:10], float(r["Open"]), float(r["Close"])) for r in csv.DictReader(file)]
    rows = [r for r in rows if r[0] <= "2025-06-30"]
    places = {r[0]: k for k, r in enumerate(rows)}
    found = claim_study(known, "refusal.state_3m=REFUSE", subject, tuple(HORIZONS))
    assert found is not None
    for event in found["events"]:
        start = places[event["entry"]]
        assert event["entry"] > event["known"][:10]
        for h in HORIZONS:
            end = start + h - 1
            expected = rows[end][2] / rows[start][1] - 1 if end < len(rows) else None
            assert event[f"after_{h}"] == (None if expected is None else pytest.approx(expected))


@pytest.mark.parametrize("subject", FILES)
def test_counts_and_means_are_those_of_the_brief(known: Known, subject: str) -> None:
    theirs = refusal_study(known, subject, "3m")
    found = claim_study(known, "refusal.state_3m=REFUSE", subject, (63, 252))
    assert theirs is not None
    assert found is not None
    own = next(s for s in theirs["states"] if s["state"] == "REFUSE")
    assert (found["cases"], found["flagged"], found["runs"]) == (theirs["reports"], own["reports"], own["runs"])
    for row, name in zip(found["horizons"], ("3m", "12m"), strict=True):
        assert row["flagged"]["mean"] == pytest.approx(own["after"][name]["mean"])
        assert row["effective"] <= row["flagged"]["n"]


def test_180_reports_tell_no_horizon_from_chance(known: Known) -> None:
    found = claim_study(known, "refusal.state_3m=REFUSE", "SPX", tuple(HORIZONS))
    assert found is not None
    assert (found["cases"], found["flagged"], found["runs"]) == (150, 29, 12)
    assert all(row["p_family"] > 0.4 for row in found["horizons"])
    assert [row["effective"] for row in found["horizons"]] == [29, 16, 9, 6, 4]
