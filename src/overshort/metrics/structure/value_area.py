"""Where a completed week traded: the rows of price around the busiest one that hold 70 % of its volume.

1. Take the shorter bars that the four-hour bars are made of, in regular hours; those without volume have no say.
2. Lay rows of 0.05 ATR upwards from the week's low; the ATR is that of the week's last whole four-hour bar.
3. Spread each bar's volume evenly over its range of price.
4. Begin with the busiest row, of equals the highest.  Add two rows at a time, above or below, where they hold more,
   above if they hold the same, until 70 % is in; at an end of the range there may be one row, or none.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import polars as pl

from overshort import sessions
from overshort.metrics.declare import Inputs, intermediate, metrics
from overshort.metrics.ranking import Floats
from overshort.metrics.rows import panel_rows, reason
from overshort.metrics.structure.charts import RANGES, start_of_week
from overshort.metrics.structure.rows import declared, short

__all__ = ["LEAST", "ROW", "SHARE", "Area", "area_of", "profile", "value_area", "weeks"]

SHARE, ROW = 0.7, 0.05
LEAST = 0.95
"""Of a week's minutes at least this share has to have bars with volume."""
STEP = 2
"""Rows added at a time."""
SLACK = 1e-9
"""Volumes that differ by less than this share of the whole are the same: spreading them rounds."""


class Area(NamedTuple):
    """Lower bound, middle of the busiest row, upper bound."""

    val: float
    poc: float
    vah: float


