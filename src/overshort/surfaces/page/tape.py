"""The option tape on a page of other things: what was bought in the newest session whose tape is whole."""

from collections.abc import Mapping
from datetime import date

import polars as pl

from overshort import sessions
from overshort.engine.figures import Figure
from overshort.metrics.tape import RIGHTS
from overshort.metrics.tape.bought import prefix, rest
from overshort.metrics.tape.minutes import FLOWS, flow
from overshort.surfaces.page.blocks import Block, Grid, Picture, Plot, Section, Words
from overshort.surfaces.page.figures import Own, Owns, cell, has_value, name
from overshort.surfaces.words import counted, written

__all__ = ["BAND", "BOUGHT", "bought_ids", "plot", "section", "sentence"]

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
    "Auctions and crosses of a single leg are counted as single-leg. Signed by the quote rule, which is wrong for part "
    "of the trades: what was truly bought lies between least and most if it is right for 76 to 90 % of the premium it "
    "signs. Trades between the quotes are not signed."
)


def bought_ids(right: str) -> list[str]:
    """Give the ids of what was bought of a right, in the order of :data:`BOUGHT`."""
    base, others = prefix(right), rest(right)
    auction = "auction_share" if right == "call" else "bought_puts_auction_share"
    band = (f"signed_{right}s", f"{others}_low", f"{others}_high")
    return [
        f"tape.{n}" for n in (base, f"{base}_a", f"{base}_aa", f"{others}_share", auction, *band, f"{others}_rank_60d")
    ]


def plot(subject: str, session: date, figures: Mapping[str, Figure], minutes: pl.DataFrame) -> Plot:
    """Give the picture of a session: premium bought and sold so far, minute by minute, and what was truly bought."""
    wall = minutes["at"].dt.convert_time_zone(str(sessions.NEW_YORK)).dt.to_string("%Y-%m-%d %H:%M")
    ends = {r: [figures[f"tape.{rest(r)}_{end}"].value for end in ("low", "high")] for r in RIGHTS}
    numbers = {
        "subject": subject,
        "session": session.isoformat(),
        "minutes": wall.to_list(),
        "flows": {r: {name: minutes[flow(r, name)].to_list() for name in FLOWS} for r in RIGHTS},
        "truly": ends,
    }
    caption = (
        "Single-leg premium in USD since the session began, New York time: bought at the ask or above, sold at the bid "
        "or below; the bar at the end is what was truly bought if the quote rule is right for 76 to 90 %"
    )
    return Plot(name="tape", numbers=numbers, caption=caption)


def section(owns: Owns) -> Section | None:
    """Give the section; nothing where no subject has a tape with quotes."""
    blocks = [block for s, own in owns.items() if has_value(own, "tape.bought") for block in _blocks(s, own)]
    if not blocks:
        return None
    return Section(id="tape", title="Tape: option premium bought", blocks=[*blocks, Words(text=BAND, tone="dim")])


def _blocks(subject: str, own: Own) -> list[Block]:
    rows = [[name(f"{right}s"), *(cell(own, id) for id in bought_ids(right))] for right in RIGHTS]
    title = f"Options of {subject}, session {own['tape.trades']['at']}, single-leg premium in USD"
    caption = (
        f"Single-leg premium of {subject} options by session: bought at the ask or above, and what was truly bought if "
        "the quote rule is right for 76 to 90 %; of one session alone, all sides"
    )
    picture = Picture(name="tape", subject=subject, caption=caption)
    return [Words(text=sentence(subject, own)), picture, Grid(title=title, heads=["", *BOUGHT.values()], rows=rows)]


def sentence(subject: str, own: Own) -> str:
    """Say what was bought of calls, its share and rank, how wrong that may be, and where the VIX itself stood."""
    bought = own["tape.bought_calls"]
    parts = [
        f"Calls on {subject} for {written(bought)} USD were bought in the session of {bought['at']}, in single-leg "
        f"trades at the ask or above: {_said(own, 'tape.bought_share')} of all call premium, {_rank(own)}",
        f"truly {_said(own, 'tape.bought_low')} to {_said(own, 'tape.bought_high')} USD if the quote rule is right for "
        "76 to 90 %",
        f"two other rules sign {_said(own, 'tape.disagreement_calls')} of the premium in opposite ways",
    ]
    return "; ".join([*parts, *_spot(own)]) + "."


def _said(own: Own, id: str) -> str:
    return written(own[id]) if id in own and own[id]["value"] is not None else "an unknown part"


def _rank(own: Own) -> str:
    rank = own.get("tape.bought_rank_60d", {})
    if rank.get("value") is None:
        return f"no rank: {counted(int(rank.get('n') or 0), 'earlier session')}"
    return f"rank {written(rank)} of the {counted(int(rank['n']), 'earlier session')}"


def _spot(own: Own) -> list[str]:
    """Give the VIX beside its options, where its close of the same session is known: another day's says nothing."""
    close, low = own.get("volatility.close", {}), own.get("volatility.cycle_low", {})
    if close.get("value") is None or close["at"] != own["tape.bought_calls"]["at"]:
        return []
    state = "" if low.get("value") is None else f", low in year and cycle: {written(low)}"
    return [f"the VIX closed at {written(close)} on {close['at']}{state}"]
