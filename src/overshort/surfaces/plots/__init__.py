"""The pictures of a brief: pure functions from what was known to a figure, which is returned and never shown.

Importing this loads plotly: only what makes a page with pictures imports it.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import plotly.graph_objects as go

from overshort.engine.studies import Known
from overshort.surfaces.plots.contributors import contributors
from overshort.surfaces.plots.crowding import chain, ranks
from overshort.surfaces.plots.price import price
from overshort.surfaces.plots.reliability import curves, diagram, reliability
from overshort.surfaces.plots.states import states
from overshort.surfaces.plots.streaks import streaks
from overshort.surfaces.plots.study import fan, outcomes
from overshort.surfaces.plots.tape import flows, tape
from overshort.surfaces.plots.volatility import vix

__all__ = [
    "PICTURES",
    "PLOTS",
    "chain",
    "contributors",
    "diagram",
    "draw",
    "fan",
    "flows",
    "outcomes",
    "plotted",
    "price",
    "ranks",
    "reliability",
    "states",
    "streaks",
    "tape",
    "vix",
]

Draw = Callable[[Known, str], go.Figure | None]

PICTURES: Mapping[str, Draw] = MappingProxyType(
    {
        "chain": chain,
        "ranks": ranks,
        "states": states,
        "contributors": contributors,
        "streaks": streaks,
        "vix": vix,
        "price": price,
        "reliability": reliability,
        "tape": tape,
    }
)
"""What draws each :class:`~overshort.surfaces.page.blocks.Picture`, by its name."""


def draw(name: str, known: Known, subject: str) -> go.Figure | None:
    """Draw a picture by its name.

    Parameters
    ----------
    name
        One of :data:`PICTURES`.

    Returns
    -------
    Figure or None
        Nothing where there is nothing to draw; nobody shows an empty picture.
    """
    return PICTURES[name](known, subject)


PLOTS: Mapping[str, Callable[[Mapping[str, Any]], go.Figure | None]] = MappingProxyType(
    {"fan": fan, "outcomes": outcomes, "reliability": curves, "tape": flows}
)
"""What draws each :class:`~overshort.surfaces.page.blocks.Plot`, by its name."""


def plotted(name: str, numbers: Mapping[str, Any]) -> go.Figure | None:
    """Draw a plot by its name, one of :data:`PLOTS`, from the numbers it carries; nothing where they are empty."""
    return PLOTS[name](numbers)
