"""An audited commentary, sentence by sentence, verdict first."""

from collections.abc import Iterator, Mapping
from textwrap import shorten
from typing import Any

from overshort.surfaces.page.agreement import agreement
from overshort.surfaces.page.blocks import Block, Cell, Grid, Page, Section, Words
from overshort.surfaces.page.quoting import exact, visible
from overshort.surfaces.page.thesis import rate
from overshort.surfaces.words import ADVICE, ATTRIBUTION, SIMULATED, capital, counted, percent, written

__all__ = ["contents", "summary"]

Document = Mapping[str, Any]
WIDE = 34
"""How much of what is stated stands in a row, in whole words; the sentence itself follows below."""
_GRIDS: Mapping[str, str] = {
    "report": "report",
    "session": "session",
    "bar_4h": "4-hour bar",
    "week": "week",
    "month": "month",
}
_COMPARED = {
    "=": "exactly",
    "~": "about",
    ">": "above",
    ">=": "at least",
    "<": "below",
    "<=": "at most",
    "between": "between",
    "is": "is",
}
_HORIZONS = {"1m": "1 month", "3m": "3 months", "6m": "6 months", "12m": "12 months"}
LARGE = 1e6
CRITERION = (
    "A stated number means its last digit: +45 % is 44.5 to 45.5 %; a miss of no more than that half digit again is "
    "within rounding. A figure older than was due checks nothing: it is shown, labelled. A base rate says how often "
    "the stated condition, or one farther out, held before."
)


def summary(counts: Mapping[str, int]) -> str:
    """Sum an audit up in one line."""
    parts = [
        f"{counts['holds']} hold",
        f"{counts['contradicted']} contradicted",
        f"{counts['within_rounding']} within rounding",
        f"{counts['cannot_be_checked']} cannot be checked with the data here",
        f"{counts['not_checkable']} not checkable",
        f"{counts['inconsistent']} inconsistent with each other",
    ]
    whole = f"{counted(counts['statements'], 'statement')} in {counted(counts['sentences'], 'sentence')}"
    return f"{whole}: {', '.join(parts)}."


def contents(built: Document) -> Page:
    """Give the page of an audit document."""
    return Page(
        title=f"Audit of {visible(built['file'])}, as known on {built['date']}",
        as_of=built["date"],
        banner=SIMULATED if built["simulated"] else "",
        head=list(_head(built)),
        sections=[s for s in (_overview(built), agreement(built), *_sentences(built), _rest(built)) if s is not None],
        foot=[CRITERION, ATTRIBUTION, ADVICE],
    )


def _head(built: Document) -> Iterator[Words]:
    yield Words(text=summary(built["counts"]), tone="lead")
    yield from (Words(text=note) for note in built["notes"])
    for claim in built["claims"]:
        if claim["resolution"] and claim["resolution"]["verdict"] != "cannot be resolved":
            yield Words(text=f"Later: “{visible(claim['words'])}” {_resolution(claim['resolution'])}", tone="lead")


def _overview(built: Document) -> Section | None:
    if not built["claims"]:
        return None
    heads = ["sentence", "verdict", "of", "metric", "stated", "measured"]
    rows = [
        [
            Cell(text=str(c["number"])),
            Cell(text=_verdict(c)),
            Cell(text=c["subject"] or "–"),
            Cell(text=_metric(c)),
            Cell(text=shorten(visible(c["stated"]), WIDE, placeholder=" …")),
            Cell(text=_value(c["measured"]), figure=c["measured"]) if c["measured"] else Cell(text="–"),
        ]
        for c in built["claims"]
    ]
    return Section(id="overview", title="Verdicts", blocks=[Grid(heads=heads, rows=rows)])


def _metric(claim: Document) -> str:
    window = f" {claim['window']}" if claim["metric"] == "crowding.chain" and claim["window"] else ""
    return f"{claim['metric'] or 'none'}{window}"


def _verdict(claim: Document) -> str:
    return str(claim["verdict"]) if claim["checkable"] else "not checkable"


def _value(figure: Document) -> str:
    """Write a figure; a fraction as exactly as texts give them."""
    value = figure["value"]
    if isinstance(value, bool) or not isinstance(value, int | float) or not figure["unit"].startswith("fraction"):
        return written(figure)
    return exact(value, signed=figure["unit"] == "fraction (change)" or written(figure)[0] in "+−")


def _sentences(built: Document) -> Iterator[Section]:
    by_number: dict[int, list[Document]] = {}
    for claim in built["claims"]:
        by_number.setdefault(claim["number"], []).append(claim)
    shown: dict[object, int] = {}
    for number, claims in sorted(by_number.items()):
        blocks = [block for claim in claims for block in _claim(claim, shown)]
        yield Section(
            id=f"sentence{number}", title=f"Sentence {number}: {visible(claims[0]['sentence'])}", blocks=blocks
        )


