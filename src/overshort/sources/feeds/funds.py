"""Holdings of funds that follow an index: iShares by date, Invesco's QQQ as it is today.

iShares answers for a day without holdings with an empty shell, and one of its services with another day's list: the
reader refuses a list whose date is not the one asked for.  Invesco ignores dates; a list says its own.
"""

from datetime import date, datetime, timedelta

from overshort import sessions
from overshort.sources.declare import Options
from overshort.sources.feeds.declare import Asked, Feed, Held, any_day, kept_in, newest_session
from overshort.sources.wire import Request, Wire

__all__ = ["ISHARES", "LATEST", "QQQ"]

ISHARES_HOST, BLACKROCK, INVESCO = "www.ishares.com", "www.blackrock.com", "dng-api.invesco.com"
FUNDS = {"IWM": ("239710", "ishares-russell-2000-etf", "RUT"), "IVV": ("239726", "ishares-core-sp-500-etf", "SPX")}
FIRST = date(2010, 12, 31)
OUT = timedelta(days=1)


def _settlements(first: date, now: datetime) -> list[date]:
    """Give the settlement dates of short interest whose holdings are out: members are needed on these days."""
    day = (now - OUT).astimezone(sessions.NEW_YORK).date()
    return sessions.settlements_between(max(first, FIRST), day)


def _held(held: Held, part: str) -> frozenset[date]:
    return held("membership", index=FUNDS[part][2], source="ishares.holdings")


def _holdings(asked: Asked, wire: Wire) -> bytes:
    query = {
        "appType": "PRODUCT_PAGE",
        "appSubType": "ISHARES",
        "targetSite": "us-ishares",
        "locale": "en_US",
        "portfolioId": FUNDS[asked.part][0],
        "userType": "individual",
        "component": "holdings",
        "asOfDate": f"{asked.day:%Y%m%d}",
    }
    path = "varnish-api/blk-one01-product-data/product-data/api/v1/get-fund-document"
    return wire.ask(Request(url=f"https://{BLACKROCK}/{path}", query=query)).body


def _dated(asked: Asked) -> Options:
    return Options(dated=asked.day, index=FUNDS[asked.part][2])


ISHARES = Feed(
    name="ishares.holdings",
    about="iShares holdings of IWM (Russell 2000) and IVV (S&P 500) on settlement dates",
    hosts=frozenset({BLACKROCK}),
    kinds=frozenset({"ishares.holdings"}),
    dates=_settlements,
    held=_held,
    fetch=_holdings,
    options=_dated,
    parts=tuple(FUNDS),
    depth=24,
    size=350_000,
    every=2.0,
)


def _latest(asked: Asked, wire: Wire) -> bytes:
    number, slug, _ = FUNDS[asked.part]
    url = f"https://{ISHARES_HOST}/us/products/{number}/{slug}/latest-holdings.csv"
    return wire.ask(Request(url=url, conditional=True)).body


def _indexed(asked: Asked) -> Options:
    return Options(index=FUNDS[asked.part][2])


LATEST = Feed(
    name="ishares.latest",
    about="the newest iShares holdings of IWM (Russell 2000) and IVV (S&P 500)",
    hosts=frozenset({ISHARES_HOST}),
    kinds=frozenset({"ishares.holdings"}),
    dates=newest_session,
    held=_held,
    fetch=_latest,
    fits=any_day,
    options=_indexed,
    parts=tuple(FUNDS),
    depth=1,
    whole=True,
    size=350_000,
    every=2.0,
)


def _qqq(_asked: Asked, wire: Wire) -> bytes:
    url = f"https://{INVESCO}/cache/v1/accounts/en_US/shareclasses/QQQ/holdings/fund"
    headers = {"Accept": "application/json", "Origin": "https://www.invesco.com", "Referer": "https://www.invesco.com/"}
    query = {"idType": "ticker", "productType": "ETF"}
    return wire.ask(Request(url=url, query=query, headers=headers)).body


def _ndx(_asked: Asked) -> Options:
    return Options(index="NDX")


QQQ = Feed(
    name="invesco.qqq",
    about="Invesco's holdings of QQQ (Nasdaq-100) of today; there is no history",
    hosts=frozenset({INVESCO}),
    kinds=frozenset({"invesco.fund"}),
    dates=newest_session,
    held=kept_in("membership", index="NDX", source="invesco.fund"),
    fetch=_qqq,
    fits=any_day,
    options=_ndx,
    depth=1,
    whole=True,
    size=60_000,
    every=15.0,
)
