"""All subjects side by side."""

from overshort.surfaces.page.blocks import Grid, Section
from overshort.surfaces.page.figures import Own, Owns, cell, name

__all__ = ["overview"]

COLUMNS = {
    "crowding.change_last": "last report",
    "crowding.change_ytd": "year to date",
    "crowding.change_12m": "12 months",
    "crowding.naive_change_12m": "raw columns, 12 months",
    "crowding.rank_1y": "rank 1y",
    "crowding.rank_5y": "rank 5y",
    "crowding.dtc": "days to cover",
    "crowding.breadth": "rising",
    "refusal.state_3m": "state 3m",
    "refusal.state_12m": "state 12m",
}
TITLE = "Side by side"
NOTE = "Changes of the split-clean chain; beside that of 12 months, what the raw columns would have said."


def _dated(subject: str, own: Own) -> str:
    """Name a subject with the settlement that its row is about."""
    return f"{subject}, {own['crowding.chain']['at']}" if "crowding.chain" in own else subject


def overview(owns: Owns, title: str = TITLE) -> Section | None:
    """Give the table of all indices and exchanges; nothing where none has any of these figures."""
    shown = {s: own for s, own in owns.items() if any(own.get(id, {}).get("value") is not None for id in COLUMNS)}
    if not shown:
        return None
    rows = [
        [name(_dated(s, own) if title != TITLE else s), *(cell(own, id, naive="naive" in id) for id in COLUMNS)]
        for s, own in shown.items()
    ]
    return Section(id="overview", title=title, blocks=[Grid(heads=["", *COLUMNS.values()], rows=rows, note=NOTE)])
