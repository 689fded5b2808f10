"""Each publisher's service, replayed: from the real files cut to a few rows, or from invented ones where there is none.

A replay knows which instant it is, what its server answers, and into which tables its rows go.
"""

import csv
import gzip
import io
import json
import re
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

import polars as pl

from overshort import sessions
from publishers.server import Handler, Heard, Reply
from sources.option_examples import CHAIN, FIXED, FLAT_TRADES, TRADES_WITH_QUOTES

__all__ = ["FINRA_COLUMNS", "REPLAYS", "Replay", "finra", "report_rows"]

ROWS = 120
FINRA_COLUMNS = [
    "symbolCode",
    "issueName",
    "issuerServicesGroupExchangeCode",
    "marketClassCode",
    "currentShortPositionQuantity",
    "previousShortPositionQuantity",
    "stockSplitFlag",
    "averageDailyVolumeQuantity",
    "daysToCoverQuantity",
    "revisionFlag",
    "changePercent",
    "changePreviousNumber",
    "settlementDate",
]
DATASET = "group/otcMarket/name/consolidatedShortInterest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """One feed's publisher.

    Attributes
    ----------
    now
        The instant at which it is asked.
    made
        Makes what the server does; from the folder of real files where ``real``.
    table
        The table that gets rows.
    wrong_date
        Makes a server that answers with rows of a day to come, or of another than was asked for.
    before
        A file that the store has to hold already.
    file
        Instead of a web server's answers, the one file of an FTP server.
    """

    now: datetime
    table: str
    made: Callable[[Path], Handler] | None = None
    file: Callable[[Path], bytes] | None = None
    since: date | None = None
    real: bool = True
    wrong_date: Callable[[Path], Handler] | None = None
    before: bytes = b""


def _at(day: str, hour: int = 22) -> datetime:
    return datetime.fromisoformat(day).replace(hour=hour, tzinfo=UTC)


@cache
def report_rows(path: Path, day: date, rows: int | None = ROWS) -> pl.DataFrame:
    """Give the rows of a settlement date, the first ones by symbol."""
    whole = pl.scan_parquet(path / "finra" / "consolidated_20171229_20250613.parquet")
    own = whole.filter(pl.col("settlementDate").cast(pl.Date) == day).select(FINRA_COLUMNS).collect()
    return own.sort("symbolCode").with_columns(pl.col("settlementDate").cast(pl.String)).head(rows or own.height)


def finra(of: Callable[[date], pl.DataFrame], days: Sequence[date], *, page: int = 5000, form: str = "json") -> Handler:
    """Answer as FINRA's query service: partitions, and pages no longer than it wants, whatever the limit asked for."""

    def answer(heard: Heard) -> Reply:
        if heard.path == f"/partitions/{DATASET}":
            listed = [{"partitions": [d.isoformat()]} for d in days]
            return Reply(
                body=json.dumps({"partitionFields": ["settlementDate"], "availablePartitions": listed}).encode()
            )
        if heard.path != f"/data/{DATASET}" or heard.method != "POST":
            return Reply(403)
        asked = json.loads(heard.body)
        (only,) = asked["compareFilters"]
        rows = of(date.fromisoformat(only["fieldValue"]))
        some = rows.slice(asked["offset"], min(page, asked["limit"]))
        body = some.write_json() if form == "json" else some.write_csv(quote_style="always")
        return Reply(body=body.encode(), headers={"Record-Total": str(rows.height)}) if rows.height else Reply(204)

    return answer


LATE_DAYS = sessions.settlements_between(date(2025, 5, 15), date(2025, 6, 13))


def _finra(path: Path) -> Handler:
    return finra(lambda day: report_rows(path, day), LATE_DAYS, page=50)


def _finra_wrong(path: Path) -> Handler:
    return finra(lambda _: report_rows(path, date(2020, 4, 15)), LATE_DAYS, page=50)


def _cut(lines: Sequence[str], rows: int = ROWS) -> list[str]:
    return [line.rstrip("\r\n") for line in lines[: rows + 1]]


