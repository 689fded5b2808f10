"""An event study as a page: what followed, how little it proves, the pictures, and the dates."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from overshort.evidence.inference import REPLICATES
from overshort.evidence.matching import NEIGHBOURS
from overshort.evidence.paths import HORIZONS
from overshort.surfaces.page.blocks import Block, Cell, Grid, Plot, Section, Words
from overshort.surfaces.page.figures import name
from overshort.surfaces.words import PLAIN, bare_percent, counted, minus, percent

__all__ = ["family", "horizon_name", "p_value", "section"]

Study = Mapping[str, Any]
GRIDS = {"report": "report", "session": "session", "bar_4h": "session", "week": "week", "month": "month"}
HEADLINE = 63
"""Horizon of the first sentence: three months, where it was asked for."""


def horizon_name(sessions: int) -> str:
    """Write a number of sessions with what it stands for."""
    stands = HORIZONS.get(sessions)
    return f"{sessions}\u00a0({stands})".replace(" ", "\u00a0") if stands else counted(sessions, "session")


def section(study: Study, place: int = 0) -> Section:
    """Give one claim's section."""
    title = f"{study['claim']}: what {study['proxy']} did next"
    return Section(id=f"study{place}", title=title, blocks=list(_blocks(study)))


def _blocks(study: Study) -> Iterator[Block]:
    yield Words(text=_count(study), tone="lead")
    yield from (Words(text=text) for text in _proof(study))
    yield _means(study)
    yield _weight(study)
    yield _tails(study)
    yield Plot(name="fan", numbers={**study["fan"], "proxy": study["proxy"]}, caption=_fan_caption(study))
    yield Plot(name="outcomes", numbers={**study["outcomes"], "proxy": study["proxy"]}, caption=_spread_caption(study))
    if study.get("reliability"):
        title = f"Reliability of the probabilities of covering shown at earlier reports, {study['subject']}"
        caption = "All covering events together: what their probabilities were worth, whatever the claim said"
        yield Plot(name="reliability", numbers={"title": title, "curves": study["reliability"]}, caption=caption)
    yield _dates(study)
    yield Words(text=_method(study), tone="dim")


def _noun(study: Study) -> str:
    return GRIDS[study["grid"]]


def _count(study: Study) -> str:
    noun = _noun(study)
    now = "It holds now." if study["now"] else "It does not hold now."
    own = "" if study["metric_subject"] == study["subject"] else f" ({study['metric_subject']})"
    return (
        f"{study['claim']}{own} held at {study['flagged']:,} of {counted(study['cases'], noun)} "
        f"({percent(study['share'], signed=False)}) from {study['from']} to {study['to']}, in "
        f"{counted(study['runs'], 'separate run')}. {now}"
    )


def _proof(study: Study) -> Iterator[str]:
    """Say in plain words what the numbers can and cannot show."""
    rows = [r for r in study["horizons"] if r["difference"] is not None]
    if not rows:
        yield "That is too few to set against anything: no interval or p-value is given, and nothing is shown by it."
        return
    row = next((r for r in rows if r["sessions"] == HEADLINE), rows[-1])
    yield _difference(study, row)
    yield _power(study, row)
    least = min((r["p_family"] for r in rows), default=1.0)
    verdict = (
        "None of the horizons differs from chance at 5 % once all are counted"
        if least >= 0.05
        else "At least one horizon differs from chance at 5 % with all horizons counted"
    )
    yield (
        f"{verdict} (smallest p {least:.2f}, Romano–Wolf over {counted(len(rows), 'horizon')}); whoever tries several "
        "claims must count those too."
    )


def _difference(study: Study, row: Study) -> str:
    flagged, every, noun = row["flagged"], row["all"], _noun(study)
    bounds = "" if row["low"] is None else f" (95 % interval {bare_percent(row['low'])} to {bare_percent(row['high'])})"
    return (
        f"Over {row['sessions']} sessions {study['proxy']} made {percent(flagged['mean'])} on average after it and "
        f"{percent(every['mean'])} after every {noun}: {bare_percent(row['difference'])} points{bounds}, p "
        f"{row['p']:.2f}. It rose after {percent(flagged['up'], signed=False)} of them, against "
        f"{percent(every['up'], signed=False)}."
    )


def _power(study: Study, row: Study) -> str:
    flagged = row["flagged"]
    evidence = (
        f"These are {counted(flagged['n'], _noun(study))} in {counted(flagged['runs'], 'run')}, but only "
        f"{counted(row['effective'], 'window')} of {row['sessions']} sessions that do not overlap"
    )
    if row["detectable"] is None:
        return f"{evidence}: too few for an interval."
    return (
        f"{evidence}: a true difference under {bare_percent(row['detectable'], signed=False)} points would be missed "
        "in more than one history of five, so its absence here is no proof of absence."
    )


def _means(study: Study) -> Grid:
    heads = ["sessions held", "flagged", "95 %", "all", "matched", "difference", "95 %", "rose", "95 %", "all rose"]
    rows = [_mean_row(r) for r in study["horizons"]]
    note = (
        f"In %: averages after flagged {_noun(study)}s, after all, and after unflagged ones whose price had moved as "
        "much before; the difference is that of flagged from all."
    )
    return Grid(title="What followed, beside what followed anyway", heads=heads, rows=rows, note=note)


def _weight(study: Study) -> Grid:
    heads = ["sessions held", "n", "runs", "clusters", "windows apart", "p", "p, all horizons", "t", "seen from, %"]
    note = (
        "Clusters: runs less than the window apart count as one. Windows apart: the most that share no session. p: by "
        "shifting the flag against the outcomes; beside it the same with all horizons counted. Seen from: the smallest "
        "true difference that four histories of five would show."
    )
    rows = [_weight_row(r) for r in study["horizons"]]
    return Grid(title="How much evidence that is", heads=heads, rows=rows, note=note)


