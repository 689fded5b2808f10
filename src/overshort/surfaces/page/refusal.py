"""Refusal: each index's state, how often every state held, and what its proxy did afterwards."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from overshort.metrics.refusal.states import WINDOWS
from overshort.surfaces.page.blocks import Block, Cell, Grid, Picture, Section, Words
from overshort.surfaces.page.figures import Owns, cell, has_value, name
from overshort.surfaces.words import bare_percent, subject_name

__all__ = ["section"]

HORIZONS = {"3m": "3 months", "12m": "12 months"}
SPAN = {"3m": "over 6 reports (3 months)", "12m": "over 24 reports (12 months)"}
HOW = (
    "Shorts up (rank 80 or above) with price up is REFUSE, with price down CONFIRM; shorts down (20 or below) with "
    "price up is COVER, with price down EXIT; between, FLAT. What followed starts at the open after publication. "
    "Reports follow each other closely and their outcomes overlap: the number of separate runs is the evidence, not "
    "that of reports."
)


def section(owns: Owns, studies: Iterable[Mapping[str, Any]]) -> Section | None:
    """Give the section; nothing where no index has a state."""
    shown = {s: own for s, own in owns.items() if has_value(own, "refusal.state_")}
    if not shown:
        return None
    found = [s for s in studies if s["id"] == "refusal.after"]
    blocks: list[Block] = [_now(shown), Words(text=HOW, tone="dim")]
    for subject in shown:
        caption = f"{subject_name(subject)}: the state over 12 months as a band under the price of its proxy"
        blocks.append(Picture(name="states", subject=subject, caption=caption))
        blocks += [_history(s) for s in found if s["subject"] == subject]
    return Section(id="refusal", title="Refusal: does price confirm the shorts?", blocks=blocks)


def _now(shown: Owns) -> Grid:
    heads, rows = ["", "window", "state", "shorts' rank", "price", "held at", "separate runs"], []
    for subject, own in shown.items():
        for window in WINDOWS:
            ids = (f"refusal.{n}_{window}" for n in ("state", "shorts_rank", "price_change"))
            rate = (f"refusal.state_{window}_{n}" for n in ("base_rate", "runs"))
            rows.append([name(subject), Cell(text=SPAN[window]), *(cell(own, i) for i in (*ids, *rate))])
    absorbed = [f"{s} {cell(o, 'refusal.absorption').text}" for s, o in shown.items() if "refusal.absorption" in o]
    note = f"Absorption of the last cycle, in s.d.: {', '.join(absorbed)}." if absorbed else ""
    return Grid(title="Now", heads=heads, rows=rows, note=note)


def _history(study: Mapping[str, Any]) -> Grid:
    """Give what followed every state of one index and window, the unconditional outcome last."""
    heads = ["state", "reports", "share", "runs"]
    for words in HORIZONS.values():
        heads += [f"{words}: mean", "up", "worst", "best", "n (runs)"]
    rows = [_outcomes(s["state"], s, s["after"]) for s in study["states"] if s["reports"]]
    every = {"reports": study["reports"], "base_rate": 1.0, "runs": None}
    rows.append(_outcomes("all", every, study["unconditional"]))
    title = (
        f"{study['subject']} {SPAN[study['window']]} since {study['from']}, and what {study['proxy']} did next, in %"
    )
    return Grid(title=title, heads=heads, rows=rows, detail=True)


def _outcomes(label: str, state: Mapping[str, Any], after: Mapping[str, Any]) -> list[Cell]:
    runs = "" if state["runs"] is None else str(state["runs"])
    counts = (label, f"{state['reports']}", bare_percent(state["base_rate"], signed=False), runs)
    return [*map(name, counts), *(c for h in HORIZONS for c in _after(after[h]))]


def _after(summed: Mapping[str, Any]) -> Iterator[Cell]:
    yield name(bare_percent(summed["mean"]))
    yield name(bare_percent(summed["up"], signed=False))
    yield name(bare_percent(summed["worst"]))
    yield name(bare_percent(summed["best"]))
    yield name(f"{summed['n']} ({summed['runs']})")