def profile(low: Floats, high: Floats, volume: Floats, row: float) -> Floats:
    """Spread each bar's volume evenly over its range, in rows of a height from the lowest low upwards."""
    bottom = low.min()
    count = max(1, int(np.ceil((high.max() - bottom) / row)))
    edges = bottom + row * np.arange(count + 1)
    overlap = np.minimum(high[:, None], edges[1:]) - np.maximum(low[:, None], edges[:-1])
    spread = high > low
    shares = np.clip(overlap, 0, None) / np.where(spread, high - low, 1.0)[:, None]
    still = np.flatnonzero(~spread)
    shares[still, np.minimum((low[still] - bottom) // row, count - 1).astype(int)] = 1.0
    out: Floats = (shares * volume[:, None]).sum(axis=0)
    return out


def grown(rows: Sequence[float], share: float) -> tuple[int, int, int]:
    """Give the lowest row, the busiest and the highest of the area that holds a share of the volume."""
    slack = SLACK * sum(rows)
    most = max(rows) - slack
    busiest = max(k for k, volume in enumerate(rows) if volume >= most)
    first, last, held, wanted = busiest, busiest + 1, rows[busiest], share * sum(rows) - slack
    while held < wanted and (first > 0 or last < len(rows)):
        above, below = rows[last : last + STEP], rows[max(first - STEP, 0) : first]
        up = bool(above) and (sum(above) >= sum(below) - slack or not below)
        held += sum(above) if up else sum(below)
        last, first = (last + len(above), first) if up else (last, first - len(below))
    return first, busiest, last - 1


def area_of(low: Floats, high: Floats, volume: Floats, row: float, share: float = SHARE) -> Area:
    """Give the value area of bars.

    Parameters
    ----------
    low, high, volume
        One number a bar; at least one bar, volumes above 0.
    row
        Height of a row of price.
    """
    first, busiest, last = grown(profile(low, high, volume, row).tolist(), share)
    bottom = float(low.min())
    return Area(bottom + row * first, bottom + row * (busiest + 0.5), bottom + row * (last + 1))


def weeks() -> pl.LazyFrame:
    """Give every week: its Monday, first and last session, when that closes, and how many minutes it trades."""
    hours = sessions.schedule().lazy().with_columns(start_of_week("session"))
    trades = (pl.col("closes") - pl.col("opens")).dt.total_minutes().sum()
    return (
        hours.group_by("week")
        .agg(
            pl.col("session").min().alias("base"),
            pl.col("session").max().alias("at"),
            pl.col("closes").max(),
            trades.alias("trades"),
        )
        .sort("week")
    )


def _gathered(intraday: pl.LazyFrame, chart: pl.LazyFrame) -> pl.DataFrame:
    """Give each subject's weeks with the bars that have volume, as lists, and the ATR that its rows are made of."""
    source = pl.format("{} {} bars, adjustment {}", "symbol", "interval", "adjustment")
    heard = pl.col("volume").fill_null(0) > 0
    minutes = (pl.col("end") - pl.col("start")).dt.total_minutes()
    bars = (
        intraday.sort("symbol", "start")
        .with_columns(start_of_week("session"), source.alias("feed"))
        .group_by(pl.col("symbol").alias("subject"), "week", maintain_order=True)
        .agg(
            pl.col("low", "high", "volume").filter(heard),
            minutes.filter(heard).sum().alias("minutes"),
            pl.col("feed").unique(maintain_order=True).str.join(", "),
            pl.col("seen").max(),
        )
    )
    whole = chart.filter(pl.col("lacking").is_null()).sort("subject", "at")
    last = whole.group_by("subject", "week", maintain_order=True).agg(
        pl.col("atr", "k", "lacking").last(), pl.col("known_at").last().alias("measured_at")
    )
    joined = bars.join(weeks(), on="week").join(last, on=["subject", "week"], how="left")
    return joined.sort("subject", "week").collect()


def _areas(gathered: pl.DataFrame) -> list[Area | None]:
    columns = (gathered[c].to_list() for c in ("low", "high", "volume", "atr"))
    return [
        area_of(np.array(low), np.array(high), np.array(volume), ROW * atr) if low and atr else None
        for low, high, volume, atr in zip(*columns, strict=True)
    ]


@intermediate("week_areas", reads=frozenset({"intraday", "chart_4h"}))
def week_areas(inputs: Inputs) -> pl.LazyFrame:
    """Give the value area of every week of the traded proxies.

    Returns
    -------
    LazyFrame
        ``subject, week`` (its Monday)``, at`` (last session)``, base`` (first session)``, val, poc, vah, bars,
        coverage`` (share of the week's minutes that have bars with volume)``, null`` (why there is none)``, feed,
        known_at`` (not before the week's last close)``, sorted.
    """
    frame = _gathered(inputs["intraday"], inputs["chart_4h"])
    areas = _areas(frame)
    found = {f: pl.Series(f, [a and getattr(a, f) for a in areas], dtype=pl.Float64) for f in Area._fields}
    coverage = (pl.col("minutes") / pl.col("trades")).clip(0, 1)
    thin = pl.format(
        "bars with volume cover {}% of the week from {} in table bars, under {}%",
        (100 * coverage).floor().cast(pl.Int64),
        "base",
        pl.lit(f"{100 * LEAST:.0f}"),
    )
    null = pl.coalesce(
        reason((pl.col("k").is_null(), pl.format("no whole 4-hour bar in the week from {} in table bars", "base"))),
        reason((coverage < LEAST, thin)),
        short(RANGES + 1),
    )
    still = reason((pl.col("vah").is_null(), "the prices in table bars do not move: no height for a row"))
    return (
        frame.lazy()
        .with_columns(
            *found.values(), pl.col("volume").list.len().cast(pl.Int64).alias("bars"), coverage.alias("coverage")
        )
        .with_columns(
            pl.coalesce(null, still).alias("null"),
            pl.max_horizontal("closes", "seen", "measured_at").alias("known_at"),
        )
        .with_columns(pl.when(pl.col("null").is_null()).then(pl.col(f)).alias(f) for f in Area._fields)
        .select("subject", "week", "at", "base", *Area._fields, "bars", "coverage", "null", "feed", "known_at")
    )


_RULE = (
    f"null where bars with volume cover under {LEAST:.0%} of the week's regular minutes, under {RANGES + 1} whole "
    "4-hour bars in a row, and no row without bars within the day (table bars)"
)
_WHAT = (
    f"the value area ({SHARE:.0%} of the volume) of the completed week that begins with the base date, from bars "
    f"within the day in regular hours, in rows of {ROW:g} ATR ({RANGES} 4-hour bars)"
)
DECLARED = {
    "vah": declared("structure.vah", "USD", f"Upper bound of {_WHAT}.", _RULE, grid="week"),
    "val": declared("structure.val", "USD", f"Lower bound of {_WHAT}.", _RULE, grid="week"),
    "poc": declared("structure.poc", "USD", f"Middle of the busiest row of {_WHAT}.", _RULE, grid="week"),
}


@metrics(*DECLARED.values(), reads=frozenset({"week_areas"}))
def value_area(inputs: Inputs) -> pl.LazyFrame:
    """Give the bounds and the busiest price of every completed week, at its last session."""
    frame = inputs["week_areas"]
    return pl.concat(
        [
            panel_rows(
                frame,
                metric.id,
                pl.col(field),
                null=pl.col("null"),
                basis=pl.format("price: {}", "feed"),
                base=pl.col("base"),
                n="bars",
                coverage="coverage",
                at="at",
            )
            for field, metric in DECLARED.items()
        ]
    )
