"""Yahoo's daily and hourly bars of the traded proxies, through the library ``yfinance``; this module alone owns it.

Plain requests are turned away there, so the library asks, with its own connection and its own limits.  What it gives is
written as CSV as it came.  Whole histories are asked for: after a split all of Yahoo's prices are others.  Bars of a
session that had not closed a day ago are left out.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from overshort import sessions
from overshort.errors import BadAnswer, ConfigError, Limited, NotPublished, Unreachable
from overshort.sources.feeds.declare import Asked, Feed, any_day, kept_in, newest_session, symbol_of
from overshort.sources.wire import Wire

__all__ = ["DAILY", "HOURLY"]

PROXIES = ("SPY", "QQQ", "IWM")
FIRST = "1993-01-01"
REACH = timedelta(days=729)
"""How far back Yahoo keeps hourly bars."""
COLUMNS = ("Open", "High", "Low", "Close", "Volume")
EXTRA = "the library yfinance is not installed and Yahoo turns plain requests away; pip install 'overshort[yahoo]'"


def _library() -> Any:
    try:
        import yfinance
    except ImportError:
        raise ConfigError(EXTRA) from None
    yfinance.config.debug.hide_exceptions = False  # else what went wrong is printed, and an empty frame given
    return yfinance


def _history(asked: Asked, interval: str, start: str) -> Any:
    """Give the library's frame of one symbol."""
    library = _library()
    try:
        ticker = library.Ticker(asked.part)
        end = (asked.day + timedelta(days=1)).isoformat()
        frame = ticker.history(start=start, end=end, interval=interval, auto_adjust=False, actions=False, prepost=False)
    except Exception as error:  # whatever the library meets, in one sentence
        raise _said(asked.part, error) from None
    if frame is None or not len(frame):
        raise NotPublished(f"Yahoo has no bars of {asked.part} until {asked.day}; they may come later")
    if missing := [c for c in COLUMNS if c not in frame.columns]:
        raise BadAnswer(f"Yahoo's bars of {asked.part} lack {', '.join(missing)}; another yfinance may give them")
    return frame


def _said(symbol: str, error: Exception) -> Limited | NotPublished | Unreachable:
    kind = type(error).__name__
    if kind == "YFRateLimitError":
        return Limited("Yahoo asks for fewer requests; run the command again in an hour", again=False)
    if kind in ("YFPricesMissingError", "YFTzMissingError"):
        return NotPublished(f"Yahoo has no bars of {symbol}; they may come later")
    cause = f"Yahoo's bars of {symbol} cannot be had ({kind}: {str(error).partition(chr(10))[0][:80]})"
    return Unreachable(f"{cause}; run the command again later", again=False)


def _text(asked: Asked, frame: Any, stamp: str, written: Callable[[Any], str]) -> bytes:
    """Write bars as CSV; rows of later sessions and rows without any price are left out."""
    lines = [",".join((stamp, *COLUMNS))]
    values = zip(frame.index, *(frame[c].tolist() for c in COLUMNS), strict=True)
    for at, *cells in values:
        priced = all(c == c for c in cells[:4])  # NaN differs from itself
        if priced and at.tz_convert(sessions.NEW_YORK.key).date() <= asked.day:
            lines.append(",".join((written(at), *map(repr, map(float, cells)))))
    return ("\n".join(lines) + "\n").encode()


def _daily(asked: Asked, _wire: Wire) -> bytes:
    return _text(asked, _history(asked, "1d", FIRST), "Date", lambda at: at.strftime("%Y-%m-%d"))


def _hourly(asked: Asked, _wire: Wire) -> bytes:
    start = (asked.day - REACH).isoformat()
    frame = _history(asked, "1h", start)
    return _text(asked, frame, "Datetime", lambda at: at.tz_convert("UTC").strftime("%Y-%m-%d %H:%M:%S+00:00"))


DAILY = Feed(
    name="yahoo.daily",
    about="Yahoo's whole history of daily bars of SPY, QQQ and IWM",
    hosts=frozenset({"query1.finance.yahoo.com", "query2.finance.yahoo.com"}),
    kinds=frozenset({"prices.daily"}),
    dates=newest_session,
    held=kept_in("bars", part_in="symbol", interval="1d"),
    fetch=_daily,
    fits=any_day,
    options=symbol_of,
    parts=PROXIES,
    depth=1,
    whole=True,
    requests=2,
    size=700_000,
    every=2.0,
    library="yfinance",
)
HOURLY = replace(
    DAILY,
    name="yahoo.hourly",
    about="Yahoo's hourly bars of SPY, QQQ and IWM, the last two years",
    kinds=frozenset({"prices.intraday"}),
    held=kept_in("bars", part_in="symbol", interval="1h"),
    fetch=_hourly,
    size=400_000,
)
