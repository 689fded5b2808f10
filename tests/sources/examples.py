"""One invented file of every kind; the battery takes them from here. No row of them stands in a publisher's file."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl
from openpyxl import Workbook

from overshort.sources import Options
from sources import option_examples as options
from sources import service_examples as services

__all__ = ["EXAMPLES", "Example", "parquet", "workbook"]


NOTHING = Options()


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """An invented file.

    Attributes
    ----------
    content
        The file.
    rows
        Rows by table that it gives.
    last
        Its last data row without line end, where it is text.
    delimiter
        What separates its columns, where something does.
    latin
        It is Latin-1, of which no byte is wrong.
    """

    content: bytes
    rows: dict[str, int]
    last: bytes = b""
    delimiter: bytes = b""
    options: Options = NOTHING
    latin: bool = False

    @property
    def is_text(self) -> bool:
        return self.last != b""


def parquet(columns: Mapping[str, Sequence[object] | pl.Series], **types: pl.DataType) -> bytes:
    """Give columns as Parquet."""
    file = io.BytesIO()
    pl.DataFrame(columns, schema_overrides=types).write_parquet(file)
    return file.getvalue()


def workbook(**sheets: Sequence[Sequence[object]]) -> bytes:
    """Give sheets as a workbook of Excel; an underscore in a name stands for a blank."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name.replace("_", " "))
        for row in rows:
            sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def text(*lines: str, end: str = "\n") -> bytes:
    return ("\n".join(lines) + end).encode()


