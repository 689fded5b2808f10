"""What was known of the small simulated market, for the tests of pictures and pages."""

from datetime import UTC, datetime
from functools import cache

import polars as pl

from contracts.market import measured as panel
from overshort import schema
from overshort.engine.studies import Known

LATE = datetime(2026, 3, 1, tzinfo=UTC)
"""After the last row of the market."""


@cache
def known(as_of: datetime = LATE) -> Known:
    return Known(panel(), as_of)


def nothing() -> Known:
    return Known(pl.DataFrame(schema=dict(schema.PANEL)), LATE)


def altered(*changes: pl.Expr) -> Known:
    """What was known of a market whose panel differs."""
    return Known(panel().with_columns(*changes), LATE)
