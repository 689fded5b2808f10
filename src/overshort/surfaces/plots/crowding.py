"""Pictures of the chain: in the range of its own past, against price, and where it ranks."""

from typing import Any

import plotly.graph_objects as go
import polars as pl

from overshort.engine.studies import Known
from overshort.metrics.prices import PROXIES
from overshort.surfaces.plots.layout import Panel, band, line, padded, stack
from overshort.surfaces.plots.palette import ink
from overshort.surfaces.plots.series import past_range, series, thinned
from overshort.surfaces.words import subject_name

__all__ = ["chain", "proxy_close", "ranks"]

SPANS = {
    "far_range": ("range of the 120 reports before (5 years)", 120, 60),
    "near_range": ("range of the 24 reports before (1 year)", 24, 24),
}
"""The windows of the ranks, and how many reports must be there; the wider is drawn first, beneath the other."""
RANKS = {"1y": ("1-year rank", "second", 1.1), "5y": ("5-year rank", "main", 2.0)}
HIGH, LOW = 80, 20


def chain(known: Known, subject: str) -> go.Figure | None:
    """Draw the split-clean chain in the range of the reports before, above the traded proxy's close.

    Returns
    -------
    Figure or None
        Chain only where no fund trades for the subject; nothing without a chain.
    """
    rows = series(known, "crowding.chain", subject)
    if rows.is_empty():
        return None
    ranges = {of: past_range(rows, span, least) for of, (_, span, least) in SPANS.items()}
    shades = [trace for of, (name, _, _) in SPANS.items() for trace in band(ranges[of], name, of, form=".1f")]
    traces = [*shades, line(rows, "split-clean chain", "main", form=".1f", width=2)]
    panels = [Panel(f"Split-clean chain, 100 = {rows['at'][0]}", 1.7, axis=padded(rows, *ranges.values()))]
    below = proxy_close(known, subject, rows, axis="y2")
    beside = f" and {PROXIES[subject]}" if below else ""
    panels += [panel for panel, _ in below]
    traces += [trace for _, trace in below]
    return stack(f"Short interest of {subject_name(subject)}{beside}", 430 if below else 320, panels, traces)


def proxy_close(
    known: Known, subject: str, rows: pl.DataFrame, *, axis: str, weight: float = 1.0
) -> list[tuple[Panel, go.Scatter]]:
    """Draw the close of the fund that trades for an index, from the first of the given rows on; nothing without one."""
    closes = series(known, "price.close", PROXIES.get(subject, ""))
    closes = closes.filter(pl.col("at") >= rows["at"][0])
    if closes.is_empty():
        return []
    name = f"{PROXIES[subject]} close"
    drawn = line(thinned(closes), name, "price", form=",.2f", axis=axis, width=1.3, legend=False)
    return [(Panel(f"{name}, USD", weight, axis=padded(closes)), drawn)]


def ranks(known: Known, subject: str) -> go.Figure | None:
    """Draw the one-year and five-year ranks of the chain; where they rest on backcast members they are shaded."""
    found = {w: series(known, f"crowding.rank_{w}", subject) for w in RANKS}
    drawn = [w for w, rows in found.items() if not rows.is_empty()]
    if not drawn:
        return None
    traces = [line(found[w], name, of, form=".1f", width=width) for w, (name, of, width) in RANKS.items() if w in drawn]
    scale = {"range": [-4, 104], "tickvals": [0, LOW, 50, HIGH, 100]}
    return stack(
        f"Where the short interest of {subject_name(subject)} ranks in its own past",
        300,
        [Panel("Percent of the reports before that stood lower (mid-rank)", axis=scale)],
        traces,
        shapes=[*_backcast(known, subject, drawn[-1]), *(_limit(v) for v in (HIGH, LOW))],
        showlegend=True,
    )


def _limit(value: float) -> dict[str, Any]:
    dashed = {"color": ink("limit"), "width": 1, "dash": "dash"}
    across = {"xref": "paper", "x0": 0, "x1": 1, "y0": value, "y1": value}
    return {"type": "line", "line": dashed, "layer": "below"} | across


def _backcast(known: Known, subject: str, window: str) -> list[dict[str, Any]]:
    """Shade the span of reports whose rank rests on a later list of members applied to the past."""
    own = known.own(f"crowding.rank_{window}", subject).filter(
        pl.col("value").is_not_null(),
        pl.col("basis").str.contains("backcast"),
    )
    if own.is_empty():
        return []
    ends = own.select(pl.col("at").min().dt.date().alias("x0"), pl.col("at").max().dt.date().alias("x1"))
    x0, x1 = (d.isoformat() for d in ends.row(0))
    area = {"type": "rect", "yref": "paper", "x0": x0, "x1": x1, "y0": 0, "y1": 1}
    named = {"name": f"the {RANKS[window][0]} rests on members backcast", "showlegend": True}
    return [area | named | {"line": {"width": 0}, "fillcolor": ink("backcast"), "layer": "below"}]
