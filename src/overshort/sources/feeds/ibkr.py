"""Interactive Brokers' list of shares to borrow, over FTP: as it is now, there is no history."""

from datetime import date, datetime

from overshort import sessions
from overshort.sources.feeds.declare import Asked, Feed, any_day, kept_in
from overshort.sources.wire import Wire

__all__ = ["BORROW"]

HOSTS = ("ftp2.interactivebrokers.com", "ftp3.interactivebrokers.com", "ftp.interactivebrokers.com")


def _today(_first: date, now: datetime) -> list[date]:
    """Give the newest session that has begun: one list a session is kept."""
    day = now.astimezone(sessions.NEW_YORK).date()
    return [day if sessions.is_session(day) else sessions.previous_session(day)]


def _list(_asked: Asked, wire: Wire) -> bytes:
    return wire.retrieve([f"ftp://shortstock:@{host}/usa.txt" for host in HOSTS])


BORROW = Feed(
    name="ibkr.borrow",
    about="Interactive Brokers' list of shares to borrow, with fee and rebate, as it is now",
    hosts=frozenset(HOSTS),
    kinds=frozenset({"ibkr.borrow"}),
    dates=_today,
    held=kept_in("borrow"),
    fetch=_list,
    fits=any_day,
    depth=1,
    whole=True,
    size=1_600_000,
    ftp=True,
)
