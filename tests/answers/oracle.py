"""Crowding figures from the publishers' raw files, by DuckDB SQL: an oracle that knows nothing of overshort.

1. Read FINRA's Parquet, the split list and the lists of members as they were published.
2. Members: S&P 500 by dated changes, where none speaks of a symbol by spells; Nasdaq-100 by each year's list and
   changes; Russell 2000 by the first holdings file; Nasdaq and all listed issues by market class.
3. Split ratios by the list; but for S&P 500 and Nasdaq-100 the other flagged rows by inference (``inference.py``).
4. Growth of each cycle, chains, changes, ranks.
"""

import csv
import io
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import yaml

from answers.inference import inferred

__all__ = ["ALL", "CONSOLIDATED", "connected", "figures"]

CONSOLIDATED = "finra/consolidated_20171229_20250613.parquet"
SPELLS = "constituents/fja05680_sp500_ticker_start_end.csv"
CHANGES = "constituents/fja05680_sp500_changes_since_2019.csv"
SPLITS = "splits/index_members_2018_2025.csv"
HOLDINGS = "constituents/ishares/IWM_holdings_2025-05-13.csv"
ALL = ("SPX", "NDX", "RUT", "NASDAQ", "LISTED")

ROWS = """
create table filings as
select regexp_replace(upper(cast(symbolCode as varchar)), '[^A-Z0-9]', '', 'g') as symbol, settlementDate as s,
    currentShortPositionQuantity as pos, previousShortPositionQuantity as prev, averageDailyVolumeQuantity as adv,
    coalesce(cast(stockSplitFlag as varchar), '') = 'S' as flagged, cast(marketClassCode as varchar) as market
from read_parquet(?)
"""
REPORTS = """
create table reports as
select s, row_number() over (order by s) - 1 as k from (select distinct s from filings)
"""
SPX = """
insert into members
with speaking as (
    select symbol, s, max_by(event.joins, (event.on, event.joins)) as joins
    from (select unnest(?) as event), reports, lateral (select event.symbol as symbol)
    where event.on <= s group by all)
select 'SPX', s, symbol from speaking where joins
union
select 'SPX', s, spell.symbol from (select unnest(?) as spell), reports
where spell.first <= s and (spell.last is null or s < spell.last)
    and not exists (select 1 from speaking where speaking.symbol = spell.symbol and speaking.s = reports.s);
"""
NDX = """
insert into members
select 'NDX', s, symbol from (
    select event.symbol as symbol, s, max_by(event.joins, (event.on, event.joins)) as joins
    from (select unnest(?) as event), reports
    where year(event.on) = year(s) and event.on <= s group by all) where joins;
"""
RUT = "insert into members select 'RUT', s, symbol from (select distinct unnest(?) as symbol), reports"
EXCHANGES = """
insert into members
select 'NASDAQ', s, symbol from filings where market in ('NNM', 'SC')
union all
select 'LISTED', s, symbol from filings where market in ('NNM', 'SC', 'NYSE', 'AMEX', 'ARCA', 'BZX', 'IEX')
"""
FLAGGED = """
select f.symbol, f.s, f.pos, f.prev, f.adv, b.adv
from filings f join reports r using (s) left join reports q on q.k = r.k - 1
    left join filings b on b.symbol = f.symbol and b.s = q.s
where f.flagged and f.pos > 0 and f.prev > 0 and not exists (
    select 1 from ratios t where t.symbol = f.symbol and t.s = f.s)
"""
CHAINS = """
create table chains as
with own as (
    select m.subject, s, pos, prev, prev * coalesce(r.ratio, 1.0) as expected, prev > 0 as chained
    from members m join filings using (s, symbol)
        left join ratios r on r.symbol = m.symbol and r.s = m.s and (r.listed or m.subject not in ('SPX', 'NDX'))),
cycles as (
    select subject, s, count(*) as n, sum(pos) as shares, count(*) filter (chained) as chained,
        avg((pos > expected)::double) filter (chained) as breadth,
        sum(pos) filter (chained) / sum(expected) filter (chained) as clean,
        sum(pos) filter (chained) / sum(prev) filter (chained) as naive,
        median(pos / expected) filter (chained) as middle
    from own group by all)
select subject, s, k, n, shares::double as shares, chained, breadth,
    100 * product(if(k = 0, 1, clean)) over chain as clean,
    100 * product(if(k = 0, 1, naive)) over chain as naive,
    100 * product(if(k = 0, 1, middle)) over chain as middle
from cycles join reports using (s) window chain as (partition by subject order by k);
"""
BASES = """
create table bases as
select s, 'last' as span, k - 1 as base from reports
union all select s, '12m', k - 24 from reports
union all select a.s, 'ytd', max(b.k) from reports a join reports b on year(b.s) = year(a.s) - 1 group by a.s;
"""
VALUES = """
with moves as (
    select c.subject, c.s, span, c.clean / b.clean - 1 as change, c.naive / b.naive - 1 as naive_change,
        c.middle / b.middle - 1 as median_change, c.shares / b.shares - 1 as sum_change
    from chains c join bases using (s) join chains b on b.subject = c.subject and b.k = bases.base),
ranks as (
    select c.subject, c.s, span, count(*) as earlier,
        100 * (count(*) filter (e.clean < c.clean) + count(*) filter (e.clean = c.clean) / 2) / count(*) as rank
    from chains c, (values ('1y', 24, 24), ('5y', 120, 60)) as spans(span, most, least), chains e
    where e.subject = c.subject and e.k between c.k - most and c.k - 1
    group by c.subject, c.s, span, least having count(*) >= least)
select 'crowding.chain' as id, subject, s, clean as value, n from chains
union all select 'crowding.shares', subject, s, shares, n from chains
union all select 'crowding.breadth', subject, s, breadth, chained from chains where chained > 0
union all select 'crowding.change_' || span, subject, s, change, null from moves
union all select 'crowding.naive_change_' || span, subject, s, naive_change, null from moves
union all select 'crowding.median_change_' || span, subject, s, median_change, null from moves
union all select 'crowding.sum_change_' || span, subject, s, sum_change, null from moves
union all select 'crowding.rank_' || span, subject, s, rank, earlier from ranks
"""
Event = dict[str, str | date | bool | None]
Figures = dict[tuple[str, str, date], tuple[float, int | None]]


