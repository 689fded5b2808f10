"""Below the trigger, lower band rising, bands narrow: a coil; and the two ways in which it ends badly.

The trigger is the highest close of the 20 sessions before (``compression.trigger_range``); ids with ``_user`` or
``_gamma`` are about the other two.  Every row names its trigger.
"""

from collections.abc import Iterator

import polars as pl

from overshort.metrics.compression.trigger import KINDS, READS, SESSIONS, UNTRADED, with_trigger
from overshort.metrics.compression.trigger import RANGES as DAILY_RANGES
from overshort.metrics.declare import Inputs, Metric, metrics
from overshort.metrics.prices import price_rows
from overshort.metrics.rows import reason
from overshort.metrics.structure.bands import WITHIN, Row
from overshort.metrics.structure.charts import BAND, DAILY, FOUR_HOUR, RANGES, RUN, SLOPE, SPAN, Chart
from overshort.metrics.structure.rows import HISTORY, declared, flag, null_of, short

__all__ = ["STATES", "states_1d", "states_4h"]

STATES = ("COIL", "REJECTION", "DETERIORATION", "NONE")
NEAR = 0.5
"""How many daily average true ranges below the trigger price may stand."""
RISE, SURE, NARROW = 0.02, 2.0, 20.0
"""Of the lower band: its least slope in ATR a bar, its least t statistic; and the highest rank of a narrow width."""
TRIGGERS = {
    "range": (
        f"highest close of the {SESSIONS} sessions before",
        f"null under {SESSIONS} daily bars before the session and without one of the session before",
    ),
    "user": (
        "the level that the user gave",
        f"null where no such level is in force, under {DAILY_RANGES + 1} daily bars before the session and without one "
        "of the session before",
    ),
    "gamma": (
        "the price at which dealers' gamma from open interest is 0",
        f"null without such a price, under {DAILY_RANGES + 1} daily bars before the session and without one of the "
        "session before",
    ),
}
"""Of each trigger: what it is, and when there is none."""
RANKED = BAND + SPAN
SLOPED = BAND + SLOPE - 1


def _armed(chart: Chart, inputs: Inputs, kind: str) -> pl.LazyFrame:
    """Join to every bar its session's trigger, and whether a high passed one and the close fell back below it."""
    both = with_trigger(inputs[chart.name], inputs, kind).sort("subject", "at")
    return both.with_columns(pl.col("known_at").cum_max().over("subject"), _fallen().alias("fallen"))


def _fallen() -> pl.Expr:
    """Tell whether a high passed its trigger, at this bar or up to 3 before, and this bar closes below that trigger."""
    passed = pl.when(pl.col("high") > pl.col("trigger")).then(pl.col("trigger"))
    highest = passed.rolling_max(WITHIN + 1, min_samples=1).over(RUN)
    return (pl.col("close") < highest).fill_null(False)


def _untriggered(kind: str) -> pl.Expr:
    """Say why there is no trigger, or no average true range of the sessions before to measure nearness in."""
    few = (pl.col("range").is_null(), pl.format(HISTORY, "days", pl.lit(DAILY_RANGES + 1)))
    unranged = reason((pl.col("days").is_null(), UNTRADED), few)
    return pl.col("absent") if kind == "range" else pl.coalesce("absent", unranged)


def _below() -> pl.Expr:
    under = pl.col("trigger") - pl.col("close")
    return (under > 0) & (under <= NEAR * pl.col("range"))


def _suffix(chart: Chart) -> str:
    return "" if chart is FOUR_HOUR else f"_{chart.suffix}"


def _measures(chart: Chart) -> Iterator[Row]:
    bars, suffix = f"{chart.bar}s", _suffix(chart)
    fixed = f"the lower Bollinger band ({BAND} {bars}) through the last {SLOPE}"
    flat = reason((pl.col("atr") == 0, "the prices in table bars do not move"))
    exact = reason((pl.col("error") == 0, f"the band of table bars lies exactly on a line for {SLOPE} bars"))
    yield Row(
        declared(
            f"compression.lower_band_slope{suffix}",
            "ATR per bar",
            f"Slope of the least-squares line of {fixed}, in ATR ({RANGES} bars) a bar.",
            f"{null_of(chart, SLOPED)}; null where the ATR is 0",
            grid=chart.grid,
        ),
        pl.col("slope") / pl.col("atr"),
        pl.coalesce(short(SLOPED), flat),
    )
    yield Row(
        declared(
            f"compression.lower_band_t{suffix}",
            "t statistic",
            f"Slope over its standard error of the least-squares line of {fixed}, {SLOPE - 2} degrees of freedom.",
            f"{null_of(chart, SLOPED)}; null where the band lies exactly on a line",
            grid=chart.grid,
            lookback=SLOPED - 1,
        ),
        pl.col("slope") / pl.col("error"),
        pl.coalesce(short(SLOPED), exact),
    )
    yield Row(
        declared(
            f"compression.width_rank{suffix}",
            "percent",
            f"Mid-rank of the width of the Bollinger bands, (upper - lower) / middle, among the {SPAN} {bars} before.",
            null_of(chart, RANKED),
            grid=chart.grid,
            lookback=RANKED - 1,
        ),
        pl.col("width_rank"),
        short(RANKED),
    )
    yield Row(
        flag(
            f"compression.ttm{suffix}",
            f"Whether the Bollinger bands lie inside a Keltner channel of 1.5 average true ranges on {bars}; its "
            f"middle and that average are simple ones over {BAND} bars (TTM squeeze).",
            null_of(chart, BAND + 1),
            grid=chart.grid,
            lookback=BAND,
        ),
        pl.col("ttm"),
        short(BAND + 1),
    )


