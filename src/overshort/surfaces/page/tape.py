"""The option tape on a page of other things: what was bought in the newest session whose tape is whole."""

from overshort.metrics.tape import RIGHTS
from overshort.surfaces.page.blocks import Block, Grid, Section, Words
from overshort.surfaces.page.figures import Own, Owns, cell, has_value, name

__all__ = ["BAND", "BOUGHT", "bought_ids", "section"]

BOUGHT = {
    "bought": "at ask or above",
    "a": "at ask",
    "aa": "above ask",
    "share": "of all premium",
    "auction": "in auctions",
    "signed": "signed, T",
    "low": "truly, least",
    "high": "truly, most",
    "rank": "rank 60 sessions",
}
BAND = (
    "Signed by the quote rule, which is wrong for part of the trades: what was truly bought lies between least and "
    "most if it is right for 76 to 90 % of the premium that it signs. Trades between the quotes are not signed."
)


def bought_ids(right: str) -> list[str]:
    """Give the ids of what was bought of a right, in the order of :data:`BOUGHT`."""
    base, rest = f"bought_{right}s", "bought" if right == "call" else "bought_puts"
    auction = "auction_share" if right == "call" else "bought_puts_auction_share"
    band = (f"signed_{right}s", f"{rest}_low", f"{rest}_high")
    return [f"tape.{n}" for n in (base, f"{base}_a", f"{base}_aa", f"{rest}_share", auction, *band, f"{rest}_rank_60d")]


def section(owns: Owns) -> Section | None:
    """Give the section; nothing where no subject has a tape with quotes."""
    blocks = [block for s, own in owns.items() if has_value(own, "tape.bought") for block in _blocks(s, own)]
    if not blocks:
        return None
    return Section(id="tape", title="Tape: option premium bought", blocks=[*blocks, Words(text=BAND, tone="dim")])


def _blocks(subject: str, own: Own) -> list[Block]:
    rows = [[name(f"{right}s"), *(cell(own, id) for id in bought_ids(right))] for right in RIGHTS]
    title = f"Options of {subject}, session {own['tape.trades']['at']}, single-leg premium in USD"
    return [Grid(title=title, heads=["", *BOUGHT.values()], rows=rows)]
