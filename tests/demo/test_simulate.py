"""The simulated tables: reproducible, valid, and known when they should be."""

import json
from datetime import date, time
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from demo.markets import (
    FIRST,
    KEY,
    LAST,
    reports,
    small,
    split_session,
    stock_bars,
    with_truth,
)
from overshort import demo, schema, sessions
from overshort.demo import Market, simulate
from overshort.errors import UsageError

TABLES = (
    *(
        "short_interest",
        "splits",
        "bars",
        "membership",
        "shares",
        "totals",
        "publications",
        "levels",
        "option_trades",
        "option_quotes",
        "option_chain",
    ),
)
FILLED_LATER = {"sha256", "batch"}


def test_public_names_are_complete() -> None:
    assert set(demo.__all__) == {"Market", "Truth", "describe", "simulate"}


def test_equal_seeds_give_equal_markets() -> None:
    one, two = small(), simulate(11, stocks=60)
    assert one.description == two.description
    for name in one.tables:
        assert_frame_equal(one.tables[name], two.tables[name], check_exact=True)
    for name in ("splits", "chains", "members", "positions", "episodes"):
        assert_frame_equal(getattr(one.truth, name), getattr(two.truth, name), check_exact=True)


def test_another_seed_gives_another_market() -> None:
    other = simulate(12, stocks=60)
    assert other.description != small().description
    for name in set(TABLES) - {"publications"}:
        assert not other.tables[name].equals(small().tables[name])


