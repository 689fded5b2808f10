"""Three values of truth, and how often a condition held."""

from datetime import UTC, date, datetime, timedelta
from itertools import product

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from overshort.schema import PANEL
from overshort.thesis.claim import Claim, Thesis
from overshort.thesis.evaluate import combined, flags, held, levels, met, runs
from overshort.thesis.judge import Stated

DAYS = [date(2024, 1, 1) + timedelta(days=k) for k in range(400)]


LOW = Stated("<=", 20.0)


def claim(metric: str = "volatility.rank_1y", stated: Stated = LOW, window: str | None = None) -> Claim:
    return Claim(
        text="", subject="index", metric=metric, stated=stated, window=window, horizon=None, falsifier="", counter=None
    )


def thesis(need: int, count: int) -> Thesis:
    return Thesis(
        name="", title="", text="", need=need, horizon="3m", falsifier="", counter="", claims=(claim(),) * count
    )


def part(*holds: bool | None) -> pl.DataFrame:
    lacking = ["why" if h is None else None for h in holds]
    columns = {"session": DAYS[: len(holds)], "holds": list(holds), "lacking": lacking}
    return pl.DataFrame(columns, schema={"session": pl.Date, "holds": pl.Boolean, "lacking": pl.String})


@pytest.mark.parametrize("need", [1, 2, 3])
def test_unknown_claims_decide_nothing(need: int) -> None:
    """Against the slow twin: try every completion of what is unknown."""
    cases = list(product([True, False, None], repeat=3))
    found = combined([part(*column) for column in zip(*cases, strict=True)], thesis(need, 3))
    for case, holds, lacking, complete in zip(cases, found["holds"], found["lacking"], found["complete"], strict=True):
        endings = {sum(x) >= need for x in product(*([v] if v is not None else [True, False] for v in case))}
        assert holds == (endings.pop() if len(endings) == 1 else None), case
        assert (lacking is None) == (holds is not None)
        assert complete == (None not in case)


@given(st.lists(st.sampled_from([True, False, None]), min_size=1, max_size=30))
def test_how_often_it_held(holds: list[bool | None]) -> None:
    found = held(part(*holds))
    known = [h for h in holds if h is not None]
    assert (found["n"], found["held"]) == (len(known), sum(known))
    assert found["share"] == (sum(known) / len(known) if known else None)
    assert found["runs"] == sum(a and not b for a, b in zip(known, [False, *known], strict=False))
    assert sum(r["dates"] for r in runs(part(*holds))) == found["held"]
    last = max((k for k, h in enumerate(holds) if h), default=None)
    assert found["last_true"] == (None if last is None else DAYS[last].isoformat())


def test_a_value_that_is_null_or_too_old_says_nothing() -> None:
    rows = pl.DataFrame(
        {
            "session": DAYS[:4],
            "at": [None, DAYS[1], DAYS[2], DAYS[2] - timedelta(days=8)],
            "value": [None, 10.0, None, 10.0],
            "reason": [None, None, "a gap", None],
        },
        schema={"session": pl.Date, "at": pl.Date, "value": pl.Float64, "reason": pl.String},
    ).with_columns(pl.col("at").cast(pl.Datetime("us", "UTC")))
    found = flags(rows, claim())
    assert found["holds"].to_list() == [None, True, None, None]
    assert [w and w.split(" ")[-1] for w in found["lacking"]] == ["yet", None, "gap", "old"]


def panel(id: str, days: list[date], values: list[float | None]) -> pl.DataFrame:
    at = [datetime(d.year, d.month, d.day, tzinfo=UTC) for d in days]
    rows = {
        "id": id,
        "subject": "SPX",
        "at": at,
        "value": values,
        "reason": ["gap" if v is None else None for v in values],
        "known_at": [a + timedelta(days=11) for a in at],
    }
    return pl.DataFrame(rows).select(
        (pl.col(c) if c in rows else pl.lit(None)).cast(t).alias(c) for c, t in PANEL.items()
    )


def test_a_window_compares_the_change() -> None:
    days = [date(2024, 1, 12), date(2024, 1, 31), date(2024, 2, 15), date(2024, 2, 29)]
    rows = panel("crowding.chain", days, [100.0, 110.0, None, 121.0])
    last = levels(rows, claim("crowding.chain", Stated(">", 0.0), "last_report"))
    assert last["value"].to_list() == [None, pytest.approx(0.1), None, None]
    assert last["reason"].is_null().to_list() == [False, True, False, False]
    since = levels(rows, claim("crowding.chain", Stated(">", 0.0), "since:2024-02"))
    assert since["value"].to_list() == [None, None, None, pytest.approx(0.1)]
    assert since["known_at"].to_list() == rows["known_at"].to_list()


def test_a_rank_changes_by_points() -> None:
    days = [date(2024, 1, 12), date(2024, 1, 31)]
    rows = panel("crowding.rank_5y", days, [40.0, 90.0])
    found = levels(rows, claim("crowding.rank_5y", Stated(">", 0.0), "last_report"))
    assert found["value"].to_list() == [None, 50.0]


def test_a_state_is_compared_by_its_name() -> None:
    names = ("REFUSE", "CONFIRM")
    found = met(Stated("is", "CONFIRM"), pl.Series("v", [0.0, 1.0, None]), "state", names)
    assert found.to_list() == [False, True, None]
    assert met(Stated("is", True), pl.Series("v", [0.0, 1.0]), "flag").to_list() == [False, True]
