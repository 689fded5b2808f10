"""How the traded proxies' charts are built: bands, averages, last week's value area and what price made of it."""

from overshort.metrics.structure import bands, candles, charts, value_area, verdict

__all__ = ["bands", "candles", "charts", "value_area", "verdict"]
