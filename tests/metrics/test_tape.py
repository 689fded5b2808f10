"""The tape by hand and by recount: every trade in one cell, sums that no order changes, and what was bought."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from contracts.market import tables
from metrics.taping import DAY, panel_of, recount, sessions_from, signs, tape, trade, values
from overshort import sessions
from overshort.metrics.ranking import mid_rank
from overshort.metrics.tape import LEGS, RIGHTS, SIDES, signed
from overshort.metrics.tape.bought import ACCURACY, WINDOW, true_buys
from overshort.metrics.tape.sides import ruled
from overshort.store import asof

CELLS = [f"premium.{r}.{s}.{leg}" for r in RIGHTS for s in SIDES for leg in LEGS]


def cells(found: dict[str, float | None]) -> dict[str, float | None]:
    """Give the cells that hold premium."""
    return {i.removeprefix("premium."): found[i] for i in CELLS if found[i]}


@pytest.mark.parametrize(
    ("price", "bid", "ask", "side", "near"),
    [
        (1.25, 1.0, 1.2, "aa", None),
        (1.2, 1.0, 1.2, "a", None),
        (1.15, 1.0, 1.2, "mid", "a"),
        (1.1, 1.0, 1.2, "mid", "mid"),
        (1.05, 1.0, 1.2, "mid", "b"),
        (1.0, 1.0, 1.2, "b", None),
        (0.95, 1.0, 1.2, "bb", None),
        (1.1, 1.1, 1.1, "none", None),
        (1.1, 1.2, 1.0, "none", None),
        (1.1, None, None, "none", None),
        (1.2, None, 1.2, "a", None),
        (1.3, None, 1.2, "aa", None),
        (1.1, None, 1.2, "none", None),
        (1.0, 1.0, None, "b", None),
        (0.9, 1.0, None, "bb", None),
        (1.1, 1.0, None, "none", None),
        (0.07, 0.06, 0.07, "a", None),
        (0.1 + 0.2, 0.2, 0.3, "a", None),
    ],
)
def test_side_of_the_quote(price: float, bid: float | None, ask: float | None, side: str, near: str | None) -> None:
    found = signed(tape(trade(price, bid, ask))["option_trades"]).collect().row(0, named=True)
    assert (found["side"], found["near"]) == (side, near)


@pytest.mark.parametrize(("leg", "side"), [("late", "none"), ("cancelled", "none"), *((g, "a") for g in LEGS[:5])])
def test_late_and_cancelled_trades_have_no_side(leg: str, side: str) -> None:
    assert cells(values(panel_of(tape(trade(1.2, leg=leg))))) == {f"call.{side}.{leg}": 120}


def test_a_quote_later_than_its_trade_tells_no_side() -> None:
    at = trade(1.2)["ts_ns"]
    rows = (trade(1.2, quote_ts_ns=at), trade(1.2, quote_ts_ns=at + 1, size=2))
    assert cells(values(panel_of(tape(*rows)))) == {"call.a.single": 120, "call.none.single": 240}


def test_what_was_bought_by_hand() -> None:
    rows = (
        trade(1.2, size=10),
        trade(1.3, size=5, leg="auction"),
        trade(1.0, size=20),
        trade(1.1, size=7),
        trade(1.2, size=100, leg="multi"),
        trade(1.2, size=50, leg="cancelled", cancel=True),
        trade(2.0, 1.0, 2.0, size=3, right="put"),
    )
    found = values(panel_of(tape(*rows)))
    assert (found["bought_calls"], found["bought_calls_a"], found["bought_calls_aa"]) == (1850, 1200, 650)
    assert found["bought_share"] == pytest.approx(1850 / (1850 + 2000 + 770 + 12_000))
    assert found["auction_share"] == pytest.approx(650 / 1850)
    assert found["signed_calls"] == 3850
    low, high = sorted((1850 - (1 - p) * 3850) / (2 * p - 1) for p in ACCURACY)
    assert (found["bought_low"], found["bought_high"]) == pytest.approx((low, high))
    assert (found["bought_puts"], found["bought_puts_share"], found["bought_puts_auction_share"]) == (600, 1, 0)
    assert (found["bought_puts_low"], found["bought_puts_high"]) == (600, 600)
    assert (found["trades"], found["contracts"]) == (7, 195)


@pytest.mark.parametrize("accuracy", ACCURACY)
@pytest.mark.parametrize("share", [0.0, 0.2, 0.5, 0.8, 1.0])
def test_the_band_undoes_misses_of_a_known_rate(accuracy: float, share: float) -> None:
    total = 1000.0
    truth = share * total
    seen = accuracy * truth + (1 - accuracy) * (total - truth)
    found = pl.select(true_buys(pl.lit(seen), pl.lit(total), accuracy)).item()
    assert found == pytest.approx(truth)


def test_more_misses_than_the_rate_allows_are_cut_at_nothing_and_all() -> None:
    for seen, expected in ((0.0, 0.0), (1000.0, 1000.0)):
        assert pl.select(true_buys(pl.lit(seen), pl.lit(1000.0), 0.76)).item() == expected


def test_a_session_has_every_cell_and_one_without_a_tape_none() -> None:
    found = panel_of(tape(trade(1.2)))
    own = values(found)
    assert set(CELLS) < set(own)
    assert sum(own[c] == 0 for c in CELLS) == len(CELLS) - 1
    assert found["at"].dt.date().unique().to_list() == [DAY]
    assert panel_of({}).is_empty()


def test_a_session_is_known_when_its_tape_is_whole() -> None:
    late = datetime(2024, 2, 1, tzinfo=UTC)
    assert panel_of(tape(trade(1.2)))["known_at"].unique().to_list() == [datetime(2024, 1, 16, 22, tzinfo=UTC)]
    assert panel_of(tape(trade(1.2, known_at=late)))["known_at"].unique().to_list() == [late]


def test_without_quotes_or_conditions_nothing_bought_is_told() -> None:
    for row, said in ((trade(1.2, None, None), "has a quote"), (trade(1.2, leg="unknown"), "tells legs")):
        found = panel_of(tape(row)).filter(pl.col("id").str.contains(r"^tape\.(bought|signed|auction|disagr)"))
        assert found["value"].null_count() == found.height == 24
        assert found["reason"].str.contains(said).all()
        assert found["text"].null_count() == found.height


def test_a_share_of_nothing_has_a_reason() -> None:
    found = panel_of(tape(trade(1.0)))
    own = {i: r for i, r in found.select("id", "reason").iter_rows() if r}
    assert own["tape.auction_share"] == "no premium of calls was bought"
    assert own["tape.bought_puts_share"] == "no premium of puts was traded"
    assert own["tape.bought_rank_60d"].startswith("too little history: 0 earlier sessions")


def test_the_basis_names_the_vendor_and_what_its_codes_tell() -> None:
    for opra, leg, basis in (
        ("AUTO", "single", "option trades of cboe; legacy codes"),
        ("SLAN", "auction", "option trades of cboe"),
        (None, "unknown", "option trades of cboe; no sale conditions"),
    ):
        found = panel_of(tape(trade(1.2, opra=opra, leg=leg)))
        assert found["basis"].unique().to_list() == [f"price: {basis}"]


def test_of_several_vendors_of_a_session_one_counts() -> None:
    rows = [trade(1.2, vendor=v, size=n) for v, n in (("massive", 1), ("thetadata", 2), ("other", 3))]
    rows.append(trade(1.2, vendor="massive", size=5, session=DAY + timedelta(days=1)))
    found = panel_of(tape(*rows))
    assert values(found)["contracts"] == 2
    assert values(found, DAY + timedelta(days=1))["contracts"] == 5


def test_underlyings_do_not_mix() -> None:
    rows = [trade(1.2, size=2), trade(1.2, underlying="SPX", contract="SPX   240214C00015000", size=3)]
    assert values(panel_of(tape(*rows)))["contracts"] == 2
    assert values(panel_of(tape(*rows), "SPX"))["contracts"] == 3


def test_rank_among_sixty_sessions_before() -> None:
    days = sessions_from(date(2023, 1, 2), WINDOW + 5)
    sizes = [1 + (37 * k) % 50 for k in range(len(days))]
    found = panel_of(tape(*(trade(1.2, session=d, size=n) for d, n in zip(days, sizes, strict=True))))
    own = found.filter(pl.col("id") == "tape.bought_rank_60d").sort("at")
    assert own["value"].null_count() == WINDOW
    assert own["n"].to_list() == [min(k, WINDOW) for k in range(len(days))]
    earlier = pl.Series(sizes, dtype=pl.Float64).to_numpy()
    expected = [mid_rank(sizes[k], earlier[k - WINDOW : k]) for k in range(WINDOW, len(days))]
    assert own["value"].drop_nulls().to_list() == expected


def test_sessions_that_are_not_measured_do_not_count_for_the_rank() -> None:
    days = sessions_from(date(2023, 1, 2), WINDOW + 2)
    rows = [trade(1.2, *((None, None) if k == 3 else (1.0, 1.2)), session=d) for k, d in enumerate(days)]
    own = panel_of(tape(*rows)).filter(pl.col("id") == "tape.bought_rank_60d").sort("at")
    assert own["value"].to_list() == [None] * (WINDOW + 1) + [50.0]
    assert (
        own["reason"][3]
        == "no trade of the session has a quote in table option_trades, or one before it in table option_quotes"
    )


@pytest.fixture(scope="module")
def simulated() -> pl.DataFrame:
    return tables()["option_trades"]


@pytest.mark.parametrize("clock", [time(10, 45), time(16, 30), time(17), time(23)])
def test_no_figure_of_a_session_rests_on_a_part_of_its_tape(simulated: pl.DataFrame, clock: time) -> None:
    """What is known at an instant equals what the tape up to that instant gives, in the middle of a session too."""
    full = panel_of({"option_trades": simulated.lazy()})
    for day in simulated["session"].unique().sort().to_list()[::13]:
        cut = sessions.at_new_york(day, clock)
        short = panel_of({"option_trades": asof.known(simulated.lazy(), cut)})
        assert_frame_equal(*(asof.known(p.lazy(), cut).collect() for p in (full, short)), check_exact=True)


def test_a_trade_corrected_later_changes_nothing_that_was_known_before(simulated: pl.DataFrame) -> None:
    days = simulated["session"].unique().sort()
    when = sessions.at_new_york(days[-10], time(16, 40))
    hit = simulated.filter(pl.col("session") == days[-20], pl.col("leg") == "single").head(1)
    again = hit.with_columns(pl.col("size") * 1000, pl.lit(when).alias("known_at"))
    full = panel_of({"option_trades": simulated.lazy()})
    revised = panel_of({"option_trades": pl.concat([simulated, again]).lazy()})
    before = pl.col("known_at") < when
    assert_frame_equal(full.filter(before), revised.filter(before), check_exact=True)
    own = revised.filter(pl.col("id") == "tape.contracts", pl.col("at").dt.date() == days[-20]).sort("known_at")
    assert own["known_at"].to_list() == [sessions.at_new_york(days[-20], time(17)), when]
    assert own["value"][1] - own["value"][0] == 999 * hit["size"][0]


def test_the_simulated_tape_has_every_kind_of_trade(simulated: pl.DataFrame) -> None:
    found = signed(simulated.lazy()).collect()
    assert set(found["leg"]) == set(LEGS)
    assert set(found["side"]) == set(SIDES)
    assert set(found["right"]) == set(RIGHTS)
    assert found.filter(pl.col("condition") == "40")["cancel"].all()
    assert found.filter("cancel").height == 2 * found["session"].n_unique()


QUOTES = st.one_of(st.none(), st.integers(1, 400).map(lambda k: k / 100))
ROWS = st.fixed_dictionaries(
    {
        "price": st.integers(0, 400_00).map(lambda k: k / 1_0000),
        "bid": QUOTES,
        "ask": QUOTES,
        "size": st.integers(1, 9_999_999),
        "right": st.sampled_from(RIGHTS),
        "leg": st.sampled_from(LEGS),
        "condition": st.sampled_from(["0", "18", "125", "999", None]),
    }
)


@given(st.lists(st.tuples(ROWS, st.sampled_from("AB"), st.integers(0, 5)), min_size=1, max_size=30))
@settings(max_examples=60)
def test_the_other_rules_against_a_walk_through_each_contract(drawn: list[tuple[dict[str, Any], str, int]]) -> None:
    base = trade(1.0)["ts_ns"]
    rows = [trade(**r, contract=f"VIX {c}", ts_ns=base + s, sequence=k) for k, (r, c, s) in enumerate(drawn)]
    rows = [r | {"sequence": k} for k, r in enumerate(rows)]
    expected = signs(rows)
    found = ruled(signed(tape(*rows)["option_trades"])).collect()
    assert {s: (a, b) for s, a, b in found.select("sequence", "lee_ready", "emo").iter_rows()} == expected
    own = [(r, *expected[r["sequence"]]) for r in rows if r["leg"] in ("single", "auction") and r["right"] == "call"]
    panel = values(panel_of(tape(*rows)))
    if panel["bought_calls"] is not None:
        for name, k in (("lee_ready", 1), ("emo", 2)):
            bought = sum((Decimal(str(t[0]["price"])) * t[0]["size"] * 100 for t in own if t[k] == 1), Decimal())
            assert panel[f"bought_calls_{name}"] == float(bought)


def test_how_far_the_other_rules_disagree() -> None:
    base = trade(1.0)["ts_ns"]
    prices = (
        1.0,
        1.15,
        1.2,
        1.15,
        1.1,
    )  # sold; nearer ask after a rise; ask; nearer ask after a fall; middle after a fall
    found = values(panel_of(tape(*(trade(p, ts_ns=base + k) for k, p in enumerate(prices)))))
    assert (found["bought_calls"], found["bought_calls_lee_ready"], found["bought_calls_emo"]) == (120, 350, 235)
    assert found["disagreement_calls"] == pytest.approx(115 / 560)
    assert found["disagreement_puts"] is None


@given(st.lists(ROWS, min_size=1, max_size=40), st.randoms(use_true_random=False), st.integers(0, 3))
@settings(max_examples=60)
def test_every_trade_is_in_one_cell_and_no_order_changes_a_bit(
    drawn: list[dict[str, Any]], order: Any, again: int
) -> None:
    """Cancels, equal rows, crossed quotes and unknown codes: what goes in is what stands in the cells."""
    rows = [trade(**r, cancel=r["leg"] == "cancelled") for r in drawn + drawn[:again]]
    found = panel_of(tape(*rows))
    expected = recount(rows)
    own = found.filter(pl.col("id").str.starts_with("tape.premium."))
    counted = {tuple(i.split(".")[2:]): (n, v) for i, n, v in own.select("id", "n", "value").iter_rows() if n}
    assert counted == {cell: (n, float(premium)) for cell, (n, premium) in expected.items()}
    assert own["n"].sum() == len(rows) == values(found)["trades"]
    assert values(found)["contracts"] == sum(r["size"] for r in rows)
    table = tape(*rows)["option_trades"].collect()
    shuffled = table[order.sample(range(table.height), table.height)]
    assert_frame_equal(panel_of({"option_trades": shuffled.lazy()}), found, check_exact=True)