CONSOLIDATED = (
    "accountingYearMonthNumber|symbolCode|issueName|issuerServicesGroupExchangeCode|marketClassCode"
    "|currentShortPositionQuantity|previousShortPositionQuantity|stockSplitFlag|averageDailyVolumeQuantity"
    "|daysToCoverQuantity|revisionFlag|changePercent|changePreviousNumber|settlementDate",
    '20220414|ZZAA|Zigzag "A" Shares|R|NNM|5000|4000||1000|5.00||25.00|1000|2022-04-14',
    "20220414|ZZBPRC|Zigzag Preferred C|A|NYSE|0|0||0|0.00||0.00|0|2022-04-14",
    "20220414|YYQ|Yonder, Split & Revised|E|ARCA|90000|3000|S||N/A|R|2900.00|87000|2022-04-14",
    "20220414|XXNEW|New Issue|S|OTC|77||||999.99||100.00|77|2022-04-14",
)
EXPORT = (
    '"Settlement Date","Issue Name","Symbol","Market","Current Short","Previous Short","Chg",'
    '"% Change from Previous","Avg Daily Vol","Days to Cover","Revision Flag"',
    '"2022-04-29","Zigzag, Inc.","ZZAA","NNM","6000","5000","1000","20","1500","4","R"',
    '"2022-04-14","Zigzag, Inc.","ZZAA","NNM","5000","4000","1000","25","","",',
)
ANNOUNCED = (
    "settlement_date,published_date,global_market_issues,global_market_shares,capital_market_issues,"
    "capital_market_shares,total_issues,total_shares",
    "2022-04-29,,31,400000,,,,",
    "2022-04-14,2022-04-27,30,500000,20,100000,50,600001",
)
SPLITS = (
    "symbol,settlement_date,ratio_new_per_old,checked",
    "ZZ.A,2022-04-14,1.5,invented",
    "YYQ,2022-04-14,30,invented",
)
TRIGGERS = ("symbol,from,level,to,note", "ZZ.A,2022-04-14,605.5,,invented", "YYQ,2022-04-14,30,2022-05-02,invented")
SPELLS = ("ticker,start_date,end_date", "ZZ.A,2001-02-03,2010-11-12", "ZZ.A,2015-01-02,", "YYQ,1999-05-06,2020-07-08")
CHANGED = ("date,add,remove", '2022-03-01,"ZZA,YYQ","XXB"', '2022-04-01,"WWC",', '2022-06-01,"","YYQ"')
LISTED = (
    "Symbol,Security,GICS Sector,GICS Sub-Industry,Headquarters Location,Date added,CIK,Founded",
    'ZZ.A,Zigzag,Industrials,Zigzags,"Nowhere, Utopia",1999-01-04,1,"1900"',
    'YYQ,Yonder,Energy,Yonders,"Elsewhere, Utopia",2001-01-04,2,"1950"',
)
YEAR = (
    "---",
    "year: 2022",
    "tickers_on_Jan_1:",
    "  - ON",
    "  - YYQ",
    "  - ZZA",
    "changes:",
    "  '2022-03-01':",
    "    difference:",
    "      - YYQ",
    "    union:",
    "      - WWC",
    '  "2022-11-21":',
    "    difference:",
    "      - WWC",
)
PREAMBLE = (
    "iShares Russell 2000 ETF",
    'Fund Holdings as of,"Mar 04, 2022"',
    'Inception Date,"May 22, 2000"',
    'Shares Outstanding,"1,000,000.00"',
    'Stock,"-"',
    'Bond,"-"',
    'Cash,"-"',
    'Other,"-"',
    "\u00a0",
)
HELD = (
    "Ticker,Name,Sector,Asset Class,Market Value,Weight (%),Notional Value,Quantity,Price,Location,Exchange,Currency,"
    "FX Rate,Market Currency,Accrual Date",
    '"ZZA","ZIGZAG INC","Energy","Equity","1,000.00","0.50","1,000.00","10.00","100.00","Utopia","NASDAQ","USD","1.00",'
    '"USD","-"',
    '"YYQB","YONDER CLASS B","Energy","Equity","500.00","0.25","500.00","10.00","50.00","Utopia",'
    '"New York Stock Exchange Inc.","USD","1.00","USD","-"',
)
NOTICE = ("\u00a0", '"Invented notice.', 'Over two lines."')
INVESCO = (
    "Fund Ticker,Security Identifier,Holding Ticker,Shares/Par Value,MarketValue,Weight,Name,Class of Shares,Sector,"
    "Date",
    'QQQ,000000001,ZZA ,"1,000","2,000.50",12.5,Zigzag Inc,Common Stock,Energy,03/04/2022',
    'QQQ,000000002,YYQ ,"10","20.50",0.125,Yonder Inc ADR,American Depository Receipt,Energy,03/04/2022',
)
SEEN: dict[str, Sequence[object]] = {
    "symbol": ["ZZA", "ZZ.PRB", "YYQ", "XXB"],
    "shares_outstanding": [5e6, None, 3e9, None],
    "public_float": [4e6, 120_000.0, None, None],
    "shares_sold_short": [1.0, 2.0, 3.0, 4.0],
    "first_seen_commit_date": ["2022-04-27", "2022-04-27", "2022-04-28", "2022-04-28"],
}
REPORT: dict[str, Sequence[object]] = {
    "symbolCode": ["ZZAA", "YYQ"],
    "issueName": ["Zigzag", "Yonder"],
    "issuerServicesGroupExchangeCode": ["R", "E"],
    "marketClassCode": ["NNM", "ARCA"],
    "currentShortPositionQuantity": [5000, 90_000],
    "previousShortPositionQuantity": [4000, None],
    "stockSplitFlag": ["", "S"],
    "averageDailyVolumeQuantity": [1000, None],
    "daysToCoverQuantity": [5.0, None],
    "revisionFlag": ["", "R"],
    "settlementDate": [date(2022, 4, 14), date(2022, 4, 29)],
}
DAYS = (
    "Date,Open,High,Low,Close,Adj Close,Volume",
    "2022-03-03,10.5,11,10,10.75,9.9,1500",
    "2022-03-04,10.5,10.5,10.5,10.5,9.8,0",
    "2022-03-07,10,12.25,9.5,12.25,9.7,3000",
)
MISPRINTED = (
    "DATE,OPEN,HIGH,LOW,CLOSE",
    "03/03/2022,31.10,31.10,31.10,31.10",
    "03/04/2022,0,0,0,32.20",
    "03/07/2022,3.5,36.5,30.25,35.5",
)
VALUES = ("DATE,VVIX", "03/03/2022,131.10", "03/04/2022,132.20")
HOURS = (
    "timestamp,open,high,low,close,volume",
    "2022-03-11 19:30:00+00:00,10.5,11,10,10.75,0",
    "2022-03-11 20:30:00+00:00,10.5,11,10,10.75,1500",
    "2022-03-14 13:30:00+00:00,10.5,11,10,10.75,2500",
    "2022-03-14 14:30:00+00:00,10.5,11,10,10.75,3500",
)
WALLS = (
    "Datetime,Close,Open,High,Low,Volume",
    "2022-03-04 09:30:00,10.75,10.5,11,10,100",
    "2022-03-04 09:35:00,10.75,10.5,11,10,200",
    "2022-03-04 09:40:00,10.75,10.5,11,10,300",
)
LOTS = (
    ",Open,High,Low,Close,Volume",
    "2022-03-11 15:15:00,10.5,11,10,10.75,1",
    "2022-03-11 15:30:00,10.5,11,10,10.75,20",
    "2022-03-14 14:15:00,10.5,11,10,10.75,3",
    "2022-03-14 14:30:00,10.5,11,10,10.75,40",
)
ADJUSTED: dict[str, Sequence[object]] = {
    "Date": [datetime(2022, 3, 3), datetime(2022, 3, 3), datetime(2022, 3, 4)],  # noqa: DTZ001 a cell has no zone
    "ticker": ["ZZA", "YY-B", "ZZA"],
    "adj_close": [10.5, 20.25, 11.125],
}
MONTH_ENDS = ("yyyymm,sp500_month_end_close,source", "188502,12.25,invented", "202204,3400.5,invented")
SHILLER = (
    "Date,SP500,Dividend,Earnings,Consumer Price Index,Long Interest Rate,Real Price,Real Dividend,Real Earnings,PE10",
    "1885-02-01,12.25,0.5,1.25,9.5,4.5,150.5,6.5,15.5,0.0",
    "2022-01-01,3400.5,50.5,150.5,280.5,1.75,3410.5,51.5,151.5,30.5",
    "2022-02-01,3300.5,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0",
)
WEEKS = (
    "week_ending,VIX,VXN,GVZ,OVX,VXEWZ,VXEFA,VVIX,SKEW",
    "2022-04-08,31.5,,,,,,,130.25",
    "2022-04-15,22.5,25.5,17.5,41.5,32.5,21.5,118.5,135.5",
)
MONTHLY = (
    ("yyyymm", "price", "d/p", "shtint", "empty"),
    (188502, 12.25, 0.0000001, None, None),
    (202203, 3400.123456789012, 0.015, -1.25, None),
)
RRZ = {
    "GW_variables": (("yyyymm", "Index", "b/m"), (188502, 12.25, "NaN"), (201403, 1800.5, 0.25)),
    "Short_interest": (("Date", "EWSI", "VWSI, log cap"), (201402, 5.25, 4), (201403, 5.5, 4.5)),
    "Returns": (("Date", "S&P 500 VW"), (201402, 0.01), (201403, -0.02)),
}
CONSOLIDATED_VOLUME = (
    "Date|Symbol|ShortVolume|ShortExemptVolume|TotalVolume|Market",
    "20220304|YYQ|250.692872|2|1000|B,Q,N",
    "20220304|ZZ/A|0|0|7.5|Q",
    "20220304|ZZpC|3|0|7|Q,N",
)
FACILITY_VOLUME = (CONSOLIDATED_VOLUME[0], "20220304|YYQ|50|0|100|N", "20220304|ZZ/A|1|0|7|N")
FAILS = (
    "SETTLEMENT DATE|CUSIP|SYMBOL|QUANTITY (FAILS)|DESCRIPTION|PRICE",
    '20220303|000000001|ZZA|1200|ZIGZAG "A" INC COM|10.25',
    "20220314|G0000000X|YYQ|5|YONDER CAF\u00c9|.",
    "20220315|000000001|ZZA|800|ZIGZAG INC COM|10.50",
)
BORROW = (
    "#BOF|2022.03.04|09:30:15",
    "#SYM|CUR|NAME|CON|ISIN|REBATERATE|FEERATE|AVAILABLE|",
    'ZZ A|USD|ZIGZAG "A" INC|1|XXXXXXX0001|-1.5000|3.2500|>10000000|',
    "YYQ PRC|USD|YONDER PREF C|2|XXXXXXX0002|NA|NA|NA|",
    "XXB|USD|XENON BETA|3|XXXXXXX0003|0.2500|0.2500|300|",
)
ON_A_DAY = Options(dated=date(2022, 3, 4))


