"""Who moved the index, and what the companions of each change say: against plain dictionaries."""

import math
from collections.abc import Callable
from datetime import date
from functools import cache
from typing import Any

import numpy as np
import polars as pl
import pytest

from contracts.market import lazily, tables
from metrics import twins
from metrics.tiny import DAYS, market, reports, rows_of, split, table, values_of
from overshort.engine.computing import compute, frame
from overshort.engine.panel import Scope

SUBJECTS = ("SPX", "NDX", "NASDAQ")
WINDOWS = ("last", "ytd", "12m")
Values = Callable[[str, str], dict[Any, float | None]]
Members = dict[str, float]


@cache
def contributions(subject: str) -> list[Members]:
    """Give each cycle's contribution of every member to the growth of that cycle."""
    out: list[Members] = [{}]
    for _, rows in list(twins.chained(subject))[1:]:
        below = math.fsum(r.expected for r in rows)
        out.append({r.symbol: (r.position - r.expected) / below for r in rows})
    return out


def over(subject: str, base: int, at: int) -> Members:
    """Carry each cycle's contributions at the growth since the base."""
    growth, total = twins.growths(subject), Members()
    level = 1.0
    for k in range(base + 1, at + 1):
        for symbol, part in contributions(subject)[k].items():
            total[symbol] = total.get(symbol, 0.0) + part * level
        level *= growth[k]
    return total


def windows(subject: str, window: str) -> list[tuple[date, int, int]]:
    """Give every eleventh report that has a base report: date, place of the base, place."""
    days = list(twins.members_rows(subject))
    pairs = enumerate(twins.bases(days, window))
    return [(days[k], base, k) for k, base in pairs if base is not None][::11]


