"""A book's document as a page."""

from collections.abc import Mapping
from typing import Any

from overshort.metrics import registry
from overshort.surfaces.book.document import PARTICIPATION
from overshort.surfaces.page.blocks import Block, Cell, Grid, Page, Section, Words
from overshort.surfaces.page.figures import Own, cell, name
from overshort.surfaces.words import ADVICE, SIMULATED, counted, percent

__all__ = ["layout"]

HEADS = {
    "crowding.change_last": "last report",
    "crowding.change_12m": "12 months",
    "crowding.rank_1y": "rank 1y",
    "crowding.rank_5y": "rank 5y",
    "crowding.dtc": "days to cover",
    "carry.mtm": "shorts' gain",
    "carry.cost_annual": "cost a year",
    "squeeze.score": "squeeze",
}
SIZE = [
    "",
    "shares",
    "dollars",
    "priced",
    "your days",
    f"at {PARTICIPATION:.0%}".replace("%", " %"),
    "of all shorts",
    "your gain",
]
HOW = (
    "Your days: your shares over the report's average daily volume, and over a fifth of it, which is what may be "
    "traded without moving the price much. Days to cover are the crowd's; their rank is among all listed issues of the "
    "report. Your gain is positive for longs and shorts alike, the shorts' is that of everyone short."
)
CHANCE = "Shorts drawn at random from the listed issues would have 10 % in the top decile and a mean rank of 50."


def layout(built: Mapping[str, Any]) -> Page:
    """Give the page of a book."""
    sections = [_overlap(built), _positions(built), _rejected(built)]
    count = counted(len(built["positions"]), "position")
    return Page(
        title=f"Your book against the crowd as of {built['as_of']}",
        as_of=built["as_of"],
        banner=SIMULATED if built["simulated"] else "",
        head=[Words(text=f"{count} measured, against the report of {built['settlement']}; nothing of it is stored.")],
        sections=[s for s in sections if s is not None],
        foot=[built["attribution"], ADVICE],
    )


def _overlap(built: Mapping[str, Any]) -> Section | None:
    found = built["overlap"]
    if not any(p["side"] == "short" for p in built["positions"]):
        return None
    left = (
        f" {counted(found['left_out'], 'short')} left out for want of a price or an average volume."
        if found["left_out"]
        else ""
    )
    limit = f"{found['decile_from']:.1f} or more days to cover" if found["decile_from"] is not None else "no issue"
    rows = [
        [
            name("your shorts"),
            Cell(text=percent(found["top_decile"], signed=False)),
            Cell(text=_number(found["rank"])),
            Cell(text=_number(found["rank_plain"])),
            Cell(text=f"{found['notional']:,.0f}"),
            Cell(text=str(found["n"])),
        ]
    ]
    heads = [
        "",
        "of the dollars in the top decile",
        "mean rank, by dollars",
        "mean rank, each alike",
        "dollars short",
        "positions",
    ]
    note = f"Top decile: {limit}, of {found['universe']:,} listed issues. {CHANCE}{left}"
    grid = Grid(heads=heads, rows=rows, note=note)
    return Section(id="overlap", title="Overlap: how far your shorts are the crowd's", blocks=[grid])


def _positions(built: Mapping[str, Any]) -> Section | None:
    if not built["positions"]:
        return None
    own = Grid(title="Your size", heads=SIZE, rows=[_size(p) for p in built["positions"]])
    ids = [id for id in HEADS if id in registry()]
    heads = ["", "rank of days to cover", *(HEADS[id] for id in ids)]
    crowd = Grid(title="The crowd in each", heads=heads, rows=[_crowd(p, ids) for p in built["positions"]])
    blocks: list[Block] = [own, crowd, Words(text=HOW, tone="dim")]
    return Section(id="positions", title="Positions: each against its own crowd", blocks=blocks)


def _size(position: Mapping[str, Any]) -> list[Cell]:
    dollars = "–" if position["notional"] is None else f"{position['notional']:,.0f}"
    texts = [
        f"{position['shares']:,.0f}".replace("-", "−"),
        dollars,
        position["price_at"] or {"given": "as given", "none": "no price"}[position["price_source"]],
        _days(position["own_days"]),
        _days(position["own_days_participating"]),
        percent(position["share_of_short_interest"], signed=False),
        percent(position["own_mtm"]),
    ]
    return [name(position["symbol"]), *(Cell(text=t) for t in texts)]


def _crowd(position: Mapping[str, Any], ids: list[str]) -> list[Cell]:
    figures: Own = position["figures"]
    return [name(position["symbol"]), Cell(text=_number(position["dtc_rank"])), *(cell(figures, id) for id in ids)]


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:,.1f}"


def _days(value: float | None) -> str:
    return "–" if value is None else "< 0.01" if value < 0.01 else f"{value:,.2f}"


def _rejected(built: Mapping[str, Any]) -> Section | None:
    rows = [[name(f"row {r['row']}"), Cell(text=r["symbol"]), Cell(text=r["reason"])] for r in built["rejected"]]
    if not rows:
        return None
    return Section(id="rejected", title="Not taken", blocks=[Grid(heads=["", "symbol", "why"], rows=rows)])
