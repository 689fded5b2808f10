"""A thesis as of a day: verdict, claims, figures, base rates, what would make it false, what speaks against it."""

from collections.abc import Iterator, Mapping
from typing import Any

from overshort.surfaces.page.blocks import Block, Cell, Grid, Page, Section, Words
from overshort.surfaces.words import ADVICE, ATTRIBUTION, SIMULATED, counted, percent, subject_name, written

__all__ = ["contents", "rate"]

Reading = Mapping[str, Any]


def rate(found: Mapping[str, Any], what: str = "session") -> str:
    """Say how often a condition held, in how many separate runs, and when last."""
    if not found["n"]:
        return f"base rate: not known at any {what} so far"
    last = f", last on {found['last_true']}" if found["last_true"] else ""
    return (
        f"base rate: {percent(found['share'], signed=False)} of {found['n']:,} {what}s since {found['from']}, "
        f"in {counted(found['runs'], 'separate run')}{last}"
    )


def contents(built: Reading) -> Page:
    """Give the page of a thesis document."""
    name = subject_name(built["subject"])
    return Page(
        title=f"{built['title']}: {name}, as of {built['as_of']}",
        as_of=built["as_of"],
        banner=SIMULATED if built["simulated"] else "",
        head=list(_head(built)),
        sections=[
            *(
                Section(id=f"claim{k}", title=c["text"], blocks=list(_claim(c)))
                for k, c in enumerate(built["claims"], 1)
            ),
            *_history(built),
        ],
        foot=[ATTRIBUTION, ADVICE],
    )


def _head(built: Reading) -> Iterator[Words]:
    of = len(built["claims"])
    held = sum(c["verdict"] == "holds" for c in built["claims"])
    yield Words(
        text=f"{built['verdict'].upper()} at the close of {built['session']}: {held} of {of} claims hold, "
        f"{built['need']} must; what was published after that close is left out.",
        tone="lead",
    )
    yield Words(text=built["text"])
    yield Words(text=f"{rate(built['base_rate'])} (sessions at which every claim is known).", tone="dim")
    yield Words(text=f"False if: {built['falsifier']} (horizon {built['horizon']}).", tone="dim")
    yield Words(text=f"Against it: {built['counter']}.", tone="dim")


def _claim(claim: Reading) -> Iterator[Block]:
    figure = claim["figure"]
    value = "no figure" if figure is None else f"{written(figure)} at {figure['at']}"
    window = f", change over {claim['window']}" if claim["window"] else ""
    yield Words(
        text=f"{claim['verdict'].upper()}: {claim['subject']} {claim['metric']}{window} {_condition(claim)}; "
        f"measured {value}.",
        tone="lead" if claim["verdict"] == "holds" else "plain",
    )
    if claim["lacking"]:
        yield Words(text=f"Not known: {claim['lacking']}.")
    yield Words(text=f"{rate(claim['base_rate'])}.", tone="dim")
    yield Words(text=f"False if: {claim['falsifier']}.", tone="dim")
    if claim["counter"]:
        yield Words(text=f"Against it: {claim['counter']}.", tone="dim")


def _condition(claim: Reading) -> str:
    value = claim["value"]
    if isinstance(value, list):
        return f"between {value[0]:g} and {value[1]:g}"
    return f"{claim['comparison']} {value if isinstance(value, bool | str) else f'{value:g}'}"


def _history(built: Reading) -> Iterator[Section]:
    if "history" not in built:
        return
    rows = [[Cell(text=r["from"]), Cell(text=r["to"]), Cell(text=f"{r['dates']:,}")] for r in built["history"]]
    grid = Grid(heads=["from", "to", "sessions"], rows=rows, note="" if rows else "It never held.")
    yield Section(id="history", title="When it held", blocks=[grid])
