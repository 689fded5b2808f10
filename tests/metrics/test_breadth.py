"""How many members rose, against a plain loop over the simulated market, and by hand."""

import math
from collections.abc import Callable
from datetime import date
from typing import Any

import polars as pl
import pytest

from contracts.market import lazily, market, tables
from metrics import twins
from metrics.members_by_session import closes, files, listed, trading, unadjusted
from metrics.tiny import Tables, bar, outstanding, since_2000, stay, table
from metrics.tiny import reports as short
from overshort.engine.computing import compute
from overshort.engine.panel import Scope
from overshort.metrics.daily import JUMP
from overshort.schema import INDEXES

Values = Callable[[str, str], dict[object, float | None]]
SPX = Scope("market", ("SPX",))
FIRST = [date(2024, 3, day) for day in (4, 5, 6, 7, 8, 11, 12)]


def moves(subject: str, day: date) -> dict[str, tuple[float, float]]:
    """Give the closes before and of a session of the members that have both and did not move as a split would."""
    before = trading()[trading().index(day) - 1]
    pairs = {s: (unadjusted(s, before), unadjusted(s, day)) for s in listed(subject, day)[0]}
    whole = {s: (a, b) for s, (a, b) in pairs.items() if a and b}
    return {s: (a, b) for s, (a, b) in whole.items() if abs(math.log(b / a)) < JUMP}


def shares_up(subject: str) -> dict[date, float]:
    out = {}
    for day in trading()[1:]:
        own = moves(subject, day)
        if len(own) >= 0.8 * len(listed(subject, day)[0]):
            out[day] = sum(b > a for a, b in own.values()) / len(own)
    return out


@pytest.mark.parametrize("subject", INDEXES)
def test_the_share_of_members_up(simulated: pl.DataFrame, subject: str) -> None:
    rows = simulated.filter(pl.col("id") == "breadth.green", pl.col("subject") == subject)
    assert rows["at"].dt.date().to_list() == trading()[1:]
    for row in rows.iter_rows(named=True):
        day = row["at"].date()
        members, label = listed(subject, day)
        assert (row["n"], row["coverage"]) == (len(moves(subject, day)), pytest.approx(row["n"] / len(members)))
        assert row["basis"] == f"{label}; price: members' closes, unadjusted"
    assert twins.lined_up(dict(zip(rows["at"].dt.date(), rows["value"], strict=True)), dict(shares_up(subject))) == []


@pytest.mark.parametrize("subject", INDEXES)
def test_it_counts_the_weaker_sessions_just_before(values: Values, subject: str) -> None:
    shares = shares_up(subject)
    days = list(shares)
    assert days == trading()[1:]
    expected: dict[date, float | None] = {}
    for k, day in enumerate(days):
        best = 0
        while best < k and shares[days[k - best - 1]] < shares[day]:
            best += 1
        expected[day] = best
    assert twins.lined_up(values("breadth.green_best_of", subject), expected) == []


@pytest.mark.parametrize("subject", ["SPX", "NDX"])
def test_members_weigh_their_market_value_then(values: Values, subject: str) -> None:
    published = market().tables["short_interest"].select("settlement", "known_at").unique().sort("known_at")
    known = list(published.iter_rows())
    ends = dict(market().tables["bars"].select("session", "end").unique().iter_rows())
    expected: dict[date, float | None] = {}
    for day in trading()[1::40]:
        out = [(s, at) for s, at in known if at <= ends[day]]
        own = moves(subject, day)
        sized = {s: twins._known_outstanding(s, *out[-1]) for s in own} if out else {}
        caps = {s: own[s][0] * size for s, size in sized.items() if size}
        whole = len(caps) >= 0.8 * len(listed(subject, day)[0])
        up = math.fsum(v for s, v in caps.items() if own[s][1] > own[s][0])
        expected[day] = up / math.fsum(caps.values()) if whole else None
    found = values("breadth.green_cap", subject)
    assert twins.lined_up({d: found[d] for d in expected}, expected) == []
    assert sum(v is not None for v in expected.values()) > 40


def test_members_of_a_holdings_file_weigh_what_it_says(values: Values) -> None:
    expected: dict[date, float | None] = {}
    for day in trading()[1:]:
        out = [d for d in files() if d < day]
        weights, own = files()[max(out) if out else min(files())], moves("RUT", day)
        up = math.fsum(weights[s] for s, (a, b) in own.items() if b > a)
        expected[day] = up / math.fsum(weights[s] for s in own)
    assert twins.lined_up(values("breadth.green_cap", "RUT"), expected) == []


