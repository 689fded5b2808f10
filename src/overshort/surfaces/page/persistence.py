"""Persistence: the running streak of months, its earlier occurrences, and what chance alone would give."""

from collections.abc import Iterable, Mapping
from typing import Any

from overshort.surfaces.claims.persistence import rarity
from overshort.surfaces.page.blocks import Block, Cell, Grid, Page, Picture, Section
from overshort.surfaces.page.figures import Own, Owns, cell, has_value, name
from overshort.surfaces.words import ADVICE, ATTRIBUTION, PLAIN, SIMULATED, counted, month_name, ordinal, percent

__all__ = ["section", "streaks", "streaks_page"]

HORIZONS = {"1m": "1 month", "3m": "3 months", "6m": "6 months", "12m": "12 months"}
COLUMNS = {
    "persistence.month_streak": "months up",
    "persistence.month_streak_running": "with this month",
    "persistence.month_margin_bp": "margin, bp",
    "persistence.month_streak_ended": "ended at",
    "persistence.month_streak_missed_bp": "missed by, bp",
    "persistence.week_return": "last week",
    "persistence.best_week_of": "weeks beaten",
}


def section(owns: Owns, studies: Iterable[Mapping[str, Any]]) -> Section | None:
    """Give the section; nothing where no index has month-end closes."""
    shown = {s: own for s, own in owns.items() if has_value(own, "persistence.")}
    if not shown:
        return None
    rows = [[name(s), *(_pace(own, id) for id in COLUMNS), _source(own)] for s, own in shown.items()]
    blocks: list[Block] = [Grid(heads=["", *COLUMNS.values(), "prices"], rows=rows)]
    for study in (s for s in studies if s["id"] == "persistence.streaks"):
        blocks += streaks(study)
    return Section(id="persistence", title="Persistence: month after month", blocks=blocks)


def _pace(own: Own, id: str) -> Cell:
    note = own.get(id, {}).get("note") if id.endswith("running") else None
    return cell(own, id, extra=f" ({note})" if note else "")


def _source(own: Own) -> Cell:
    figure = own.get("persistence.month_streak", {})
    return name(f"{figure.get('price_source', '–')}, {figure.get('at', '–')}")


def streaks(study: Mapping[str, Any]) -> list[Block]:
    """Give one streak study: its picture, its list, what followed, and the null model."""
    subject, length = study["subject"], study["length"]
    title = f"Streaks of {length} or more rising months of {PLAIN.get(subject, subject)}"
    heads = ["first month", f"{ordinal(length)} month", "came to"]
    heads += [f"{words} later" for words in HORIZONS.values()]
    rows = [_occurrence(o) for o in study["occurrences"]]
    rows += _summed("these", study["after"])
    rows += _summed("all months", study["unconditional"])
    note = f"Completed months to {month_name(study['to'])}; {rarity(study)}."
    caption = f"Rising months in a row of {PLAIN.get(subject, subject)}, completed months"
    return [
        Picture(name="streaks", subject=subject, caption=caption),
        Grid(title=title, heads=heads, rows=rows, note=note, detail=subject != "SPX"),
    ]


def streaks_page(built: Mapping[str, Any]) -> Page:
    """Give one streak study (schema ``overshort.streaks/1``) as a page of its own."""
    return Page(
        title=f"Streaks as of {built['as_of']}",
        as_of=built["as_of"],
        banner=SIMULATED if built["simulated"] else "",
        head=(),
        sections=[Section(id="streaks", title=built["subject"], blocks=streaks(built))],
        foot=[ATTRIBUTION, ADVICE],
    )


def _occurrence(row: Mapping[str, Any]) -> list[Cell]:
    came = "still running" if row["final"] is None else counted(row["final"], "month")
    months = (month_name(row["first"]), month_name(row["reached"]), came)
    return [*map(name, months), *(name(percent(row[f"after_{h}"])) for h in HORIZONS)]


def _summed(of: str, after: Mapping[str, Any]) -> list[list[Cell]]:
    """Give average, share of rises and number of cases of every horizon: those not over yet are left out of each."""
    means = (percent(after[h]["mean"]) for h in HORIZONS)
    ups = (percent(after[h]["up"], signed=False) for h in HORIZONS)
    counts = (f"{after[h]['n']:,}" for h in HORIZONS)
    labelled = {f"average after {of}": means, "share that rose": ups, "cases": counts}
    return [[name(label), name(""), name(""), *map(name, texts)] for label, texts in labelled.items()]
