"""Refusal states as bands of colour under the price."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

import plotly.graph_objects as go
import polars as pl

from overshort.engine.studies import Known
from overshort.metrics.refusal.states import STATES
from overshort.surfaces.plots.crowding import proxy_close
from overshort.surfaces.plots.layout import Panel, stack
from overshort.surfaces.plots.palette import ink
from overshort.surfaces.plots.series import days, series
from overshort.surfaces.words import subject_name

__all__ = ["states"]

WINDOWS = {"12m": "over 24 reports (12 months)", "3m": "over 6 reports (3 months)"}
SETTLED = "at %{customdata[0]}, known %{customdata[2]} New York<extra></extra>"
CYCLE = timedelta(days=15)
"""How long the band of the newest report is: its successor is not known."""
MILLISECONDS = 86_400_000
"""In a day: the unit of widths on a time axis."""


@dataclass(frozen=True, slots=True)
class _Strip:
    """The states of one window, and the vertical axis they are drawn on."""

    window: str
    rows: pl.DataFrame
    axis: str

    @property
    def widths(self) -> list[int]:
        """How long every report's band is: to the next settlement."""
        at = self.rows["at"].to_list()
        return [(b - a).days * MILLISECONDS for a, b in pairwise([*at, at[-1] + CYCLE])]

    def rate(self, state: str) -> str:
        """Say how often a state held."""
        held = int((self.rows["text"] == state).sum())
        return f"{100 * held / self.rows.height:.0f} % of {self.rows.height} ({self.window})"


def states(known: Known, subject: str) -> go.Figure | None:
    """Draw the refusal state of every report, over 12 and over 3 months, under the traded proxy's close.

    A band runs from its report's settlement to the next one's; the legend gives how often each state held.

    Returns
    -------
    Figure or None
        Nothing without a state.
    """
    found = {w: rows for w in WINDOWS if not (rows := series(known, f"refusal.state_{w}", subject)).is_empty()}
    if not found:
        return None
    earliest = min(found.values(), key=lambda rows: rows["at"][0])
    above = proxy_close(known, subject, earliest, axis="y", weight=3.4)
    strips = [_Strip(w, rows, f"y{k if k > 1 else ''}") for k, (w, rows) in enumerate(found.items(), 1 + len(above))]
    panels = [*(panel for panel, _ in above), *(_panel(s.window) for s in strips)]
    title = f"Does price confirm or refuse the shorts of {subject_name(subject)}?"
    traces = [*(trace for _, trace in above), *map(_bar, strips), *_legend(strips)]
    figure = stack(title, 400, panels, traces, bargap=0, barmode="overlay")
    return figure.update_layout(legend={"itemclick": False, "itemdoubleclick": False})


def _panel(window: str) -> Panel:
    return Panel(
        f"State {WINDOWS[window]}",
        0.55,
        axis={"range": [0, 1], "showticklabels": False, "showgrid": False, "ticks": ""},
    )


def _bar(strip: _Strip) -> go.Bar:
    """Draw one bar a report, coloured by its state, to the next settlement.

    Bars are placed by their middle: placed by their start, pointing at the second half of one shows the next.
    """
    rows = strip.rows
    half = pl.duration(milliseconds=pl.col("width") // 2)
    middle = rows.with_columns(pl.Series("width", strip.widths)).select(pl.col("at").cast(pl.Datetime("ms")) + half)
    return go.Bar(
        x=middle["at"].dt.to_string("%Y-%m-%d %H:%M").to_list(),
        y=[1] * rows.height,
        width=strip.widths,
        customdata=[list(row) for row in zip(days(rows), rows["text"], rows["known"], strict=True)],
        yaxis=strip.axis,
        name=WINDOWS[strip.window],
        showlegend=False,
        marker={"color": [ink(state) for state in rows["text"]], "line": {"width": 0}},
        hovertemplate=f"%{{customdata[1]}} {WINDOWS[strip.window]} {SETTLED}",
    )


def _legend(strips: Sequence[_Strip]) -> list[go.Scatter]:
    """Name every state that ever held, with how often it did."""
    held = [state for state in STATES if any((s.rows["text"] == state).any() for s in strips)]
    return [
        go.Scatter(
            x=[None],
            y=[None],
            yaxis=strips[0].axis,
            mode="markers",
            name=f"{state} {', '.join(s.rate(state) for s in strips)}",
            marker={"color": ink(state), "symbol": "square", "size": 11},
        )
        for state in held
    ]
