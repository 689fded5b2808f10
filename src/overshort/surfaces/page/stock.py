"""A single stock: where its short interest stands, and every figure of it that no other section shows."""

from overshort.surfaces.page.blocks import Block, Cell, Grid, Picture, Section, Words
from overshort.surfaces.page.crowding import provenance
from overshort.surfaces.page.figures import Own, cell, has_value, name
from overshort.surfaces.page.pressure import CARRY

__all__ = ["carry", "crowding", "glance", "others"]

GLANCE = {
    "crowding.change_last": "last report",
    "crowding.change_ytd": "year to date",
    "crowding.change_12m": "12 months",
    "crowding.naive_change_12m": "raw columns, 12 months",
    "crowding.rank_1y": "rank 1y",
    "crowding.rank_5y": "rank 5y",
    "crowding.dtc": "days to cover",
}
LEVELS = {
    "crowding.shares": "shares short",
    "crowding.notional": "dollars short",
    "crowding.equal_weighted": "share of the company short",
    "crowding.since": "last trough (no setback over 10 % since)",
    "crowding.rank_5y_detrended": "rank 5y off trend",
    "crowding.sii": "short-interest index (s.d.)",
}
HOW = (
    "New shorts of every report enter at the price of their cycle, covers reduce at average cost; a loss is negative. "
    "Where no borrow fee is known, so is no pressure: what stands beside it leaves the fee out."
)
OF_MANY = ("crowding.", "tape.")
"""Groups of which a stock's other figures say nothing that is not shown: it is an index of one."""


def glance(symbol: str, own: Own) -> Section | None:
    """Give the stock in one row; nothing without a report."""
    if "crowding.chain" not in own:
        return None
    rows = [[name(f"{symbol}, {own['crowding.chain']['at']}"), *(cell(own, id, naive="naive" in id) for id in GLANCE)]]
    note = "Changes are split-clean; beside that of 12 months, what the raw columns would have said."
    grid = Grid(heads=["", *GLANCE.values()], rows=rows, note=note)
    return Section(id="overview", title="At a glance", blocks=[grid])


def crowding(symbol: str, own: Own) -> Section | None:
    """Give the stock's crowding with its pictures; nothing without a report."""
    if not has_value(own, "crowding.chain"):
        return None
    caption = f"Short interest of {symbol}, split-clean, with its 1- and 5-year range"
    ranked = f"Where the short interest of {symbol} stood among the reports of 1 and of 5 years before, in percent"
    blocks: list[Block] = [
        Words(text=f"{provenance(own['crowding.chain'])}.", tone="dim"),
        Picture(name="chain", subject=symbol, caption=caption),
        Picture(name="ranks", subject=symbol, caption=ranked),
    ]
    rows = [[name(words), cell(own, id)] for id, words in LEVELS.items() if has_value(own, id)]
    if rows:
        blocks.append(Grid(title="Levels", heads=["", "at the newest report"], rows=rows))
    return Section(id=f"crowding-{symbol}", title="Crowding", blocks=blocks)


def carry(own: Own) -> Section | None:
    """Give what the stock's shorts have gained or lost; nothing without a mark."""
    if not has_value(own, "carry.mtm"):
        return None
    ids = [id for id in CARRY if id != "carry.mtm_median"]
    row = [name(own["carry.mtm"]["at"]), *(cell(own, id) for id in ids)]
    blocks: list[Block] = [Grid(heads=["", *(CARRY[id] for id in ids)], rows=[row]), Words(text=HOW, tone="dim")]
    return Section(id="carry", title="Carry: what waiting costs the shorts", blocks=blocks)


def others(own: Own) -> Section | None:
    """Give every other figure that has a value, by its id; nothing where there is none."""
    left = [id for id, f in own.items() if f["value"] is not None and id not in CARRY and not id.startswith(OF_MANY)]
    if not left:
        return None
    rows = [[name(id), cell(own, id), Cell(text=own[id]["at"])] for id in sorted(left)]
    return Section(id="others", title="Other figures", blocks=[Grid(heads=["", "value", "at"], rows=rows)], detail=True)
