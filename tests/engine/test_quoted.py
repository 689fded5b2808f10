"""Quotes joined to trades: against a plain walk through all, on a market whose sides are known, as of a time."""

from collections.abc import Iterable, Mapping
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from contracts.market import stored
from metrics.taping import DAY, panel_of, quotes, recount, tape, trade, values
from overshort import sessions
from overshort.demo import quotes as apart
from overshort.demo import simulate
from overshort.engine import quoted
from overshort.engine.computing import compute, tables_behind
from overshort.engine.panel import underlyings
from overshort.metrics.tape.sides import SIDES
from overshort.store import asof

NOON: int = trade(1.0)["ts_ns"]
Row = dict[str, Any]


def bare(price: float, **more: Any) -> Row:
    return trade(price, None, None, **more)


def joined(trades: Iterable[Row], found: pl.LazyFrame) -> pl.DataFrame:
    return quoted.quoted(tape(*trades)["option_trades"], found).collect().sort("sequence")


def side(trades: Row, *given: Row) -> tuple[float | None, float | None, int | None]:
    row = joined([trades], quotes(*given)).row(0, named=True)
    return row["bid"], row["ask"], row["quote_ts_ns"]


def test_the_quote_strictly_before_the_trade_counts_and_not_that_of_its_instant() -> None:
    """A join that allows the trade's own instant gives the second quote, and another side."""
    given = ({"ts_ns": NOON - 1, "bid": 1.0, "ask": 1.1}, {"ts_ns": NOON, "bid": 1.1, "ask": 1.2})
    assert side(bare(1.1), *given) == (1.0, 1.1, NOON - 1)
    found = values(panel_of(tape(bare(1.1)) | {"option_quotes": quotes(*given)}))
    assert (found["premium.call.a.single"], found["premium.call.b.single"]) == (110, 0)
    assert side(bare(1.1), given[1]) == (None, None, None)
    assert side(bare(1.1), given[1] | {"ts_ns": NOON + 1}) == (None, None, None)


@pytest.mark.parametrize("turn", [1, -1])
def test_of_quotes_of_one_instant_the_one_of_the_highest_sequence_counts(turn: int) -> None:
    given = [{"ts_ns": NOON - 5, "bid": k / 10, "sequence": k} for k in (9, 10, 2)][::turn]
    assert side(bare(1.1), *given)[0] == 1.0


def test_an_empty_quote_is_a_quote() -> None:
    given = ({"ts_ns": NOON - 9}, {"ts_ns": NOON - 5, "bid": None, "ask": None})
    assert side(bare(1.1), *given) == (None, None, NOON - 5)


@pytest.mark.parametrize(
    "more", [{"vendor": "massive"}, {"session": DAY + timedelta(days=1)}, {"contract": "VIX   240214P00015000"}]
)
def test_quotes_of_another_vendor_session_or_contract_are_not_joined(more: Row) -> None:
    assert side(bare(1.1), {"ts_ns": NOON - 5} | more) == (None, None, None)


@pytest.mark.parametrize("more", [{"bid": 0.9}, {"ask": 0.9}, {"quote_ts_ns": NOON - 7}])
def test_a_trade_that_came_with_a_quote_keeps_it(more: Row) -> None:
    found = joined([bare(1.1) | more], quotes({"ts_ns": NOON - 5}))
    row = found.row(0, named=True)
    assert {k: row[k] for k in ("bid", "ask", "quote_ts_ns")} == {"bid": None, "ask": None, "quote_ts_ns": None} | more
    assert not row["joined"]


