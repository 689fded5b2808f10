"""Cboe: whole histories of its indices and of the S&P 500, and the delayed chain of VIX options."""

from datetime import date, datetime, timedelta

from overshort import sessions
from overshort.sources.declare import Options
from overshort.sources.feeds.declare import Asked, Feed, Held, any_day, newest_session, undated
from overshort.sources.wire import Request, Wire

__all__ = ["CHAIN", "SPX", "VIX"]

HOST = "cdn.cboe.com"
HISTORIES = f"https://{HOST}/api/global/us_indices/daily_prices"
ABSENT = (403, 404)
LATEST_QUOTE = timedelta(minutes=30)


def _history(asked: Asked, wire: Wire) -> bytes:
    url = f"{HISTORIES}/{asked.part}_History.csv"
    return wire.ask(Request(url=url, absent=ABSENT, conditional=True)).body


def _named(asked: Asked) -> Options:
    return Options(symbol=asked.part)


def _vix_held(held: Held, part: str) -> frozenset[date]:
    return held("levels", series=part, frequency="day")


def _spx_held(held: Held, _part: str) -> frozenset[date]:
    return held("levels", series="^GSPC", frequency="day")


VIX = Feed(
    name="cboe.vix",
    about="Cboe's whole history of the VIX, open, high, low and close",
    hosts=frozenset({HOST}),
    kinds=frozenset({"prices.daily"}),
    dates=newest_session,
    held=_vix_held,
    fetch=_history,
    fits=any_day,
    options=_named,
    parts=("VIX",),
    depth=1,
    whole=True,
    size=500_000,
)
SPX = Feed(
    name="cboe.spx",
    about="Cboe's whole history of S&P 500 closes",
    hosts=frozenset({HOST}),
    kinds=frozenset({"cboe.series"}),
    dates=newest_session,
    held=_spx_held,
    fetch=_history,
    fits=any_day,
    options=undated,
    parts=("SPX",),
    depth=1,
    whole=True,
    size=250_000,
)


def _last_close(_first: date, now: datetime) -> list[date]:
    """Give the session whose closing quotes are served now: until the next one opens."""
    return [sessions.last_completed_session(now - LATEST_QUOTE)]


def _chain_held(held: Held, part: str) -> frozenset[date]:
    return held("option_chain", underlying=part)


def _chain(asked: Asked, wire: Wire) -> bytes:
    url = f"https://{HOST}/api/global/delayed_quotes/options/_{asked.part}.json"
    return wire.ask(Request(url=url, absent=ABSENT)).body


CHAIN = Feed(
    name="cboe.chain",
    about="Cboe's delayed chain of VIX options as it is now; there is no history",
    hosts=frozenset({HOST}),
    kinds=frozenset({"cboe.chain"}),
    dates=_last_close,
    held=_chain_held,
    fetch=_chain,
    fits=any_day,
    parts=("VIX",),
    depth=1,
    whole=True,
    size=700_000,
)
