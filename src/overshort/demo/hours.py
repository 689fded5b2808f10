"""Hourly bars of the traded proxies for the last two years, made to agree with their daily bars.

1. Walk from the day's open to its close in steps of an hour, the last one half, pulled to the close at the end.
2. Keep the walk between the day's low and high, and let the hour that comes nearest to each reach it.
3. Share the day's volume out, more of it at the open and the close.
"""

from datetime import date, timedelta

import numpy as np
import polars as pl

from overshort.demo.grid import Floats, Ints

__all__ = ["HOURS", "hours"]

HOUR = timedelta(hours=1)
HOURS = 7
"""Bars of a regular session; an early close makes four."""
BUSY = np.array([2.2, 1.1, 0.9, 0.8, 0.8, 1.0, 1.6])
CENTS = 4


def _since(last: date) -> date:
    """Give the day two years before; of a leap day the first of March."""
    return date(last.year - 2, 3, 1) if (last.month, last.day) == (2, 29) else last.replace(year=last.year - 2)


def _walk(rng: np.random.Generator, day: pl.DataFrame, lengths: Ints) -> Floats:
    """Give the price at the start of each hour and, from the last one on, the close; within the day's range."""
    first, last, low, high = (day[c].to_numpy()[:, None] for c in ("open", "close", "low", "high"))
    steps = rng.standard_normal((day.height, HOURS)) * (high - low) / 3
    walk = np.hstack([np.zeros_like(first), np.cumsum(steps, axis=1)])
    place = np.minimum(np.arange(HOURS + 1), lengths[:, None])
    ends = np.take_along_axis(walk, lengths[:, None], axis=1)
    share = place / lengths[:, None]
    bridge = first + np.take_along_axis(walk, place, axis=1) - share * ends + share * (last - first)
    bridge[:, 0] = first[:, 0]
    out: Floats = np.clip(np.round(np.where(place == lengths[:, None], last, bridge), CENTS), low, high)
    return out


def _candles(rng: np.random.Generator, day: pl.DataFrame, lengths: Ints) -> dict[str, Floats]:
    walk = _walk(rng, day, lengths)
    low, high = (day[c].to_numpy()[:, None] for c in ("low", "high"))
    top, bottom = np.maximum(walk[:, :-1], walk[:, 1:]), np.minimum(walk[:, :-1], walk[:, 1:])
    up, down = np.abs(rng.standard_normal((2, *top.shape))) * (high - low) / 12
    tops = np.minimum(np.round(top + up, CENTS), high)
    bottoms = np.maximum(np.round(bottom - down, CENTS), low)
    gone = np.arange(HOURS) >= lengths[:, None]
    rows = np.arange(day.height)
    tops[rows, np.where(gone, -np.inf, tops).argmax(axis=1)] = high[:, 0]
    bottoms[rows, np.where(gone, np.inf, bottoms).argmin(axis=1)] = low[:, 0]
    return {"open": walk[:, :-1], "high": tops, "low": bottoms, "close": walk[:, 1:]}


def _volumes(rng: np.random.Generator, day: pl.DataFrame, lengths: Ints) -> Floats:
    """Share the day's volume out in whole shares; the first hour takes what rounding leaves."""
    weights = BUSY * np.exp(0.2 * rng.standard_normal((day.height, HOURS)))
    weights[np.arange(HOURS) >= lengths[:, None]] = 0
    traded = day["volume"].to_numpy()
    out: Floats = np.floor(traded[:, None] * weights / weights.sum(axis=1, keepdims=True))
    out[:, 0] += traded - out.sum(axis=1)
    return out


def hours(rng: np.random.Generator, proxies: pl.DataFrame, last: date) -> pl.DataFrame:
    """Give hourly bars.

    Parameters
    ----------
    proxies
        Daily bars of the traded proxies: ``symbol, session, start, end``, prices and volume.
    last
        Bars of the two years up to this day are made.

    Returns
    -------
    DataFrame
        The same columns, one row an hour.
    """
    day = proxies.filter(pl.col("session") > _since(last)).sort("symbol", "session")
    lasts = ((day["end"] - day["start"]) / HOUR).ceil().cast(pl.Int64).to_numpy()
    values = _candles(rng, day, lasts) | {"volume": _volumes(rng, day, lasts)}
    row, hour = np.nonzero(np.arange(HOURS) < lasts[:, None])
    start = pl.col("start") + pl.Series("hour", hour) * pl.lit(HOUR)
    return (
        day[row]
        .with_columns(
            *(pl.Series(name, v[row, hour]) for name, v in values.items()),
            start.alias("start"),
            pl.min_horizontal(start + HOUR, "end").alias("end"),
            pl.lit("1h").alias("interval"),
        )
        .with_columns(pl.col("end").alias("known_at"))
    )