def _claim(claim: Document, shown: dict[object, int]) -> Iterator[Block]:
    """Give verdict, reason and evidence; evidence that another sentence has already is pointed at.

    Parameters
    ----------
    shown
        Sentence under which each evidence stands so far.
    """
    what = f"{claim['subject'] or 'no subject'} {_metric(claim)}" if claim["metric"] else "no metric"
    said = f"“{visible(claim['words'])}” ({_condition(claim, claim['unit'])})"
    figure = claim["measured"]
    measured = f"; measured {_value(figure)}{_dated(figure)}" if figure else ""
    yield Words(text=f"{_verdict(claim).upper()}: {what}: {said}{measured}.", tone="lead")
    if claim["reason"]:
        yield Words(text=f"{_reason(claim['reason'], shown)}.{_asked(claim)}")
    evidence = tuple(_evidence(claim))
    where = shown.setdefault(evidence, claim["number"])
    if evidence and where != claim["number"]:
        yield Words(text=f"Nearest figures and base rate: as under sentence {where}.", tone="dim")
    else:
        yield from (Words(text=text, tone="dim") for text in evidence)
    yield from (Words(text=_other(o), tone="dim") for o in claim["other_readings"])
    if claim["resolution"]:
        yield from _resolved(claim["resolution"])


def _reason(reason: str, shown: dict[object, int]) -> str:
    """Write a reason, whole the first time and then up to its colon."""
    whole = shown.setdefault(reason, 0) == 0
    shown[reason] += 1
    return capital(visible(reason if whole else reason.partition(": ")[0]))


def _evidence(claim: Document) -> Iterator[str]:
    yield from (f"Nearest: {_relative(f)}." for f in claim["nearest"])
    if claim["base_rate"]:
        yield f"{capital(_rate(claim['base_rate'], claim['unit']))}."
    if claim["followed"]:
        yield _followed(claim["followed"])


def _asked(claim: Document) -> str:
    """Name the settlements that a change would be measured between."""
    span = claim["span"]
    return f" It asks for the change from {span['base']} to {span['end']}." if span and span["base"] else ""


def _condition(found: Document, unit: str | None) -> str:
    """Write what is stated, or what a base rate counts, in the metric's unit."""
    value, comparison = found["value"], found["comparison"]
    if value is None or comparison is None:
        return "no value"
    shown = " and ".join(_number(v, unit) for v in value) if isinstance(value, list) else _number(value, unit)
    precise = found.get("tolerance") if comparison in ("=", "~") else None
    tolerance = f" ± {_number(precise, unit)}" if precise else ""
    return f"{'not ' if found['negated'] else ''}{_COMPARED[comparison]} {shown}{tolerance}"


def _number(value: float | str, unit: str | None) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return value
    if unit is not None and unit.startswith("fraction"):
        return f"{100 * value:.10g} %".replace("-", "−")
    return f"{value:,.{0 if abs(value) >= LARGE else 10}{'f' if abs(value) >= LARGE else 'g'}}".replace("-", "−")


def _dated(figure: Document) -> str:
    base = f" since {figure['base_date']}" if figure.get("base_date") else ""
    return f"{base} at {figure['at'][:10]}"


def _relative(figure: Document) -> str:
    whose = f"{figure['subject']} {figure['id']} {_value(figure)}{_dated(figure)}"
    return f"{whose} ({figure['label']})"


def _rate(found: Document, unit: str | None) -> str:
    condition = found.get("event") or _condition(found, unit or "fraction")
    over = f" over {found['reports']} reports" if "reports" in found else ""
    return f"{condition}{over}: {rate(found, _GRIDS[found['grid']])}"


def _followed(found: Document) -> str:
    parts = [
        f"{_HORIZONS[h]} later {percent(s['mean'])} on average, up in {percent(s['up'], signed=False)} of "
        f"{s['n']} (all: {percent(found['unconditional'][h]['mean'])})"
        for h, s in found["after"].items()
        if s["n"]
    ]
    case = (
        f"What followed earlier: {found['case']} ({counted(found['cases'], 'case')}, {counted(found['runs'], 'run')})"
    )
    return f"{case}: {'; '.join(parts) or 'nothing is over yet'}."


def _other(reading: Document) -> str:
    figure = reading["measured"]
    measured = f"measured {_value(figure)}{_dated(figure)}" if figure else reading["reason"]
    named = f"{reading['subject']} {reading['metric']}"
    return f"Also to be read as {named}: {reading['verdict']}; {measured}. {visible(reading['why'] or '')}".rstrip()


def _resolution(found: Document) -> str:
    return f"{found['verdict'].upper()}, as known on {found['at']}: {found['reason']}."


def _resolved(found: Document) -> Iterator[Words]:
    yield Words(text=f"Later: {_resolution(found)}", tone="lead")
    if "event" in found:
        yield Words(text=f"Event: {found['event']}.", tone="dim")
    yield from (Words(text=f"Nearest: {_relative(f)}.", tone="dim") for f in found.get("nearest", ()))


def _rest(built: Document) -> Section | None:
    rest = built["nothing_to_check"]
    words = [Words(text=f"{s['number']}. {visible(s['text'])}", tone="dim") for s in rest]
    title = "Nothing to check: no number or comparison that a metric could answer"
    return Section(id="rest", title=title, blocks=words) if words else None