def lined(lines: Sequence[str], rows: dict[str, int], options: Options = ON_A_DAY) -> Example:
    delimiter = b"|" if "|" in lines[0] else b","
    return Example(content=text(*lines), rows=rows, last=lines[-1].encode(), delimiter=delimiter, options=options)


def counted(lines: Sequence[str], rows: dict[str, int], *after: str, latin: bool = False) -> Example:
    """Give lines with a count behind them."""
    body = "\n".join([*lines, *after, ""]).encode("latin-1" if latin else "utf-8")
    return Example(content=body, rows=rows, last=lines[-1].encode(), delimiter=b"|", latin=latin)


OF_NDX, SEEN_ON = Options(index="NDX"), Options(dated=date(2022, 3, 4))
EXAMPLES: dict[str, tuple[Example, ...]] = {
    "finra.consolidated": (
        lined(CONSOLIDATED, {"short_interest": 4}),
        Example(
            content=parquet(REPORT, symbolCode=pl.Categorical(), stockSplitFlag=pl.Categorical()),
            rows={"short_interest": 2},
        ),
        Example(content=text(*services.JSON_PAGES), rows={"short_interest": 2}),
        Example(content=text(*services.CSV_PAGES), rows={"short_interest": 2}),
    ),
    "finra.export": (lined(EXPORT, {"short_interest": 2}),),
    "nasdaq.announcements": (lined(ANNOUNCED, {"totals": 4, "publications": 2}),),
    "overshort.splits": (lined(SPLITS, {"splits": 2}),),
    "overshort.triggers": (lined(TRIGGERS, {"levels": 4}),),
    "sp500.spells": (lined(SPELLS, {"membership": 3}),),
    "sp500.changes": (lined(CHANGED, {"membership": 4}),),
    "sp500.list": (lined(LISTED, {"membership": 2}),),
    "nasdaq100.years": (Example(content=text(*YEAR), rows={"membership": 4}, last=YEAR[-1].encode()),),
    "ishares.holdings": (
        Example(
            content=text(*PREAMBLE, *HELD, *NOTICE, end=""),
            rows={"membership": 2},
            last=HELD[-1].encode(),
            delimiter=b",",
        ),
        Example(
            content=text(*HELD, *NOTICE, end=""),
            rows={"membership": 2},
            last=HELD[-1].encode(),
            delimiter=b",",
            options=Options(dated=date(2022, 3, 4), index="RUT"),
        ),
    ),
    "invesco.fund": (
        Example(content=text(*services.FUND), rows={"membership": 2}, last=services.FUND[-1].encode(), options=OF_NDX),
    ),
    "sec.shares": (
        Example(content=text(*services.FILERS), rows={"shares": 2}, last=services.FILERS[-1].encode(), options=SEEN_ON),
    ),
    "sec.filings": (Example(content=text(*services.FILINGS), rows={"shares": 3}, last=services.FILINGS[-1].encode()),),
    "invesco.holdings": (lined(INVESCO, {"membership": 2}),),
    "wsj.shares": (Example(content=parquet(SEEN), rows={"shares": 3}),),
    "sp500.month_ends": (lined(MONTH_ENDS, {"levels": 2}),),
    "shiller.monthly": (lined(SHILLER, {"levels": 11}),),
    "cboe.weeks": (lined(WEEKS, {"levels": 10}),),
    "goyal_welch.predictors": (
        Example(content=workbook(Monthly=MONTHLY, Quarterly=MONTHLY, Annual=MONTHLY), rows={"levels": 5}),
    ),
    "rapach.predictors": (Example(content=workbook(**RRZ), rows={"levels": 9}),),
    "finra.short_volume": (
        counted(CONSOLIDATED_VOLUME, {"flows": 3}, "3"),
        counted(FACILITY_VOLUME, {"flows": 2}, "2"),
    ),
    "sec.fails": (
        counted(FAILS, {"flows": 3}, "Trailer record count 3", "Trailer total quantity of shares 2005", latin=True),
        counted(FAILS, {"flows": 3}, "", latin=True),
    ),
    "cboe.option_trades": (
        lined(options.OPTION_TRADES, {"option_trades": 3}),
        lined(options.CALCULATED, {"option_trades": 2}),
    ),
    "thetadata.trade_quote": (lined(options.TRADES_WITH_QUOTES, {"option_trades": 2}),),
    "massive.option_trades": (lined(options.FLAT_TRADES, {"option_trades": 4}),),
    "massive.option_quotes": (lined(options.FLAT_QUOTES, {"option_quotes": 3}),),
    "databento.csv": (lined(options.PRETTY, {"option_trades": 2}), lined(options.FIXED, {"option_trades": 2})),
    "databento.dbn": (
        Example(content=options.encoded("tbbo"), rows={"option_trades": 2}),
        Example(content=options.encoded("trades", packed=True), rows={"option_trades": 2}),
    ),
    "cboe.chain": (Example(content=text(*options.CHAIN), rows={"option_chain": 2}, last=options.CHAIN[-2].encode()),),
    "ibkr.borrow": (counted(BORROW, {"borrow": 3}, "#EOF|3"),),
    "prices.daily": (
        lined(DAYS, {"bars": 3, "levels": 0}, Options(symbol="ZZ.D")),
        lined(MISPRINTED, {"bars": 0, "levels": 3}, Options(symbol="VIX")),
    ),
    "prices.closes": (
        Example(
            content=parquet(ADJUSTED, ticker=pl.Categorical(), adj_close=pl.Float32()),
            rows={"bars": 3},
        ),
    ),
    "cboe.series": (Example(content=text(*VALUES), rows={"levels": 2}, last=VALUES[-1].encode()),),
    "prices.intraday": (lined(HOURS, {"bars": 4}, Options(symbol="ZZH")),),
    "prices.local": (lined(WALLS, {"bars": 3}, Options(symbol="ZZW", zone="America/New_York")),),
    "ibkr.bars": (lined(LOTS, {"bars": 4}, Options(symbol="ZZI", zone="Europe/Amsterdam")),),
}
