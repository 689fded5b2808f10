"""Claims read and studied from a panel of the simulated market: what they mean, and that nothing looks ahead."""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

import polars as pl
import pytest

from contracts.market import lazily, tables
from overshort import sessions
from overshort.engine.computing import compute
from overshort.engine.events import FAMILIES, claims_of, flagged
from overshort.engine.panel import market
from overshort.engine.studies import Known, refusal_study
from overshort.engine.study import claim_study, studies_of
from overshort.errors import UnknownMetric, UsageError
from overshort.evidence.paths import HORIZONS
from overshort.metrics.refusal.states import STATES

FAR = datetime(2035, 1, 1, tzinfo=UTC)
IDS = ("refusal.state_3m", "crowding.rank_1y", "volatility.cycle_low", "fragile.count", "price.open", "price.close")
HELD = tuple(HORIZONS)


@cache
def panel() -> pl.DataFrame:
    return compute(lazily(tables()), market(), IDS)


@cache
def known(as_of: datetime = FAR) -> Known:
    return Known(panel(), as_of)


def study(claim: str, subject: str = "SPX", as_of: datetime = FAR) -> dict[str, Any]:
    found = claim_study(known(as_of), claim, subject, HELD)
    assert found is not None
    return found


@pytest.mark.parametrize("state", STATES)
def test_a_state_is_studied_as_the_brief_does(state: str) -> None:
    theirs = refusal_study(known(), "SPX", "3m")
    assert theirs is not None
    own = next(s for s in theirs["states"] if s["state"] == state)
    found = study(f"refusal.state_3m={state}")
    assert (found["flagged"], found["runs"]) == (own["reports"], own["runs"])
    for h, name in ((63, "3m"), (252, "12m")):
        row = next(r for r in found["horizons"] if r["sessions"] == h)
        for key, expected in own["after"][name].items():
            assert row["flagged"][key] == (None if expected is None else pytest.approx(expected))
        assert row["all"]["mean"] == pytest.approx(theirs["unconditional"][name]["mean"])


@pytest.mark.parametrize(
    ("claim", "expression"),
    [
        ("crowding.rank_1y>=60", pl.col("value") >= 60),
        ("crowding.rank_1y > 60", pl.col("value") > 60),
        ("crowding.rank_1y<20.5", pl.col("value") < 20.5),
        ("crowding.rank_1y<=50", pl.col("value") <= 50),
        ("refusal.state_3m!=FLAT", pl.col("text") != "FLAT"),
    ],
)
def test_a_comparison_is_a_filter_of_the_panel(claim: str, expression: pl.Expr) -> None:
    id = claim.partition(">")[0].partition("<")[0].partition("!")[0].strip()
    rows = panel().filter(pl.col("id") == id, pl.col("subject") == "SPX", pl.col("value").is_not_null())
    first = rows.sort("at", "known_at").unique("at", keep="first", maintain_order=True)
    found = flagged(known(), claim, "SPX").rows
    assert found["at"].to_list() == first["at"].dt.date().to_list()
    assert found["holds"].to_list() == first.select(expression).to_series().to_list()
    assert found["decided"].to_list() == first["known_at"].to_list()


def test_the_vix_belongs_to_every_index() -> None:
    found = flagged(known(), "volatility.cycle_low", "RUT")
    assert found.subject == "VIX"
    assert found.rows.height > 100


def test_a_count_of_conditions_is_asked_where_enough_are_known() -> None:
    counted = panel().filter(pl.col("id") == "fragile.count", pl.col("subject") == "SPX", pl.col("value").is_not_null())
    for least in (1, 2, 3):
        found = flagged(known(), f"fragile.count>={least}", "SPX").rows
        assert found.height == counted.filter(pl.col("n") >= least)["at"].n_unique()


@pytest.mark.parametrize(
    ("claim", "error", "words"),
    [
        ("no such thesis", UsageError, "is no claim or thesis that can be studied"),
        ("crowding.rank_5", UsageError, "crowding.rank_5y"),
        ("crowding.rank_9y>=95", UnknownMetric, "is no metric id"),
        ("crowding.rank_1y", UsageError, "is a number and not a flag"),
        ("crowding.rank_1y>=high", UsageError, "'high' is no number"),
        ("refusal.state_3m=REFUSED", UsageError, "whose states are REFUSE, CONFIRM"),
        ("refusal.state_3m>=REFUSE", UsageError, "after = or !="),
        ("tape.bought_calls>=1", UsageError, "is measured for underlying only"),
    ],
)
def test_what_cannot_be_read_is_said(claim: str, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        flagged(known(), claim, "SPX")


def test_what_was_known_then_is_studied_the_same_from_a_panel_cut_there() -> None:
    last = panel()["at"].dt.date().max()
    assert isinstance(last, date)
    then = sessions.end_of_day(last - timedelta(days=400))
    cut = panel().filter(pl.col("known_at").dt.replace_time_zone(None) <= then.replace(tzinfo=None))
    whole, part = (claim_study(k, "refusal.state_3m=REFUSE", "SPX", HELD) for k in (known(then), Known(cut, FAR)))
    assert whole == part
    assert whole != study("refusal.state_3m=REFUSE")


def test_a_panel_that_knows_a_day_too_early_is_refused() -> None:
    leaked = panel().with_columns(pl.col("known_at").dt.offset_by("-1d"))
    for claim in ("refusal.state_3m=REFUSE", "volatility.cycle_low"):
        with pytest.raises(RuntimeError, match="look-ahead"):
            claim_study(Known(leaked, FAR), claim, "SPX", HELD)


def test_every_run_is_listed_with_what_followed() -> None:
    found = study("refusal.state_3m=FLAT")
    events = found["events"]
    assert len(events) == found["runs"]
    assert sum(e["cases"] for e in events) == found["flagged"]
    assert all(date.fromisoformat(e["known"][:10]) < date.fromisoformat(e["entry"]) for e in events)
    assert all(e["first"] <= e["last"] for e in events)


def test_the_fan_and_the_outcomes_are_those_of_the_table() -> None:
    found = study("refusal.state_3m=FLAT")
    row = {r["sessions"]: r for r in found["horizons"]}
    assert found["fan"]["n"] == row[252]["flagged"]["n"]
    assert found["fan"]["flagged"]["p50"][-1] == pytest.approx(row[252]["flagged"]["median"], abs=1e-5)
    assert found["fan"]["all"]["p90"][-1] == pytest.approx(row[252]["all"]["high"], abs=1e-5)
    assert len(found["outcomes"]["flagged"]) == row[63]["flagged"]["n"]


def test_a_family_is_adjusted_together() -> None:
    found = studies_of(known(), "refusal", "SPX", (21, 63))
    tested = sum(r["p"] is not None for s in found["studies"] for r in s["horizons"])
    assert [s["claim"] for s in found["studies"]] == list(FAMILIES["refusal"])
    assert len(found["family"]) == tested
    assert all(row["q"] >= row["p"] for row in found["family"])
    assert claims_of("crowding.rank_1y>=95") == ("crowding.rank_1y>=95",)
    assert studies_of(known(), "volatility.cycle_low", "SPX", (21,))["family"] == []


def test_without_a_price_there_is_no_study() -> None:
    nothing = Known(panel().filter(pl.col("id") != "price.close"), FAR)
    assert claim_study(nothing, "volatility.cycle_low", "SPX", HELD) is None
    assert claim_study(Known(panel().clear(), FAR), "volatility.cycle_low", "SPX", HELD) is None