def _range(low: float | None, high: float | None) -> str:
    return "–" if low is None or high is None else f"{bare_percent(low)} … {bare_percent(high)}"


def p_value(value: float | None) -> str:
    """Write a p-value; null as a dash."""
    return "–" if value is None else "<0.001" if value < 0.001 else f"{value:.3f}" if value < 0.1 else f"{value:.2f}"


def _mean_row(row: Study) -> list[Cell]:
    flagged, every = row["flagged"], row["all"]
    rose = (
        "–" if row["up_low"] is None else " … ".join(bare_percent(row[k], signed=False) for k in ("up_low", "up_high"))
    )
    texts = [
        horizon_name(row["sessions"]),
        bare_percent(flagged["mean"]),
        _range(row["mean_low"], row["mean_high"]),
        bare_percent(every["mean"]),
        bare_percent(row["matched"]["mean"]),
        bare_percent(row["difference"]),
        _range(row["low"], row["high"]),
        bare_percent(flagged["up"], signed=False),
        rose,
        bare_percent(every["up"], signed=False),
    ]
    return [name(t) for t in texts]


def _weight_row(row: Study) -> list[Cell]:
    counts = (row["flagged"]["n"], row["flagged"]["runs"], row["clusters"], row["effective"])
    t = "–" if row["t"] is None else minus(f"{row['t']:.1f}")
    texts = [horizon_name(row["sessions"]), *(f"{v:,}" for v in counts), p_value(row["p"]), p_value(row["p_family"]), t]
    return [name(text) for text in (*texts, bare_percent(row["detectable"], signed=False))]


TAILS = {
    "worst": "worst",
    "low": "10 %",
    "median": "median",
    "high": "90 %",
    "best": "best",
    "drawdown": "drawdown, mean",
    "deepest": "deepest",
    "rise": "rise, mean",
    "highest": "highest",
}


def _tails(study: Study) -> Grid:
    heads = ["sessions held", "cases", *TAILS.values(), "n"]
    rows = [
        [name(t) for t in (horizon_name(r["sessions"]), label, *_tail_cells(r[key]))]
        for r in study["horizons"]
        for key, label in (("flagged", "flagged"), ("all", "all"))
    ]
    note = (
        "In %. Drawdown: deepest fall of a close below the highest point since entry, what a holder met; rise: highest "
        "close over the entry price, what a short seller met, the squeeze."
    )
    return Grid(title="Both tails, and the way there", heads=heads, rows=rows, note=note)


def _tail_cells(summed: Study) -> list[str]:
    return [*(bare_percent(summed[key]) for key in TAILS), f"{summed['n']:,}"]


def _dates(study: Study) -> Grid:
    noun = _noun(study)
    shown = [h for h in (21, 63, 252) if f"after_{h}" in study["events"][0]] if study["events"] else []
    asked: Sequence[int] = shown or [r["sessions"] for r in study["horizons"]]
    heads = [f"first {noun}", "known", "entry", f"last {noun}", f"{noun}s", "63 sessions before"]
    heads += [f"{h} sessions" for h in asked]
    rows = [[name(t) for t in _date_row(e, asked)] for e in reversed(study["events"])]
    note = "Newest first; what followed is that of the run's first case, from the open of its entry session, in %."
    return Grid(title="Every separate run", heads=heads, rows=rows, note=note)


def _date_row(event: Study, asked: Sequence[int]) -> list[str]:
    dates = [event["first"], event["known"][:10], event["entry"], event["last"], f"{event['cases']:,}"]
    return [*dates, bare_percent(event["prior"]), *(bare_percent(event[f"after_{h}"]) for h in asked)]


def _fan_caption(study: Study) -> str:
    found = study["fan"]
    return (
        f"Shaded: where the middle half and the middle 80 % of {counted(found['n'], 'path')} after the flag ran; grey: "
        f"the same for every {_noun(study)}. Thin lines: the first case of each run (at most the last 30)."
    )


def _spread_caption(study: Study) -> str:
    found = study["outcomes"]
    return (
        f"Returns over {found['sessions']} sessions, as shares of each group; windows overlap, so neighbouring cases "
        "are no separate outcomes"
    )


def _method(study: Study) -> str:
    noun = _noun(study)
    index = PLAIN.get(study["subject"], study["subject"])
    return (
        f"{study['definition']} Traded: {study['proxy']}, for {index}. A {noun} counts with the value that it had when "
        "first known; entry is the open of the first session after that instant, exit the close of the last session "
        f"held; price returns, no costs. Intervals: {REPLICATES:,} stationary-bootstrap resamples of {noun}s in blocks "
        "as long as the window or, where longer, as Politis and White's rule says, percentile, seed "
        f"{study['seed']}; with few windows apart such intervals are too narrow. p: share of all "
        "circular shifts of the flag against the outcomes that lie as far from zero. "
        f"Matched: the {NEIGHBOURS} unflagged {noun}s nearest in the return of the 63 sessions before entry. Runs less "
        "than the window apart form one cluster."
    )


def family(rows: Sequence[Study]) -> list[Section]:
    """Give the section on claims tested together; none where there was only one."""
    if not rows:
        return []
    cells = [
        [name(t) for t in (r["claim"], horizon_name(r["sessions"]), p_value(r["p"]), p_value(r["q"]))] for r in rows
    ]
    note = "q: p adjusted for the share of false discoveries over all rows of this table (Benjamini and Hochberg)."
    grid = Grid(heads=["claim", "sessions held", "p", "q"], rows=cells, note=note)
    return [Section(id="family", title="All tested together", blocks=[grid])]
