"""The price panel: four-hour candles with both envelopes, averages, last week's value area and the triggers."""

from collections.abc import Iterator

import plotly.graph_objects as go
import polars as pl

from overshort import sessions
from overshort.engine.studies import Known
from overshort.surfaces.plots.layout import Panel, stack
from overshort.surfaces.plots.palette import ink

__all__ = ["price"]

BARS = 120
"""Four-hour bars shown: about twelve weeks."""
TICKS = 10
LINES = {
    "structure.bb_upper_4h": ("Bollinger upper", "main", "solid", 1.1),
    "structure.bb_lower_4h": ("Bollinger lower", "main", "solid", 1.1),
    "structure.kc_upper_4h": ("Keltner upper", "second", "dot", 1.1),
    "structure.kc_lower_4h": ("Keltner lower", "second", "dot", 1.1),
    "structure.ema8_4h": ("EMA 8", "CONFIRM", "solid", 1.0),
    "structure.ema21_4h": ("EMA 21", "COVER", "solid", 1.3),
    "structure.ema34_4h": ("EMA 34", "EXIT", "solid", 1.0),
    "structure.ema55_4h": ("EMA 55", "limit", "solid", 1.3),
}
STEPS = {
    "structure.vah": ("value area high", "more", "dash"),
    "structure.poc": ("point of control", "mark", "dot"),
    "structure.val": ("value area low", "less", "dash"),
}
"""Levels of the week before, drawn over the week that follows it."""
TRIGGERS = {
    "compression.trigger_range": ("trigger: highest close of 20 sessions", "warn", "longdash"),
    "compression.trigger_user": ("trigger: given by the user", "REFUSE", "longdash"),
    "compression.trigger_gamma": ("trigger: dealers' gamma 0 (assumed)", "CONFIRM", "longdashdot"),
}
"""Every one that has a value is drawn, over the session that it is set for."""


def _bars(known: Known, subject: str) -> pl.DataFrame:
    """Give the newest bars: ``at, label``, the four prices, ``known``."""
    parts = [
        known.stamped(f"price.{f}_4h", subject).select("at", pl.col("value").alias(f)) for f in ("open", "high", "low")
    ]
    rows = known.stamped("price.close_4h", subject).rename({"value": "close"})
    for part in parts:
        rows = rows.join(part, on="at")
    wall = pl.col("at").dt.convert_time_zone(str(sessions.NEW_YORK)).dt.to_string("%Y-%m-%d %H:%M")
    return rows.sort("at").tail(BARS).with_columns(wall.alias("label"), pl.col("at").dt.date().alias("day"))


def price(known: Known, subject: str) -> go.Figure | None:
    """Draw a traded proxy's newest four-hour bars as the reader of a chart would.

    Bars stand side by side without nights between them; each is named by its end in New York.

    Returns
    -------
    Figure or None
        Nothing without four-hour bars.
    """
    rows = _bars(known, subject)
    if rows.is_empty():
        return None
    traces = [*_lines(known, subject, rows), *_levels(known, subject, rows), _candles(rows)]
    label = f"{subject}, USD, 4-hour bars to {rows['label'][-1]} New York"
    figure = stack(f"{subject}: bands, averages, value area and triggers", 480, [Panel(label)], traces)
    every = rows["label"].gather_every(max(rows.height // TICKS, 1)).to_list()
    axis = {
        "type": "category",
        "tickvals": every,
        "ticktext": [t[:10] for t in every],
        "rangeslider": {"visible": False},
    }
    return figure.update_layout(xaxis=axis | {"categoryorder": "array", "categoryarray": rows["label"].to_list()})


def _candles(rows: pl.DataFrame) -> go.Candlestick:
    return go.Candlestick(
        x=rows["label"].to_list(),
        **{field: rows[field].to_list() for field in ("open", "high", "low", "close")},
        name="4-hour bar",
        increasing={"line": {"color": ink("COVER"), "width": 1}, "fillcolor": ink("COVER")},
        decreasing={"line": {"color": ink("REFUSE"), "width": 1}, "fillcolor": ink("REFUSE")},
        showlegend=False,
    )


def _lines(known: Known, subject: str, rows: pl.DataFrame) -> Iterator[go.Scatter]:
    for id, (name, color, dash, width) in LINES.items():
        own = rows.select("at", "label").join(known.stamped(id, subject), on="at", how="left", maintain_order="left")
        if own["value"].null_count() < own.height:
            yield go.Scatter(
                x=own["label"].to_list(),
                y=own["value"].to_list(),
                name=name,
                mode="lines",
                line={"color": ink(color), "dash": dash, "width": width},
                hovertemplate=f"{name} %{{y:,.2f}}<extra></extra>",
            )


def _levels(known: Known, subject: str, rows: pl.DataFrame) -> Iterator[go.Scatter]:
    """Draw the levels of the week before each bar, and the triggers of each bar's session."""
    for id, (name, color, dash) in STEPS.items():
        weekly = known.series(id, subject).select(
            (pl.col("at").dt.truncate("1w").dt.offset_by("1w")).alias("week"), "value"
        )
        own = rows.with_columns(pl.col("day").dt.truncate("1w").alias("week"))
        yield from _step(own.join(weekly, on="week", how="left", maintain_order="left"), name, color, dash)
    for id, (name, color, dash) in TRIGGERS.items():
        daily = known.series(id, subject).select(pl.col("at").alias("day"), "value")
        yield from _step(rows.join(daily, on="day", how="left", maintain_order="left"), name, color, dash)


def _step(own: pl.DataFrame, name: str, color: str, dash: str) -> Iterator[go.Scatter]:
    if own["value"].null_count() < own.height:
        yield go.Scatter(
            x=own["label"].to_list(),
            y=own["value"].to_list(),
            name=name,
            mode="lines",
            line={"color": ink(color), "dash": dash, "width": 1.2, "shape": "hv"},
            hovertemplate=f"{name} %{{y:,.2f}}<extra></extra>",
        )
