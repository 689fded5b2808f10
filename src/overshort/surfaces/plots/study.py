"""An event study in pictures: the fan of paths and the distribution of outcomes."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from overshort.surfaces.plots.layout import graph
from overshort.surfaces.plots.palette import ink

__all__ = ["fan", "outcomes"]

BINS = 24
MOST_LINES = 30


def _percent(values: Sequence[float]) -> list[float]:
    return [round(100 * v, 3) for v in values]


def fan(numbers: Mapping[str, Any]) -> go.Figure | None:
    """Draw percentiles of the proxy's paths after the flagged cases, each run's own path, and the paths after all.

    Parameters
    ----------
    numbers
        ``sessions, n, flagged, all`` (percentiles p10 … p90 a session), ``runs`` (entry and path)``, proxy``.

    Returns
    -------
    Figure or None
        Nothing without a flagged case whose window is over.
    """
    flagged, every = numbers["flagged"], numbers["all"]
    if not flagged:
        return None
    days = list(range(1, numbers["sessions"] + 1))
    traces = [*_shaded(days, flagged), *_own(numbers["runs"][-MOST_LINES:])]
    traces += [_line(days, flagged["p50"], "median after the flag", "main", 2.2, "solid")]
    traces += [_line(days, every["p50"], "median after all", "price", 1.6, "solid")]
    traces += [_line(days, every[p], f"{p[1:]} % of all", "price", 1.0, "dot") for p in ("p10", "p90")]
    title = f"{numbers['proxy']} after the flag, beside all: paths over {numbers['sessions']} sessions"
    level = {"ticksuffix": " %"}
    return graph(title, 400, traces, x="sessions held", y="Close over the entry price, in %", yaxis=level)


def _shaded(days: Sequence[int], bands: Mapping[str, Sequence[float]]) -> list[go.Scatter]:
    pairs = (("p10", "p90", "far_range", "10–90 % after the flag"), ("p25", "p75", "near_range", "25–75 %"))
    out = []
    for low, high, color, name in pairs:
        shared = {"x": days, "mode": "lines", "line": {"width": 0, "color": ink(color)}, "hoverinfo": "skip"}
        out.append(go.Scatter(y=_percent(bands[low]), showlegend=False, **shared))
        out.append(go.Scatter(y=_percent(bands[high]), fill="tonexty", fillcolor=ink(color), name=name, **shared))
    return out


def _own(runs: Sequence[Mapping[str, Any]]) -> list[go.Scatter]:
    """Draw the path after the first case of each run, thin: these are the separate pieces of evidence."""
    return [
        go.Scatter(
            x=list(range(1, len(run["path"]) + 1)),
            y=_percent(run["path"]),
            mode="lines",
            name="each run's first case",
            legendgroup="runs",
            showlegend=k == 0,
            line={"width": 0.8, "color": ink("bar")},
            hoverinfo="skip",
        )
        for k, run in enumerate(runs)
    ]


def _line(days: Sequence[int], values: Sequence[float], name: str, color: str, width: float, dash: str) -> go.Scatter:
    return go.Scatter(
        x=days,
        y=_percent(values),
        mode="lines",
        name=name,
        line={"width": width, "color": ink(color), "dash": dash},
        hovertemplate=f"{name} %{{y:.1f}} %<extra></extra>",
    )


def outcomes(numbers: Mapping[str, Any]) -> go.Figure | None:
    """Draw how the outcomes after flagged cases are spread, beside those after all.

    Parameters
    ----------
    numbers
        ``sessions, proxy``, and the returns ``flagged`` and ``all``.

    Returns
    -------
    Figure or None
        Nothing without a flagged outcome.
    """
    if not numbers["flagged"]:
        return None
    edges = np.histogram_bin_edges(_percent(numbers["all"]), BINS)
    every, own = (_shares(_percent(numbers[k]), edges) for k in ("all", "flagged"))
    centres = ((edges[1:] + edges[:-1]) / 2).round(3).tolist()
    names = [f"after {w} (n = {len(numbers[k]):,})" for w, k in (("all", "all"), ("the flag", "flagged"))]
    traces = [
        _bars(centres, every, names[0], {"color": ink("FLAT"), "line": {"width": 0}}),
        _bars(centres, own, names[1], {"color": ink("near_range"), "line": {"color": ink("main"), "width": 1.4}}),
    ]
    title = f"{numbers['proxy']} {numbers['sessions']} sessions later: outcomes after the flag, beside all"
    return graph(
        title,
        300,
        traces,
        x="return, in %",
        y="Share of outcomes, in %",
        barmode="overlay",
        bargap=0.05,
        xaxis={"ticksuffix": " %"},
    )


def _shares(values: Sequence[float], edges: Any) -> list[float]:
    counts, _ = np.histogram(values, edges)
    return [round(float(c), 2) for c in 100 * counts / max(len(values), 1)]


def _bars(x: Sequence[float], y: Sequence[float], name: str, marker: Mapping[str, Any]) -> go.Bar:
    words = f"{name}: %{{y:.1f}} % of outcomes near %{{x:.1f}} %<extra></extra>"
    return go.Bar(x=x, y=y, name=name, marker=dict(marker), hovertemplate=words)
