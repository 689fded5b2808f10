"""Probabilities given before, grouped, against the share that happened."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from overshort.engine.forecasts import calibrated
from overshort.engine.studies import Known
from overshort.surfaces.plots.layout import graph
from overshort.surfaces.plots.palette import ink
from overshort.surfaces.words import subject_name

__all__ = ["curves", "diagram", "reliability"]

HEADROOM = 1.02
Rows = Sequence[Mapping[str, Any]]


def diagram(title: str, curves: Mapping[str, Rows]) -> go.Figure | None:
    """Draw reliability rows: on the diagonal a probability comes true as often as it says.

    Parameters
    ----------
    curves
        Name to rows of :func:`overshort.evidence.scoring.reliability`; the area of a mark is the number of cases.

    Returns
    -------
    Figure or None
        Nothing where no curve has a row.
    """
    colors = ("main", "second")
    kept = {name: rows for name, rows in curves.items() if rows}
    if not kept:
        return None
    every = [row for rows in kept.values() for row in rows]
    most, top = max(row["n"] for row in every), _top(every)
    marks = [_marks(name, rows, most, color) for (name, rows), color in zip(kept.items(), colors, strict=False)]
    axis = {"range": [-0.03 * top, 1.03 * top], "tickformat": ".0%", "showgrid": True}
    return graph(
        title,
        380,
        [_diagonal(top), *marks],
        x="probability given",
        y="Share that happened; area of a mark: cases",
        hovermode="closest",
        xaxis=axis,
        yaxis=axis,
    )


def curves(numbers: Mapping[str, Any]) -> go.Figure | None:
    """Draw a diagram from what a plot carries: ``title`` and ``curves``."""
    return diagram(numbers["title"], numbers["curves"])


def _top(rows: Rows) -> float:
    """Give where the axes end: small probabilities are drawn large, from a tenth to 1."""
    largest = max(max(row["given"], row["happened"]) for row in rows)
    return min(1.0, float(np.ceil(10 * largest * HEADROOM)) / 10)


def _diagonal(top: float) -> go.Scatter:
    line = {"color": ink("limit"), "width": 1, "dash": "dot"}
    return go.Scatter(x=[0, top], y=[0, top], mode="lines", name="as often as said", line=line, hoverinfo="skip")


def _marks(name: str, rows: Rows, most: int, color: str) -> go.Scatter:
    return go.Scatter(
        x=[row["given"] for row in rows],
        y=[row["happened"] for row in rows],
        customdata=[row["n"] for row in rows],
        mode="lines+markers",
        name=f"{name} (n = {sum(row['n'] for row in rows):,})",
        line={"color": ink(color), "width": 1},
        marker={"color": ink(color), "size": [6 + 20 * float(np.sqrt(row["n"] / most)) for row in rows]},
        hovertemplate="given %{x:.1%}, happened %{y:.1%}, n = %{customdata}<extra></extra>",
    )


def reliability(known: Known, subject: str) -> go.Figure | None:
    """Draw what was shown of every event of an index so far, and climatology alone."""
    title = f"Reliability of the probabilities of covering, {subject_name(subject)}"
    return diagram(title, calibrated(known, subject))