@pytest.mark.parametrize(("subject", "proxy"), [("SPX", "SPY"), ("NDX", "QQQ"), ("RUT", "IWM")])
def test_quiet_is_the_proxys_volume_among_sixty(values: Values, subject: str, proxy: str) -> None:
    volumes = [volume for _, (_, volume) in sorted(closes("split")[proxy].items())]
    expected: dict[date, float | None] = {}
    for k, day in enumerate(trading()):
        earlier = volumes[k - 60 : k] if k >= 60 else []
        ranks = [1.0 if v < volumes[k] else 0.5 if v == volumes[k] else 0.0 for v in earlier]
        expected[day] = 100 * sum(ranks) / 60 if earlier else None
    assert twins.lined_up(values("breadth.quiet", subject), expected) == []


def changed_bars(change: Callable[[pl.DataFrame], pl.DataFrame]) -> dict[str, pl.DataFrame]:
    own = tables()
    return own | {"bars": change(own["bars"])}


def breadth(frames: dict[str, pl.DataFrame], *ids: str) -> pl.DataFrame:
    names = ids or ("green", "green_cap", "green_best_of", "quiet")
    return compute(lazily(frames), Scope("market", INDEXES), [f"breadth.{i}" for i in names])


@pytest.fixture(scope="module")
def plain() -> pl.DataFrame:
    return breadth(tables())


def test_other_money_changes_nothing(plain: pl.DataFrame) -> None:
    dearer = [pl.col(c) * 4 for c in ("open", "high", "low", "close")]
    assert breadth(changed_bars(lambda bars: bars.with_columns(dearer))).equals(plain)


def test_a_split_hides_its_stock_for_one_session_and_changes_nothing_else(plain: pl.DataFrame) -> None:
    day = trading()[1200]
    symbol = sorted(moves("SPX", day))[0]
    old = (pl.col("symbol") == symbol) & (pl.col("session") < day)
    split = [pl.when(old).then(pl.col(c) * 2).otherwise(c).alias(c) for c in ("open", "high", "low", "close")]
    found = breadth(changed_bars(lambda bars: bars.with_columns(split)), "green")
    before = plain.filter(pl.col("id") == "breadth.green")
    differ = found.join(before, on=found.columns, how="anti", nulls_equal=True)
    assert set(differ["at"].dt.date()) == {day}
    there = pl.col("at").dt.date() == day, pl.col("subject") == "SPX"
    assert found.filter(*there)["n"].item() == before.filter(*there)["n"].item() - 1


def test_too_few_closes_give_no_figure_but_a_reason(plain: pl.DataFrame) -> None:
    day = trading()[1500]
    gone = sorted(moves("SPX", day))[:8]
    lost = pl.col("symbol").is_in(gone) & (pl.col("session") == day)
    found = breadth(changed_bars(lambda bars: bars.filter(~lost)))
    row = found.filter(pl.col("id") == "breadth.green", pl.col("subject") == "SPX", pl.col("at").dt.date() == day)
    n, members = len(moves("SPX", day)) - 8, len(listed("SPX", day)[0])
    assert row["n"].item() == n
    assert row["value"].item() is None
    assert row["reason"].item() == f"only {100 * n // members} % of members have both closes in table bars"
    own = found.filter(pl.col("subject") == "SPX", pl.col("value").is_null())
    cap = own.filter(pl.col("id") == "breadth.green_cap", pl.col("at").dt.date() == day)["reason"].item()
    assert cap == row["reason"].item()
    earlier = pl.col("at").dt.date() < day
    assert found.filter(earlier).equals(plain.filter(earlier))


def test_after_a_session_without_a_figure_the_count_begins_anew(plain: pl.DataFrame) -> None:
    """The session before and the one itself have no pair; nothing is compared across them."""
    shares = shares_up("SPX")
    days = list(shares)
    k = next(k for k in range(500, len(days)) if shares[days[k]] > max(shares[d] for d in days[k - 9 : k]))
    gone = pl.col("symbol").is_in(sorted(moves("SPX", days[k - 5]))[:8]) & (pl.col("session") == days[k - 5])
    found = breadth(changed_bars(lambda bars: bars.filter(~gone)), "green_best_of")
    row = found.filter(pl.col("subject") == "SPX", pl.col("at").dt.date() == days[k]).row(0, named=True)
    assert (row["value"], row["base_at"]) == (3, days[k - 3])
    was = plain.filter(
        pl.col("id") == "breadth.green_best_of", pl.col("subject") == "SPX", pl.col("at").dt.date() == days[k]
    )
    assert was["value"].item() >= 9


