"""How long price has risen month after month."""

from datetime import date, timedelta

import plotly.graph_objects as go
import polars as pl

from overshort.engine.studies import Known, streak_study
from overshort.surfaces.plots.layout import CLEAR, KNOWN, Panel, stack
from overshort.surfaces.plots.palette import ink
from overshort.surfaces.plots.series import days, series
from overshort.surfaces.words import PLAIN

__all__ = ["streaks"]

MONTH = timedelta(days=31)
MILLISECONDS = 86_400_000
"""In a day: the unit of widths on a time axis."""
WIDTH = 26
"""Days of a bar."""
IN_MONTH = {"xperiod": "M1", "xperiodalignment": "middle"}
"""A month-end stands for its whole month."""


def streaks(known: Known, subject: str) -> go.Figure | None:
    """Draw the running length of the streak of rising months at every month-end.

    From September 1945 on, or from the last gap in the months, as the study of streaks counts them.  The running
    month is drawn hollow while it is on pace, and every month in which a streak got as long as the newest one is
    marked.

    Returns
    -------
    Figure or None
        Nothing without a completed month.
    """
    every = series(known, "persistence.month_streak", subject)
    if every.is_empty():
        return None
    pace = _on_pace(known, subject, every)
    length = int((every if pace.is_empty() else pace)["value"][-1])
    study = streak_study(known, subject, max(length, 1))
    if study is None:
        return None
    rows = every.filter(pl.col("at") >= date.fromisoformat(study["from"]))
    reached = [date.fromisoformat(o["reached"]) for o in study["occurrences"]] if length else []
    traces = [_completed(rows), *_running(pace), *_reached(rows.filter(pl.col("at").is_in(reached)), length)]
    panel = Panel("Months in a row with a price above the month-end before", axis={"rangemode": "tozero"})
    title = f"Streaks of rising months, {PLAIN.get(subject, subject)}"
    figure = stack(title, 280, [panel], traces, barmode="overlay")
    first, last = (rows if pace.is_empty() else pl.concat([rows, pace]))["at"].dt.month_start().gather([0, -1])
    return figure.update_xaxes(range=[first.isoformat(), (last + MONTH).isoformat()])


def _on_pace(known: Known, subject: str, rows: pl.DataFrame) -> pl.DataFrame:
    """Give the newest session of a month that is not over and is above the last month-end close."""
    running = series(known, "persistence.month_streak_running", subject).tail(1)
    return running.filter(pl.col("at") > rows["at"][-1], pl.col("text") == "on pace", pl.col("value") > 0)


def _completed(rows: pl.DataFrame) -> go.Bar:
    return go.Bar(
        x=days(rows),
        y=[int(v) for v in rows["value"]],
        width=WIDTH * MILLISECONDS,
        customdata=rows["known"].to_list(),
        name="completed months",
        **IN_MONTH,
        marker={"color": ink("bar"), "line": {"width": 0}},
        hovertemplate=f"%{{y}} months {KNOWN}",
    )


def _running(pace: pl.DataFrame) -> list[go.Bar]:
    if pace.is_empty():
        return []
    words = f"on pace for %{{y}} months {KNOWN}"
    hollow = {"color": CLEAR, "line": {"color": ink("main"), "width": 1.5}}
    return [_completed(pace).update(name="running month, on pace", marker=hollow, hovertemplate=words)]


def _reached(own: pl.DataFrame, length: int) -> list[go.Scatter]:
    """Mark the months in which a streak got to a length."""
    if own.is_empty():
        return []
    name = f"a streak got to {length} months (n = {own.height})"
    return [
        go.Scatter(
            x=days(own),
            y=[length] * own.height,
            customdata=own["known"].to_list(),
            mode="markers",
            name=name,
            **IN_MONTH,
            marker={"color": ink("mark"), "size": 7, "symbol": "diamond"},
            hovertemplate=f"a streak got to {length} months {KNOWN}",
        )
    ]
