"""Breadth and carry of the real files, recomputed from the publishers' bytes by SQL and plain loops."""

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest

from answers import oracle
from metrics import carrying
from overshort import schema, sessions
from overshort.engine.computing import frame
from overshort.engine.figures import Figure, figures, select
from overshort.engine.panel import market
from overshort.store.lake import Lake

pytestmark = pytest.mark.data
NOW = date(2025, 6, 30)
REPORT = date(2025, 6, 13)
SESSIONS = (date(2012, 3, 6), date(2020, 3, 16), NOW)
CLOSES = "prices/sp500_members_adj_close_2010_2025_long.parquet"
UP = """
with closes as (
    select regexp_replace(upper(cast(ticker as varchar)), '[^A-Z0-9]', '', 'g') as symbol, cast("Date" as date) as day,
        adj_close::double as close
    from read_parquet(?) where adj_close is not null),
pairs as (
    select c.symbol, p.s, c.close > b.close as up
    from (select unnest(?) as p), lateral (select p.s as s, p.before as before), closes c, closes b
    where c.day = s and b.day = before and b.symbol = c.symbol)
select m.s, count(*), count(up), avg(up::int) from members m left join pairs using (s, symbol) group by m.s
"""


@pytest.fixture(scope="module")
def now(real: pl.DataFrame) -> list[Figure]:
    return figures(real, sessions.end_of_day(NOW), simulated=False)