def _plain(symbol: str) -> str:
    return "".join(c for c in symbol.upper() if c.isalnum())


def _event(symbol: str, on: str, joins: bool) -> Event:
    return {"symbol": _plain(symbol), "on": date.fromisoformat(on), "joins": joins}


def _spells(data: Path) -> list[Event]:
    rows = csv.DictReader((data / SPELLS).read_text().splitlines())
    return [
        {
            "symbol": _plain(r["ticker"]),
            "first": date.fromisoformat(r["start_date"]),
            "last": date.fromisoformat(r["end_date"]) if r["end_date"] else None,
        }
        for r in rows
    ]


def _sp_events(data: Path) -> Iterator[Event]:
    for row in csv.DictReader((data / CHANGES).read_text().splitlines()):
        for column, joins in (("add", True), ("remove", False)):
            yield from (_event(symbol, row["date"], joins) for symbol in row[column].split(",") if symbol.strip())


def _nasdaq_events(data: Path) -> Iterator[Event]:
    """YAML 1.1 reads the ticker ON as a boolean; the base loader leaves every scalar text."""
    for path in sorted((data / "constituents/n100").glob("*.yaml")):
        year = yaml.load(path.read_text(), Loader=yaml.BaseLoader)
        yield from (_event(s, f"{year['year']}-01-01", True) for s in year["tickers_on_Jan_1"])
        for on, change in (year.get("changes") or {}).items():
            for kind, joins in (("union", True), ("difference", False)):
                yield from (_event(s, on, joins) for s in change.get(kind) or ())


def _holdings(data: Path) -> list[str]:
    """Stocks on an exchange; a contingent value right and a cash accrual are listed among them."""
    text = (data / HOLDINGS).read_text("utf-8-sig")
    rows = csv.DictReader(io.StringIO(text[text.index("Ticker,Name") :]))
    traded = ("NASDAQ", "New York Stock Exchange Inc.", "Nyse Mkt Llc")
    found = [r for r in rows if r["Asset Class"] == "Equity" and r["Exchange"] in traded]
    return [_plain(r["Ticker"]) for r in found if r["Ticker"] != "-" and not r["Name"].endswith(" CVR")]


def connected(data: Path) -> duckdb.DuckDBPyConnection:
    """Open a database with filings, reports, members, ratios and chains."""
    con = duckdb.connect()
    con.execute("create table members (subject varchar, s date, symbol varchar)")
    con.execute("create table ratios (symbol varchar, s date, ratio double, listed boolean)")
    con.execute(ROWS, [str(data / CONSOLIDATED)])
    con.execute(REPORTS)
    con.execute(SPX, [list(_sp_events(data)), _spells(data)])
    con.execute(NDX, [list(_nasdaq_events(data))])
    con.execute(RUT, [_holdings(data)])
    con.execute(EXCHANGES)
    _load_ratios(con, data)
    con.execute(BASES)
    con.execute(CHAINS)
    return con


def _load_ratios(con: duckdb.DuckDBPyConnection, data: Path) -> None:
    listed = csv.DictReader((data / SPLITS).read_text().splitlines())
    rows = [(_plain(r["symbol"]), r["settlement_date"], float(r["ratio_new_per_old"]), True) for r in listed]
    con.executemany("insert into ratios values (?, ?, ?, ?)", rows)
    flagged = con.execute(FLAGGED).fetchall()
    found = [{"symbol": f[0], "s": f[1], "ratio": inferred(*f[2:])[0], "listed": False} for f in flagged]
    con.execute("insert into ratios select r.symbol, r.s, r.ratio, r.listed from (select unnest(?) as r)", [found])


def figures(con: duckdb.DuckDBPyConnection) -> Figures:
    """Give value and count by (id, subject, settlement)."""
    return {(i, subject, s): (value, n) for i, subject, s, value, n in con.execute(VALUES).fetchall()}
