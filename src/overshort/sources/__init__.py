"""Publishers' files: what is recognised, and how it becomes rows."""

from overshort.sources import (
    announcements,
    cboe_chain,
    cboe_trades,
    daily,
    databento,
    fails,
    filers,
    finra,
    ibkr,
    intraday,
    invesco,
    invesco_fund,
    ishares,
    massive,
    members,
    month_ends,
    nasdaq100,
    predictors,
    shares,
    shiller,
    short_volume,
    splits,
    thetadata,
    triggers,
    volatility_weeks,
)
from overshort.sources.declare import Extract, Options, Source

__all__ = ["SOURCES", "Extract", "Options", "Source", "recognised"]

SOURCES: tuple[Source, ...] = (
    finra.CONSOLIDATED,
    finra.EXPORT,
    announcements.ANNOUNCEMENTS,
    splits.SPLITS,
    triggers.TRIGGERS,
    members.SPELLS,
    members.CHANGES,
    members.LIST,
    nasdaq100.YEARS,
    ishares.HOLDINGS,
    invesco.HOLDINGS,
    invesco_fund.FUND,
    shares.SHARES,
    filers.FILERS,
    filers.FILINGS,
    daily.DAILY,
    daily.CLOSES,
    daily.SERIES,
    intraday.INTRADAY,
    intraday.LOCAL,
    intraday.IBKR,
    month_ends.MONTH_ENDS,
    shiller.SHILLER,
    volatility_weeks.WEEKS,
    predictors.GOYAL_WELCH,
    predictors.RAPACH,
    short_volume.SHORT_VOLUME,
    fails.FAILS,
    ibkr.BORROW,
    cboe_trades.TRADES,
    thetadata.TRADE_QUOTE,
    massive.TRADES,
    massive.QUOTES,
    databento.CSV,
    databento.DBN,
    cboe_chain.CHAIN,
)
"""All kinds of files that can be imported."""


def recognised(content: bytes) -> Source | None:
    """Give the source that claims a file's content, unpacked; ``None`` if none does.

    Raises
    ------
    RuntimeError
        If two claim it: their marks overlap, which is a fault of the program.
    """
    claims = [source for source in SOURCES if source.recognise(content)]
    if len(claims) > 1:
        raise RuntimeError(f"{' and '.join(s.name for s in claims)} claim the same content")
    return claims[0] if claims else None
