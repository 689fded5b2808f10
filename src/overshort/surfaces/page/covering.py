"""Covering: each event's probability beside its base rate, how often it happened, and what any model was worth."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from overshort.evidence.probability.ladder import LEAST_RUNS
from overshort.surfaces.claims.covering import interval
from overshort.surfaces.page.blocks import Block, Cell, Grid, Picture, Section, Words
from overshort.surfaces.page.figures import Own, Owns, cell, name
from overshort.surfaces.words import bare_percent, counted, in_order, percent, subject_name

__all__ = ["LOSSES", "beaten", "blocks_of", "event_name", "limits", "losses", "reliability", "section", "skilled"]

Forecast = Mapping[str, Any]
NAMES = {
    "cover5": "−5 %",
    "cover10": "−10 %",
    "coversd": "1 s.d. off drift",
    "coverbreadth": "breadth",
}
SHOWN = ("probability.cover5_3m", "probability.cover10_3m", "probability.cover5_3m_up")
"""Events of a short page."""
HOW = (
    "Events are of the split-clean chain: that much lower at one or more reports of the window, measured from the "
    "origin report; breadth is an unusually wide covering of members. The ids of `overshort explain` have the full "
    "words. Only windows over by a report teach it anything. Neighbouring windows overlap: the separate runs are the "
    "evidence, and 90 % intervals count a window as one in as many as it has reports. Under "
    f"{LEAST_RUNS} separate runs only the base rate is offered. A skill is the share of climatology's Brier score that "
    "a model saved out of sample; a model is shown only if the whole interval of its skill lies above 0."
)


def event_name(id: str) -> str:
    """Name an event in a few words."""
    kind, window, *up = id.removeprefix("probability.").split("_")
    return f"{NAMES[kind]}, {window}{', price up' if up else ''}"


def skilled(score: Forecast | None, *, cases: bool = True) -> str:
    """Write a skill with its interval and, where asked, the number of cases; a dash where none is claimed."""
    if score is None or score["skill"] is None:
        return "–"
    n = f"; n = {score['n']}" if cases else ""
    return f"{percent(score['skill'])} ({bare_percent(score['low'])} to {bare_percent(score['high'])}{n})"


def _row(forecast: Forecast, own: Own) -> list[Cell]:
    id = forecast["id"]
    return [
        name(event_name(id)),
        cell(own, id),
        cell(own, f"{id}.base"),
        name(interval(forecast)),
        cell(own, f"{id}.runs"),
        name(f"{forecast['windows']} ({forecast['separate']})"),
        name(forecast["model"] if forecast["offered"] else "too few runs"),
        name(forecast["resolves"]),
    ]


HEADS = ["", "probability", "base rate", "90 % interval", "separate runs", "windows (apart)", "shown", "resolves"]


def _worth(found: Sequence[Forecast]) -> Grid | None:
    """Give what every model was worth out of sample, for the events of which one may be offered."""
    rows = [
        _scores(f["id"], rung, score)
        for f in found
        for rung, score in (f["skill"] or {}).items()
        if score is not None and score["skill"] is not None
    ]
    title = "Out of sample: Brier score = reliability − resolution + uncertainty, and a rest within bins"
    return Grid(title=title, heads=WORTH, rows=rows, detail=True) if rows else None


LOSSES = ("Brier", "base's", "reliab.", "resol.", "unc.", "log l.", "base's")
WORTH = ["", "model", "n", *LOSSES, "skill"]


def losses(score: Forecast, digits: int) -> list[str]:
    """Write what :data:`LOSSES` heads."""
    parts = score["decomposition"]
    numbers = [score["brier"], score["brier_base"], *(parts[p] for p in ("reliability", "resolution", "uncertainty"))]
    return [f"{n:.{digits}f}" for n in (*numbers, score["log_loss"], score["log_loss_base"])]


def reliability(title: str, rows: Iterable[Forecast], cases: str = "n", *, detail: bool = False) -> Grid:
    """Give probabilities in groups, how many cases each had, and the share that happened."""
    cells = [
        [
            name(f"{bare_percent(r['low'], signed=False)} to {percent(r['high'], signed=False)}"),
            name(f"{r['n']:,}"),
            name(percent(r["given"], signed=False)),
            name(percent(r["happened"], signed=False)),
        ]
        for r in rows
    ]
    return Grid(title=title, heads=["probability", cases, "mean given", "happened"], rows=cells, detail=detail)


def _scores(id: str, rung: str, score: Forecast) -> list[Cell]:
    texts = (event_name(id), rung, str(score["n"]), *losses(score, 3), skilled(score, cases=False))
    return [name(t) for t in texts]


def limits(found: Sequence[Forecast]) -> str:
    """Say how little the windows of one index can prove."""
    few = [f for f in found if not f["offered"]]
    first = found[0]
    head = (
        f"{first['subject']}: {first['windows']} windows of one event, but {first['separate']} that do not overlap; "
        f"{len(few)} of {len(found)} events happened in fewer than {LEAST_RUNS} separate runs"
    )
    return f"{head}, so for these nothing but a base rate can be said." if few else f"{head}."


def beaten(found: Iterable[Forecast]) -> str:
    """Say how many comparisons with climatology were made, how many were won, and how many luck alone would win."""
    rungs = [r for f in found for r in (f["skill"] or {}).values() if r is not None and r["low"] is not None]
    won = sum(r["low"] > 0 for r in rungs)
    if not rungs:
        return "No model was compared with climatology: no event has runs and windows enough."
    lucky = f"{len(rungs) * 0.05:.1f}"
    return (
        f"Models were compared with climatology {counted(len(rungs), 'time')} and won {won}; were they worth nothing, "
        f"luck alone would win about {lucky} of as many comparisons. Most are of the same reports."
    )


def blocks_of(found: Sequence[Forecast], own: Own) -> list[Block]:
    """Give one index's table of events, what models were worth, and how often its members covered."""
    title = f"{subject_name(found[0]['subject'])}, from the report of {found[0]['at']}"
    grid = Grid(title=title, heads=HEADS, rows=[_row(f, own) for f in found], detail=True)
    return [block for block in (grid, _worth(found), _pooled(found[0]["subject"], own)) if block is not None]


