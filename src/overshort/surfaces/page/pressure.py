"""Carry, breadth, and the four conditions of a fragile equilibrium."""

from overshort.surfaces.page.blocks import Block, Cell, Grid, Section, Words
from overshort.surfaces.page.figures import Own, Owns, cell, has_value, name
from overshort.surfaces.words import percent

__all__ = ["breadth", "carry", "fragile"]

CARRY = {
    "carry.mtm": "shorts' gain",
    "carry.mtm_median": "median",
    "carry.entry": "entry, USD",
    "carry.underwater_days": "days under water",
    "carry.cost_annual": "cost a year",
    "carry.pressure": "pressure",
    "carry.pressure_price": "without fee",
}
BREADTH = {
    "breadth.green": "members up",
    "breadth.green_cap": "by market value",
    "breadth.green_best_of": "sessions beaten",
    "breadth.quiet": "volume, rank of 60",
}
FRAGILE = {
    "fragile.count": "conditions that hold",
    "fragile.refusal": "refusal",
    "fragile.acceptance": "acceptance",
    "fragile.cheap_volatility": "cheap volatility",
    "fragile.persistence": "persistent momentum",
}


def _as_of(subject: str, own: Own, id: str) -> Cell:
    return name(f"{subject}, {own[id]['at']}")


def _members(own: Own, id: str) -> Cell:
    """Say how many members a figure rests on; nothing of a fund, which has none."""
    n, coverage = own[id].get("n"), own[id].get("coverage")
    return name("" if coverage is None or n in (None, 1) else f"{n:,} ({percent(coverage, signed=False)})")


def carry(owns: Owns) -> Section | None:
    """Give what waiting has cost the shorts; nothing where no subject has an entry price."""
    shown = {s: own for s, own in owns.items() if has_value(own, "carry.mtm")}
    if not shown:
        return None
    mark = "carry.mtm"
    rows = [[_as_of(s, o, mark), *(cell(o, id) for id in CARRY), _members(o, mark)] for s, o in shown.items()]
    how = (
        "New shorts of every report enter at the price of their cycle, covers reduce at average cost; a loss is "
        "negative, and the median is that of the members. An index is made of its members' shorts; the fund's own "
        "shorts stand beside them and are never mixed with them. Where no borrow fee is known, so is no pressure: what "
        "stands beside it leaves the fee out."
    )
    grid = Grid(heads=["", *CARRY.values(), "members"], rows=rows)
    blocks: list[Block] = [grid, Words(text=how, tone="dim")]
    return Section(id="carry", title="Carry: what waiting costs the shorts", blocks=blocks)


def breadth(owns: Owns) -> Section | None:
    """Give how broad the newest session was; nothing where no index has members with closes."""
    shown = {s: own for s, own in owns.items() if has_value(own, "breadth.green")}
    if not shown:
        return None
    share = "breadth.green"
    rows = [[_as_of(s, o, share), *(cell(o, id) for id in BREADTH), _members(o, share)] for s, o in shown.items()]
    grid = Grid(heads=["", *BREADTH.values(), "members with closes"], rows=rows)
    return Section(id="breadth", title="Breadth: how many members rose", blocks=[grid])


def fragile(owns: Owns) -> Section | None:
    """Give which of the four conditions hold; nothing where none is known."""
    shown = {s: own for s, own in owns.items() if has_value(own, "fragile.")}
    if not shown:
        return None
    rows = [[name(s), *(cell(own, id, extra=_known(own, id)) for id in FRAGILE)] for s, own in shown.items()]
    how = (
        "A fragile equilibrium is refusal over 12 months, acceptance or upward balance of the fund's price, a VIX in "
        "the lowest fifth of its year, and five or more rising months; a dash is a condition that is not known."
    )
    blocks: list[Block] = [Grid(heads=["", *FRAGILE.values()], rows=rows), Words(text=how, tone="dim")]
    return Section(id="fragile", title="Fragile equilibrium: how many of four conditions hold", blocks=blocks)


def _known(own: Own, id: str) -> str:
    """Say out of how many known conditions those are that hold."""
    count = own.get(id, {})
    return f" of {count['n']}" if id == "fragile.count" and count.get("value") is not None else ""
