"""Shorting into momentum as a page: the corners, both tails, and all 25 cells."""

from collections.abc import Iterator, Mapping
from typing import Any

from overshort.evidence.quintiles import CORNERS, GROUPS, SQUEEZE
from overshort.surfaces.page.blocks import Block, Cell, Grid, Section, Words
from overshort.surfaces.page.figures import name
from overshort.surfaces.page.study import horizon_name
from overshort.surfaces.words import bare_percent, minus, percent

__all__ = ["section"]

HEADLINE = 63
LARGE = f"{100 * SQUEEZE:.0f} %"
DANGER = "rising, most shorted"
Study = Mapping[str, Any]


def section(study: Study) -> Section:
    """Give the section."""
    return Section(id="momentum", title="Shorting into momentum: is it dangerous?", blocks=list(_blocks(study)))


def _chosen(study: Study) -> Study:
    rows = study["horizons"]
    found: Study = next((r for r in rows if r["sessions"] == HEADLINE), rows[-1])
    return found


def _blocks(study: Study) -> Iterator[Block]:
    row = _chosen(study)
    yield Words(text=_lead(row), tone="lead")
    yield Words(text=_proof(row))
    yield Grid(
        title="The four corners, beside all members",
        heads=["sessions held", "members", "mean", "excess", "95 %", "t", *_TAIL_HEADS],
        rows=[cells for r in study["horizons"] for cells in _corners(r)],
        note="In %. Excess: over the mean of all members. The last five columns pool members of all reports: 5th and "
        f"95th percentile, share that rose or fell by {LARGE} or more, number of outcomes.",
    )
    yield _cells(row)
    yield Words(text=_method(study), tone="dim")


_TAIL_HEADS = ("5 %", "95 %", "squeezed", "collapsed", "n")


def _range(summed: Study) -> str:
    return "–" if summed["low"] is None else f"{bare_percent(summed['low'])} … {bare_percent(summed['high'])}"


def _t(value: float | None) -> str:
    return "–" if value is None else minus(f"{value:.1f}")


def _lead(row: Study) -> str:
    own, every = row["corners"][DANGER], row["all"]
    verdict = (
        "cost a short seller more than the average member"
        if (own["low"] or 0) > 0
        else "cost a short seller less than the average member"
        if (own["high"] or 0) < 0
        else "is not told apart from the average member"
    )
    return (
        f"The fifth of members that had risen most and was most shorted {verdict} over {row['sessions']} sessions: "
        f"{percent(own['mean'])} against {percent(every['mean'])}, an excess of {bare_percent(own['excess'])} points "
        f"(95 % interval {_range(own)}). It rose {LARGE} or more in "
        f"{percent(own['squeezed'], signed=False)} of cases, all members in "
        f"{percent(every['squeezed'], signed=False)}; it fell that much in "
        f"{percent(own['collapsed'], signed=False)}, all in {percent(every['collapsed'], signed=False)}."
    )


def _proof(row: Study) -> str:
    large = [c for c in row["cells"] if c["t"] is not None and abs(c["t"]) > 1.96]
    return (
        f"{row['reports']} reports give {row['windows']} windows of {row['sessions']} sessions that do not overlap. Of "
        f"the {len(row['cells'])} cells {len(large)} have a t beyond 1.96; chance alone gives one or two."
    )


def _corners(row: Study) -> Iterator[list[Cell]]:
    every = row["all"]
    whole = ["all", bare_percent(every["mean"]), "", "", "", *_tails(every)]
    yield [name(t) for t in (horizon_name(row["sessions"]), *whole)]
    for label in CORNERS:
        own = row["corners"][label]
        texts = [label, bare_percent(own["mean"]), bare_percent(own["excess"]), _range(own), _t(own["t"])]
        yield [name(t) for t in (horizon_name(row["sessions"]), *texts, *_tails(own))]


def _tails(summed: Study) -> list[str]:
    shares = (bare_percent(summed[k], signed=False) for k in ("squeezed", "collapsed"))
    return [bare_percent(summed["p5"]), bare_percent(summed["p95"]), *shares, f"{summed['n']:,}"]


def _cells(row: Study) -> Grid:
    own = {(c["momentum"], c["shorted"]): c for c in row["cells"]}
    words = {1: "1 (fallen most)", GROUPS: f"{GROUPS} (risen most)"}
    heads = ["momentum", "1 (least shorted)", *(str(s) for s in range(2, GROUPS)), f"{GROUPS} (most shorted)"]
    rows = [
        [
            name(words.get(m, str(m))),
            *(name(f"{bare_percent(c['excess'])} ({_t(c['t'])})") for c in _row(own, m)),
        ]
        for m in range(1, GROUPS + 1)
    ]
    return Grid(
        title=f"Excess over {row['sessions']} sessions, in % (t), by momentum and days to cover", heads=heads, rows=rows
    )


def _row(own: Mapping[tuple[int, int], Study], momentum: int) -> list[Study]:
    return [own[momentum, s] for s in range(1, GROUPS + 1)]


def _method(study: Study) -> str:
    row = _chosen(study)
    return (
        f"S&P 500 members at each of {study['reports']} reports, {study['from']} to {study['to']}, point in time. "
        "Short interest is ranked by days to cover (position over average daily volume, as first published): shares "
        "outstanding are on file for few dates. Momentum: return from 252 to 21 sessions before the last close known "
        "at publication. Entry: the close of the first session after publication, for only closes are on file; exit: "
        "the close so many sessions later. Closes are adjusted for splits and dividends. Survivorship: closes are on "
        f"file for {study['priced']} symbols, at {percent(study['coverage'], signed=False)} of members at an entry; "
        "those without were taken over, failed, or go by another symbol now, so the tails are understated, the lower "
        f"one most; {row['ended']:,} outcomes of {row['all']['n']:,} over {row['sessions']} sessions are of members "
        "whose closes end before, held at the last one. t: Newey–West; intervals: stationary bootstrap of "
        "reports in blocks of at least the window."
    )
