"""Which members covered: against loops over symbols, split or not; and the pooled figures."""

from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from metrics.tiny import Positions, Tables, bar, reports, since_2000, split, table
from overshort import sessions
from overshort.engine.computing import compute, frame
from overshort.engine.panel import Scope
from overshort.evidence.probability.members.windows import lowest, squeezed

SPX = Scope("index", ("SPX",))
DAYS = sessions.settlements_between(date(2021, 1, 1), date(2023, 6, 30))[:60]
cells = st.none() | st.sampled_from([50.0, 75.0, 76.0, 100.0, 120.0])


def square(values: list[list[float | None]]) -> np.ndarray:
    return np.array([[np.nan if v is None else v for v in row] for row in values], dtype=float).reshape(-1, 2)


rows = st.lists(st.lists(cells, min_size=2, max_size=2), max_size=9)


@given(rows, st.integers(1, 4))
def test_the_lowest_of_the_next_reports(values: list[list[float | None]], reports: int) -> None:
    found = lowest(square(values), reports)
    for k, row in enumerate(values):
        for c in range(len(row)):
            later = [values[j][c] for j in range(k + 1, k + reports + 1) if j < len(values)]
            seen = [v for v in later if v is not None]
            if k + reports >= len(values) or not seen:
                assert np.isnan(found[k, c])
            else:
                assert found[k, c] == min(seen)


@settings(max_examples=200)
@given(st.data(), st.integers(1, 3))
def test_a_squeeze_is_a_fall_and_a_rise_at_one_report(data: st.DataObject, reports: int) -> None:
    held = data.draw(rows)
    priced = data.draw(st.lists(st.lists(cells, min_size=2, max_size=2), min_size=len(held), max_size=len(held)))
    found = squeezed(square(held), square(priced), reports)
    for k in range(len(held)):
        for c in range(2):
            own, close = held[k][c], priced[k][c]
            later = [(held[j][c], priced[j][c]) for j in range(k + 1, k + reports + 1) if j < len(held)]
            over = len(later) == reports and own is not None and any(p is not None for p, _ in later)
            if not over:
                assert np.isnan(found[k, c])
                continue
            down = [v for p, v in later if p is not None and own is not None and p <= 0.75 * own]
            hit = close is not None and any(v is not None and v >= 1.2 * close for v in down)
            unknown = close is None or None in down
            expected = 1.0 if hit else np.nan if unknown else 0.0
            assert np.array_equal(found[k, c], expected, equal_nan=True)


POSITIONS = {
    "A": [100, 100, 70, 90, 90, 90, 90, 90, 90, 90],
    "B": [100, 100, 100, 100, 100, 100, 100, 100, 100, 100],
    "C": [100, 100, 100, 100, None, None, None, None, None, None],
}


def held_by(positions: Positions, **flags: dict[tuple[str, int], object]) -> Tables:
    """Give reports of an index of these securities, however many reports there are."""
    return {
        "short_interest": reports(positions, DAYS, **flags),
        "membership": table("membership", since_2000(*positions)),
    }


def falls(tables: dict[str, pl.LazyFrame]) -> pl.DataFrame:
    return frame("member_falls", tables, SPX).sort("settlement")


def test_members_are_counted_while_their_windows_are_over() -> None:
    found = falls(held_by(POSITIONS))
    assert found["fell_2"].to_list() == [1, 1, 0, 0, 0, 0, 0, 0, None, None]
    assert found["held_2"].to_list() == [3, 3, 3, 2, 2, 2, 2, 2, None, None], "C is left out once it has no later row"
    assert found["fell_6"].to_list() == [1, 1, 0, 0, *[None] * 6]
    assert found["begun"].to_list() == [1, 0, 0, 0, 0, 0, 0, 0, None, None], "a run begins once"


def test_a_split_changes_no_fall() -> None:
    whole = falls(held_by(POSITIONS))
    halved = POSITIONS | {"A": [100, 100, 140, *[180] * 7], "B": [100, 100, 100, *[50] * 7]}
    splits = table("splits", [split("A", DAYS[2], 2.0), split("B", DAYS[3], 0.5)])
    parted = falls(held_by(halved, split={("A", 2): True, ("B", 3): True}) | {"splits": splits})
    columns = [c for c in whole.columns if not c.endswith("known_at")]
    assert_frame_equal(whole.select(columns), parted.select(columns))


@pytest.mark.parametrize(("close", "hits"), [(6.0, 1), (5.9, 0)])
def test_price_must_stand_higher_at_the_same_report_whatever_splits(close: float, hits: int) -> None:
    """A covers at report 2, at which its shares double, and its close is or is not a fifth higher, split-clean."""
    tables = held_by({"A": [100, 100, 140, 200, 200], "B": [100] * 5}, split={("A", 2): True})
    closes = {"A": [10.0, 10.0, close, 9.0, 9.0], "B": [10.0] * 5}
    bars = table("bars", [bar(s, DAYS[k], c) for s, own in closes.items() for k, c in enumerate(own)])
    found = falls(tables | {"splits": table("splits", [split("A", DAYS[2], 2.0)]), "bars": bars})
    assert found["fell_2"].to_list() == [1, 1, 0, None, None]
    assert found["fell_up"].to_list() == [hits, hits, 0, None, None]
    assert found["held_up"].to_list() == [2, 2, 2, None, None]
    assert found["up_none"].to_list() == [2, 2, 2, None, None]


def test_the_pooled_share_waits_for_its_windows() -> None:
    held = {"A": [100, 60] * 30, "B": [100] * 60}
    rows = compute(held_by(held), SPX, ["probability.member25_1m"]).sort("at")
    assert rows["value"].null_count() == 25, "24 windows of two reports are over at the 26th"
    assert rows["reason"][24] == "too little history: 23 closed windows of 2 reports in table short_interest"
    value = rows.row(25, named=True)
    assert value["value"] == pytest.approx(12 / 48), "A falls from every second report"
    assert (value["n"], value["known_at"]) == (24, sessions.publication(DAYS[25])[0])
    up = compute(held_by(held), SPX, ["probability.member25_1m_up"])
    assert up["value"].null_count() == up.height
    assert up.sort("at")["reason"][-1] == "only 0 % of member reports have closes in table bars"
