"""Bands, channel and averages: where price stands in them, and whether they are in order.

An id without a suffix is the one on four-hour bars.
"""

from collections.abc import Iterator
from math import nan
from typing import NamedTuple

import polars as pl

from overshort.metrics.declare import Inputs, Metric, metrics
from overshort.metrics.prices import price_rows
from overshort.metrics.rows import reason
from overshort.metrics.structure.charts import BAND, CHARTS, DAILY, FOUR_HOUR, RANGES, RUN, Chart
from overshort.metrics.structure.rows import declared, flag, null_of, short

__all__ = ["ENVELOPES", "FLAT", "Row", "bands_1d", "bands_4h", "within"]

NAMES = {
    "bb": f"Bollinger bands (simple average of {BAND} closes, 2 population deviations)",
    "kc": f"Keltner channel (EMA of {BAND} closes, 2 Wilder ATRs of {RANGES} bars)",
}
ENVELOPES = ("UPPER", "LOWER", "NONE")
LAST, MOST, HALF = 10, 0.6, 0.5
WITHIN = 3
"""Bars within which a close below the middle answers a high above the band, and over which an average has to rise."""
FLAT = 1e-12
"""A band narrower than this share of its middle is as good as none: rounding alone is as wide."""


class Row(NamedTuple):
    """A metric, its value and why there is none."""

    metric: Metric
    value: pl.Expr
    null: pl.Expr


def within(holds: pl.Expr, bars: int) -> pl.Expr:
    """Tell whether something held at this bar or one of the ``bars`` before it."""
    return holds.cast(pl.Int64).rolling_max(bars + 1, min_samples=1).over(RUN) == 1


def _levels(chart: Chart) -> Iterator[Row]:
    for lines, what in NAMES.items():
        for side in ("mid", "upper", "lower"):
            line = {"mid": "Middle", "upper": "Upper", "lower": "Lower"}[side]
            name, said = f"{lines}_{side}", f"{line} line of the {what} on {chart.bar}s."
            metric = declared(
                f"structure.{name}_{chart.suffix}",
                "USD",
                said,
                null_of(chart, BAND),
                grid=chart.grid,
                lookback=BAND - 1 if lines == "bb" else None,
            )
            yield Row(metric, pl.col(name), short(BAND))


def _place(lines: str) -> tuple[pl.Expr, pl.Expr]:
    """Give where the close stands between middle (0) and upper line (1), and why it does not."""
    mid, reach = pl.col(f"{lines}_mid"), pl.col(f"{lines}_upper") - pl.col(f"{lines}_mid")
    flat = reason((reach <= FLAT * mid, "the lines lie on each other: the prices in table bars do not move"))
    return (pl.col("close") - mid) / reach, pl.coalesce(short(BAND), flat)


def _places(chart: Chart) -> Iterator[Row]:
    for lines, what in NAMES.items():
        for suffix in [f"_{chart.suffix}", *([""] if chart is FOUR_HOUR else [])]:
            metric = declared(
                f"structure.u_{lines}{suffix}",
                "ratio",
                f"(close - middle) / (upper - middle) of the {what} on {chart.bar}s: 1 at the upper line, -1 at the "
                "lower.",
                f"{null_of(chart, BAND)}; null where the lines lie on each other",
                grid=chart.grid,
                lookback=BAND - 1 if lines == "bb" else None,
            )
            yield Row(metric, *_place(lines))


def _stacks(chart: Chart) -> Iterator[Row]:
    spans = chart.emas
    order = " > ".join(str(n) for n in spans)
    for suffix in [f"_{chart.suffix}", *([""] if chart is FOUR_HOUR else [])]:
        share = declared(
            f"structure.ema_stack{suffix}",
            "fraction",
            f"Share of all pairs of the EMAs {order} on {chart.bar}s of which the faster lies above the slower.",
            null_of(chart, spans[-1]),
            grid=chart.grid,
        )
        yield Row(share, pl.col("stack"), short(spans[-1]))
    near = pl.col(f"ema{chart.near}")
    rising = near > near.shift(WITHIN).over(RUN)
    metric = flag(
        f"structure.ema_supportive_{chart.suffix}",
        f"Whether all pairs of the EMAs {order} are in order, the close is at or above EMA {chart.near} and that EMA "
        f"above its value {WITHIN} {chart.bar}s before.",
        null_of(chart, spans[-1]),
        grid=chart.grid,
    )
    yield Row(metric, (pl.col("stack") == 1) & (pl.col("close") >= near) & rising, short(spans[-1]))