def test_description_names_seed_and_parameters() -> None:
    text = json.loads(small().description)
    assert text["seed"] == 11
    assert text["stocks"] == 60
    assert (text["first"], text["last"]) == ("2018-01-02", "2025-12-31")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"seed": -1}, "seed -1"),
        ({"stocks": 5}, "5 stocks"),
        ({"stocks": 100_000}, "100000 stocks"),
        ({"first": date(2025, 6, 2)}, "fewer than 26"),
        ({"first": date(2026, 6, 2)}, "within"),
        ({"first": date(1890, 6, 2)}, "within"),
    ],
)
def test_what_cannot_be_simulated_is_said_in_one_sentence(wrong: dict[str, int], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        simulate(**wrong)


@pytest.mark.parametrize(("stocks", "first", "last"), [(24, date(2024, 9, 3), date(2025, 10, 20)), (40, FIRST, LAST)])
def test_short_spans_and_few_stocks(stocks: int, first: date, last: date) -> None:
    market = simulate(2, stocks=stocks, first=first, last=last)
    assert reports(market) == sessions.settlements_between(first, last)
    assert market.tables["bars"]["session"].max() <= last


def test_tables_are_those_promised(market: Market) -> None:
    assert set(market.tables) == set(TABLES)
    assert all(t.height for t in market.tables.values())


@pytest.mark.parametrize("name", TABLES)
def test_table_is_valid(market: Market, name: str) -> None:
    table, rows = schema.table(name), market.tables[name]
    assert rows.schema == {c: t for c, t in table.columns.items() if c not in FILLED_LATER}
    filled = rows.with_columns(pl.lit("0" * 64).alias("sha256"), pl.lit(0, pl.Int32).alias("batch"))
    table.schema.validate(filled.select(list(table.columns)))
    assert rows["source"].unique().to_list() == ["simulated"]
    assert not rows.select(pl.any_horizontal(pl.selectors.float().is_nan().fill_null(False).any())).item()


@pytest.mark.parametrize("name", TABLES)
def test_every_key_once(market: Market, name: str) -> None:
    assert not market.tables[name].select(schema.table(name).key).is_duplicated().any()


def at(day: str, clock: time) -> pl.Expr:
    return pl.col(day).dt.combine(clock, "us").dt.replace_time_zone("America/New_York").dt.convert_time_zone("UTC")


@pytest.mark.parametrize("name", ["short_interest", "splits", "totals"])
def test_a_report_is_known_at_its_publication(market: Market, name: str) -> None:
    pairs = market.tables[name].select("settlement", "known_at").unique()
    assert all(known == sessions.publication(day)[0] for day, known in pairs.iter_rows())


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("publications", at("settlement", time(0))),
        ("shares", at("at", time(23, 59))),
        ("bars", pl.col("end")),
        ("option_trades", pl.from_epoch("ts_ns", time_unit="ns").dt.cast_time_unit("us").dt.replace_time_zone("UTC")),
        ("option_quotes", ((pl.col("ts_ns") + 999) // 1000).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")),
        (
            "membership",
            pl.when(pl.col("basis") == "snapshot").then(at("dated", time(23, 59))).otherwise(at("first", time(0))),
        ),
        (
            "levels",
            pl.when(pl.col("series") == "VIX")
            .then(at("at", time(16, 15)))
            .when(pl.col("series").str.starts_with("trigger"))
            .then(at("at", time(0)))
            .otherwise(at("at", time(16))),
        ),
        ("option_chain", pl.col("at") + pl.duration(minutes=15)),
    ],
)
def test_nothing_is_known_before_it_is(market: Market, name: str, known: pl.Expr) -> None:
    assert market.tables[name].filter(pl.col("known_at") != known).is_empty()


def test_one_report_for_every_settlement_date(market: Market) -> None:
    first = market.tables["bars"]["session"].min()
    assert reports(market) == sessions.settlements_between(first, LAST)
    assert reports(market) == market.tables["publications"]["settlement"].to_list()


def test_previous_is_the_earlier_current_on_unflagged_rows(market: Market) -> None:
    rows = with_truth(market).filter(pl.col("earlier").is_not_null())
    plain = rows.filter(~pl.col("revised") & ~pl.col("split"))
    assert plain.height > 0.9 * rows.height
    assert plain.filter(pl.col("previous") != pl.col("earlier")).is_empty()


def test_previous_is_a_revision_on_revised_rows(market: Market) -> None:
    revised = with_truth(market).filter("revised", pl.col("earlier").is_not_null())
    assert revised.filter(pl.col("previous") == pl.col("earlier")).is_empty()
    per_report = market.tables["short_interest"].filter("revised").group_by("settlement").len()["len"]
    assert per_report.len() == len(reports(market))
    assert per_report.max() <= 5


def test_previous_is_unadjusted_on_split_rows(market: Market) -> None:
    rows = with_truth(market).filter("split")
    assert rows.height == market.truth.splits.height
    assert rows.filter((pl.col("previous") != pl.col("earlier")) & pl.col("earlier").is_not_null()).is_empty()
    growth = (rows["position"] / (rows["previous"] * rows["ratio"])).log().abs()
    assert growth.max() < 0.5
    assert rows.filter("revised").is_empty()


def test_new_listings_have_no_previous_and_some_vanish(market: Market) -> None:
    rows = with_truth(market)
    days = reports(market)
    spans = rows.group_by("symbol").agg(pl.col("settlement").min().alias("a"), pl.col("settlement").max().alias("b"))
    born = spans.filter(pl.col("a") > days[0])
    assert born.height
    assert spans.filter(pl.col("b") < days[-1]).height
    first = rows.join(born, left_on=KEY, right_on=["symbol", "a"], how="semi")
    assert first["previous"].unique().to_list() == [0]
    assert rows.filter(pl.col("previous") == 0).height == born.height


def test_days_to_cover_is_clamped_and_null_without_volume(market: Market) -> None:
    rows = market.tables["short_interest"]
    assert rows["adv"].null_count() > 0
    assert (rows["adv"] == 0).any()
    assert rows.filter(pl.col("adv").is_null() != pl.col("dtc_published").is_null()).is_empty()
    for position, adv, published in rows.select("position", "adv", "dtc_published").drop_nulls().iter_rows():
        assert published == (min(max(position / adv, 1.0), 999.99) if adv else 999.99)


def test_average_volume_is_that_of_the_cycle_after_splits(market: Market) -> None:
    splits = market.truth.splits.join(market.tables["splits"], on=KEY, how="semi").head(6)
    days = reports(market)
    rows = market.tables["short_interest"]
    for symbol, settlement, ratio in splits.iter_rows():
        before = days[days.index(settlement) - 1]
        bars = stock_bars(market, symbol).filter(pl.col("session") > before, pl.col("session") <= settlement)
        reported = rows.filter(pl.col("symbol") == symbol, pl.col("settlement") == settlement)["adv"][0]
        if bars.is_empty() or not reported:
            continue
        start = split_session(bars, stock_bars(market, symbol), ratio)
        volume = [v * (ratio if s < start else 1) for s, v in bars.select("session", "volume").iter_rows()]
        assert reported == pytest.approx(sum(volume) / len(volume), rel=1e-3)


def test_markets_and_names(market: Market) -> None:
    rows = market.tables["short_interest"]
    assert set(rows["market"]) >= {"NNM", "SC", "NYSE", "AMEX", "OTC"}
    assert set(rows["market"]) & {"ARCA", "BZX"}
    assert rows["name"].str.starts_with("Simulated ").all()
    assert rows["symbol"].str.contains(r"^[A-Z]{3,4}$|^[A-Z]{4}F$").all()


@pytest.mark.data
def test_no_invented_symbol_is_a_real_one(market: Market, data: Path) -> None:
    real = pl.scan_parquet(data / "finra" / "consolidated_20171229_20250613.parquet")
    known = set(real.select(pl.col("symbolCode").cast(pl.String).unique()).collect()["symbolCode"])
    assert not known & set(market.tables["short_interest"]["symbol"])