def _pooled(subject: str, own: Own) -> Words | None:
    """Say how probable it is that a member taken at random covers."""
    said = [text for up, words in MEMBERS.items() if (text := _of_members(own, f"{MEMBER}{up}", words)) is not None]
    head = f"{subject} members, chance that a position falls by 25 % or more"
    return Words(text=f"{head}: {'; '.join(said)}. Errors are clustered by report.") if said else None


MEMBER = "probability.member25_1m"
MEMBERS = {"": "within 2 reports", "_up": "within 2 reports with the close 20 % higher"}


def _of_members(own: Own, id: str, words: str) -> str | None:
    parts = [own.get(id + p) for p in ("", ".low", ".high", ".base", ".runs")]
    if any(p is None or p["value"] is None for p in parts):
        return None
    shown, low, high, base, runs = (p for p in parts if p is not None)
    return (
        f"{percent(shown['value'], signed=False)} {words} ({bare_percent(low['value'], signed=False)} to "
        f"{percent(high['value'], signed=False)}, by {shown.get('note') or 'climatology'}; base rate "
        f"{percent(base['value'], signed=False)}, {runs['value']:,} separate runs of a member)"
    )


def section(owns: Owns, forecasts: Iterable[Forecast]) -> Section | None:
    """Give the section; nothing where no event has a base rate."""
    every = list(forecasts)
    if not every:
        return None
    of = {s: [f for f in every if f["subject"] == s] for s in in_order(f["subject"] for f in every)}
    brief = [[name(f["subject"]), *_row(f, owns[f["subject"]])] for f in every if f["id"] in SHOWN]
    short = Grid(title="Now", heads=["", "event", *HEADS[1:]], rows=brief)
    blocks: list[Block] = [short, *(Words(text=limits(found)) for found in of.values())]
    blocks += [Words(text=beaten(every)), Words(text=HOW, tone="dim")]
    for subject, found in of.items():
        blocks += blocks_of(found, owns[subject])
        caption = f"{subject_name(subject)}: probabilities given before, grouped, and the share that happened"
        blocks.append(Picture(name="reliability", subject=subject, caption=caption))
    return Section(id="covering", title="Covering: how probable, how often before", blocks=blocks)