def _one(path: str, body: bytes) -> Handler:
    """Answer one address, whatever its query, and have nothing elsewhere."""
    return lambda heard: Reply(body=body) if heard.path == path else Reply(404)


def _volume(path: Path, dated: str = "20210604") -> Handler:
    lines = _cut((path / "flows" / "CNMSshvol20210604.txt").read_text().splitlines())
    body = "\n".join([*lines, str(len(lines) - 1), ""]).replace("20210604|", f"{dated}|").encode()
    return _one("/equity/regsho/daily/CNMSshvol20210604.txt", body)


def _fails_text(path: Path, name: str) -> bytes:
    lines = _cut(gzip.decompress((path / "flows" / name).read_bytes()).decode("latin-1").splitlines())
    total = sum(int(line.split("|")[3]) for line in lines[1:])
    ends = [f"Trailer record count {len(lines) - 1}", f"Trailer total quantity of shares {total}", ""]
    return "\r\n".join([*lines, *ends]).encode("latin-1")


def _zipped(name: str, content: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(zipfile.ZipInfo(name), content)
    return file.getvalue()


def _fails(path: Path, real: str = "cnsfails202101a") -> Handler:
    link = "/files/data/other/fails-deliver-data/cnsfails202101a_0.zip"
    page = f'<!DOCTYPE html><html><a href="{link}">January 2021, first half</a></html>'.encode()
    packed = _zipped("cnsfails202101a", _fails_text(path, f"{real}.txt.gz"))
    answers = {"/data-research/sec-markets-data/fails-deliver-data": page, link: packed}
    return lambda heard: Reply(body=answers[heard.path]) if heard.path in answers else Reply(404)


def _fund(path: Path, name: str, dated: date, rows: int = ROWS) -> bytes:
    """Cut a real list of holdings after some rows and give it another date: there is one date a fund on file."""
    text = (path / "constituents" / "ishares" / name).read_text("utf-8-sig")
    head, _, tail = text.partition("\nTicker,")
    lines = f"Ticker,{tail}".split("\n")
    written = f"{dated:%b} {dated.day}, {dated.year}"
    head = re.sub(r'Fund Holdings as of,"[^"]*"', f'Fund Holdings as of,"{written}"', head)
    return "\n".join([head, *lines[: rows + 1], "", '"The content is for information"', ""]).encode("utf-8-sig")


FILES = {"239710": "IWM_holdings_2025-05-13.csv", "239726": "IVV_holdings_2023-04-06.csv"}


def _ishares(path: Path, shift: int = 0) -> Handler:
    def answer(heard: Heard) -> Reply:
        day = datetime.strptime(heard.query["asOfDate"], "%Y%m%d").date()
        if not sessions.is_session(day):
            return Reply(body=b'Empty Fund\nFund Holdings as of,"-"\nTicker,Name,Asset Class,Weight (%),Exchange\n')
        return Reply(body=_fund(path, FILES[heard.query["portfolioId"]], date.fromordinal(day.toordinal() + shift)))

    return answer


def _latest(path: Path, day: date = date(2025, 6, 27)) -> Handler:
    def answer(heard: Heard) -> Reply:
        number = heard.path.split("/")[3]
        return Reply(body=_fund(path, FILES[number], day), headers={"ETag": f'"{number}"'})

    return answer


def _qqq(path: Path, day: str = "2020-07-02") -> Handler:
    rows = list(
        csv.DictReader(io.StringIO((path / "constituents" / "QQQ_holdings_invesco_2020-07-02.csv").read_text()))
    )
    held = [{"ticker": r["Holding Ticker"], "percentageOfTotalNetAssets": float(r["Weight"])} for r in rows]
    held.append({"ticker": None, "percentageOfTotalNetAssets": 0.02})
    found = {"effectiveDate": day, "totalNumberOfHoldings": len(held), "holdings": held}
    return _one("/cache/v1/accounts/en_US/shareclasses/QQQ/holdings/fund", json.dumps(found).encode())


def _vix(path: Path, *more: str) -> Handler:
    lines = (path / "prices" / "vix-daily_cboe_1990_2026-07-23.csv").read_text().splitlines()
    own = [line for line in lines[1:] if "2025-01-02" <= line[:10] <= "2025-06-27"]
    moved = [f"{line[5:7]}/{line[8:10]}/{line[:4]}{line[10:]}" for line in own]
    body = "\r\n".join([lines[0], *moved, *more, "", ""]).encode("utf-8-sig")
    return _one("/api/global/us_indices/daily_prices/VIX_History.csv", body)


def _spx(path: Path, *more: str) -> Handler:
    rows = list(
        csv.DictReader(io.StringIO((path / "prices" / "sp500_index_ohlcv_2010_2025.csv").read_text("utf-8-sig")))
    )
    lines = ["DATE,SPX"]
    for row in rows:
        given = {k.lower(): v for k, v in row.items()}
        y, m, d = (int(p) for p in given["date"].split("/"))
        if (2025, 1, 2) <= (y, m, d) <= (2025, 6, 27):
            lines.append(f"{m:02}/{d:02}/{y},{float(given['close']):.6f}")
    return _one("/api/global/us_indices/daily_prices/SPX_History.csv", ("\r\n".join([*lines, *more]) + "\r\n").encode())


def _borrow(path: Path) -> bytes:
    lines = gzip.decompress((path / "flows" / "ibkr_usa_2022-08-06.txt.gz").read_bytes()).decode().splitlines()
    return "\n".join([*lines[: ROWS + 2], f"#EOF|{ROWS}", ""]).encode()


def _chain(_path: Path) -> Handler:
    return _one("/api/global/delayed_quotes/options/_VIX.json", "\n".join(CHAIN).replace("ZZI", "VIX").encode())


def _chain_later(_path: Path) -> Handler:
    text = "\n".join(CHAIN).replace("ZZI", "VIX").replace("2022-03-05", "2022-03-15")
    return _one("/api/global/delayed_quotes/options/_VIX.json", text.encode())


def _filers(_path: Path) -> Handler:
    tickers = {
        "0": {"cik_str": 77, "ticker": "ZZA", "title": "Zigzag"},
        "1": {"cik_str": 78, "ticker": "ZZ-B", "title": "Zz"},
        "2": {"cik_str": 78, "ticker": "ZZ-PA", "title": "Zz"},
    }
    data = [{"accn": "0", "cik": c, "end": "2022-01-31", "val": v} for c, v in ((77, 5_000_000), (78, 700_000), (9, 1))]
    frame = {"taxonomy": "dei", "pts": len(data), "data": data}
    answers = {
        "/files/company_tickers.json": tickers,
        "/api/xbrl/frames/dei/EntityCommonStockSharesOutstanding/shares/CY2021Q4I.json": frame,
    }
    return lambda h: Reply(body=json.dumps(answers[h.path]).encode()) if h.path in answers else Reply(404)


def _filings(_path: Path) -> Handler:
    tickers = {
        "0": {"cik_str": 77, "ticker": "ZZ-A"},
        "1": {"cik_str": 78, "ticker": "ZZB"},
        "2": {"cik_str": 79, "ticker": "ZZC"},
    }
    counts = [{"end": "2021-10-31", "val": 4_900_000, "filed": "2021-11-02"}]
    counts.append({"end": "2022-01-31", "val": 5_000_000, "filed": "2022-02-08"})
    concept = {"cik": 77, "units": {"shares": counts}}
    answers = {
        "/files/company_tickers.json": tickers,
        "/api/xbrl/companyconcept/CIK0000000077/dei/EntityCommonStockSharesOutstanding.json": concept,
    }
    return lambda h: Reply(body=json.dumps(answers[h.path]).encode()) if h.path in answers else Reply(404)


def _filings_later(path: Path) -> Handler:
    sound = _filings(path)
    return lambda h: Reply(sound(h).status, sound(h).body.replace(b"2022-02-08", b"2022-04-08"))


MEMBERS = b"ticker,start_date,end_date\nZZ.A,2020-01-02,\nZZB,2020-01-02,\nZZC,2020-01-02,2021-06-01\n"
"""Stays in the S&P 500: of the two members that remain the SEC has counts of one."""


def _lines(*lines: str) -> bytes:
    return ("\n".join(lines) + "\n").encode()


def _theta(_path: Path, day: str = "2022-03-04") -> Handler:
    body = _lines(*TRADES_WITH_QUOTES).replace(b"2022-03-04T", f"{day}T".encode())
    return _one("/v3/option/history/trade_quote", body.replace(b"ZZIW", b"VIX"))


def _massive(_path: Path, shift: int = 0) -> Handler:
    moved = _lines(*FLAT_TRADES).replace(b"16464045", str(16464045 + shift).encode())
    return _one("/flatfiles/us_options_opra/trades_v1/2022/03/2022-03-04.csv.gz", gzip.compress(moved, mtime=0))


def _databento(_path: Path, day: int = 0) -> Handler:
    body = _lines(*FIXED).replace(b"16464045", str(16464045 + day).encode()).replace(b"ZZIW  ", b"VIX   ")
    return _one("/v0/timeseries.get_range", body)


WEEK = 86_400 * 7 // 100
_2025 = _at("2025-06-30")
_2022 = _at("2022-03-05", 14)
_TAPE = _at("2022-03-06")
REPLAYS: dict[str, Replay] = {
    "finra.short_interest": Replay(
        now=_2025, table="short_interest", made=_finra, since=date(2025, 5, 15), wrong_date=_finra_wrong
    ),
    "ishares.holdings": Replay(
        now=_2025,
        table="membership",
        made=_ishares,
        since=date(2025, 5, 30),
        wrong_date=lambda path: _ishares(path, shift=3),
    ),
    "ishares.latest": Replay(
        now=_2025, table="membership", made=_latest, wrong_date=lambda path: _latest(path, date(2025, 8, 1))
    ),
    "invesco.qqq": Replay(
        now=_at("2020-07-03"), table="membership", made=_qqq, wrong_date=lambda path: _qqq(path, "2020-08-03")
    ),
    "yahoo.daily": Replay(now=_2025, table="bars"),
    "yahoo.hourly": Replay(now=_2025, table="bars"),
    "cboe.spx": Replay(
        now=_2025, table="levels", made=_spx, wrong_date=lambda path: _spx(path, "07/01/2025,6198.010000")
    ),
    "cboe.vix": Replay(
        now=_2025, table="levels", made=_vix, wrong_date=lambda path: _vix(path, "07/01/2025,16.8,17.0,16.5,16.83")
    ),
    "cboe.chain": Replay(now=_2022, table="option_chain", made=_chain, real=False, wrong_date=_chain_later),
    "finra.short_volume": Replay(
        now=_at("2021-06-06"),
        table="flows",
        made=_volume,
        since=date(2021, 6, 4),
        wrong_date=lambda path: _volume(path, "20210603"),
    ),
    "ibkr.borrow": Replay(now=_at("2022-08-07", 5), table="borrow", file=_borrow),
    "sec.fails": Replay(
        now=_at("2021-02-02"),
        table="flows",
        made=_fails,
        since=date(2021, 1, 1),
        wrong_date=lambda path: _fails(path, "cnsfails202102b"),
    ),
    "sec.shares": Replay(now=_2022, table="shares", made=_filers, real=False),
    "sec.filings": Replay(
        now=_2022, table="shares", made=_filings, real=False, before=MEMBERS, wrong_date=_filings_later
    ),
    "thetadata.trade_quote": Replay(
        now=_TAPE, table="option_trades", made=_theta, real=False, wrong_date=lambda path: _theta(path, "2022-03-03")
    ),
    "massive.option_trades": Replay(
        now=_TAPE, table="option_trades", made=_massive, real=False, wrong_date=lambda path: _massive(path, WEEK)
    ),
    "databento.trades": Replay(
        now=_TAPE, table="option_trades", made=_databento, real=False, wrong_date=lambda path: _databento(path, WEEK)
    ),
}
"""By feed; a feed without one fails the test that counts them."""
