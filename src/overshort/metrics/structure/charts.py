"""The traded proxies' bars of four hours and of a session, each with its indicators.

Only whole bars count: one of which minutes are missing stays in the chart, says so, and is passed over by every
average.  Where more than a week of bars is missing, everything begins anew: an average across such a gap would join
what never followed on each other.
"""

from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
import polars as pl

from overshort import sessions
from overshort.metrics import indicators
from overshort.metrics.declare import Inputs, intermediate
from overshort.metrics.prices import own_bars
from overshort.metrics.ranking import Floats

__all__ = [
    "BAND",
    "CHARTS",
    "DAILY",
    "FOUR_HOUR",
    "RANGES",
    "RUN",
    "SLOPE",
    "SPAN",
    "Chart",
    "chart_1d",
    "chart_4h",
    "start_of_week",
]

BAND, RANGES, SLOPE, SPAN = 20, 10, 5, 120
"""Bars of the bands, of the channel's average true range, of the lower band's slope, of the width's rank."""
GAP = 5
"""Sessions between two bars from which on a chart begins anew."""
RUN = ["subject", "run"]


@dataclass(frozen=True, slots=True)
class Chart:
    """What sets the two charts apart.

    Attributes
    ----------
    suffix
        Of the ids of its metrics.
    emas
        Spans of the exponential averages that should stand in this order, the fastest on top.
    near
        The one of them that price should hold.
    smas
        Spans of the simple averages that price may be above or below.
    """

    suffix: Literal["4h", "1d"]
    grid: Literal["bar_4h", "session"]
    bar: str
    emas: tuple[int, ...]
    near: int
    smas: tuple[int, ...] = ()

    @property
    def name(self) -> str:
        return f"chart_{self.suffix}"

    @property
    def lines(self) -> tuple[str, ...]:
        return tuple(f"ema{n}" for n in self.emas)


FOUR_HOUR = Chart("4h", "bar_4h", "4-hour bar", (8, 21, 34, 55), 21)
DAILY = Chart("1d", "session", "daily bar", (20, 50, 200), 20, (50, 200))
CHARTS = (FOUR_HOUR, DAILY)


@cache
def _numbered() -> pl.DataFrame:
    """Number the sessions, so that a gap can be told."""
    return (
        sessions.schedule().select("session").with_row_index("ordinal").with_columns(pl.col("ordinal").cast(pl.Int64))
    )


def start_of_week(column: str) -> pl.Expr:
    """Give the Monday of a date's week."""
    return pl.col(column).dt.truncate("1w").alias("week")


def _runs(frame: pl.DataFrame) -> pl.DataFrame:
    """Number the stretches of whole bars without a gap, and the bars in them from 1."""
    numbered = frame.join(_numbered(), on="session", how="left", maintain_order="left").sort("subject", "at")
    begins = (pl.col("ordinal").diff().over("subject") > GAP).fill_null(False)
    cut = numbered.with_columns((1 + begins.cum_sum().over("subject").cast(pl.Int64)).alias("run"))
    return cut.with_columns(pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over(RUN).alias("k"))


def _starts(frame: pl.DataFrame) -> list[int]:
    """Give where each run begins, and the number of bars at the end."""
    return [*np.flatnonzero((frame["k"] == 1).to_numpy()).tolist(), frame.height]


def _measured(frame: pl.DataFrame, chart: Chart) -> pl.DataFrame:
    """Add the indicators of whole bars, sorted by subject and run."""
    high, low, close = (frame[c].to_numpy() for c in ("high", "low", "close"))
    starts = _starts(frame)
    bb = indicators.bollinger(close, starts, BAND)
    kc = indicators.keltner(high, low, close, starts, n=BAND, ranges=RANGES)
    fit = indicators.slope(bb.lower, starts, SLOPE)
    emas = indicators.ema(close, starts, chart.emas)
    found: dict[str, Floats] = {
        **{f"bb_{side}": values for side, values in bb._asdict().items()},
        **{f"kc_{side}": values for side, values in kc._asdict().items()},
        **dict(zip(chart.lines, emas, strict=True)),
        **{f"sma{n}": indicators.sma(close, starts, n) for n in chart.smas},
        "stack": indicators.stack(emas, starts),
        "atr": indicators.atr(high, low, close, starts, RANGES),
        "slope": fit.slope,
        "error": fit.error,
        "width_rank": indicators.width_rank(bb, starts, SPAN),
    }
    squeezed = pl.Series("ttm", indicators.squeeze(high, low, close, starts))
    return frame.with_columns(
        *(pl.Series(name, values).fill_nan(None) for name, values in found.items()),
        squeezed.replace(-1, None).cast(pl.Float64),
    )


def _charted(bars: pl.DataFrame, chart: Chart) -> pl.LazyFrame:
    """Add indicators to whole bars; the others follow without any, in run 0."""
    whole = _measured(_runs(bars.filter(pl.col("lacking").is_null())), chart)
    both = pl.concat([whole, bars.filter(pl.col("lacking").is_not_null())], how="diagonal").sort("subject", "at")
    return both.with_columns(
        pl.col("known_at").cum_max().over("subject"), start_of_week("session"), pl.col("run", "k").fill_null(0)
    ).lazy()


COLUMNS = ["subject", "at", "session", "open", "high", "low", "close", "volume", "measured", "lacking", "feed"]


@intermediate("chart_4h", reads=frozenset({"four_hour"}))
def chart_4h(inputs: Inputs) -> pl.LazyFrame:
    """Give the traded proxies' bars of four hours with their indicators.

    Returns
    -------
    LazyFrame
        ``subject, at`` (end of the bar)``, session, week`` (its Monday)``, open, high, low, close, volume,
        measured`` (whether all of the volume is there)``, lacking`` (why the bar does not count; null where it
        does)``, feed, run, k`` (whole bars of the run so far; both 0 where it does not count)``, ordinal``, the
        indicators and ``known_at``, sorted.
    """
    began = pl.col("start").dt.convert_time_zone("America/New_York").dt.strftime("%Y-%m-%d %H:%M")
    said = pl.format("the 4-hour bar from {} in table bars does not count: {}", began, "flag")
    source = pl.format("{} {} bars, adjustment {}", "subject", "interval", "adjustment")
    bars = inputs["four_hour"].with_columns(
        pl.col("end").alias("at"),
        pl.when(~pl.col("complete")).then(said).alias("lacking"),
        (pl.col("unmeasured") == 0).alias("measured"),
        pl.concat_str(source, "flag", separator="; ", ignore_nulls=True).alias("feed"),
    )
    return _charted(bars.select(*COLUMNS, "known_at").collect(), FOUR_HOUR)


@intermediate("chart_1d", reads=frozenset({"bars", "subjects"}))
def chart_1d(inputs: Inputs) -> pl.LazyFrame:
    """Give the traded proxies' daily bars with their indicators: as :func:`chart_4h`, ``at`` the session."""
    partial = pl.any_horizontal(pl.col("open", "high", "low").is_null())
    said = pl.format("the bar of {} in table bars has no open, high or low", "session")
    bars = own_bars(inputs).with_columns(
        pl.col("session").alias("at"),
        pl.when(partial).then(said).alias("lacking"),
        pl.col("volume").is_not_null().alias("measured"),
        pl.format("{} bars, adjustment {}", "subject", "adjustment").alias("feed"),
    )
    return _charted(bars.select(*COLUMNS, "known_at").collect(), DAILY)
