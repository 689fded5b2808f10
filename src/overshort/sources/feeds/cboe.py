"""Cboe: whole histories of its indices and of the S&P 500, and the delayed chain of VIX options."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from overshort import sessions
from overshort.sources.feeds.declare import Asked, Feed, any_day, kept_in, newest_session, symbol_of, undated
from overshort.sources.wire import Request, Wire

__all__ = ["CHAIN", "SPX", "VIX"]

HOST = "cdn.cboe.com"
HISTORIES = f"https://{HOST}/api/global/us_indices/daily_prices"
ABSENT = (403, 404)
LATEST_QUOTE = timedelta(minutes=30)


def _history(asked: Asked, wire: Wire) -> bytes:
    url = f"{HISTORIES}/{asked.part}_History.csv"
    return wire.ask(Request(url=url, absent=ABSENT, conditional=True)).body


VIX = Feed(
    name="cboe.vix",
    about="Cboe's whole history of the VIX, open, high, low and close",
    hosts=frozenset({HOST}),
    kinds=frozenset({"prices.daily"}),
    dates=newest_session,
    held=kept_in("levels", part_in="series", frequency="day"),
    fetch=_history,
    fits=any_day,
    options=symbol_of,
    parts=("VIX",),
    depth=1,
    whole=True,
    size=500_000,
)
SPX = replace(
    VIX,
    name="cboe.spx",
    about="Cboe's whole history of S&P 500 closes",
    kinds=frozenset({"cboe.series"}),
    held=kept_in("levels", series="^GSPC", frequency="day"),
    options=undated,
    parts=("SPX",),
    size=250_000,
)


def _last_close(_first: date, now: datetime) -> list[date]:
    """Give the session whose closing quotes are served now: until the next one opens."""
    return [sessions.last_completed_session(now - LATEST_QUOTE)]


def _chain(asked: Asked, wire: Wire) -> bytes:
    url = f"https://{HOST}/api/global/delayed_quotes/options/_{asked.part}.json"
    return wire.ask(Request(url=url, absent=ABSENT)).body


CHAIN = Feed(
    name="cboe.chain",
    about="Cboe's delayed chain of VIX options as it is now; there is no history",
    hosts=frozenset({HOST}),
    kinds=frozenset({"cboe.chain"}),
    dates=_last_close,
    held=kept_in("option_chain", part_in="underlying"),
    fetch=_chain,
    fits=any_day,
    parts=("VIX",),
    depth=1,
    whole=True,
    size=700_000,
)
