"""The month that is running: what the streak would be if it closed now, and by how much."""

import polars as pl

from overshort import sessions
from overshort.metrics.declare import Inputs, intermediate, metrics
from overshort.metrics.persistence.rows import declared, named_too
from overshort.metrics.prices import first_feed, month_of, price_rows
from overshort.metrics.rows import reason

__all__ = ["ON_PACE", "running", "running_months"]

ON_PACE, COMPLETED = "on pace", "completed"
_NO_BASE = "null without the month-end close before (tables levels, bars)"


@intermediate("running", reads=frozenset({"closes", "month_ends", "months"}))
def running(inputs: Inputs) -> pl.LazyFrame:
    """Give every session of every index with the month that it lies in.

    Returns
    -------
    LazyFrame
        ``subject, at, month, feed, margin`` (return since the last month-end close, null without one)``, base_at``,
        ``before`` (streak of completed months before this one)``, last`` (whether the session ends its month),
        ``streak, feeds`` (what the prices of the streak come from)``, known_at``; sorted.
    """
    return _rated(_based(inputs["closes"], inputs["month_ends"]), inputs["months"])


def _based(closes: pl.LazyFrame, month_ends: pl.LazyFrame) -> pl.LazyFrame:
    """Put beside every close the month-end close before it, of the best feed that has both."""
    base = {"at": "base_at", "close": "base", "known_at": "base_known"}
    before = month_ends.with_columns(pl.col("month") + 1).rename(base).drop("feed")
    sessions_of = closes.with_columns(month_of("session"))
    pairs = sessions_of.join(before, on=["subject", "month", "rank"], how="left")
    # A feed without a base comes after all that have one.
    placed = pairs.with_columns(pl.col("rank") + 100 * pl.col("base").is_null())
    return first_feed(placed, ["subject", "session"])


def _rated(own: pl.LazyFrame, months: pl.LazyFrame) -> pl.LazyFrame:
    """Count the running month in."""
    standing = (pl.col("streak").alias("before"), pl.col("feeds").alias("earlier"), pl.col("known_at").alias("then"))
    before = months.select("subject", pl.col("month") + 1, *standing)
    calendar = sessions.schedule().lazy().group_by(month_of("session")).agg(pl.col("session").max().alias("end"))
    whole = own.join(before, on=["subject", "month"], how="left").join(calendar, on="month", how="left")
    rises, margin = pl.col("close") > pl.col("base"), pl.col("close") / pl.col("base") - 1
    goes_on = rises & (pl.col("before") > 0)
    return whole.sort("subject", "session").select(
        "subject",
        pl.col("session").alias("at"),
        "month",
        "feed",
        margin.alias("margin"),
        "base_at",
        "before",
        (pl.col("session") == pl.col("end")).alias("last"),
        pl.when(rises).then(pl.col("before") + 1).when(~rises).then(0).alias("streak"),
        pl.when(goes_on).then(named_too("earlier", "feed")).otherwise("feed").alias("feeds"),
        pl.max_horizontal("known_at", "base_known", "then").cum_max().over("subject").alias("known_at"),
    )


STREAK = declared(
    "month_streak_running",
    "count",
    "The streak of rising months with the running month counted in: on pace until its last session, then completed; 0 "
    "while the month is not above the last month-end close.",
    grid="session",
    null=f"{_NO_BASE}, and where the streak before is not known",
    kind="count",
)
MARGIN = declared(
    "month_margin_bp",
    "bp",
    "By how many basis points the close stands above the last month-end close.",
    grid="session",
    null=_NO_BASE,
    lookback=23,
)


@metrics(STREAK, MARGIN, reads=frozenset({"running"}))
def running_months(inputs: Inputs) -> pl.LazyFrame:
    """Give the running streak and its margin at every session."""
    frame = inputs["running"]
    lacking = "no month-end close before {} in tables levels and bars"
    no_base = reason((pl.col("margin").is_null(), pl.format(lacking, "at")))
    unknown = reason(
        (pl.col("streak").is_null(), "the streak of the months before is not known from tables levels and bars")
    )
    text = pl.when("last").then(pl.lit(COMPLETED)).otherwise(pl.lit(ON_PACE))
    null = pl.coalesce(no_base, unknown)
    return pl.concat(
        [
            price_rows(frame, STREAK.id, pl.col("streak"), null=null, base="base_at", text=text, feed="feeds"),
            price_rows(frame, MARGIN.id, 1e4 * pl.col("margin"), null=no_base, base="base_at", text=text),
        ]
    )
