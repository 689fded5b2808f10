"""Rows that overshort makes itself: the panel of all metrics, and the forecasts it has committed itself to."""

import dataframely as dy
import polars as pl

__all__ = ["Forecasts", "Panel", "Row"]


class Row(dy.Schema):
    """What every row of a table carries."""

    known_at = dy.Datetime(time_unit="us", time_zone="UTC", primary_key=True)
    source = dy.String(nullable=False)
    sha256 = dy.String(nullable=False)
    batch = dy.Int32(nullable=False)


class Forecasts(Row):
    """A dated probability of a covering event that begins at report ``settlement``; once written it never changes.

    ``known_at`` is when it was written or, of a back-test, the instant as of which it was made; ``settlement`` the
    origin report, ``window_ends`` the last report of the window, ``resolves`` the day on which that is published.
    """

    id = dy.String(primary_key=True)
    subject = dy.String(primary_key=True)
    settlement = dy.Date(primary_key=True)
    kind = dy.String(primary_key=True, regex=r"^(live|backtest)$")
    event = dy.String(nullable=False)
    probability = dy.Float64(nullable=False, min=0, max=1)
    base = dy.Float64(nullable=False, min=0, max=1)
    low = dy.Float64(nullable=False, min=0, max=1)
    high = dy.Float64(nullable=False, min=0, max=1)
    runs = dy.Int64(nullable=False, min=0)
    windows = dy.Int64(nullable=False, min=1)
    model = dy.String(nullable=False)
    window_ends = dy.Date(nullable=False)
    resolves = dy.Date(nullable=False)
    as_of = dy.Date(nullable=False)
    written_at = dy.Datetime(time_unit="us", time_zone="UTC", nullable=False)
    code = dy.String(nullable=False)
    data = dy.String(nullable=False)


class Panel(dy.Schema):
    """All metrics in one long shape; a null ``value`` always has a ``reason``, a value never has one.

    ``at`` is an instant so that 4-hour bars fit; a report, session, week or month stands at 00:00 UTC of its date.
    """

    id = dy.String(primary_key=True)
    subject = dy.String(primary_key=True)
    at = dy.Datetime(time_unit="us", time_zone="UTC", primary_key=True)
    value = dy.Float64(nullable=True)
    text = dy.String(nullable=True)
    base_at = dy.Date(nullable=True)
    n = dy.Int64(nullable=True)
    coverage = dy.Float64(nullable=True)
    basis = dy.String(nullable=True)
    reason = dy.String(nullable=True)
    known_at = dy.Datetime(time_unit="us", time_zone="UTC", primary_key=True)

    @dy.rule()
    def null_has_reason(cls) -> pl.Expr:
        return pl.col("value").is_null() == pl.col("reason").is_not_null()

    @dy.rule()
    def finite(cls) -> pl.Expr:
        return pl.col("value").is_null() | pl.col("value").is_finite()
