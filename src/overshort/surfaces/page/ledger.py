"""The ledger as a page: what was forecast, what became of it, and how good it was, live and back-tests apart."""

from collections.abc import Mapping, Sequence
from typing import Any

from overshort.surfaces.page.blocks import Block, Cell, Grid, Page, Plot, Section, Words
from overshort.surfaces.page.covering import event_name, reliability, skilled
from overshort.surfaces.page.figures import name
from overshort.surfaces.words import ADVICE, ATTRIBUTION, SIMULATED, counted, percent

__all__ = ["contents"]

Score = Mapping[str, Any]
TITLES = {
    "live": "Live: written before anyone could know",
    "backtest": "Back-tests: written afterwards, as of earlier days",
}
CAVEAT = {
    "live": "",
    "backtest": " The code that wrote them had seen the years they are about: they prove less than live ones.",
}
SCORED = ["", "event", "resolved", "open", "overdue", "happened", "separate runs", "Brier", "base rate's", "skill"]


def contents(document: Mapping[str, Any]) -> Page:
    """Give the page of a ledger document."""
    return Page(
        title=f"Ledger of forecasts as of {document['as_of']}",
        as_of=document["as_of"],
        banner=SIMULATED if document["simulated"] else "",
        head=[],
        sections=[_section(kind, own) for kind, own in document["ledgers"].items()],
        foot=[ATTRIBUTION, ADVICE],
    )


def _section(kind: str, own: Mapping[str, Any]) -> Section:
    whole = own["score"]
    blocks: list[Block] = [Words(text=_summed(whole) + CAVEAT[kind], tone="lead")]
    rows = [_row(e, e["score"], e["overdue"]) for e in own["events"]]
    blocks.append(Grid(heads=SCORED, rows=rows))
    if whole["reliability"]:
        blocks.append(reliability("Reliability", whole["reliability"]))
        caption = "Probabilities written, grouped, and the share that happened"
        numbers = {"title": caption, "curves": {kind: whole["reliability"]}}
        blocks.append(Plot(name="reliability", numbers=numbers, caption=caption))
    blocks.append(_open(own["open"]))
    return Section(id=kind, title=TITLES[kind], blocks=blocks)


def _summed(whole: Score) -> str:
    resolved = f"{counted(whole['n'], 'forecast')} resolved, {whole['open']} open"
    if not whole["n"]:
        return f"{resolved}: there is no score yet."
    return (
        f"{resolved}; of the resolved ones {whole['happened']} came true, in {counted(whole['runs'], 'separate run')}, "
        f"and {counted(whole['windows'], 'window')} do not overlap another of the same event. Brier score "
        f"{whole['brier']:.4f} against {whole['brier_base']:.4f} of the base rates; {_skill(whole)}; log loss "
        f"{whole['log_loss']:.4f}. {_parts(whole['decomposition'])}"
    )


def _parts(parts: Score) -> str:
    return (
        f"Brier = reliability {parts['reliability']:.4f} − resolution {parts['resolution']:.4f} + uncertainty "
        f"{parts['uncertainty']:.4f} + within groups {parts['within']:.4f}.".replace("-", "−")
    )


def _skill(whole: Score) -> str:
    if whole["skill"] is None:
        return "no skill is claimed under 8 separate runs and 24 origin reports"
    return f"skill {skilled(whole['skill'])}"


def _flat(whole: Score) -> Score:
    """Give the skill as the other pages have it, counted in reports."""
    return whole["skill"] or {"skill": None}


def _row(event: Score, score: Score, overdue: int) -> list[Cell]:
    numbers = ("–", "–") if score["brier"] is None else (f"{score['brier']:.4f}", f"{score['brier_base']:.4f}")
    counts = (score["n"], score["open"], overdue, score["happened"], score["runs"])
    texts = (event["subject"], event_name(event["id"]), *map(str, counts), *numbers, skilled(_flat(score)))
    return [name(t) for t in texts]


def _open(rows: Sequence[Score]) -> Grid:
    heads = ["", "event", "from the report of", "probability", "base rate", "shown", "resolves"]
    cells = [
        [
            name(r["subject"]),
            name(event_name(r["id"])),
            name(r["settlement"]),
            name(percent(r["probability"], signed=False)),
            name(percent(r["base"], signed=False)),
            name(r["model"]),
            name(f"{r['resolves']}{' (overdue: import that report)' if r['overdue'] else ''}"),
        ]
        for r in rows
    ]
    return Grid(title="Open", heads=heads, rows=cells)
