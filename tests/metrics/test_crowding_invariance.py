"""What a split must not change, and that every declared id comes to a value somewhere."""

from collections.abc import Iterable
from datetime import date
from functools import cache

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.market import lazily, market, tables
from metrics.tiny import DAYS, split, table, values_of
from metrics.tiny import market as tiny
from overshort.engine.computing import compute
from overshort.engine.panel import KINDS, Scope, kinds_of, stocks
from overshort.engine.scope import TAPED, listed
from overshort.evidence.squeezes import CROWD
from overshort.metrics import registry

CLEAN = ("chain", "breadth", "since", "change_", "rank_", "contribution_", "ex_largest_", "median_change_")
ALSO_CLEAN = ("runner_up_change_", "membership_effect")
CROWDING = [i for i in registry() if i.startswith("crowding.")]
IDS = [i for i in CROWDING if i.removeprefix("crowding.").startswith(CLEAN + ALSO_CLEAN)]
UNWEIGHTED = [i for i in IDS if i.removeprefix("crowding.").startswith(("breadth", "median_change_"))]
SCOPE = Scope("index", ("SPX", "NASDAQ"))
KEY = ["symbol", "settlement"]
ratio = st.sampled_from([2, 3, 7, 10, 20])
few = settings(max_examples=6, suppress_health_check=list(HealthCheck), derandomize=True)


@cache
def candidates() -> pl.DataFrame:
    """Rows of S&P 500 members that have a row before them, at reports without any split."""
    rows = tables()["short_interest"].sort(KEY)
    known = market().truth.members.filter(pl.col("subject") == "SPX")["symbol"].unique()
    quiet = rows.group_by("settlement").agg(pl.col("split").any()).filter(~pl.col("split"))
    later = rows.filter(pl.col("previous") > 0, pl.col("symbol").is_in(known.to_list()))
    return later.join(quiet, on="settlement", how="semi").select(KEY).sort(KEY)


def picked(pick: int) -> tuple[str, date]:
    symbol, day = candidates().row(pick % candidates().height)
    return symbol, day


def with_split(symbols: Iterable[str], day: date, ratio: int) -> dict[str, pl.LazyFrame]:
    """Split stocks at one report: positions and volumes from then on in new shares, previous there in old ones."""
    own = tables()
    mine = pl.col("symbol").is_in(sorted(symbols))
    since, after = mine & (pl.col("settlement") >= day), mine & (pl.col("settlement") > day)
    own["short_interest"] = own["short_interest"].with_columns(
        *(pl.when(since).then(pl.col(c) * ratio).otherwise(c).alias(c) for c in ("position", "adv")),
        pl.when(after).then(pl.col("previous") * ratio).otherwise("previous").alias("previous"),
        (pl.col("split") | (mine & (pl.col("settlement") == day))).alias("split"),
    )
    found = lazily(own)
    on_file = table("splits", [split(s, day, ratio) for s in sorted(symbols)])
    return found | {"splits": pl.concat([found["splits"], on_file])}


def apart(one: pl.DataFrame, other: pl.DataFrame) -> list[tuple[str, str]]:
    """Name the ids and subjects of which a row differs, values by more than 1e-9."""
    far = (one["value"] - other["value"]).abs() > 1e-9 * one["value"].abs().clip(lower_bound=1e-2)
    rest = one.drop("value"), other.drop("value")
    differ = far.fill_null(False) | (one["value"].is_null() != other["value"].is_null())
    assert rest[0].height == rest[1].height
    for column in rest[0].columns:
        differ |= rest[0][column].ne_missing(rest[1][column])
    return list(one.filter(differ).select("id", "subject").unique().iter_rows())


@pytest.fixture(scope="module")
def unsplit() -> pl.DataFrame:
    return compute(lazily(tables()), SCOPE, IDS)


@few
@given(st.integers(0, 10**6), ratio)
def test_a_split_changes_no_split_clean_figure_of_its_stock(pick: int, ratio: int) -> None:
    symbol, day = picked(pick)
    before, found = (compute(t, stocks([symbol]), IDS) for t in (lazily(tables()), with_split([symbol], day, ratio)))
    assert before.height > 1000
    assert apart(before, found) == []


