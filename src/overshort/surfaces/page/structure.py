"""Structure and compression: a price panel for every traded proxy, its verdict, and where price stands in it."""

from collections.abc import Iterator, Mapping
from typing import Any

from overshort.surfaces.page.blocks import Block, Grid, Picture, Section, Words
from overshort.surfaces.page.figures import Own, Owns, cell, has_value, name

__all__ = ["HOW", "blocks_of", "now", "section"]

BARS = "price.close_4h"
"""There where a proxy has four-hour bars."""
NOW = {
    "structure.verdict": "verdict",
    "structure.envelope_4h": "envelope",
    "structure.ema_stack_4h": "EMA stack",
    "structure.pullback_holds": "pullbacks hold",
    "compression.state": "compression",
    "compression.trigger_range": "range trigger",
    "compression.below_trigger": "just below",
    "compression.ttm": "squeeze",
}
DAILY = {
    "structure.ema_stack_4h": "structure.ema_stack_1d",
    "compression.state": "compression.state_1d",
    "compression.below_trigger": "compression.below_trigger_1d",
    "compression.ttm": "compression.ttm_1d",
}
"""What stands in the row of a proxy without four-hour bars."""
CHARTS = {"4h": "4 hours", "1d": "daily"}
INSIDE = {
    "structure.u_bb_{}": "in the Bollinger bands (−1 lower, 1 upper)",
    "structure.u_kc_{}": "in the Keltner channel",
    "structure.ema_stack_{}": "EMAs in order",
    "structure.ema_supportive_{}": "EMAs supportive",
}
OTHERS = {
    "compression.state_user": "state, against the user's trigger",
    "compression.below_trigger_user": "just below the user's trigger",
    "compression.state_gamma": "state, against the gamma trigger",
    "compression.below_trigger_gamma": "just below the gamma trigger",
}
"""Shown where their trigger has a value."""
COMPRESSED = {
    "compression.state": "state",
    "compression.width_rank": "width of the bands, rank of 120",
    "compression.lower_band_slope": "slope of the lower band, ATR a bar",
    "compression.lower_band_t": "its t",
    "compression.ttm": "squeeze",
}
LEVELS = {
    "structure.vah": "value area high",
    "structure.poc": "point of control",
    "structure.val": "value area low",
    "compression.trigger_range": "trigger (highest close of 20 sessions)",
    "compression.trigger_user": "trigger (given by the user)",
    "compression.trigger_gamma": "trigger (dealers' gamma 0, by assumption)",
}
HOW = (
    "The risk trigger of commentary is proprietary; the one here is the highest close of the 20 sessions before, a "
    "named substitute. Two others stand beside it where there are any: a level of your own, and the price at which "
    "dealers' gamma from open interest would be 0 if they held the calls and had sold the puts. Four-hour bars are of "
    "regular hours, 09:30 to 13:30 and 13:30 to 16:00 New York; a bar of which minutes are missing counts for nothing."
)


def section(owns: Owns) -> Section | None:
    """Give the section; nothing where no proxy has a chart."""
    shown = {s: own for s, own in owns.items() if has_value(own, "structure.")}
    if not shown:
        return None
    blocks: list[Block] = [now(shown), Words(text=HOW, tone="dim")]
    for subject, own in shown.items():
        blocks += blocks_of(subject, own)
    return Section(id="structure", title="Structure: does price accept higher levels?", blocks=blocks)


def now(shown: Owns) -> Grid:
    """Give each proxy's newest four-hour bar in a row, or its newest daily one where it has none."""
    rows = [
        [name(_bar(s, own)), *(cell(own, id, extra=_other_day(own, id)) for id in _ids(own))]
        for s, own in shown.items()
    ]
    return Grid(heads=["", *NOW.values()], rows=rows)


def _bar(subject: str, own: Own) -> str:
    """Name a proxy with the session of the bar that its row is about."""
    if BARS in own:
        return f"{subject}, {own[BARS]['at'][:10]}"
    days = [f["at"] for id, f in own.items() if id.endswith("_1d")]
    return f"{subject}, {max(days)}, daily" if days else subject


def _other_day(own: Own, id: str) -> str:
    """Say of which session a figure is that is newer or older than its row's four-hour bar."""
    figure = own.get(id, {})
    if BARS not in own or figure.get("value") is None or figure["at"][:10] == own[BARS]["at"][:10]:
        return ""
    return f" ({figure['at'][:10]})"


def _ids(own: Own) -> list[str]:
    return [id if BARS in own else DAILY.get(id, id) for id in NOW]


def blocks_of(subject: str, own: Own) -> Iterator[Block]:
    """Give one proxy's price panel and the tables beneath it; of what has no value nothing."""
    if BARS in own:
        caption = (
            f"{subject}: 4-hour candles, Bollinger and Keltner envelopes, EMAs, the value area of the week before, "
            "triggers"
        )
        yield Picture(name="price", subject=subject, caption=caption)
    charts = [c for c in CHARTS if has_value(own, tuple(id.format(c) for id in INSIDE))]
    rows = [[name(words), *(cell(own, id.format(c)) for c in charts)] for id, words in INSIDE.items()]
    measured = COMPRESSED | {i: w for i, w in OTHERS.items() if has_value(own, tuple(_suffixed(i, c) for c in charts))}
    rows += [[name(words), *(cell(own, _suffixed(id, c)) for c in charts)] for id, words in measured.items()]
    if charts:
        heads = ["", *(CHARTS[c] for c in charts)]
        yield Grid(title=f"{subject} in its bands", heads=heads, rows=rows, detail=True)
    levels = [[name(words), cell(own, id, extra=_of(own[id]))] for id, words in LEVELS.items() if has_value(own, id)]
    if levels:
        yield Grid(title=f"{subject} levels, USD", heads=["", "level"], rows=levels, detail=True)


def _suffixed(id: str, chart: str) -> str:
    return id if chart == "4h" else f"{id}_{chart}"


def _of(figure: Mapping[str, Any]) -> str:
    """Say of which week or session a level is, or since which day it is given."""
    since = {"compression.trigger_user": "given for", "compression.trigger_gamma": "chain of"}
    if "base_date" not in figure:
        return f" ({figure['price_source'] if figure['id'] == 'compression.trigger_user' else figure['at']})"
    return f" ({since.get(figure['id'], 'week from')} {figure['base_date']})"
