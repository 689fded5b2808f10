"""The members that moved an index's chain most over 24 reports."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import plotly.graph_objects as go

from overshort.engine.studies import Known
from overshort.surfaces.plots.layout import panel_label, plain
from overshort.surfaces.plots.palette import ink
from overshort.surfaces.plots.series import Newest, newest
from overshort.surfaces.words import subject_name

__all__ = ["contributors"]

LARGEST = 5
PER_BAR = 22
"""Pixels of height."""


@dataclass(frozen=True, slots=True)
class _Bar:
    """A name and what it moved the chain by, as a fraction of the chain at the base."""

    name: str
    value: float
    color: str

    @property
    def points(self) -> str:
        return f"{100 * self.value:+.2f}".replace("-", "−")


def contributors(known: Known, subject: str) -> go.Figure | None:
    """Draw the five largest contributions up and down over 24 reports; the label says what all others add.

    Returns
    -------
    Figure or None
        Nothing where the newest report has none.
    """
    up, down = (_largest(known, subject, way) for way in ("up", "down"))
    if not (up or down):
        return None
    whole = newest(known, "crowding.change_12m", subject)
    named = [_Bar(row.text or "?", row.value or 0.0, of) for rows, of in ((up, "more"), (down, "less")) for row in rows]
    title = (
        f"Who moved the short interest of {subject_name(subject)}, {(up or down)[0].base_at} to {(up or down)[0].at}"
    )
    return _drawn(title, _sum(whole, named), [*named[: len(up)], *reversed(named[len(up) :])])


def _largest(known: Known, subject: str, way: str) -> list[Newest]:
    found = (newest(known, f"crowding.contribution_12m.{way}{k}", subject) for k in range(1, LARGEST + 1))
    return [row for row in found if row is not None and row.value is not None]


def _sum(whole: Newest | None, named: Iterable[_Bar]) -> str:
    """Say what all contributions add up to: they are the change, so what the named ones leave is the others'."""
    if whole is None or whole.value is None:
        return "Points"
    others = _Bar("", whole.value - sum(bar.value for bar in named), "")
    return f"Points; {_Bar('', whole.value, '').points} in all, others {others.points}"


def _drawn(title: str, label: str, bars: Sequence[_Bar]) -> go.Figure:
    """Draw bars from the top down; names are escaped, for the picture reads mark-up in them."""
    names, places = [escape(bar.name) for bar in bars], list(range(len(bars)))
    trace = go.Bar(
        x=[100 * bar.value for bar in bars],
        y=places,
        orientation="h",
        marker={"color": [ink(bar.color) for bar in bars], "line": {"width": 0}},
        text=[bar.points for bar in bars],
        textposition="outside",
        textfont={"color": ink("text"), "size": 11},
        cliponaxis=False,
        customdata=names,
        hovertemplate="%{customdata}: %{text} points<extra></extra>",
        showlegend=False,
    )
    axes = _axes(bars, names) | {"annotations": [panel_label(label, 1.0)]}
    return plain(title, 70 + PER_BAR * len(bars), [trace], hovermode="closest", bargap=0.3, **axes)


def _axes(bars: Sequence[_Bar], names: Sequence[str]) -> dict[str, Any]:
    """Leave room beyond the longest bars for their numbers."""
    values = [100 * bar.value for bar in bars]
    least, most = min(*values, 0.0), max(*values, 0.0)
    room = 0.2 * (most - least)
    small = {"color": ink("muted"), "size": 11}
    points = {
        "range": [least - room * (least < 0), most + room * (most > 0)],
        "gridcolor": ink("grid"),
        "tickfont": small,
        "zeroline": True,
        "zerolinecolor": ink("limit"),
        "automargin": True,
    }
    members = {"tickvals": list(range(len(bars))), "ticktext": list(names), "autorange": "reversed", "automargin": True}
    return {"xaxis": points, "yaxis": members | {"showgrid": False, "zeroline": False}}