@few
@given(st.integers(0, 10**6), ratio)
def test_a_split_of_every_stock_at_once_changes_no_split_clean_figure(
    unsplit: pl.DataFrame, pick: int, ratio: int
) -> None:
    """Of one stock alone it would: a chain of shares weighs a member by its shares, and these have multiplied."""
    day = picked(pick)[1]
    everyone = tables()["short_interest"]["symbol"].unique()
    assert apart(unsplit, compute(with_split(everyone, day, ratio), SCOPE, IDS)) == []


@few
@given(st.integers(0, 10**6), ratio)
def test_a_split_of_one_member_changes_no_figure_that_weighs_members_alike(
    unsplit: pl.DataFrame, pick: int, ratio: int
) -> None:
    symbol, day = picked(pick)
    found = compute(with_split([symbol], day, ratio), SCOPE, IDS)
    alike = pl.col("id").is_in(UNWEIGHTED)
    assert apart(unsplit.filter(alike), found.filter(alike)) == []
    earlier = pl.col("at").dt.date() < day
    assert apart(unsplit.filter(earlier), found.filter(earlier)) == []


def test_a_split_of_one_member_raises_its_weight_in_the_chain() -> None:
    """A doubles and B stands still; had A split 3 for 1 before, it would be three of four shares and not one of two."""
    plain = tiny({"A": [100, 100, 200], "B": [100, 100, 100]})
    after = tiny({"A": [100, 300, 600], "B": [100, 100, 100]}, splits=[split("A", DAYS[1], 3)])
    assert values_of(plain, "change_last")[1:] == pytest.approx([0, 300 / 200 - 1])
    assert values_of(after, "change_last")[1:] == pytest.approx([0, 700 / 400 - 1])


def test_a_split_changes_the_raw_columns_and_the_plain_sum() -> None:
    day = candidates()["settlement"].max()
    assert isinstance(day, date)
    everyone = tables()["short_interest"]["symbol"].unique()
    ids = [f"crowding.{name}_change_last" for name in ("naive", "sum")]
    found = compute(with_split(everyone, day, 2), SCOPE, ids).filter(pl.col("at").dt.date() == day)
    assert found.height == 4
    assert found["value"].min() > 0.5


def test_every_id_has_a_value_for_every_kind_of_subject_it_is_declared_for(simulated: pl.DataFrame) -> None:
    symbols = sorted(market().tables["short_interest"]["symbol"].unique())
    single = compute(lazily(tables()), stocks(symbols))
    subjects = {kind: [s for s, own in KINDS.items() if own == kind] for kind in KINDS.values()}
    seen = {k: _valued(simulated.filter(pl.col("subject").is_in(names))) for k, names in subjects.items()}
    seen["stock"] = _valued(single)
    seen["listed"] = _valued(compute(lazily(tables()), listed([*symbols, CROWD])))
    seen["underlying"] = _valued(simulated.filter(pl.col("subject").is_in(TAPED)))
    pairs = {(i, kind) for i, m in registry().items() for kind in m.subjects}
    lacking = {(i, kind) for i, kind in pairs if i not in seen[kind]}
    assert sorted(lacking) == sorted(pair for pair in pairs if _unsimulated(*pair))


def _unsimulated(id: str, kind: str) -> bool:
    """Tell what the simulated market has no rows for: borrow terms, flows, short interest of funds, chains of the VIX.

    Coverings into rising prices are too rare in it to fit a line to.
    """
    fee = id in ("carry.cost_annual", "carry.fee", "carry.pressure", "carry.pressure_fee") or id.startswith("flow.")
    other = id in ("squeeze.fails", "squeeze.rank_fee", "tape.proxy_calls", "tape.proxy_puts")
    few = ("cover5_3m", "cover10", "member25")
    rare = id.endswith("_up.logistic") and id.removeprefix("probability.").startswith(few)
    return fee or other or rare or (id.startswith("carry.") and kind == "proxy")


def _valued(panel: pl.DataFrame) -> set[str]:
    return set(panel.drop_nulls("value")["id"])


def test_no_row_is_emitted_for_a_kind_of_subject_that_is_not_declared(simulated: pl.DataFrame) -> None:
    single = compute(lazily(tables()), stocks(["NONE", simulated_symbol()]))
    kinds = {s: set(kinds_of(s)) for s in KINDS} | {simulated_symbol(): {"stock"}}
    pairs = pl.concat([simulated, single]).select("id", "subject").unique()
    assert [(i, s) for i, s in pairs.iter_rows() if not kinds[s] & registry()[i].subjects] == []


def simulated_symbol() -> str:
    symbol: str = market().tables["short_interest"]["symbol"].min()
    return symbol
