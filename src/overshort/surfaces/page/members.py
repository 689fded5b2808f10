"""The members' chances of being covered as a page: what the rungs were worth, the states, and who stands highest."""

from collections.abc import Iterator, Mapping
from typing import Any

from overshort.evidence.probability.ladder import LEAST_RUNS
from overshort.evidence.probability.members.ladder import FIFTHS
from overshort.evidence.probability.members.windows import POOLED
from overshort.surfaces.page.blocks import Block, Cell, Grid, Plot, Section, Words
from overshort.surfaces.page.covering import LOSSES, losses, reliability, skilled
from overshort.surfaces.page.figures import name
from overshort.surfaces.words import PLAIN, bare_percent, percent

__all__ = ["sections"]

Study = Mapping[str, Any]
TITLES = {
    "probability.member25_1m": "A quarter or more covered within two reports",
    "probability.member25_1m_up": "The same with the close a fifth higher",
}


def sections(study: Study) -> list[Section]:
    """Give one section an event."""
    return [
        Section(id=event["id"].rpartition(".")[2], title=TITLES[event["id"]], blocks=list(_blocks(study, event)))
        for event in study["events"]
    ]


def _blocks(study: Study, event: Study) -> Iterator[Block]:
    yield Words(text=_lead(study, event), tone="lead")
    yield Words(text=_proof(event))
    yield _worth(event)
    yield _states(event)
    if event["highest"]:
        yield _highest(study, event)
    for score in event["rungs"]:
        yield reliability(f"Reliability of the {score['model']}", score["reliability"], "pairs", detail=True)
    if event["rungs"]:
        numbers = {
            "title": "Reliability, single members",
            "curves": {s["model"]: s["reliability"] for s in event["rungs"]},
        }
        yield Plot(
            name="reliability", numbers=numbers, caption="What members' probabilities at earlier reports were worth"
        )
    yield Words(text=_method(study), tone="dim")


def _lead(study: Study, event: Study) -> str:
    few = "" if event["offered"] else f", for it happened in fewer than {LEAST_RUNS} separate runs"
    shown = {
        "climatology": f"No model beat climatology out of sample, so that is what is given{few}",
        "table": "The table of rank and days to cover is the simplest model that beat climatology out of sample",
        "logistic": "Only the logistic of rank, days to cover and growth beat climatology out of sample",
    }
    return (
        f"Of a member of {PLAIN[study['subject']]} taken at random at the report of {study['to']}, the chance that "
        f"{event['event']}: {percent(event['probability'], signed=False)} (90 % interval "
        f"{bare_percent(event['low'], signed=False)} to {percent(event['high'], signed=False)}). "
        f"{shown[event['model']]}."
    )


def _proof(event: Study) -> str:
    best = max((s["skill"] for s in event["rungs"] if s["skill"] is not None), default=None)
    counts = (
        f"It happened to {event['covered']:,} of {event['pairs']:,} pairs of a member and a report "
        f"({percent(event['base'], signed=False)}), in {event['runs']:,} separate runs of a member; but members fall "
        f"together, and there are only {event['windows']} reports, {event['windows'] // POOLED} windows apart."
    )
    if best is None:
        return counts
    return f"{counts} The better model saved {percent(best)} of climatology's Brier score: it sorts members, no more."


def _worth(event: Study) -> Grid:
    heads = ["model", "pairs", "reports", *LOSSES, "skill"]
    return Grid(
        title="Out of sample: Brier score = reliability − resolution + uncertainty, and a rest within bins",
        heads=heads,
        rows=[_scores(s) for s in event["rungs"]],
        note="Each report's probabilities were fitted on windows over by then; the interval resamples reports.",
    )


def _scores(score: Study) -> list[Cell]:
    counts = (score["model"], f"{score['n']:,}", str(score["reports"]))
    return [name(t) for t in (*counts, *losses(score, 4), skilled(score, cases=False))]


def _states(event: Study) -> Grid:
    own = {(s["rank"], s["days"]): s for s in event["states"]}
    ends = {1: "lowest", FIFTHS: "highest"}
    labels = [f"{k} ({ends[k]})" if k in ends else str(k) for k in range(1, FIFTHS + 1)]
    rows = [
        [name(label), *(name(_state(own[rank, days])) for days in range(1, FIFTHS + 1))]
        for rank, label in enumerate(labels, 1)
    ]
    return Grid(
        title="Share that covered so far, in % (pairs), by rank of the position in its own year and by days to cover",
        heads=["rank", *labels],
        rows=rows,
        note="Rows: fifths of the rank, columns: fifths of days to cover among the report's members.",
    )


def _state(state: Study) -> str:
    return f"{bare_percent(state['share'], signed=False)} ({state['n']:,})"


def _highest(study: Study, event: Study) -> Grid:
    rows = [
        [
            name(m["symbol"]),
            name(percent(m["probability"], signed=False)),
            name(f"{m['rank']:.0f}"),
            name(f"{m['days']:.1f}"),
            name(percent(m["change"])),
        ]
        for m in event["highest"]
    ]
    return Grid(
        title=f"Highest at the report of {study['to']}, of {study['members']:,} members",
        heads=["", "probability", "rank in its year", "days to cover", "change in 3 months"],
        rows=rows,
        note="Members of one state share their probability in the table; of these the longest to cover stand first.",
    )


def _method(study: Study) -> str:
    return (
        f"Members at each of {study['reports']} reports, {study['from']} to {study['to']}; members: {study['basis']}. "
        "Rank: of the position among its own of the 24 reports before, split-clean; growth over six reports; days to "
        "cover: position over average daily volume. A member without all three counts at the base rate, unscored. "
        "Part of what the rank tells is plain: a position that stands at its year's high has more room to fall back. "
        "Earlier probabilities are computed from the rows that stand now; a row revised since counts as revised."
    )