@pytest.mark.parametrize("subject", SUBJECTS)
@pytest.mark.parametrize("window", WINDOWS)
def test_all_contributions_add_up_to_the_change(values: Values, subject: str, window: str) -> None:
    found = values(f"crowding.change_{window}", subject)
    for day, base, at in windows(subject, window):
        assert math.fsum(over(subject, base, at).values()) == pytest.approx(found[day], rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("subject", SUBJECTS)
@pytest.mark.parametrize("window", WINDOWS)
def test_the_five_largest_up_and_down(simulated: pl.DataFrame, subject: str, window: str) -> None:
    own = simulated.filter(
        pl.col("subject") == subject, pl.col("id").str.starts_with(f"crowding.contribution_{window}.")
    )
    found = {
        (i[-3:].strip("."), at): (v, t) for i, at, v, t in own.select(own_id(), day_of(), "value", "text").iter_rows()
    }
    for day, base, at in windows(subject, window):
        ordered = sorted(over(subject, base, at).items(), key=lambda pair: pair[1])
        for way, ranked, sign in (("up", ordered[::-1], 1), ("dn", ordered, -1)):
            expected = [(v, s) for s, v in ranked[:5] if sign * v > 0]
            got = [found[f"{way}{k}", day] for k in range(1, 6)]
            assert [t for _, t in got] == [s for _, s in expected] + [None] * (5 - len(expected))
            assert [v for v, _ in got if v is not None] == pytest.approx([v for v, _ in expected], rel=1e-9)


def own_id() -> pl.Expr:
    return pl.col("id").str.replace("down", "dn")


def day_of() -> pl.Expr:
    return pl.col("at").dt.date()


@pytest.mark.parametrize("subject", SUBJECTS)
@pytest.mark.parametrize("window", WINDOWS)
def test_the_change_without_its_largest_contributor(simulated: pl.DataFrame, subject: str, window: str) -> None:
    own = simulated.filter(pl.col("subject") == subject, pl.col("id") == f"crowding.ex_largest_change_{window}")
    found = {day: (value, text) for day, value, text in own.select(day_of(), "value", "text").iter_rows()}
    for day, base, at in windows(subject, window):
        total = over(subject, base, at)
        largest = max(total, key=lambda s: abs(total[s]))
        expected = twins.change(twins.growths(subject, without=largest), base, at)
        assert found[day][1] == largest
        assert found[day][0] == pytest.approx(expected, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("subject", SUBJECTS)
@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize(
    ("name", "kind"), [("change", "clean"), ("naive_change", "naive"), ("median_change", "median")]
)
def test_changes(values: Values, subject: str, window: str, name: str, kind: str) -> None:
    growth, days = twins.growths(subject, kind=kind), list(twins.members_rows(subject))
    pairs = zip(days, enumerate(twins.bases(days, window)), strict=True)
    expected = {day: None if base is None else twins.change(growth, base, k) for day, (k, base) in pairs}
    assert twins.lined_up(values(f"crowding.{name}_{window}", subject), expected) == []


@pytest.mark.parametrize("subject", SUBJECTS)
@pytest.mark.parametrize("window", WINDOWS)
def test_sum_changes(values: Values, subject: str, window: str) -> None:
    rows = twins.members_rows(subject)
    sums, days = [sum(r.position for r in own) for own in rows.values()], list(rows)
    pairs = zip(days, enumerate(twins.bases(days, window)), strict=True)
    expected = {day: None if base is None else sums[k] / sums[base] - 1 for day, (k, base) in pairs}
    assert twins.lined_up(values(f"crowding.sum_change_{window}", subject), expected) == []


def test_runner_up_changes_are_those_of_a_market_with_the_second_best_ratios() -> None:
    """Every inferred ratio is put on file with its runner-up instead, and the chain computed anew."""
    names = ("short_interest", "membership")
    raw = {n: tables()[n] for n in names}
    scope = Scope("index", ("SPX", "NASDAQ"))
    inferred = frame("ratios", lazily(raw), scope)
    assert inferred.height == 9
    swapped = [split(s, d, r) for s, d, r in inferred.select("symbol", "settlement", "runner_up").iter_rows()]
    second = compute(
        lazily(raw) | {"splits": table("splits", swapped)}, scope, [f"crowding.change_{w}" for w in WINDOWS]
    )
    first = compute(lazily(raw), scope, [f"crowding.runner_up_change_{w}" for w in WINDOWS])
    assert second["value"].to_numpy() == pytest.approx(first["value"].to_numpy(), rel=1e-9, nan_ok=True)
    assert first["value"].null_count() == second["value"].null_count()
    assert np.abs(first["value"].drop_nulls().to_numpy()).max() > 0


def test_beside_a_runner_up_change_stands_the_number_of_inferred_ratios() -> None:
    held = {"A": [1000, 2100, 2100], "B": [1000, 1000, 1000]}
    flagged = {("A", 1): True}
    own = market(held) | {"short_interest": reports(held, split=flagged)}
    assert [r["n"] for r in rows_of(own, "runner_up_change_last")][1:] == [1, 0]
    on_file = own | market(held, splits=[split("A", DAYS[1], 2)])
    on_file["short_interest"] = own["short_interest"]
    assert [r["n"] for r in rows_of(on_file, "runner_up_change_last")][1:] == [0, 0]


def test_contributions_by_hand() -> None:
    """A 100 to 150, B 200 to 180, C 100 to 100: +50, −20 and 0 of 400."""
    own = market({"A": [100, 150], "B": [200, 180], "C": [100, 100]})
    assert values_of(own, "change_last")[1] == pytest.approx(30 / 400)
    up, down = (rows_of(own, f"contribution_last.{way}1")[1] for way in ("up", "down"))
    assert (up["value"], up["text"], up["base_at"]) == (50 / 400, "A", DAYS[0])
    assert (down["value"], down["text"]) == (-20 / 400, "B")
    assert rows_of(own, "contribution_last.up2")[1]["reason"] == "fewer members went up"
    without = rows_of(own, "ex_largest_change_last")[1]
    assert (without["value"], without["text"]) == (pytest.approx(280 / 300 - 1), "A")


def test_of_equal_contributions_the_first_symbol_comes_first() -> None:
    own = market({"C": [100, 110], "A": [100, 110], "B": [100, 110]})
    assert [rows_of(own, f"contribution_last.up{k}")[1]["text"] for k in (1, 2, 3, 4)] == ["A", "B", "C", None]


def test_one_member_has_no_change_without_it() -> None:
    assert rows_of(market({"A": [100, 110]}), "ex_largest_change_last")[1]["reason"] == "no other member has a position"
