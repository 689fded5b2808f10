"""The option tape in pictures: one session minute by minute, and what was bought session by session."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import plotly.graph_objects as go
import polars as pl

from overshort.engine.studies import Known
from overshort.metrics.tape import RIGHTS, SIDES
from overshort.metrics.tape.bought import SINGLE_LEG, prefix, rest
from overshort.surfaces.plots.layout import Panel, band, graph, line, stack
from overshort.surfaces.plots.palette import ink
from overshort.surfaces.plots.series import series
from overshort.surfaces.words import QUOTE_SIDES

__all__ = ["flows", "tape"]

_AXES = {"call": "y", "put": "y2"}
_COLORS = {"bought": "main", "sold": "more"}
_ROOM = 0.03
"""At the end of the time axis, of the span of the session."""
_AMOUNTS = {"rangemode": "tozero", "tickformat": ",.0f"}


def flows(numbers: Mapping[str, Any]) -> go.Figure | None:
    """Draw single-leg premium bought and sold since the session began, calls above puts.

    Parameters
    ----------
    numbers
        ``subject, session``; ``minutes`` (New York), and by right ``flows`` (``bought`` and ``sold``, USD so far at
        each of them) and ``truly`` (the least and the most that was bought).

    Returns
    -------
    Figure or None
        Nothing where no trade of the session was bought or sold.
    """
    if not numbers["minutes"]:
        return None
    traces = [t for right in RIGHTS for t in _right(numbers, right)]
    panels = [Panel(f"{right.capitalize()}s: premium so far, USD", axis=_AMOUNTS) for right in RIGHTS]
    title = f"Options of {numbers['subject']}, session {numbers['session']}: premium bought and sold, single-leg"
    axis = {"range": list(_span(numbers["minutes"])[:2]), "hoverformat": "%Y-%m-%d %H:%M", "tickformat": "%H:%M"}
    return stack(title, 460, panels, traces).update_xaxes(axis)


def _right(numbers: Mapping[str, Any], right: str) -> list[go.Scatter]:
    minutes = numbers["minutes"]
    steps = [_steps(minutes, numbers["flows"][right][name], right, name) for name in _COLORS]
    return [*steps, *_truly(_span(minutes)[2], numbers["truly"][right], right)]


def _span(minutes: Sequence[str]) -> tuple[str, str, str]:
    """Give begin and end of the time axis, with room at its end, and where in that room the bar stands."""
    first, last = (datetime.fromisoformat(minutes[k]) for k in (0, -1))
    room = max((last - first) * _ROOM, timedelta(minutes=1))
    end, middle = (at.isoformat(" ", "seconds") for at in (last + room, last + room / 2))
    return minutes[0], end, middle


def _steps(minutes: Sequence[str], values: Sequence[float], right: str, name: str) -> go.Scatter:
    words = {"bought": "bought, at ask or above", "sold": "sold, at bid or below"}[name]
    return go.Scatter(
        x=minutes,
        y=values,
        mode="lines",
        name=words,
        legendgroup=name,
        showlegend=right == "call",
        yaxis=_AXES[right],
        line={"color": ink(_COLORS[name]), "width": 1.8, "shape": "hv"},
        hovertemplate=f"{right}s {words}: %{{y:,.0f}} USD<extra></extra>",
    )


def _truly(at: str, ends: Sequence[float | None], right: str) -> list[go.Scatter]:
    if None in ends:
        return []
    return [
        go.Scatter(
            x=[at, at],
            y=list(ends),
            mode="lines",
            name="truly bought, at 76 to 90 % right",
            legendgroup="truly",
            showlegend=right == "call",
            yaxis=_AXES[right],
            line={"color": ink("bar"), "width": 12},
            hovertemplate=f"{right}s truly bought: %{{y:,.0f}} USD<extra></extra>",
        )
    ]


def tape(known: Known, subject: str) -> go.Figure | None:
    """Draw what was bought of calls and puts session by session; the sides of a single session where there is one.

    Returns
    -------
    Figure or None
        Nothing without a session whose trades have quotes and sale conditions.
    """
    rows = {right: series(known, f"tape.{prefix(right)}", subject) for right in RIGHTS}
    height = rows["call"].height
    if not height:
        return None
    if height == 1:
        return _single(known, subject, rows["call"]["at"][0].isoformat())
    traces = [t for right in RIGHTS for t in _history(known, subject, right)]
    panels = [Panel(f"{right.capitalize()}s bought, single-leg, USD", axis=_AMOUNTS) for right in RIGHTS]
    return stack(f"Options of {subject}: premium bought by session", 460, panels, traces)


def _history(known: Known, subject: str, right: str) -> list[go.Scatter]:
    axis = _AXES[right]
    low, high = (series(known, f"tape.{rest(right)}_{end}", subject).select("at", "value") for end in ("low", "high"))
    ends = low.rename({"value": "low"}).join(high.rename({"value": "high"}), on="at").sort("at")
    rows = series(known, f"tape.{prefix(right)}", subject)
    color = "main" if right == "call" else "second"
    return [
        *band(ends, f"{right}s truly bought, 76 to 90 % right", "near_range", form=",.0f", axis=axis),
        line(rows, f"{right}s bought", color, form=",.0f", axis=axis, legend=False),
    ]


def _single(known: Known, subject: str, day: str) -> go.Figure:
    """Draw the sides of one session: calls beside puts, trades of a single leg alone."""
    bars = [
        go.Bar(
            x=[QUOTE_SIDES[side] for side in SIDES],
            y=[_sum(known, subject, right, side, day) for side in SIDES],
            name=f"{right}s",
            marker={"color": ink(color)},
            hovertemplate=f"{right}s %{{x}}: %{{y:,.0f}} USD<extra></extra>",
        )
        for right, color in zip(RIGHTS, ("main", "second"), strict=True)
    ]
    title = f"Options of {subject}, session {day}: single-leg premium by side of the quote"
    amounts = {"tickformat": ",.0f"}
    return graph(title, 320, bars, x="side of the quote", y="Premium, USD", yaxis=amounts, bargap=0.3)


def _sum(known: Known, subject: str, right: str, side: str, day: str) -> float:
    cells = [series(known, f"tape.premium.{right}.{side}.{leg}", subject) for leg in SINGLE_LEG]
    own = pl.concat(cells).filter(pl.col("at") == pl.lit(day).str.to_date())
    return float(own["value"].sum())
