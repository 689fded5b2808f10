"""What all pictures share: panels above each other on one time axis, lines, ranges, and what hovering shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import plotly.graph_objects as go
import polars as pl

from overshort.surfaces.plots.palette import ink
from overshort.surfaces.plots.series import days

__all__ = ["CLEAR", "FONT", "KNOWN", "Panel", "band", "graph", "line", "padded", "panel_label", "plain", "stack"]

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
CLEAR = "rgba(0,0,0,0)"
KNOWN = "at %{x|%Y-%m-%d}, known %{customdata} New York<extra></extra>"
"""The end of a line of hover text; ``customdata`` holds when a point was known."""
PADDING = 0.07
GAP = 0.11
"""Room above a panel for its label, as a share of the picture."""
_SPIKE = {"spikecolor": ink("limit"), "spikethickness": 1, "spikedash": "dot"}
NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Panel:
    """One of several panels that share the time axis.

    Attributes
    ----------
    label
        What its vertical axis measures, with the unit.
    weight
        Its share of the height, relative to the others.
    axis
        Further settings of its vertical axis.
    """

    label: str
    weight: float = 1.0
    axis: Mapping[str, Any] = field(default_factory=lambda: NOTHING)


def plain(title: str, height: int, traces: Sequence[Any], **layout: Any) -> go.Figure:
    """Give a figure in the house's style: no template, transparent ground, quiet grid, legend below.

    Parameters
    ----------
    height
        In pixels; the width is the page's.
    """
    figure = go.Figure(list(traces))
    figure.update_layout(
        template=go.layout.Template(),
        title={"text": title, "x": 0, "xref": "paper", "font": {"size": 15}},
        height=height,
        font={"family": FONT, "size": 12, "color": ink("text")},
        paper_bgcolor=CLEAR,
        plot_bgcolor=CLEAR,
        margin={"l": 4, "r": 4, "t": 44, "b": 4, "autoexpand": True},
        legend={"orientation": "h", "x": 0, "y": 0, "yref": "container", "yanchor": "bottom", "traceorder": "normal"},
        hoverlabel={"bgcolor": ink("card"), "bordercolor": ink("rule"), "font": {"color": ink("text"), "size": 12}},
        hovermode="x unified",
        modebar={"bgcolor": CLEAR, "color": ink("limit"), "activecolor": ink("text")},
    )
    return figure.update_layout(**layout)


def stack(title: str, height: int, panels: Sequence[Panel], traces: Sequence[Any], **layout: Any) -> go.Figure:
    """Give a figure of panels above each other, the first on top, on one time axis.

    Parameters
    ----------
    traces
        Each names its panel's axis: ``y``, ``y2``, ….
    """
    domains = _domains([p.weight for p in panels])
    axes = {f"yaxis{k or ''}": _vertical(p, d) for k, p, d in zip(_numbers(panels), panels, domains, strict=True)}
    labels = [panel_label(p.label, top) for p, (_, top) in zip(panels, domains, strict=True)]
    lowest = _numbers(panels)[-1]
    time = (
        _quiet()
        | {"type": "date", "anchor": f"y{lowest or ''}", "hoverformat": "%a %Y-%m-%d", "showgrid": False}
        | _SPIKE
    )
    over = {"hoversubplots": "axis", "xaxis": time, "annotations": labels + layout.pop("annotations", [])}
    return plain(title, height, traces, **axes, **over, **layout)


def graph(title: str, height: int, traces: Sequence[Any], *, x: str, y: str, **layout: Any) -> go.Figure:
    """Give a figure of one panel whose horizontal axis is no time.

    Parameters
    ----------
    x, y
        What the axes measure, with the unit.
    layout
        Further settings; ``xaxis`` and ``yaxis`` are laid over the house's own.
    """
    across = _quiet() | _SPIKE | {"showgrid": False, "title": {"text": x, "font": {"size": 11, "color": ink("muted")}}}
    up = _quiet() | {"side": "right", "nticks": 6}
    axes = {"xaxis": across | layout.pop("xaxis", {}), "yaxis": up | layout.pop("yaxis", {})}
    labels = [panel_label(y, 1.0), *layout.pop("annotations", [])]
    return plain(title, height, traces, **axes, annotations=labels, **layout)


def _numbers(panels: Sequence[Panel]) -> list[int]:
    """The first axis has no number, the second is 2."""
    return [k + 1 if k else 0 for k in range(len(panels))]


def _domains(weights: Sequence[float]) -> list[tuple[float, float]]:
    """Share the height out from the top, with room for a label above every panel but the first."""
    room = 1 - GAP * (len(weights) - 1)
    out, top = [], 1.0
    for weight in weights:
        bottom = max(top - room * weight / sum(weights), 0.0)
        out.append((bottom, top))
        top = bottom - GAP
    return out


def _quiet() -> dict[str, Any]:
    return {
        "gridcolor": ink("grid"),
        "linecolor": ink("rule"),
        "tickcolor": ink("rule"),
        "tickfont": {"color": ink("muted"), "size": 11},
        "zeroline": False,
        "automargin": True,
    }


def _vertical(panel: Panel, domain: tuple[float, float]) -> dict[str, Any]:
    return _quiet() | {"domain": list(domain), "side": "right", "nticks": 6} | dict(panel.axis)


def panel_label(text: str, top: float) -> dict[str, Any]:
    """Give the annotation that stands above a panel."""
    return {
        "text": text,
        "x": 0,
        "xref": "paper",
        "xanchor": "left",
        "y": top,
        "yref": "paper",
        "yanchor": "bottom",
        "showarrow": False,
        "align": "left",
        "font": {"color": ink("muted"), "size": 11},
    }


def padded(*frames: pl.DataFrame) -> dict[str, Any]:
    """Give the settings of a vertical axis that leaves room above and below all values, lows and highs."""
    seen = [c for f in frames for name in ("value", "low", "high") if name in f.columns for c in f[name].drop_nulls()]
    room = PADDING * (max(seen) - min(seen)) or 1.0
    return {"range": [min(seen) - room, max(seen) + room]}


def line(
    rows: pl.DataFrame, name: str, color: str, *, form: str, axis: str = "y", width: float = 1.6, legend: bool = True
) -> go.Scatter:
    """Draw a series with its ``value`` and when it was ``known``.

    Parameters
    ----------
    form
        Number format of the hover text (d3).
    legend
        Left out where the panel's label already names the only line.
    """
    return go.Scatter(
        x=days(rows),
        y=rows["value"].to_list(),
        customdata=rows["known"].to_list(),
        name=name,
        mode="lines",
        yaxis=axis,
        showlegend=legend,
        zorder=2,
        line={"color": ink(color), "width": width},
        hovertemplate=f"{name} %{{y:{form}}} {KNOWN}",
    )


def band(rows: pl.DataFrame, name: str, color: str, *, form: str, axis: str = "y") -> list[go.Scatter]:
    """Shade between ``low`` and ``high``; nothing without rows."""
    if rows.is_empty():
        return []
    shared = {"x": days(rows), "mode": "lines", "yaxis": axis, "line": {"width": 0, "color": ink(color)}, "name": name}
    low = go.Scatter(y=rows["low"].to_list(), showlegend=False, hoverinfo="skip", **shared)
    high = go.Scatter(
        y=rows["high"].to_list(),
        customdata=rows["low"].to_list(),
        fill="tonexty",
        fillcolor=ink(color),
        hovertemplate=f"{name} %{{customdata:{form}}} to %{{y:{form}}}<extra></extra>",
        **shared,
    )
    return [low, high]