def by_hand(prices: dict[tuple[str, str], list[float | None]], members: list[dict[str, Any]] | None = None) -> Tables:
    """Give closes by (security, adjustment) on consecutive sessions."""
    bars = [
        bar(symbol, day, close, adjustment)
        for (symbol, adjustment), own in prices.items()
        for day, close in zip(FIRST, own, strict=False)
        if close is not None
    ]
    known = since_2000(*{s for s, _ in prices}) if members is None else members
    return {"bars": table("bars", bars), "membership": table("membership", known)}


def green(own: Tables, id: str = "green") -> list[dict[str, Any]]:
    return compute(own, SPX, [f"breadth.{id}"]).to_dicts()


def test_a_pair_stays_within_one_adjustment_the_best_that_has_both() -> None:
    """B rises unadjusted and falls split-adjusted; C has one close in each series and so no pair."""
    own = by_hand(
        {
            ("A", "total"): [10, 11],
            ("B", "none"): [10, 11],
            ("B", "split"): [10, 9],
            ("C", "none"): [10],
            ("C", "total"): [None, 11],
            ("D", "none"): [10, 10],
            ("E", "split"): [10, 12],
        }
    )
    (row,) = green(own)
    assert (row["value"], row["n"], row["coverage"]) == (0.5, 4, 0.8)
    words = "2 split-adjusted, 1 unadjusted, 1 total-adjusted (dividends count as price)"
    assert row["basis"] == f"point-in-time; price: members' closes, {words}"


def test_a_close_is_set_against_the_session_before_and_no_older_one() -> None:
    own = by_hand({("A", "split"): [10, None, 11, 12]})
    assert [(r["at"].date(), r["value"]) for r in green(own)] == [(FIRST[3], 1)]


def test_an_unchanged_close_is_not_up() -> None:
    assert [r["value"] for r in green(by_hand({("A", "split"): [10, 10, 10.01]}))] == [0, 1]


def test_a_member_counts_from_its_first_session() -> None:
    members = [stay("A", date(2000, 1, 3)), stay("B", FIRST[2]), stay("C", date(2000, 1, 3), FIRST[2])]
    own = by_hand({(s, "split"): [10, 11, 12] for s in "ABC"}, members)
    assert [r["n"] for r in green(own)] == [2, 2]
    apart = by_hand({("A", "split"): [10, 11, 12], ("B", "split"): [10, 9, 8], ("C", "split"): [10, 9, 10]}, members)
    assert [r["value"] for r in green(apart)] == [0.5, 0.5]


def test_a_holdings_file_counts_from_the_day_after_its_date() -> None:
    files_of = [stay(s, FIRST[2], basis="snapshot") for s in "A"] + [stay("B", FIRST[4], basis="snapshot")]
    own = by_hand({("A", "split"): [10, 11, 12, 13, 14, 15], ("B", "split"): [9, 8, 7, 6, 5, 4]}, files_of)
    labels = [(r["value"], (r["basis"] or "").partition(";")[0]) for r in green(own)]
    back, one, two = f"snapshot {FIRST[2]} backcast", f"snapshot {FIRST[2]}", f"snapshot {FIRST[4]}"
    assert labels == [(1, back), (1, back), (1, one), (1, one), (0, two)]
    compared = [(r["value"], (r["basis"] or "").partition(";")[0]) for r in green(own, "green_best_of")]
    late = f"{one}, compared with backcast sessions"
    assert compared == [(0, back), (0, back), (0, late), (0, one), (0, two)]


def test_without_sizes_there_is_no_weighing_and_unadjusted_closes_are_what_sizes_need() -> None:
    day = date(2024, 1, 31)
    own = by_hand({("A", "split"): [10, 11], ("B", "split"): [10, 9]})
    sized = own | {"shares": table("shares", [outstanding(s, date(2024, 1, 15), 100) for s in "AB"])}
    reported = sized | {"short_interest": short({"A": [1], "B": [1]}, [day])}
    (row,) = green(reported, "green_cap")
    assert row["value"] is None
    assert row["reason"] == "only 0 % of members have both closes and a weight in tables bars and shares and membership"
    real = by_hand({("A", "none"): [30, 33], ("B", "none"): [10, 9]})
    (row,) = green(reported | {"bars": real["bars"]}, "green_cap")
    assert (row["value"], row["n"], row["coverage"]) == (0.75, 2, 1.0)
