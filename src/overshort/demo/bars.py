"""Session-dated tables: bars and levels."""

from collections.abc import Iterator
from datetime import date, time

import numpy as np
import polars as pl

from overshort.demo.grid import Floats, Grid
from overshort.demo.hours import hours
from overshort.demo.prices import Candles, candles
from overshort.demo.tables import instant, typed
from overshort.demo.universe import Universe
from overshort.schema import TRIGGERS
from overshort.sessions import schedule

__all__ = ["PROXIES", "bars", "levels"]

CLOSES, VIX_CLOSES = time(16), time(16, 15)
PROXIES = {"SPY": (0, 10.0), "QQQ": (1, 40.0), "IWM": (2, 10.0)}
"""Traded proxies: column of their index, and index points per dollar."""
LAST_LEVEL = np.array([6000.0, 22000.0, 2300.0])
GIVEN = ((120, 60), (40, None))
"""Sessions before the end at which the user's levels begin and end."""
FIELDS = ("open", "high", "low", "close")


def _clock(grid: Grid) -> pl.DataFrame:
    """Give start and end of every session."""
    hours = schedule().rename({"opens": "start", "closes": "end"})
    return pl.DataFrame({"session": grid.days}).join(hours, on="session", how="left", maintain_order="left")


def _rows(clock: pl.DataFrame, sessions: np.ndarray, values: dict[str, pl.Series], adjustment: str) -> pl.DataFrame:
    constant = {"interval": "1d", "adjustment": adjustment, "currency": "USD"}
    return clock[sessions].with_columns(
        *(v.alias(n) for n, v in values.items()),
        *(pl.lit(v).alias(n) for n, v in constant.items()),
        pl.col("end").alias("known_at"),
    )


def _stocks(clock: pl.DataFrame, grid: Grid, universe: Universe, own: Candles, volume: Floats) -> pl.DataFrame:
    """Give unadjusted bars: prices divided, volumes multiplied by what one share has become."""
    days = np.arange(len(grid.days))[:, None]
    shown = universe.alive(days[:, 0]) & (days >= np.maximum(universe.priced, grid.begin)) & (days < grid.end)
    # Security by security, so that the columns need little sorting afterwards.
    stock, session = np.nonzero(shown.T)
    factor = universe.factor[session, stock]
    values = {f: pl.Series(_cents(getattr(own, f)[session, stock] / factor)) for f in FIELDS}
    values["volume"] = pl.Series(np.rint(volume[session, stock] * factor))
    values["symbol"] = pl.Series(universe.symbols).gather(stock)
    return _rows(clock, session, values, "none")


def _cents(price: Floats) -> Floats:
    """Round to a hundredth of a cent; nothing trades at nothing."""
    out: Floats = np.maximum(np.round(price, 4), 0.0001)
    return out


def index_levels(grid: Grid, paths: Floats) -> Floats:
    """Scale the index paths to familiar levels on the last day."""
    out: Floats = np.round(LAST_LEVEL * np.exp(paths - paths[grid.end - 1]), 2)
    return out


def _proxies(rng: np.random.Generator, clock: pl.DataFrame, grid: Grid, level: Floats) -> pl.DataFrame:
    sessions = np.arange(grid.begin, grid.end)
    parts = []
    for symbol, (column, points) in PROXIES.items():
        own = candles(rng, level[:, [column]] / points, 0.004)
        values = {f: pl.Series(np.round(getattr(own, f)[sessions, 0], 4)) for f in FIELDS}
        traded = np.rint(6e7 * np.exp(0.25 * rng.standard_normal(len(sessions))))
        values |= {"volume": pl.Series(traded), "symbol": pl.repeat(symbol, len(sessions), eager=True)}
        parts.append(_rows(clock, sessions, values, "split"))
    return pl.concat(parts)


def bars(
    rngs: dict[str, np.random.Generator],
    grid: Grid,
    universe: Universe,
    closes: Floats,
    volume: Floats,
    paths: Floats,
) -> pl.DataFrame:
    """Give bars: unadjusted daily ones of most stocks, split-adjusted daily and hourly ones of the index proxies."""
    clock = _clock(grid)
    own = candles(rngs["candles"], closes, 0.008)
    proxies = _proxies(rngs["proxies"], clock, grid, index_levels(grid, paths))
    stocks = _stocks(clock, grid, universe, own, volume)
    within = hours(rngs["hours"], proxies, grid.days[grid.end - 1])
    return typed("bars", pl.concat([stocks, *(p.select(stocks.columns) for p in (proxies, within))]))


def _levels(series: str, frequency: str, days: list[date], values: Floats, clock: time) -> pl.DataFrame:
    frame = pl.DataFrame({"at": days, "value": values})
    constant = {"series": series, "frequency": frequency, "unit": "index"}
    return frame.with_columns(pl.lit(v).alias(n) for n, v in constant.items()).with_columns(
        instant("at", clock).alias("known_at")
    )


def _triggers(grid: Grid, paths: Floats) -> Iterator[pl.DataFrame]:
    """Give the levels that the simulated user of IWM once wrote down: one that has ended, one in force."""
    column, points = PROXIES["IWM"]
    level = index_levels(grid, paths)[:, column] / points
    for begin, end in GIVEN:
        day = grid.days[grid.end - begin]
        last = date(9999, 12, 31) if end is None else grid.days[grid.end - end]
        values = (round(1.01 * level[grid.end - begin - 1], 1), (last - date(1970, 1, 1)).days)
        for prefix, value in zip(TRIGGERS, values, strict=True):
            yield _levels(f"{prefix}IWM", "day", [day], np.array([float(value)]), time(0))


def levels(grid: Grid, paths: Floats, vix: Floats) -> pl.DataFrame:
    """Give daily closes of the VIX and of the S&P 500, the latter's month-end closes, and a user's triggers."""
    spx = index_levels(grid, paths)[:, 0]
    span = range(grid.begin, grid.end)
    ends = [n for n in span if n + 1 < len(grid.days) and grid.days[n].month != grid.days[n + 1].month]
    return typed(
        "levels",
        pl.concat(
            [
                _levels("VIX", "day", [grid.days[n] for n in span], vix[list(span)], VIX_CLOSES),
                _levels("^GSPC", "day", [grid.days[n] for n in span], spx[list(span)], CLOSES),
                _levels("^GSPC", "month_end", [grid.days[n] for n in ends], spx[ends], CLOSES),
                *_triggers(grid, paths),
            ]
        ),
    )
