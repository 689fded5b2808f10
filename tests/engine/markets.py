"""One small simulated store, made once a process."""

from datetime import date
from functools import cache

from overshort import schema
from overshort.demo import Market, simulate

__all__ = ["FIRST", "LAST", "STOCKS", "small"]

STOCKS, FIRST, LAST = 40, date(2023, 6, 1), date(2024, 6, 28)


@cache
def small() -> Market:
    """Forty stocks over a year: enough for a panel, little enough to compute it often."""
    market = simulate(7, stocks=STOCKS, first=FIRST, last=LAST)
    assert set(market.tables) <= set(schema.TABLES)
    return market
