"""One invented file of every kind; the battery takes them from here. No row of them stands in a publisher's file."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from overshort.sources import Options

__all__ = ["EXAMPLES", "Example", "parquet"]


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
    """

    content: bytes
    rows: dict[str, int]
    last: bytes = b""
    delimiter: bytes = b""
    options: Options = NOTHING

    @property
    def is_text(self) -> bool:
        return self.last != b""


def parquet(columns: Mapping[str, Sequence[object] | pl.Series], **types: pl.DataType) -> bytes:
    """Give columns as Parquet."""
    file = io.BytesIO()
    pl.DataFrame(columns, schema_overrides=types).write_parquet(file)
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
ON_A_DAY = Options(dated=date(2022, 3, 4))


def lined(lines: Sequence[str], rows: dict[str, int], options: Options = ON_A_DAY) -> Example:
    delimiter = b"|" if "|" in lines[0] else b","
    return Example(content=text(*lines), rows=rows, last=lines[-1].encode(), delimiter=delimiter, options=options)


EXAMPLES: dict[str, tuple[Example, ...]] = {
    "finra.consolidated": (
        lined(CONSOLIDATED, {"short_interest": 4}),
        Example(
            content=parquet(REPORT, symbolCode=pl.Categorical(), stockSplitFlag=pl.Categorical()),
            rows={"short_interest": 2},
        ),
    ),
    "finra.export": (lined(EXPORT, {"short_interest": 2}),),
    "nasdaq.announcements": (lined(ANNOUNCED, {"totals": 4, "publications": 2}),),
    "overshort.splits": (lined(SPLITS, {"splits": 2}),),
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
    "invesco.holdings": (lined(INVESCO, {"membership": 2}),),
    "wsj.shares": (Example(content=parquet(SEEN), rows={"shares": 3}),),
}
