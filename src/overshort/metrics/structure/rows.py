"""What metrics of charts share: their declaration, why a bar has no value, and their rows."""

from typing import Literal

import polars as pl

from overshort.metrics.declare import Metric
from overshort.metrics.rows import reason
from overshort.metrics.structure.charts import Chart

__all__ = ["HISTORY", "declared", "flag", "null_of", "short"]

HISTORY = "too little history: bar {} of {} without a gap of more than a week in table bars"


def declared(
    id: str,
    unit: str,
    definition: str,
    null: str,
    *,
    grid: Literal["session", "bar_4h", "week"],
    kind: Literal["number", "count", "flag", "state"] = "number",
    lookback: int | None = None,
    states: tuple[str, ...] = (),
) -> Metric:
    """Declare one metric of the traded proxies; on four-hour bars its instant is the bar's end."""
    return Metric(
        id=id,
        kind=kind,
        unit=unit,
        grid=grid,
        subjects=frozenset({"proxy"}),
        null_rule=null,
        lookback=lookback,
        definition=definition,
        states=states,
    )


def flag(
    id: str, definition: str, null: str, *, grid: Literal["session", "bar_4h"], lookback: int | None = None
) -> Metric:
    """Declare a metric that holds or does not."""
    return declared(id, "flag", definition, null, grid=grid, kind="flag", lookback=lookback)


def short(bars: int) -> pl.Expr:
    """Say why a bar has no value that rests on ``bars`` whole ones: it does not count itself, or too few are there."""
    return pl.coalesce("lacking", reason((pl.col("k") < bars, pl.format(HISTORY, "k", pl.lit(bars)))))


def null_of(chart: Chart, bars: int) -> str:
    """State the null rule of a value that rests on ``bars`` bars."""
    return (
        f"null under {bars} whole bars in a row, at a bar of which minutes are missing, and no row without a "
        f"{chart.bar} (table bars)"
    )
