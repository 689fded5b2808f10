"""Volatility: where the VIX stands in its year, its history and its cycle."""

from collections.abc import Iterable, Mapping
from typing import Any

from overshort.surfaces.page.blocks import Block, Grid, Picture, Section, Words
from overshort.surfaces.page.figures import Owns, cell, has_value, name
from overshort.surfaces.words import counted, percent

__all__ = ["section"]

COLUMNS = {
    "volatility.close": "close",
    "volatility.rank_1y": "rank 1y",
    "volatility.rank_all": "rank, all history",
    "volatility.cycle_low": "low in year and cycle",
    "volatility.cycle_low_ratio": "over cycle low",
    "volatility.cycle_low_since": "cycle since",
    "volatility.cycle_low_days": "days",
}


def section(owns: Owns, studies: Iterable[Mapping[str, Any]]) -> Section | None:
    """Give the section; nothing where there is no VIX."""
    own = owns.get("VIX", {})
    if not has_value(own, "volatility."):
        return None
    at = own["volatility.close"]["at"]
    rows = [[name(f"VIX, {at}"), *(cell(own, id) for id in COLUMNS)]]
    blocks: list[Block] = [
        Picture(name="vix", subject="VIX", caption="The VIX, its 1-year range, and the start and low of its cycle"),
        Grid(heads=["", *COLUMNS.values()], rows=rows),
    ]
    for study in (s for s in studies if s["id"] == "volatility.cycle_low"):
        share = percent(study["share"], signed=False)
        text = (
            f"Low both in its year and in its cycle at {share} of {study['sessions']:,} sessions since "
            f"{study['from']}, in {counted(study['runs'], 'separate run')}."
        )
        blocks.append(Words(text=text))
    return Section(id="volatility", title="Volatility: is it cheap?", blocks=blocks)
