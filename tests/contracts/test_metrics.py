"""What must hold for every declared metric: a new one is covered by being declared."""

from datetime import datetime

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from contracts.market import everything, lazily, measured, some, tables
from overshort import schema
from overshort.engine.computing import compute
from overshort.engine.panel import stocks
from overshort.engine.scope import listed
from overshort.metrics import registry

IDS = sorted(registry())
BACKCAST = pl.col("basis").fill_null("").str.contains("backcast")
Parts = dict[str, pl.DataFrame]


def by_id(panel: pl.DataFrame) -> Parts:
    """Take a panel apart once, so that no test of one metric looks through all of them."""
    return {str(name): own for (name,), own in panel.partition_by("id", maintain_order=True, as_dict=True).items()}


@pytest.fixture(scope="module")
def full() -> pl.DataFrame:
    return everything(tables(), measured())


@pytest.fixture(scope="module")
def each(full: pl.DataFrame) -> Parts:
    return by_id(full)


@pytest.fixture(scope="module")
def cuts(full: pl.DataFrame) -> list[datetime]:
    """Instants just before, at and well after publications, early and late in history."""
    known = full["known_at"].unique().sort()
    return [known[len(known) * k // 7] for k in range(2, 7)]


@pytest.fixture(scope="module")
def truncated(cuts: list[datetime]) -> dict[datetime, pl.DataFrame]:
    out = {}
    for cut in cuts:
        known = {n: t.filter(pl.col("known_at") <= cut) for n, t in tables().items()}
        out[cut] = everything(known)
    return out


@pytest.fixture(scope="module")
def each_truncated(truncated: dict[datetime, pl.DataFrame]) -> dict[datetime, Parts]:
    return {cut: by_id(short) for cut, short in truncated.items()}


def test_every_declared_id_is_emitted(full: pl.DataFrame) -> None:
    assert sorted(full["id"].unique()) == IDS


@pytest.mark.parametrize("name", IDS)
def test_declaration_is_complete(name: str) -> None:
    metric = registry()[name]
    assert metric.definition.strip().endswith(".")
    assert metric.unit
    assert metric.null_rule
    assert metric.subjects
    assert (metric.kind == "state") == bool(metric.states)


@pytest.mark.parametrize("name", IDS)
def test_null_exactly_where_a_reason_stands(each: Parts, name: str) -> None:
    own = each[name]
    assert own.filter(pl.col("value").is_null() != pl.col("reason").is_not_null()).is_empty()
    assert own.filter(pl.col("value").is_nan() | pl.col("value").is_infinite()).is_empty()


@pytest.mark.parametrize("name", IDS)
def test_truncation(each: Parts, each_truncated: dict[datetime, Parts], name: str) -> None:
    """A metric at t from the data known at t equals the same row of the full run: no look-ahead.

    Rows whose members are a later snapshot, backcast, are the one declared exception.
    """
    whole = each[name].filter(~BACKCAST)
    for cut, short in each_truncated.items():
        then = whole.filter(pl.col("known_at") <= cut)
        now = short.get(name, whole.clear()).filter(~BACKCAST)
        keys = then.select("subject", "at", "known_at")
        now = now.join(keys, on=keys.columns, how="semi", maintain_order="left")
        assert_frame_equal(then, now, check_exact=True)


def test_only_backcast_rows_are_excused(full: pl.DataFrame, truncated: dict[datetime, pl.DataFrame]) -> None:
    """Every row that truncation loses or changes is one labelled backcast."""
    for cut, short in truncated.items():
        then = full.filter(pl.col("known_at") <= cut)
        lost = then.join(short, on=full.columns, how="anti", nulls_equal=True)
        assert lost.filter(~BACKCAST).is_empty()


def test_rows_and_symbols_in_any_order(full: pl.DataFrame) -> None:
    shuffled = {n: t.sample(fraction=1, shuffle=True, seed=3) for n, t in tables().items()}
    assert_frame_equal(full, everything(shuffled), check_exact=True)


def test_all_symbols_equal_each_symbol() -> None:
    symbols = some(6)
    together = compute(lazily(tables()), stocks(symbols))
    apart = pl.concat([compute(lazily(tables()), stocks([s])) for s in symbols])
    order = ["id", "subject", "at", "known_at"]
    assert_frame_equal(together.sort(order), apart.sort(order), check_exact=True)
    assert set(together["subject"]) == set(symbols)


def test_a_listed_stock_stands_where_it_stands_whoever_else_is_asked_for() -> None:
    symbols = some(6)
    together = compute(lazily(tables()), listed(symbols))
    apart = pl.concat([compute(lazily(tables()), listed([s])) for s in symbols])
    order = ["id", "subject", "at", "known_at"]
    assert_frame_equal(together.sort(order), apart.sort(order), check_exact=True)
    assert together.filter(pl.col("id") == "squeeze.score")["value"].is_not_null().any()


def test_a_revision_is_known_from_its_own_instant_on(full: pl.DataFrame) -> None:
    """A second vintage of one row changes nothing that was known before it, and only later rows after."""
    rows = tables()
    reports = rows["short_interest"]
    dates = reports["settlement"].unique().sort()
    hit = reports.filter((pl.col("settlement") == dates[-20]) & pl.col("market").is_in(["NNM", "NYSE"])).sort("symbol")
    when = reports.filter(pl.col("settlement") == dates[-10])["known_at"][0]
    second = hit.head(5).with_columns((pl.col("position") * 3).alias("position"), pl.lit(when).alias("known_at"))
    revised = everything(rows | {"short_interest": pl.concat([reports, second])})
    before = pl.col("known_at") < when
    assert_frame_equal(full.filter(before), revised.filter(before), check_exact=True)
    after = revised.filter((pl.col("id") == "crowding.shares") & ~before & (pl.col("at").dt.date() == dates[-20]))
    assert after["known_at"].unique().to_list() == [when]
    assert schema.Panel.is_valid(revised)
