"""Changes and drawdowns of closes: against SQL on the simulated market, and cases written by hand."""

from datetime import date
from functools import cache
from typing import Any

import duckdb
import polars as pl
import pytest

from contracts.market import lazily, market, tables
from metrics import tiny
from metrics.pricing import sessions_between, traded
from overshort import sessions
from overshort.engine.computing import compute
from overshort.engine.panel import Scope, stocks
from overshort.engine.panel import market as everything
from overshort.metrics import registry

IDS = [i for i in registry() if i.startswith("price.change_")]
SPANS = {"1d": 1, "1w": 5, "1m": 21, "3m": 63, "12m": 252}
DAYS = sessions_between(date(2023, 1, 3), date(2024, 3, 28))
Rows = list[dict[str, Any]]


def found(bars: Rows, id: str, subject: str = "QQQ") -> Rows:
    kind = "market" if subject in ("SPY", "QQQ", "IWM") else "stock"
    rows = compute({"bars": tiny.table("bars", bars)}, Scope(kind, (subject,)), [id]).sort("at").to_dicts()
    return [r | {"at": r["at"].date()} for r in rows]


@cache
def simulated() -> pl.DataFrame:
    return compute(lazily(tables()), Scope("market", ("SPY", "QQQ", "IWM")), [*IDS, "price.drawdown"])


def asked(sql: str) -> Rows:
    """Ask DuckDB about the daily bars of the simulated market and the calendar of sessions."""
    con = duckdb.connect()
    con.execute("create table bars (symbol varchar, interval varchar, session date, close double)")
    con.execute("create table calendar (session date)")
    daily = tables()["bars"].filter(pl.col("symbol").is_in(["SPY", "QQQ", "IWM"]), pl.col("interval") == "1d")
    columns = ("symbol", "interval", "session", "close")
    rows = [dict(zip(columns, row, strict=True)) for row in daily.select(columns).iter_rows()]
    con.execute("insert into bars select r.symbol, r.interval, r.session, r.close from (select unnest(?) as r)", [rows])
    con.execute("insert into calendar select unnest(?)", [sessions.schedule()["session"].to_list()])
    return con.execute(sql).fetchall()


SQL = """
with days as (select session, row_number() over (order by session) as k from calendar),
own as (select b.symbol, b.session, b.close, d.k from bars b join days d using (session)
        where b.interval = '1d' and b.symbol in ('SPY', 'QQQ', 'IWM')),
years as (select symbol, year(session) + 1 as year, arg_max(close, session) as last, max(session) as day
          from own group by all)
select o.symbol, o.session, o.close / {base} - 1 as value, {day} as base_at from own o {joined} order by all
"""


@pytest.mark.parametrize("window", [*SPANS, "ytd"])
def test_changes_equal_sql(window: str) -> None:
    if window == "ytd":
        joined = "left join years p on p.symbol = o.symbol and p.year = year(o.session)"
        sql = SQL.format(base="p.last", day="p.day", joined=joined)
    else:
        joined = f"left join own p on p.symbol = o.symbol and p.k = o.k - {SPANS[window]}"
        sql = SQL.format(base="p.close", day="p.session", joined=joined)
    expected = asked(sql)
    own = simulated().filter(pl.col("id") == f"price.change_{window}").sort("subject", "at")
    rows = own.select("subject", pl.col("at").dt.date(), "value", "base_at").rows()
    assert len(rows) == len(expected) > 5000
    for (*key, value, base), (*other, theirs, day) in zip(rows, expected, strict=True):
        assert key == other
        assert (value, base) == (theirs, day) if theirs is not None else value is None


def test_drawdowns_equal_sql() -> None:
    sql = """
        with own as (select symbol, session, close, max(close) over
                     (partition by symbol order by session rows unbounded preceding) as top
                     from bars where interval = '1d' and symbol in ('SPY', 'QQQ', 'IWM'))
        select o.symbol, o.session, o.close / o.top - 1,
               (select min(p.session) from own p where p.symbol = o.symbol and p.close = o.top) from own o order by all
    """
    own = simulated().filter(pl.col("id") == "price.drawdown").sort("subject", "at")
    assert own.select("subject", pl.col("at").dt.date(), "value", "base_at").rows() == asked(sql)
    assert own["value"].max() == 0


