"""The VIX in the range of its own past year, with the cycle it is in."""

from datetime import date
from typing import Any

import plotly.graph_objects as go
import polars as pl

from overshort.engine.studies import Known
from overshort.metrics.volatility import STRESS, YEAR
from overshort.surfaces.plots.layout import KNOWN, Panel, band, line, stack
from overshort.surfaces.plots.palette import ink
from overshort.surfaces.plots.series import days, newest, past_range, series, thinned

__all__ = ["vix"]

SHOWN_YEARS = 10
"""What is seen at first; buttons widen it."""


def vix(known: Known, subject: str) -> go.Figure | None:
    """Draw the closes of the VIX, the level at which a cycle starts, its start and its lowest close so far.

    Returns
    -------
    Figure or None
        Nothing without a close.
    """
    rows = series(known, "volatility.close", subject)
    if rows.is_empty():
        return None
    name = f"range of the {YEAR} closes before (1 year)"
    past = rows.select("at").join(past_range(rows, YEAR, YEAR), on="at")
    marks = [m for m in (_start(known, subject, rows), _lowest(known, subject, rows)) if m is not None]
    traces = [
        *band(thinned(past, 1), name, "near_range", form=".1f"),
        line(thinned(rows, SHOWN_YEARS), f"{subject} close", "main", form=".2f", width=1.3),
        *marks,
    ]
    panel = Panel(f"Index points; dashed: {STRESS:g}, where a cycle starts", axis={"rangemode": "tozero"})
    figure = stack(f"{subject}: where volatility stands in its cycle", 340, [panel], traces, shapes=[_stress()])
    return figure.update_xaxes(_window(rows))


def _stress() -> dict[str, Any]:
    across = {"xref": "paper", "x0": 0, "x1": 1, "y0": STRESS, "y1": STRESS}
    dashed = {"color": ink("limit"), "width": 1, "dash": "dash"}
    return {"type": "line", "line": dashed, "layer": "below"} | across


def _window(rows: pl.DataFrame) -> dict[str, Any]:
    """Show the last ten years of a longer history, with buttons for other spans."""
    until = rows["at"][-1]
    since = rows.select(pl.col("at").last().dt.offset_by(f"-{SHOWN_YEARS}y")).item()
    if rows["at"][0] >= since:
        return {}
    steps = [{"count": n, "step": "year", "stepmode": "backward", "label": f"{n} y"} for n in (1, 5, SHOWN_YEARS)]
    look = {"bgcolor": ink("wash"), "activecolor": ink("rule"), "font": {"color": ink("text"), "size": 11}}
    place = {"x": 0.5, "xanchor": "center", "y": 1.02, "yanchor": "bottom"}
    buttons = {"buttons": [*steps, {"step": "all", "label": "all"}]} | look | place
    return {"range": [since.isoformat(), until.isoformat()], "rangeselector": buttons}


def _start(known: Known, subject: str, rows: pl.DataFrame) -> go.Scatter | None:
    found = newest(known, "volatility.cycle_low_since", subject)
    if found is None or found.text is None:
        return None
    words = f"cycle start (last close of {STRESS:g} or more)"
    return _mark(rows, date.fromisoformat(found.text), words, "triangle-up", "mark")


def _lowest(known: Known, subject: str, rows: pl.DataFrame) -> go.Scatter | None:
    found = newest(known, "volatility.cycle_low_ratio", subject)
    if found is None or found.value is None or found.base_at is None:
        return None
    return _mark(rows, found.base_at, "cycle low so far", "diamond", "second")


def _mark(rows: pl.DataFrame, day: date, words: str, symbol: str, color: str) -> go.Scatter | None:
    """Mark one close."""
    own = rows.filter(pl.col("at") == day)
    if own.is_empty():
        return None
    return go.Scatter(
        x=days(own),
        y=own["value"].to_list(),
        customdata=own["known"].to_list(),
        mode="markers",
        name=f"{words}: {own['value'][0]:.2f}, {day}",
        zorder=3,
        marker={"color": ink(color), "size": 10, "symbol": symbol, "line": {"color": ink("card"), "width": 1}},
        hovertemplate=f"{words}: %{{y:.2f}} {KNOWN}",
    )