def test_nothing_is_sorted_where_nothing_is_wanting(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = []

    def counting(left: pl.LazyFrame, right: pl.LazyFrame, **more: Any) -> pl.LazyFrame:
        sizes.append((left.collect().height, right.collect().height))
        return join(left, right, **more)

    join = asof.join_newest
    monkeypatch.setattr(asof, "join_newest", counting)
    other = {"contract": "VIX   240214P00015000"}
    trades = [trade(1.1), bare(1.1, **other)]
    joined(trades, quotes({"ts_ns": NOON - 5}))
    joined(trades, quotes({"ts_ns": NOON - 5}).clear())
    joined(trades, quotes({"ts_ns": NOON - 5}, {"ts_ns": NOON - 5} | other))
    assert sizes == [(0, 0), (1, 1)], "without quotes no join at all"


def test_a_quote_that_is_not_known_yet_signs_nothing() -> None:
    late = trade(1.0)["known_at"] + timedelta(days=3)
    given = quotes({"ts_ns": NOON - 9, "bid": 0.5, "ask": 0.9}, {"ts_ns": NOON - 5, "known_at": late})
    tables = tape(bare(1.2)) | {"option_quotes": given}
    assert joined([bare(1.2)], given)["known_at"].item() == late
    assert panel_of(tables)["known_at"].unique().to_list() == [late]
    before = {n: asof.known(t, late - timedelta(microseconds=1)) for n, t in tables.items()}
    assert values(panel_of(before))["premium.call.aa.single"] == 120
    assert values(panel_of(tables))["premium.call.a.single"] == 120


def test_a_revised_quote_counts_from_its_own_instant_on() -> None:
    first = {"ts_ns": NOON - 5, "bid": 1.0, "ask": 1.2, "sequence": 3}
    when = trade(1.0)["known_at"] + timedelta(days=3)
    tables = tape(bare(1.2)) | {"option_quotes": quotes(first, first | {"bid": 1.2, "ask": 1.3, "known_at": when})}
    found = panel_of(tables).filter(pl.col("id") == "tape.premium.call.a.single").sort("known_at")
    assert found["value"].to_list() == [120, 0]
    assert found["known_at"][1] == when
    assert found["known_at"][0] < when


def test_figures_and_their_basis_name_the_quotes() -> None:
    tables = tape(bare(1.2), trade(1.2)) | {"option_quotes": quotes({"ts_ns": NOON - 5})}
    assert panel_of(tables)["basis"].unique().to_list() == ["price: option trades of cboe, quotes joined; legacy codes"]
    only_later = tables | {"option_quotes": quotes({"ts_ns": NOON})}
    assert panel_of(only_later)["basis"].unique().to_list() == ["price: option trades of cboe; legacy codes"]
    assert tables_behind("tape.bought_calls") == ["option_trades", "option_quotes"]


@pytest.fixture(scope="module")
def whole() -> Mapping[str, pl.LazyFrame]:
    """Give the tape of the simulated market with every quote beside its trade."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(apart, "EVERY", 10_000)
        patch.setattr(apart, "FIRST", 0)
        return of(simulate(11, stocks=60).tables)


@pytest.fixture(scope="module")
def parted() -> Mapping[str, pl.LazyFrame]:
    return of(simulate(11, stocks=60).tables)


def of(tables: Mapping[str, pl.DataFrame]) -> Mapping[str, pl.LazyFrame]:
    return {n: stored(n, tables[n]).lazy() for n in ("option_trades", "option_quotes")}


def test_the_simulated_market_says_the_same_with_its_quotes_apart(
    whole: Mapping[str, pl.LazyFrame], parted: Mapping[str, pl.LazyFrame]
) -> None:
    assert whole["option_quotes"].collect().is_empty()
    expected, found = panel_of(whole), panel_of(parted)
    assert_frame_equal(found.drop("basis"), expected.drop("basis"), check_exact=True)
    said = found.filter(pl.col("id") == "tape.trades").select("at", pl.col("basis").str.contains("quotes joined"))
    assert said["basis"].sum() >= 15
    assert (~said["basis"]).sum() >= 55


def test_the_simulated_market_tells_a_join_that_is_not_strict(
    parted: Mapping[str, pl.LazyFrame], monkeypatch: pytest.MonkeyPatch
) -> None:
    right = panel_of(parted)
    join = asof.join_newest
    monkeypatch.setattr(asof, "join_newest", lambda *a, **k: join(*a, **(k | {"strict": False})))
    wrong = panel_of(parted)
    both = right.join(wrong, on=["id", "subject", "at"], suffix="_wrong")
    moved = both.filter(pl.col("id") == "tape.bought_calls", pl.col("value") != pl.col("value_wrong"))
    joins = both.filter(pl.col("id") == "tape.bought_calls", pl.col("basis").str.contains("quotes joined"))
    assert moved.height > joins.height // 2


@pytest.mark.parametrize("clock", [time(11), time(16, 30), time(17)])
def test_no_figure_of_a_session_rests_on_a_part_of_its_quotes(parted: Mapping[str, pl.LazyFrame], clock: time) -> None:
    full = panel_of(parted)
    days = parted["option_quotes"].select(pl.col("session").unique().sort()).collect()["session"]
    for day in days.to_list()[::6]:
        cut = sessions.at_new_york(day, clock)
        short = panel_of({n: asof.known(t, cut) for n, t in parted.items()})
        assert_frame_equal(*(asof.known(p.lazy(), cut).collect() for p in (full, short)), check_exact=True)


def test_underlyings_together_are_each_by_itself() -> None:
    other = {"underlying": "SPX", "contract": "SPX   240214C00015000"}
    tables = tape(bare(1.2), bare(1.2, **other)) | {
        "option_quotes": quotes({"ts_ns": NOON - 5}, {"ts_ns": NOON - 4, "bid": 1.2, "ask": 1.3} | other)
    }
    order = ["id", "subject", "at"]
    each = pl.concat([compute(tables, underlyings([s])) for s in ("SPX", "VIX")]).sort(order)
    assert_frame_equal(compute(tables, underlyings(["VIX", "SPX"])).sort(order), each, check_exact=True)
    bought = each.filter(pl.col("id") == "tape.bought_calls")
    assert dict(bought.select("subject", "value").iter_rows()) == {"VIX": 120, "SPX": 0}


PRICES = st.one_of(st.none(), st.integers(1, 6).map(lambda k: k / 10))
INSTANTS = st.integers(0, 6)
CONTRACTS = st.sampled_from(["VIX   240214C00015000", "VIX   240214P00015000"])
DAYS = st.sampled_from([DAY, date(2024, 1, 17)])
QUOTES = st.fixed_dictionaries({"contract": CONTRACTS, "session": DAYS, "at": INSTANTS, "bid": PRICES, "ask": PRICES})
TRADES = st.fixed_dictionaries(
    {
        "contract": CONTRACTS,
        "session": DAYS,
        "at": INSTANTS,
        "price": st.integers(1, 60).map(lambda k: k / 100),
        "size": st.integers(1, 900),
        "own": st.one_of(st.none(), st.tuples(PRICES, PRICES)),
    }
)


def twin(row: Row, given: list[Row]) -> Row:
    """Give a trade with its quote, by looking at every quote there is."""
    if row["bid"] is not None or row["ask"] is not None:
        return row
    same = [q for q in given if all(q[k] == row[k] for k in ("contract", "session")) and q["ts_ns"] < row["ts_ns"]]
    if not same:
        return row
    best = same[0]
    for q in same[1:]:
        if (q["ts_ns"], q["sequence"]) > (best["ts_ns"], best["sequence"]):
            best = q
    return row | {"bid": best["bid"], "ask": best["ask"], "quote_ts_ns": best["ts_ns"]}


@given(st.lists(TRADES, min_size=1, max_size=15), st.lists(QUOTES, max_size=25), st.randoms(use_true_random=False))
@settings(max_examples=80)
def test_any_tape_and_quotes_give_what_a_plain_walk_gives(drawn: list[Row], seen: list[Row], order: Any) -> None:
    """Equal instants, locked and crossed quotes, missing sides, any order: the same quotes, cells and premium."""
    trades = []
    for k, t in enumerate(drawn):
        bid, ask = t["own"] or (None, None)
        own = {c: t[c] for c in ("contract", "session", "size")}
        right = "call" if t["contract"][12] == "C" else "put"
        trades.append(trade(t["price"], bid, ask, **own, right=right, ts_ns=NOON + t["at"]) | {"sequence": k})
    given = [{"ts_ns": NOON + q["at"], "sequence": k} | {c: q[c] for c in q if c != "at"} for k, q in enumerate(seen)]
    expected = [twin(row, given) for row in trades]
    shuffled = order.sample(given, len(given))
    table = quotes(*shuffled) if shuffled else quotes({"ts_ns": NOON}).clear()
    found = joined(trades, table)
    columns = ("sequence", "bid", "ask", "quote_ts_ns")
    assert found.select(columns).rows() == [tuple(r.get(c) for c in columns) for r in expected]
    panel = panel_of(tape(*trades) | {"option_quotes": table})
    for day in {r["session"] for r in trades}:
        counted = recount(r for r in expected if r["session"] == day)
        own = panel.filter(pl.col("at").dt.date() == day, pl.col("id").str.starts_with("tape.premium."))
        cells = {tuple(i.split(".")[2:]): (n, v) for i, n, v in own.select("id", "n", "value").iter_rows() if n}
        assert cells == {cell: (n, float(premium)) for cell, (n, premium) in counted.items()}
        premium = sum((Decimal(str(r["price"])) * r["size"] * 100 for r in trades if r["session"] == day), Decimal())
        assert sum((Decimal(str(v)) for _, v in cells.values()), Decimal()) == premium
        assert {c[1] for c in cells} <= set(SIDES)


@pytest.mark.parametrize("columns", [["sequence", "bid"], ["joined"], ["sequence", "side"]])
def test_a_reader_of_few_columns_or_rows_gets_the_same(columns: list[str]) -> None:
    trades = [bare(1.1, size=k + 1) for k in range(4)] + [bare(1.1, session=DAY + timedelta(days=1)), trade(1.1)]
    lazy = quoted.quoted(tape(*trades)["option_trades"], quotes({"ts_ns": NOON - 5}))
    whole = lazy.collect().with_columns(pl.col("bid").alias("side"))
    reading = lazy.with_columns(pl.col("bid").alias("side")) if "side" in columns else lazy
    held = pl.col("size") > 1, pl.col("quote_ts_ns").is_not_null()
    assert_frame_equal(reading.select(columns).collect(), whole.select(columns))
    assert_frame_equal(reading.filter(*held).select(columns).collect(), whole.filter(*held).select(columns))
    assert [lazy.head(n).collect().height for n in (0, 1, 3, 9)] == [0, 1, 3, 6]
    assert whole["joined"].sum() == 4
