"""The four-hour bars themselves and their averages: what a chart is drawn from."""

import polars as pl

from overshort.metrics.declare import Inputs, Metric, metrics
from overshort.metrics.prices import price_rows
from overshort.metrics.structure.charts import FOUR_HOUR
from overshort.metrics.structure.rows import declared, null_of, short

__all__ = ["AVERAGES", "CANDLES", "candles"]

_PARTS = {"open": "First", "high": "Highest", "low": "Lowest", "close": "Last"}
CANDLES: dict[str, Metric] = {
    field: declared(
        f"price.{field}_4h",
        "USD",
        f"{word} price of the 4-hour bar of regular hours, split-adjusted; the basis names minutes that are missing.",
        "no row without bars shorter than four hours (table bars)",
        grid="bar_4h",
        lookback=0,
    )
    for field, word in _PARTS.items()
}
AVERAGES: dict[int, Metric] = {
    span: declared(
        f"structure.ema{span}_4h",
        "USD",
        f"Exponential average of {span} 4-hour closes, begun with their plain average.",
        null_of(FOUR_HOUR, span),
        grid="bar_4h",
    )
    for span in FOUR_HOUR.emas
}


@metrics(*CANDLES.values(), *AVERAGES.values(), reads=frozenset({"chart_4h"}))
def candles(inputs: Inputs) -> pl.LazyFrame:
    """Give prices and averages of every four-hour bar."""
    frame = inputs["chart_4h"]
    prices = [price_rows(frame, m.id, pl.col(field)) for field, m in CANDLES.items()]
    averages = [price_rows(frame, m.id, pl.col(f"ema{n}"), null=short(n)) for n, m in AVERAGES.items()]
    return pl.concat([*prices, *averages])
