"""The level that price would have to pass: three substitutes for commentary's "risk trigger", which is proprietary."""

import polars as pl

from overshort import sessions
from overshort.metrics import indicators
from overshort.metrics.declare import Inputs, Metric, intermediate, metrics
from overshort.metrics.prices import own_bars, price_rows
from overshort.metrics.rows import reason
from overshort.metrics.structure.charts import RUN
from overshort.metrics.structure.rows import declared, short

__all__ = ["RANGES", "SESSIONS", "trigger", "triggers"]

SESSIONS, RANGES = 20, 14
"""Sessions whose highest close is the trigger; those of the daily average true range that nearness is measured in."""


def _following() -> pl.LazyFrame:
    """Give to every session the one after it."""
    days = sessions.schedule().lazy().select("session", pl.lit(0).alias("all"))
    return days.select("session", pl.col("session").shift(-1).over("all").alias("next"))


def _ranged(frame: pl.DataFrame) -> pl.DataFrame:
    """Add the daily average true range to whole bars."""
    high, low, close = (frame[c].to_numpy() for c in ("high", "low", "close"))
    starts = [*frame["k"].eq(1).arg_true().to_list(), frame.height]
    return frame.with_columns(pl.Series("range", indicators.atr(high, low, close, starts, RANGES)).fill_nan(None))


@intermediate("triggers", reads=frozenset({"chart_1d"}))
def triggers(inputs: Inputs) -> pl.LazyFrame:
    """Give for every session what the sessions before it set.

    Returns
    -------
    LazyFrame
        ``subject, session, trigger`` (highest close of the 20 sessions before, null under 20)``, range`` (daily
        average true range up to the session before)``, k`` (whole bars before it)``, lacking, feed, known_at``.
    """
    whole = inputs["chart_1d"].filter(pl.col("lacking").is_null()).collect()
    highest = pl.col("close").rolling_max(SESSIONS).over(RUN)
    return (
        _ranged(whole)
        .lazy()
        .with_columns(highest.alias("trigger"))
        .join(_following(), on="session")
        .select("subject", pl.col("next").alias("session"), "trigger", "range", "k", "lacking", "feed", "known_at")
        .sort("subject", "session")
    )


RANGE = declared(
    "compression.trigger_range",
    "USD",
    f"Highest close of the {SESSIONS} sessions before this one: a substitute for the risk trigger of commentary.",
    f"null under {SESSIONS} daily bars before, without a gap of more than a week, and where the session before has "
    "none; no row without a daily bar (table bars)",
    grid="session",
    lookback=SESSIONS,
)


def _ungiven(name: str, definition: str, null: str) -> Metric:
    return declared(f"compression.trigger_{name}", "USD", definition, null, grid="session", lookback=0)


USER = _ungiven(
    "user",
    "A level that the user gives; there is no way to give one yet.",
    "null: no table holds a level given by the user",
)
GAMMA = _ungiven(
    "gamma",
    "The price at which dealers' gamma from open interest is 0; not computed yet.",
    "null: needs open interest and gamma of a whole chain (table option_chain)",
)


@metrics(RANGE, USER, GAMMA, reads=frozenset({"bars", "subjects", "triggers", "option_chain"}))
def trigger(inputs: Inputs) -> pl.LazyFrame:
    """Give the triggers at every session with a daily bar."""
    days = own_bars(inputs).select(
        "subject",
        pl.col("session").alias("at"),
        pl.format("{} bars, adjustment {}", "subject", "adjustment").alias("own"),
        pl.col("known_at").alias("bar_known"),
    )
    placed = (
        days.join(inputs["triggers"].rename({"session": "at"}), on=["subject", "at"], how="left")
        .with_columns(pl.coalesce("feed", "own").alias("feed"), pl.max_horizontal("known_at", "bar_known"))
        .sort("subject", "at")
    )
    first = reason((pl.col("k").is_null(), pl.format("no daily bar of the session before {} in table bars", "at")))
    ungiven = pl.lit("no table holds a level given by the user")
    uncharted = pl.lit("not computed yet: it needs open interest and gamma of a whole chain (option_chain)")
    return pl.concat(
        [
            price_rows(placed, RANGE.id, pl.col("trigger"), null=pl.coalesce(first, short(SESSIONS))),
            price_rows(placed, USER.id, pl.lit(None, pl.Float64), null=ungiven),
            price_rows(placed, GAMMA.id, pl.lit(None, pl.Float64), null=uncharted),
        ]
    )
