"""The level that price would have to pass: three substitutes for commentary's "risk trigger", which is proprietary."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

import polars as pl

from overshort import sessions
from overshort.metrics import indicators
from overshort.metrics.compression.gamma import FEWEST, FRESH, LONGEST, REACH
from overshort.metrics.declare import Inputs, Metric, intermediate, metrics
from overshort.metrics.prices import own_bars, price_rows
from overshort.metrics.rows import reason
from overshort.metrics.structure.charts import RUN
from overshort.metrics.structure.rows import HISTORY, declared

__all__ = ["KINDS", "ONCE", "RANGES", "READS", "SESSIONS", "UNTRADED", "triggers", "user_triggers", "with_trigger"]

KINDS = ("range", "user", "gamma")
"""The three substitutes; ids without one of these names are about the first."""
READS: Mapping[str, frozenset[str]] = MappingProxyType(
    {kind: frozenset({"triggers"}) | {f"{kind}_triggers"} - {"range_triggers"} for kind in KINDS}
)
"""What :func:`with_trigger` reads for each."""
DAYS = frozenset({"bars", "subjects"})
ONCE = "command line"
"""Source of a level that stands in no file."""

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
        average true range up to the session before)``, spot`` (its close)``, k`` (whole bars before it)``, feed,
        known_at``.
    """
    whole = inputs["chart_1d"].filter(pl.col("lacking").is_null()).collect()
    highest = pl.col("close").rolling_max(SESSIONS).over(RUN)
    return (
        _ranged(whole)
        .lazy()
        .with_columns(highest.alias("trigger"), pl.col("close").alias("spot"))
        .join(_following(), on="session")
        .select("subject", pl.col("next").alias("session"), "trigger", "range", "spot", "k", "feed", "known_at")
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


USER = declared(
    "compression.trigger_user",
    "USD",
    "The level that the user gave for this session or a day before it (a file `symbol, from, level, to`, or --trigger "
    "for once), on the scale of that day's prices; the base date is the day that it was given for.",
    "null where no level was given for it so far, or the newest has ended; no row without a daily bar (table bars)",
    grid="session",
)
GAMMA = declared(
    "compression.trigger_gamma",
    "USD",
    "The price nearest to the close of the session before at which dealers' gamma would be 0: the sum over contracts "
    f"of sign x open interest x 100 x gamma x price^2 x 0.01, within {REACH:.0%} of that close. Calls count as held "
    "by dealers and puts as sold, the usual convention and an assumption. Gamma is Black and Scholes's at each price, "
    "from the contract's own volatility and the time left, rate and dividend 0. The chain is the newest known when "
    f"the session opened (its New York day is the base date), at most {FRESH} days old; its contracts expire after "
    f"that day and within {LONGEST} days, n of them have a volatility and open interest.",
    f"null without such a chain (table option_chain), under {FEWEST} contracts, where the sum changes its sign at no "
    "such price, and without a bar of the session before; no row without a daily bar (table bars)",
    grid="session",
    lookback=1,
)
UNTRADED = pl.format("no daily bar of the session before {} in table bars", "session")
UNGIVEN = "no level given by the user for it is in table levels"
UNCHAINED = pl.format("no chain of {} known before the session of {} in table option_chain", "subject", "session")


@intermediate("user_triggers", reads=frozenset({"levels", "trigger_at_session", "subjects"}))
def user_triggers(inputs: Inputs) -> pl.LazyFrame:
    """Give for every session of the traded proxies the level that its user gave.

    Returns
    -------
    LazyFrame
        ``subject, session, level`` (null where it has ended)``, given`` (day from which it counts, null for once)``,
        ended`` (why it is null)``, once`` (whether it stands in no file)``, level_known``; no row before the first was
        given.
    """
    asked = inputs["subjects"].filter(pl.col("kind") == "proxy").select("subject")
    over = pl.col("session") > pl.lit(date(1970, 1, 1)) + pl.duration(days=pl.col("last"))
    last = (pl.lit(date(1970, 1, 1)) + pl.duration(days=pl.col("last"))).cast(pl.String)
    said = pl.format("the level from {} in table levels, given by the user, ended on {}", "at", last)
    rows = inputs["trigger_at_session"].join(asked, on="subject", how="semi")
    return rows.select(
        "subject",
        "session",
        pl.when(~over.fill_null(False)).then("level").alias("level"),
        pl.when(pl.col("source") != ONCE).then("at").alias("given"),
        pl.when(over).then(said).alias("ended"),
        (pl.col("source") == ONCE).alias("once"),
        pl.col("known_at").alias("level_known"),
    )


def with_trigger(frame: pl.LazyFrame, inputs: Inputs, kind: str) -> pl.LazyFrame:
    """Join one of the triggers to rows of ``subject, session, known_at``.

    Parameters
    ----------
    inputs
        What :data:`READS` names for that kind.

    Returns
    -------
    LazyFrame
        The rows with ``trigger``, ``absent`` (why there is none)``, base`` and ``n`` of the trigger's row, ``range,
        days, daily``, and ``known_at``, never before the row's own.
    """
    keyed = inputs["triggers"].select(
        "subject",
        "session",
        pl.col("trigger").alias("highest"),
        "range",
        pl.col("k").alias("days"),
        pl.col("feed").alias("daily"),
        pl.col("known_at").alias("set"),
    )
    both = frame.join(keyed, on=["subject", "session"], how="left")
    nothing = pl.lit(None)
    if kind == "user":
        both = both.join(inputs["user_triggers"], on=["subject", "session"], how="left")
        null = reason((pl.col("ended").is_not_null(), pl.col("ended")), (pl.col("level").is_null(), UNGIVEN))
        found = pl.col("level"), null, pl.col("given"), nothing, pl.col("level_known")
    elif kind == "gamma":
        both = both.join(inputs["gamma_triggers"], on=["subject", "session"], how="left")
        null = reason((pl.col("chained").is_null(), UNCHAINED), (pl.col("said").is_not_null(), pl.col("said")))
        found = pl.col("zero"), null, pl.col("chained"), pl.col("contracts"), pl.col("chain_known")
    else:
        few = (pl.col("days") < SESSIONS, pl.format(HISTORY, "days", pl.lit(SESSIONS)))
        null = reason((pl.col("days").is_null(), UNTRADED), few)
        found = pl.col("highest"), null, nothing, nothing, pl.col("set")
    level, null, base, n, known = found
    return both.with_columns(
        level.alias("trigger"),
        null.alias("absent"),
        base.cast(pl.Date).alias("base"),
        n.cast(pl.Int64).alias("n"),
        pl.max_horizontal("known_at", "set", known).alias("known_at"),
    )


def _rows(inputs: Inputs, metric: Metric, kind: str) -> pl.LazyFrame:
    """Give one trigger at every session with a daily bar."""
    source = pl.format("{} bars, adjustment {}", "subject", "adjustment").alias("own")
    days = own_bars(inputs).select("subject", "session", source, "known_at")
    placed = with_trigger(days, inputs, kind).sort("subject", "session")
    feed = pl.coalesce("daily", "own")
    if kind == "user":
        feed = pl.when(pl.col("once")).then(pl.lit("given for once")).otherwise(pl.lit("given by the user"))
    frame = placed.with_columns(feed.alias("feed"))
    return price_rows(frame, metric.id, pl.col("trigger"), null=pl.col("absent"), base="base", n="n", at="session")


@metrics(RANGE, reads=READS["range"] | DAYS)
def trigger_range(inputs: Inputs) -> pl.LazyFrame:
    """Give the highest close of the sessions before."""
    return _rows(inputs, RANGE, "range")


@metrics(USER, reads=READS["user"] | DAYS)
def trigger_user(inputs: Inputs) -> pl.LazyFrame:
    """Give the level that the user gave."""
    return _rows(inputs, USER, "user")


@metrics(GAMMA, reads=READS["gamma"] | DAYS)
def trigger_gamma(inputs: Inputs) -> pl.LazyFrame:
    """Give the zero of dealers' gamma."""
    return _rows(inputs, GAMMA, "gamma")