def _states(chart: Chart, kind: str) -> Iterator[Row]:
    suffix, bar = f"{'' if kind == 'range' else f'_{kind}'}{_suffix(chart)}", chart.bar
    which, rule = TRIGGERS[kind]
    yield Row(
        flag(
            f"compression.below_trigger{suffix}",
            f"Whether the {bar} closes below the trigger ({which}), by no more than {NEAR} daily ATR (Wilder, "
            f"{DAILY_RANGES} sessions before).",
            f"{null_of(chart, 1)}; {rule}",
            grid=chart.grid,
        ),
        _below(),
        pl.coalesce("lacking", _untriggered(kind)),
    )
    rising = (pl.col("slope") > RISE * pl.col("atr")) & (pl.col("slope") > SURE * pl.col("error"))
    falling = pl.col("slope") < -SURE * pl.col("error")
    under = pl.col("close") < pl.col("bb_mid")
    coil = _below() & rising & (pl.col("width_rank") <= NARROW)
    back = pl.col("fallen") & under
    yield Row(
        declared(
            f"compression.state{suffix}",
            "state",
            f"COIL: below the trigger ({which}), lower band rising (slope above {RISE} ATR a bar, t above {SURE:g}), "
            f"width_rank at most {NARROW:g}. REJECTION: a high above its trigger, at this {bar} or up to {WITHIN} "
            "before, and a close back below that trigger and the middle of the bands. DETERIORATION: lower band "
            f"falling (t below -{SURE:g}) and close below the middle. Else NONE; the first that holds.",
            f"{null_of(chart, RANKED)}; {rule}",
            grid=chart.grid,
            kind="state",
            states=STATES,
        ),
        pl.when(coil).then(0).when(back).then(1).when(falling & under).then(2).otherwise(3),
        pl.coalesce(short(RANKED), _untriggered(kind)),
    )


MEASURES = {chart.suffix: tuple(_measures(chart)) for chart in (FOUR_HOUR, DAILY)}
JUDGED = {(chart.suffix, kind): tuple(_states(chart, kind)) for chart in (FOUR_HOUR, DAILY) for kind in KINDS}


def _judged(inputs: Inputs, chart: Chart, kind: str) -> pl.LazyFrame:
    """Give the rows that compare price with one trigger; their source names it."""
    daily = pl.when(pl.col("daily") == pl.col("feed")).then(None).otherwise("daily")
    name = pl.lit(f"trigger: {kind}")
    if kind == "user":
        name = pl.when(pl.col("once")).then(pl.lit("trigger: user, given for once")).otherwise(name)
    labelled = pl.concat_str("feed", daily, name, separator="; ", ignore_nulls=True)
    frame = _armed(chart, inputs, kind).with_columns(labelled.alias("labelled"))
    names, parts = dict(enumerate(STATES)), []
    for row in JUDGED[chart.suffix, kind]:
        text = row.value.replace_strict(names, return_dtype=pl.String) if row.metric.states else None
        parts.append(price_rows(frame, row.metric.id, row.value, null=row.null, text=text, feed="labelled"))
    return pl.concat(parts)


def _measured(inputs: Inputs, chart: Chart) -> pl.LazyFrame:
    frame = inputs[chart.name]
    return pl.concat(price_rows(frame, row.metric.id, row.value, null=row.null) for row in MEASURES[chart.suffix])


def _about(chart: Chart, kind: str) -> tuple[Metric, ...]:
    return tuple(row.metric for row in JUDGED[chart.suffix, kind])


@metrics(*(row.metric for row in MEASURES["4h"]), reads=frozenset({"chart_4h"}))
def measures_4h(inputs: Inputs) -> pl.LazyFrame:
    """Give slope, width and squeeze at every four-hour bar."""
    return _measured(inputs, FOUR_HOUR)


@metrics(*(row.metric for row in MEASURES["1d"]), reads=frozenset({"chart_1d"}))
def measures_1d(inputs: Inputs) -> pl.LazyFrame:
    """Give slope, width and squeeze at every session."""
    return _measured(inputs, DAILY)


@metrics(*_about(FOUR_HOUR, "range"), reads=READS["range"] | {"chart_4h"})
def states_4h(inputs: Inputs) -> pl.LazyFrame:
    """Compare every four-hour bar with the highest close of the sessions before."""
    return _judged(inputs, FOUR_HOUR, "range")


@metrics(*_about(DAILY, "range"), reads=READS["range"] | {"chart_1d"})
def states_1d(inputs: Inputs) -> pl.LazyFrame:
    """Compare every session with the highest close of those before."""
    return _judged(inputs, DAILY, "range")


@metrics(*_about(FOUR_HOUR, "user"), reads=READS["user"] | {"chart_4h"})
def states_user_4h(inputs: Inputs) -> pl.LazyFrame:
    """Compare every four-hour bar with the level that the user gave."""
    return _judged(inputs, FOUR_HOUR, "user")


@metrics(*_about(DAILY, "user"), reads=READS["user"] | {"chart_1d"})
def states_user_1d(inputs: Inputs) -> pl.LazyFrame:
    """Compare every session with the level that the user gave."""
    return _judged(inputs, DAILY, "user")


@metrics(*_about(FOUR_HOUR, "gamma"), reads=READS["gamma"] | {"chart_4h"})
def states_gamma_4h(inputs: Inputs) -> pl.LazyFrame:
    """Compare every four-hour bar with the zero of dealers' gamma."""
    return _judged(inputs, FOUR_HOUR, "gamma")


@metrics(*_about(DAILY, "gamma"), reads=READS["gamma"] | {"chart_1d"})
def states_gamma_1d(inputs: Inputs) -> pl.LazyFrame:
    """Compare every session with the zero of dealers' gamma."""
    return _judged(inputs, DAILY, "gamma")