@pytest.fixture(scope="module")
def con(data: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Members of the S&P 500 on the three sessions and at the newest report, by the oracle's SQL."""
    with duckdb.connect() as con:
        con.execute("create table members (subject varchar, s date, symbol varchar)")
        con.execute("create table reports as select unnest(?) as s", [[*SESSIONS, REPORT]])
        con.execute(oracle.SPX, [list(oracle._sp_events(data)), oracle._spells(data)])
        yield con


def test_the_share_of_members_up_on_three_sessions(
    real: pl.DataFrame, data: Path, con: duckdb.DuckDBPyConnection
) -> None:
    pairs = [{"s": s, "before": sessions.previous_session(s)} for s in SESSIONS]
    expected = {s: row for s, *row in con.execute(UP, [str(data / CLOSES), pairs]).fetchall() if s in SESSIONS}
    own = real.filter(pl.col("id") == "breadth.green", pl.col("subject") == "SPX")
    found = {row["at"].date(): row for row in own.iter_rows(named=True)}
    for s, (members, n, share) in expected.items():
        assert (found[s]["n"], found[s]["coverage"]) == (n, pytest.approx(n / members))
        if n >= 0.8 * members:
            assert found[s]["value"] == pytest.approx(share, rel=1e-12)
        else:
            assert found[s]["reason"].startswith("only ")
    assert expected[NOW][:2] == [503, 482]


def test_a_member_moves_in_single_precision_no_further_than_the_file_says(data: Path, lake: Lake) -> None:
    """The file has single precision; what the store keeps compares alike."""
    first = pl.scan_parquet(data / CLOSES).filter(pl.col("ticker") == "AAPL").select("adj_close").collect().to_series()
    kept = lake.scan("bars").filter(pl.col("symbol") == "AAPL", pl.col("adjustment") == "total").sort("session")
    assert (kept.select("close").collect().to_series().cast(pl.Float32) == first.drop_nulls()).all()


def test_breadth_as_of_the_end_of_june_2025(now: list[Figure]) -> None:
    own = select(now, "SPX")
    green, cap, quiet = own["breadth.green"], own["breadth.green_cap"], own["breadth.quiet"]
    assert (green.at, green.n, green.members) == ("2025-06-30", 482, "point-in-time")
    assert green.price_source == "members' closes, total-adjusted (dividends count as price)"
    assert cap.value is None
    assert "tables bars and shares and membership" in (cap.reason or "")
    assert (quiet.n, quiet.price_source) == (60, "SPY volume, adjustment split")
    russell = select(now, "RUT")["breadth.green"]
    assert (russell.value, russell.reason) == (None, "only 0 % of members have both closes in table bars")


def proxy(data: Path, symbol: str) -> dict[date, carrying.Bar]:
    (file,) = data.glob(f"prices/{symbol}_yahoo_*.csv")
    rows = csv.DictReader(file.read_text("utf-8-sig").splitlines())
    return {date.fromisoformat(r["Date"]): (float(r["Close"]), float(r["Volume"])) for r in rows}


def filings(data: Path, symbols: list[str]) -> dict[str, list[dict[str, object]]]:
    with duckdb.connect() as con:
        con.execute(oracle.ROWS, [str(data / oracle.CONSOLIDATED)])
        con.execute("create table wanted as select unnest(?) as symbol", [symbols])
        rows = con.execute("select f.symbol, s, pos, prev from filings f semi join wanted using (symbol) order by s")
        out: dict[str, list[dict[str, object]]] = {}
        for symbol, s, pos, prev in rows.fetchall():
            out.setdefault(symbol, []).append({"settlement": s, "position": pos, "previous": prev})
        return out


CALENDAR = sessions.settlements_between(date(2017, 12, 1), date(2025, 6, 30))


@pytest.mark.parametrize("symbol", ["SPY", "QQQ", "IWM"])
def test_the_funds_own_shorts(now: list[Figure], data: Path, symbol: str) -> None:
    bars = proxy(data, symbol)
    entry = carrying.entries(filings(data, [symbol])[symbol], bars, CALENDAR, {}, adjusted=True)[REPORT]
    assert entry is not None
    own = select(now, symbol)
    assert own["carry.entry"].value == pytest.approx(entry, rel=1e-9)
    assert own["carry.mtm"].value == pytest.approx((entry - bars[NOW][0]) / entry, rel=1e-9)
    assert (own["carry.mtm"].at, own["carry.mtm"].base_date) == ("2025-06-30", "2017-12-29")
    assert own["carry.cost_annual"].reason == "no fee of the last seven days in table borrow"


def members_closes(data: Path) -> dict[str, dict[date, carrying.Bar]]:
    rows = pl.read_parquet(data / CLOSES).drop_nulls().filter(pl.col("Date") > pl.datetime(2017, 11, 1))
    plain = pl.col("ticker").cast(pl.String).str.replace_all("[^A-Z0-9]", "")
    out: dict[str, dict[date, carrying.Bar]] = {}
    for symbol, day, close in rows.select(plain, pl.col("Date").dt.date(), "adj_close").iter_rows():
        out.setdefault(symbol, {})[day] = float(close), None
    return out


def test_the_index_adds_up_its_members(
    now: list[Figure], data: Path, lake: Lake, con: duckdb.DuckDBPyConnection
) -> None:
    listed = [s for (s,) in con.execute("select symbol from members where s = ?", [REPORT]).fetchall()]
    ratios = frame("ratios", {n: lake.scan(n) for n in schema.TABLES}, market())
    by_symbol: dict[str, dict[date, float]] = {}
    for symbol, s, ratio in ratios.select("symbol", "settlement", "ratio").iter_rows():
        by_symbol.setdefault(symbol, {})[s] = ratio
    closes, cost, gain, n = members_closes(data), 0.0, 0.0, 0
    for symbol, rows in filings(data, listed).items():
        bars = closes.get(symbol, {})
        entry = carrying.entries(rows, bars, CALENDAR, by_symbol.get(symbol, {}), adjusted=True).get(REPORT)
        if entry is not None and NOW in bars:
            position = int(str(rows[-1]["position"]))
            cost, gain, n = cost + position * entry, gain + position * (entry - bars[NOW][0]), n + 1
    own = select(now, "SPX")["carry.mtm"]
    assert own.value == pytest.approx(gain / cost, rel=1e-9)
    assert (own.n, own.coverage) == (n, pytest.approx(n / len(listed)))
    assert n == 482
    assert own.price_source == ("members' closes, total-adjusted (dividends count as price); cohorts at mean closes")


def test_the_conditions_of_the_end_of_june_2025(now: list[Figure]) -> None:
    own = {name: select(now, "SPX")[f"fragile.{name}"] for name in ("refusal", "cheap_volatility", "persistence")}
    assert {name: figure.value for name, figure in own.items()} == dict.fromkeys(own, False)
    assert own["refusal"].base_date == "2025-06-13"
