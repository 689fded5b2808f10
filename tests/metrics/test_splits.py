"""Split ratios: table before price before inference, each against facts, truth or a slow twin."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from answers.inference import COMMON, inferred
from answers.make_split_misses import GOLDEN, misses
from contracts.market import stored
from demo.markets import large
from metrics.tiny import DAYS, bar, market, ratios_of, reports, split, table, values_of
from overshort.engine.computing import frame
from overshort.engine.panel import Scope
from overshort.metrics.splits import COMMON_RATIOS, infer
from overshort.store.lake import Lake

KEY = ["symbol", "settlement"]
counts = st.integers(1, 10**9)
volumes = st.one_of(st.none(), st.integers(0, 10**9))


def test_common_ratios_are_those_of_the_written_rule() -> None:
    assert dict(COMMON_RATIOS) == COMMON


@given(st.lists(st.tuples(counts, counts, volumes, volumes), min_size=1, max_size=20))
def test_inference_equals_its_slow_twin(rows: list[tuple[int, int, int | None, int | None]]) -> None:
    columns = [np.array([np.nan if v is None else v for v in c], dtype=float) for c in zip(*rows, strict=True)]
    best, second = infer(*columns)
    assert list(zip(best, second, strict=True)) == [inferred(*row) for row in rows]


@given(st.sampled_from([2.0, 3.0, 4.0, 5.0, 10.0, 20.0, 0.5, 0.1, 0.05]), st.integers(10_000, 10**7))
def test_a_split_after_which_nothing_else_changed_is_found(ratio: float, shares: int) -> None:
    best, _ = infer(*(np.array([v]) for v in (shares * ratio, float(shares), 1000 * ratio, 1000.0)))
    assert best[0] == ratio


def test_inference_of_nothing() -> None:
    best, second = infer(*(np.empty(0) for _ in range(4)))
    assert best.size == second.size == 0


@pytest.fixture(scope="module")
def alone(data: Path, lake: Lake) -> pl.DataFrame:
    """The ratios of the splits on file, by inference alone, beside the true ones."""
    listed = pl.read_csv(data / "splits/index_members_2018_2025.csv", try_parse_dates=True)
    true = listed.select(
        "symbol", pl.col("settlement_date").alias("settlement"), pl.col("ratio_new_per_old").alias("true")
    )
    found = frame("ratios", {"short_interest": lake.scan("short_interest")}, Scope("index", ("SPX",)))
    return true.join(found, on=KEY, how="left").sort("settlement", "symbol")


@pytest.mark.data
def test_inference_alone_finds_50_of_the_59_splits_on_file(alone: pl.DataFrame, data: Path) -> None:
    assert alone.height == 59
    assert alone["basis"].unique().to_list() == ["inferred"]
    wrong = alone.filter(pl.col("ratio") != pl.col("true"))
    assert alone.height - wrong.height == 50
    found = [
        {"symbol": s, "settlement": str(d), "ratio": float(t), "inferred": r, "runner_up": u}
        for s, d, t, r, u in wrong.select(*KEY, "true", "ratio", "runner_up").iter_rows()
    ]
    assert found == json.loads(GOLDEN.read_text()) == misses(data)


@pytest.mark.data
def test_the_runner_up_is_the_truth_in_6_of_the_9_misses(alone: pl.DataFrame) -> None:
    wrong = alone.filter(pl.col("ratio") != pl.col("true"))
    assert wrong.filter(pl.col("runner_up") == pl.col("true")).height == 6


@pytest.mark.parametrize(
    ("kept", "bases", "right"),
    [
        ({"splits", "bars"}, {"table": 18, "price": 16, "inferred": 2}, 36),
        ({"splits"}, {"table": 18, "inferred": 18}, 36),
        ({"bars"}, {"price": 34, "inferred": 2}, 36),
        (set(), {"inferred": 36}, 35),
    ],
)
def test_the_simulated_markets_splits_are_recovered(kept: set[str], bases: dict[str, int], right: int) -> None:
    names = kept | {"short_interest"}
    tables = {n: stored(n, large().tables[n]).lazy() for n in names}
    found = frame("ratios", tables, Scope("index", ("SPX",)))
    assert dict(found["basis"].value_counts().iter_rows()) == bases
    both = large().truth.splits.join(found, on=KEY, how="full", suffix="_found")
    assert both.height == 36
    assert both.filter(pl.col("ratio") == pl.col("ratio_found")).height == right


def flagged(
    position: int = 2100,
    previous: int = 1000,
    *,
    split_flag: bool = True,
    adv: tuple[int | None, int | None] = (100, 205),
) -> pl.LazyFrame:
    """One stock over three reports, flagged at the second."""
    held = {"A": [previous, position, position]}
    given = {"split": {("A", 1): split_flag}, "adv": {("A", 0): adv[0], ("A", 1): adv[1], ("A", 2): adv[1]}}
    return reports(held, **given)


def ratio(tables: dict[str, Any]) -> tuple[float, str] | None:
    named = {n: t if isinstance(t, pl.LazyFrame) else table(n, t) for n, t in tables.items()}
    found = [r for r in ratios_of(named) if r["settlement"] == DAYS[1]]
    return (found[0]["ratio"], found[0]["basis"]) if found else None


def closes(*pairs: tuple[int, float], symbol: str = "A", adjustment: str = "none") -> list[dict[str, Any]]:
    """Bars of January 2024 by day of the month."""
    return [bar(symbol, date(2024, 1, day), close, adjustment) for day, close in pairs]


def test_a_split_on_a_day_that_rose_3_percent_is_found_by_price() -> None:
    bars = closes((11, 100), (12, 101), (16, 102), (17, 102 / 2 * 1.03), (18, 53))
    assert ratio({"short_interest": flagged(9000), "bars": bars}) == (2, "price")


@pytest.mark.parametrize("move", [0.92, 1.08, 0.90])
def test_an_ordinary_day_is_no_split_by_price(move: float) -> None:
    """Nor a genuine fall of 8 %, although 1.1 new shares per old would explain it."""
    bars = closes((11, 100), (12, 100), (16, 100), (17, 100 * move), (18, 100 * move))
    assert ratio({"short_interest": flagged(), "bars": bars}) == (2, "inferred")


def test_a_move_that_no_common_ratio_explains_is_left_to_inference() -> None:
    bars = closes((12, 1.0), (16, 1e5))
    assert ratio({"short_interest": flagged(), "bars": bars}) == (2, "inferred")


@pytest.mark.parametrize(
    ("days", "basis"),
    [((11, 12), "inferred"), ((12, 16), "price"), ((30, 31), "price")],
)
def test_the_window_begins_after_one_settlement_and_ends_with_the_next(days: tuple[int, int], basis: str) -> None:
    before, after = days
    bars = [
        *closes((10, 100), (before, 100), (after, 20)),
        bar("A", date(2024, 2, 1), 20),
        bar("A", date(2024, 2, 2), 40),
    ]
    found = ratio({"short_interest": flagged(), "bars": bars})
    assert found is not None
    assert found == ((5, "price") if basis == "price" else (2, "inferred"))


def test_the_move_on_the_first_day_after_the_window_does_not_count() -> None:
    bars = [*closes((30, 100), (31, 100)), bar("A", date(2024, 2, 1), 20)]
    assert ratio({"short_interest": flagged(), "bars": bars}) == (2, "inferred")


def test_the_largest_move_of_a_cycle_counts() -> None:
    bars = closes((12, 100), (16, 70), (17, 14), (18, 20))
    assert ratio({"short_interest": flagged(), "bars": bars}) == (5, "price")


def test_adjusted_and_other_bars_say_nothing() -> None:
    bars = [*closes((12, 100), (16, 20), adjustment="split"), *closes((12, 100), (16, 20), symbol="B")]
    assert ratio({"short_interest": flagged(), "bars": bars}) == (2, "inferred")


def test_table_beats_price_beats_inference() -> None:
    bars = closes((12, 100), (16, 20))
    on_file = [split("A", DAYS[1], 3)]
    rows = flagged()
    assert ratio({"short_interest": rows, "bars": bars, "splits": on_file}) == (3, "table")
    assert ratio({"short_interest": rows, "splits": on_file}) == (3, "table")
    assert ratio({"short_interest": rows, "bars": bars}) == (5, "price")
    assert ratio({"short_interest": rows}) == (2, "inferred")


def test_an_unflagged_row_has_a_ratio_only_from_the_table() -> None:
    rows, bars = flagged(split_flag=False), closes((12, 100), (16, 50))
    assert ratio({"short_interest": rows, "bars": bars}) is None
    assert ratio({"short_interest": rows, "splits": [split("A", DAYS[1], 2)]}) == (2, "table")


def test_the_ratio_on_file_of_an_unflagged_row_is_used_in_the_chain() -> None:
    held = {"A": [1000, 2200], "B": [1000, 1000]}
    assert values_of(market(held, splits=[split("A", DAYS[1], 2)]), "chain") == pytest.approx([100, 100 * 3200 / 3000])
    assert values_of(market(held), "chain") == pytest.approx([100, 160])


@pytest.mark.parametrize("adv", [(None, 205), (100, None), (0, 205), (100, 0), (None, None)])
def test_a_missing_volume_leaves_the_positions_to_decide(adv: tuple[int | None, int | None]) -> None:
    assert ratio({"short_interest": flagged(adv=adv)}) == (2, "inferred")


@pytest.mark.parametrize(("position", "previous"), [(0, 1000), (1000, 0)])
def test_a_flagged_row_without_two_positions_has_no_ratio(position: int, previous: int) -> None:
    assert ratio({"short_interest": flagged(position, previous)}) is None


def test_empty_tables_have_no_ratios() -> None:
    assert ratios_of({}) == []
    assert ratios_of({"splits": table("splits", [split("A", DAYS[1], 2)])})[0]["basis"] == "table"
