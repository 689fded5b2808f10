"""One traded proxy on a page of its own."""

from collections.abc import Mapping
from typing import Any

from overshort.surfaces.page.blocks import Block, Page, Section, Words
from overshort.surfaces.page.figures import has_value, owns_of
from overshort.surfaces.page.structure import HOW, blocks_of, now
from overshort.surfaces.words import ADVICE, SIMULATED, subject_name

__all__ = ["chart"]


def chart(built: Mapping[str, Any], subject: str) -> Page | None:
    """Give the page of one proxy's chart; nothing where it has none."""
    own = owns_of(built["figures"]).get(subject, {})
    if not has_value(own, "structure."):
        return None
    said = [c["text"] for c in built["claims"] if c["id"].endswith(f"/{subject}")]
    blocks: list[Block] = [
        *(Words(text=text) for text in said),
        now({subject: own}),
        *blocks_of(subject, own),
        Words(text=HOW, tone="dim"),
    ]
    return Page(
        title=f"overshort {built['version']}: {subject_name(subject)}, as of {built['as_of']}",
        as_of=built["as_of"],
        banner=SIMULATED if built["simulated"] else "",
        head=[],
        sections=[Section(id="chart", title=subject, blocks=blocks)],
        foot=[ADVICE],
    )