def _averages(chart: Chart) -> Iterator[Row]:
    """Give the simple averages, and whether price is above each."""
    for n in chart.smas:
        null, said = null_of(chart, n), f"simple average of {n} closes on {chart.bar}s"
        name, line = f"sma{n}_{chart.suffix}", pl.col(f"sma{n}")
        level = declared(
            f"structure.{name}", "USD", f"The {said}, itself included.", null, grid=chart.grid, lookback=n - 1
        )
        above = flag(
            f"structure.above_{name}",
            f"Whether the {chart.bar} closes above the {said}, itself included.",
            null,
            grid=chart.grid,
            lookback=n - 1,
        )
        yield Row(level, line, short(n))
        yield Row(above, pl.col("close") > line, short(n))


def _share_of_last(holds: pl.Expr) -> pl.Expr:
    return holds.cast(pl.Float64).rolling_mean(LAST).over(RUN) >= MOST - 1e-9


def _envelope() -> Iterator[Row]:
    """Give the state and its flag on four-hour bars."""
    bars = BAND + LAST - 1
    both = [pl.col(f"u_{lines}").fill_null(nan) for lines in NAMES]
    upper = _share_of_last(pl.all_horizontal(u.is_between(HALF, 1) for u in both))
    lower = _share_of_last(pl.all_horizontal(u.is_between(-1, -HALF) for u in both))
    said = f"for at least {MOST:.0%} of the last {LAST} 4-hour bars, u_bb and u_kc were both in"
    null = null_of(FOUR_HOUR, bars)
    state = declared(
        "structure.envelope_4h",
        "state",
        f"UPPER where, {said} [{HALF}, 1], LOWER in [-1, -{HALF}], else NONE.",
        null,
        grid="bar_4h",
        kind="state",
        states=ENVELOPES,
    )
    held = flag("structure.envelope_upper_4h", f"Whether, {said} [{HALF}, 1].", null, grid="bar_4h")
    place = pl.when(upper).then(0).when(lower).then(1).otherwise(2)
    yield Row(state, place, short(bars))
    yield Row(held, upper, short(bars))


def _rejection() -> Iterator[Row]:
    above = within(pl.col("high") > pl.col("bb_upper"), WITHIN)
    metric = flag(
        "structure.rejection_4h",
        f"Whether the 4-hour bar closes below the middle of the Bollinger bands and its high, or one of the {WITHIN} "
        "bars before, was above the upper band.",
        null_of(FOUR_HOUR, BAND + WITHIN),
        grid="bar_4h",
        lookback=BAND + WITHIN - 1,
    )
    yield Row(metric, above & (pl.col("close") < pl.col("bb_mid")), short(BAND + WITHIN))


def _all(chart: Chart) -> tuple[Row, ...]:
    more = (*_envelope(), *_rejection()) if chart is FOUR_HOUR else ()
    return (*_levels(chart), *_places(chart), *_stacks(chart), *_averages(chart), *more)


ROWS = {chart.suffix: _all(chart) for chart in CHARTS}


def _panel(inputs: Inputs, chart: Chart) -> pl.LazyFrame:
    places = (_place(lines)[0].alias(f"u_{lines}") for lines in NAMES)
    frame = inputs[chart.name].with_columns(*places)
    states = dict(enumerate(ENVELOPES))
    return pl.concat(
        [
            price_rows(
                frame,
                row.metric.id,
                row.value,
                null=row.null,
                text=row.value.replace_strict(states, return_dtype=pl.String) if row.metric.states else None,
            )
            for row in ROWS[chart.suffix]
        ]
    )


@metrics(*(row.metric for row in ROWS["4h"]), reads=frozenset({FOUR_HOUR.name}))
def bands_4h(inputs: Inputs) -> pl.LazyFrame:
    """Give bands, places, stacks, envelope and rejection at every four-hour bar."""
    return _panel(inputs, FOUR_HOUR)


@metrics(*(row.metric for row in ROWS["1d"]), reads=frozenset({DAILY.name}))
def bands_1d(inputs: Inputs) -> pl.LazyFrame:
    """Give bands, places and stacks at every session."""
    return _panel(inputs, DAILY)
