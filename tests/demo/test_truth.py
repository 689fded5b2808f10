"""The simulated market against its truth: chains, splits, totals, and what was planted."""

import math
from datetime import date

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from demo.markets import KEY, LAST, NASDAQ, chain, prices, reports, small, true_members
from overshort import schema
from overshort.demo import Market, simulate


def slow_chain(market: Market, subject: str, *, clean: bool = True) -> dict[date, float]:
    """Recompute a chain row by row in plain Python."""
    ratios = {(s, d): r for s, d, r in market.truth.splits.iter_rows()} if clean else {}
    rows: dict[date, list[tuple[str, int, int]]] = {}
    table = market.tables["short_interest"].select("settlement", "symbol", "position", "previous")
    for day, *row in table.iter_rows():
        rows.setdefault(day, []).append(tuple(row))
    out: dict[date, float] = {}
    level = 100.0
    for day in sorted(rows):
        members = true_members(market, subject, day)
        own = [r for r in rows[day] if r[0] in members and r[2] > 0]
        if out:
            below = math.fsum(previous * ratios.get((symbol, day), 1.0) for symbol, _, previous in own)
            level *= math.fsum(current for _, current, _ in own) / below
        out[day] = level
    return out


@pytest.mark.parametrize("subject", schema.INDEXES)
def test_chain_equals_its_slow_twin(subject: str) -> None:
    found = chain(small(), subject)
    assert next(iter(found.values())) == 100
    assert found == pytest.approx(slow_chain(small(), subject), rel=1e-9)


def test_positions_of_truth_are_those_of_the_reports(market: Market) -> None:
    columns = [*KEY, "position", "previous"]
    assert_frame_equal(market.truth.positions.select(columns), market.tables["short_interest"].select(columns))
    assert_frame_equal(market.truth.positions.filter(pl.col("ratio") != 1).select(*KEY, "ratio"), market.truth.splits)


def test_the_raw_chain_of_the_nasdaq_100_is_points_off(market: Market) -> None:
    """The largest name splits ten for one a year before the end."""
    days = reports(market)
    ten = market.truth.splits.filter(pl.col("ratio") == 10, pl.col("settlement") > days[-25])
    assert ten["symbol"].is_in(sorted(true_members(market, "NDX", days[-1]))).any()
    clean, raw = chain(market, "NDX"), slow_chain(market, "NDX", clean=False)
    change, naive = (c[days[-1]] / c[days[-25]] - 1 for c in (clean, raw))
    assert naive - change > 0.04


def test_one_stock_in_eight_splits(market: Market) -> None:
    stocks = market.tables["short_interest"].filter(~pl.col("market").is_in(["OTC", "ARCA", "BZX"]))
    share = market.truth.splits["symbol"].n_unique() / stocks["symbol"].n_unique()
    assert 0.10 <= share <= 0.15
    assert market.truth.splits.filter(pl.col("ratio") < 1).height


def test_half_of_the_splits_are_tabled_the_rest_must_be_found(market: Market) -> None:
    true, tabled = market.truth.splits, market.tables["splits"]
    assert 0.4 <= tabled.height / true.height <= 0.6
    assert_frame_equal(tabled.select(*KEY, "ratio"), true.join(tabled, on=KEY, how="semi"))
    assert tabled["basis"].unique().to_list() == ["table"]
    assert tabled["runner_up"].null_count() == tabled.height
    untabled = true.join(tabled, on=KEY, how="anti")
    priced = untabled.join(market.tables["bars"], on="symbol", how="semi")
    assert 0 < priced.height < untabled.height


@pytest.mark.parametrize(("market_class", "classes"), [("all", NASDAQ), ("NNM", ("NNM",)), ("SC", ("SC",))])
def test_totals_equal_the_sums_of_rows(market: Market, market_class: str, classes: tuple[str, ...]) -> None:
    rows = market.tables["short_interest"].filter(pl.col("market").is_in(classes))
    sums = rows.group_by("settlement").agg(pl.len().cast(pl.Int64).alias("issues"), pl.col("position").sum())
    totals = market.tables["totals"].filter(pl.col("market") == market_class, pl.col("settlement") <= LAST)
    expected = sums.sort("settlement").rename({"position": "shares"})
    assert_frame_equal(totals.sort("settlement").select(expected.columns), expected)


def test_totals_go_on_after_the_last_report(market: Market) -> None:
    later = market.tables["totals"].filter(pl.col("settlement") > reports(market)[-1])
    assert later["settlement"].n_unique() == 3
    assert later["subject"].unique().to_list() == ["NASDAQ"]


def change(values: dict[date, float], first: date, last: date) -> float:
    return values[last] / values[first] - 1


EXPECTED = {
    "exit": ({"SPX", "NDX", "RUT"}, lambda shorts, price: shorts < -0.08 and price < -0.1),
    "confirm": ({"SPX", "NDX", "RUT"}, lambda shorts, price: shorts > 0.08 and price < -0.08),
    "covering": ({"NDX"}, lambda shorts, price: shorts < -0.12 and price > 0.05),
    "crowding": ({"SPX", "RUT"}, lambda shorts, price: shorts > 0.15 and price > 0),
    "refusal": ({"SPX", "RUT"}, lambda shorts, price: shorts > 0.15 and price > 0.05),
}


@pytest.mark.parametrize("kind", sorted(EXPECTED))
def test_what_is_planted_is_visible(market: Market, kind: str) -> None:
    subjects, visible = EXPECTED[kind]
    found = market.truth.episodes.filter(pl.col("kind") == kind)
    assert set(found["subject"]) == subjects
    for subject, _, first, last in found.iter_rows():
        shorts, price = chain(market, subject), prices(market, subject)
        assert visible(change(shorts, first, last), change(price, first, last))


@pytest.mark.parametrize("subject", ["SPX", "RUT"])
def test_shorts_end_crowded(market: Market, subject: str) -> None:
    values = list(chain(market, subject).values())
    assert sum(v < values[-1] for v in values[-121:-1]) / 120 > 0.97
    for window in (6, 24):
        changes = [b / a for a, b in zip(values, values[window:], strict=False)]
        assert sum(c < changes[-1] for c in changes[-121:-1]) / len(changes[-121:-1]) > 0.8


def test_episodes_that_do_not_fit_are_left_out() -> None:
    short = simulate(1, stocks=24, first=date(2023, 6, 1))
    assert set(short.truth.episodes["kind"]) == {"crowding", "refusal"}
