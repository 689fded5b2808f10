"""Below the trigger, lower band rising, bands narrow: a coil; and the two ways in which it ends badly.

The trigger is the highest close of the 20 sessions before (``compression.trigger_range``), the only one of the three
that is there; every row says so.
"""

from collections.abc import Iterator

import polars as pl

from overshort.metrics.compression.trigger import RANGES as DAILY_RANGES
from overshort.metrics.compression.trigger import SESSIONS
from overshort.metrics.declare import Inputs, intermediate, metrics
from overshort.metrics.prices import price_rows
from overshort.metrics.rows import reason
from overshort.metrics.structure.bands import WITHIN, Row
from overshort.metrics.structure.charts import BAND, DAILY, FOUR_HOUR, RANGES, RUN, SLOPE, SPAN, Chart
from overshort.metrics.structure.rows import HISTORY, declared, flag, null_of, short

__all__ = ["STATES", "compression_1d", "compression_4h"]

STATES = ("COIL", "REJECTION", "DETERIORATION", "NONE")
NEAR = 0.5
"""How many daily average true ranges below the trigger price may stand."""
RISE, SURE, NARROW = 0.02, 2.0, 20.0
"""Of the lower band: its least slope in ATR a bar, its least t statistic; and the highest rank of a narrow width."""
RANKED = BAND + SPAN
SLOPED = BAND + SLOPE - 1


def _armed(chart: pl.LazyFrame, triggers: pl.LazyFrame) -> pl.LazyFrame:
    """Join to every bar what the sessions before its own set."""
    keyed = triggers.select(
        "subject",
        "session",
        "trigger",
        "range",
        pl.col("k").alias("days"),
        pl.col("feed").alias("daily"),
        pl.col("known_at").alias("set"),
    )
    known = pl.max_horizontal("known_at", "set").cum_max().over("subject")
    both = chart.join(keyed, on=["subject", "session"], how="left").sort("subject", "at")
    return both.with_columns(known.alias("known_at"), _fallen().alias("fallen"))


def _fallen() -> pl.Expr:
    """Tell whether a high passed its trigger, at this bar or up to 3 before, and this bar closes below that trigger."""
    passed = pl.when(pl.col("high") > pl.col("trigger")).then(pl.col("trigger"))
    highest = passed.rolling_max(WITHIN + 1, min_samples=1).over(RUN)
    return (pl.col("close") < highest).fill_null(False)


@intermediate("armed_4h", reads=frozenset({"chart_4h", "triggers"}))
def armed_4h(inputs: Inputs) -> pl.LazyFrame:
    """Give the four-hour bars with ``trigger, range, days, daily, fallen``."""
    return _armed(inputs["chart_4h"], inputs["triggers"])


@intermediate("armed_1d", reads=frozenset({"chart_1d", "triggers"}))
def armed_1d(inputs: Inputs) -> pl.LazyFrame:
    """Give the daily bars with ``trigger, range, days, daily, fallen``."""
    return _armed(inputs["chart_1d"], inputs["triggers"])


def _untriggered() -> pl.Expr:
    absent = pl.format("no daily bar of the session before {} in table bars", "session")
    few = (pl.col("days") < SESSIONS, pl.format(HISTORY, "days", pl.lit(SESSIONS)))
    return reason((pl.col("days").is_null(), absent), few)


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


def _states(chart: Chart) -> Iterator[Row]:
    suffix, bar = _suffix(chart), chart.bar
    rule = f"null under {SESSIONS} daily bars before the session and without one of the session before"
    yield Row(
        flag(
            f"compression.below_trigger{suffix}",
            f"Whether the {bar} closes below the trigger (highest close of the {SESSIONS} sessions before), by no more "
            f"than {NEAR} daily ATR (Wilder, {DAILY_RANGES} sessions before).",
            f"{null_of(chart, 1)}; {rule}",
            grid=chart.grid,
        ),
        _below(),
        pl.coalesce("lacking", _untriggered()),
    )
    rising = (pl.col("slope") > RISE * pl.col("atr")) & (pl.col("slope") > SURE * pl.col("error"))
    falling = pl.col("slope") < -SURE * pl.col("error")
    under = pl.col("close") < pl.col("bb_mid")
    coil = _below() & rising & (pl.col("width_rank") <= NARROW)
    place = pl.when(coil).then(0).when(pl.col("fallen") & under).then(1).when(falling & under).then(2).otherwise(3)
    yield Row(
        declared(
            f"compression.state{suffix}",
            "state",
            f"COIL: below the trigger, lower band rising (slope above {RISE} ATR a bar, t above {SURE:g}), width_rank "
            f"at most {NARROW:g}. REJECTION: a high above its trigger, at this {bar} or up to {WITHIN} before, and a "
            "close back below that trigger and the middle of the bands. DETERIORATION: lower band falling (t below "
            f"-{SURE:g}) and close below the middle. Else NONE; the first that holds.",
            f"{null_of(chart, RANKED)}; {rule}",
            grid=chart.grid,
            kind="state",
            states=STATES,
        ),
        place,
        pl.coalesce(short(RANKED), _untriggered()),
    )


ROWS = {chart.suffix: (tuple(_measures(chart)), tuple(_states(chart))) for chart in (FOUR_HOUR, DAILY)}


def _declared(chart: Chart) -> list[Row]:
    return [row for part in ROWS[chart.suffix] for row in part]


def _panel(frame: pl.LazyFrame, chart: Chart) -> pl.LazyFrame:
    daily = pl.when(pl.col("daily") == pl.col("feed")).then(None).otherwise("daily")
    labelled = pl.concat_str("feed", daily, pl.lit("trigger: range"), separator="; ", ignore_nulls=True)
    frame = frame.with_columns(labelled.alias("labelled"))
    measures, states = ROWS[chart.suffix]
    names = dict(enumerate(STATES))
    parts = [price_rows(frame, row.metric.id, row.value, null=row.null) for row in measures]
    for row in states:
        text = row.value.replace_strict(names, return_dtype=pl.String) if row.metric.states else None
        parts.append(price_rows(frame, row.metric.id, row.value, null=row.null, text=text, feed="labelled"))
    return pl.concat(parts)


@metrics(*(row.metric for row in _declared(FOUR_HOUR)), reads=frozenset({"armed_4h"}))
def compression_4h(inputs: Inputs) -> pl.LazyFrame:
    """Give slope, width, squeeze and state at every four-hour bar."""
    return _panel(inputs["armed_4h"], FOUR_HOUR)


@metrics(*(row.metric for row in _declared(DAILY)), reads=frozenset({"armed_1d"}))
def compression_1d(inputs: Inputs) -> pl.LazyFrame:
    """Give slope, width, squeeze and state at every session."""
    return _panel(inputs["armed_1d"], DAILY)