def test_a_close_that_is_not_there_is_not_replaced() -> None:
    bars = traded("QQQ", {d: 100.0 + k for k, d in enumerate(DAYS[:30]) if k != 10})
    rows = {r["at"]: r for r in found(bars, "price.change_1w")}
    assert rows[DAYS[15]]["reason"] == f"no close of {DAYS[10]} in table bars"
    assert rows[DAYS[16]]["value"] == pytest.approx(5 / 111)
    assert rows[DAYS[16]]["base_at"] == DAYS[11]
    assert rows[DAYS[0]]["reason"] == "no close of 2022-12-23 in table bars"
    late = {r["at"]: r for r in found(bars, "price.change_ytd")}
    assert late[DAYS[20]]["reason"] == "no close of 2022-12-30 in table bars"


def test_the_year_begins_at_the_last_close_of_the_one_before() -> None:
    rows = found(traded("QQQ", {d: 100.0 + k for k, d in enumerate(DAYS)}), "price.change_ytd")
    last = [d for d in DAYS if d.year == 2023][-1]
    assert {r["base_at"] for r in rows if r["at"].year == 2024} == {last}
    assert rows[-1]["value"] == pytest.approx((100 + len(DAYS) - 1) / (100 + DAYS.index(last)) - 1)


def test_nothing_is_compared_across_what_may_be_a_split() -> None:
    bars = traded("ZZA", {d: (100.0 if k < 20 else 50.0) + 0.1 * k for k, d in enumerate(DAYS[:40])}, "none")
    rows = found(bars, "price.change_1w", "ZZA")
    assert all(r["value"] is not None for r in rows[5:20])
    said = f"no close of {DAYS[15]} that no split may part from this one in table bars (unadjusted)"
    assert rows[20]["reason"] == said
    assert all(r["value"] is not None for r in rows[25:])
    below = found(bars, "price.drawdown", "ZZA")
    assert [r["value"] for r in below[:20]] == [0.0] * 20
    assert {r["reason"] for r in below[20:]} == {"an unadjusted close in table bars has moved as a split would"}


def test_closes_adjusted_for_splits_come_first_and_fill_in() -> None:
    plain = traded("ZZA", {d: (100.0 if k < 20 else 50.0) for k, d in enumerate(DAYS[:40])}, "none")
    adjusted = traded("ZZA", dict.fromkeys(DAYS[10:40], 50.0), "split")
    rows = found([*plain, *adjusted], "price.change_1d", "ZZA")
    assert {r["value"] for r in rows[1:]} == {0.0}
    assert [r["basis"][-5:] for r in rows[9:12]] == [" none", " none", "split"]


def test_closes_adjusted_for_dividends_are_no_price() -> None:
    assert found(traded("ZZA", dict.fromkeys(DAYS[:30], 5.0), "total"), "price.change_1d", "ZZA") == []


def test_a_fund_as_stock_has_the_figures_of_the_proxy() -> None:
    ids = [*IDS, "price.drawdown"]
    assert compute(lazily(tables()), stocks(["QQQ"]), ids).equals(simulated().filter(pl.col("subject") == "QQQ"))
    assert set(compute(lazily(tables()), everything(), ids)["subject"]) == {"SPY", "QQQ", "IWM"}
    assert market().tables["bars"].height


@pytest.mark.parametrize("n", [50, 200])
def test_above_an_average_is_told_from_the_close_itself(n: int) -> None:
    bars = traded("QQQ", {d: 100.0 + (k % 7) for k, d in enumerate(DAYS)})
    bars = [b | {"high": b["close"] + 1, "low": b["close"] - 1} for b in bars]
    level, above = (found(bars, f"structure.{kind}sma{n}_1d") for kind in ("", "above_"))
    closes = [b["close"] for b in bars]
    for k in range(len(DAYS)):
        mean = sum(closes[k - n + 1 : k + 1]) / n if k >= n - 1 else None
        assert level[k]["value"] == (None if mean is None else pytest.approx(mean, rel=1e-12))
        assert above[k]["value"] == (None if mean is None else float(closes[k] > mean))
