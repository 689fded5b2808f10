"""What can be pulled from publishers' servers."""

from overshort.sources.feeds import cboe, finra, funds, ibkr, paid, sec, yahoo
from overshort.sources.feeds.declare import Asked, Feed, Held

__all__ = ["FEEDS", "Asked", "Feed", "Held"]

FEEDS: tuple[Feed, ...] = (
    finra.SHORT_INTEREST,
    funds.ISHARES,
    funds.LATEST,
    funds.QQQ,
    yahoo.DAILY,
    yahoo.HOURLY,
    cboe.SPX,
    cboe.VIX,
    cboe.CHAIN,
    finra.SHORT_VOLUME,
    ibkr.BORROW,
    sec.FAILS,
    sec.SHARES,
    sec.FILINGS,
    paid.THETADATA,
    paid.MASSIVE,
    paid.DATABENTO,
)
"""All feeds, in the order in which they are pulled: what a brief cannot do without comes first."""
