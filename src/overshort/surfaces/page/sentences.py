"""The sentences of a brief: the few that stand out come first, the others head the section that they are about.

1. Sentences of which the sign depends on weighting stand out first, the longest window before the others.
2. Then what is in no ordinary state, and what is far out in its own past, the farthest first.
3. What is ordinary follows in the order in which it is read, as far as there is room.
4. What is left stands in its own section; nothing that is claimed is left out, and evidence is printed once.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from overshort.metrics.fragile import STREAK
from overshort.metrics.refusal.states import DOWN, UP
from overshort.surfaces.claims.crowding import WEIGHTING
from overshort.surfaces.page.blocks import Section, Words
from overshort.surfaces.page.figures import Own, Owns
from overshort.surfaces.words import counted

__all__ = ["MOST", "standing_out", "told"]

Claim = Mapping[str, Any]
MOST = 8
"""How many sentences stand out where there are more."""
HOLDING = 3
"""Conditions of a fragile equilibrium that make one."""
_WINDOWS = ("12m", "ytd", "last")
_ORDINARY = frozenset({"FLAT", "no cycle low"})
_STATES = ("refusal.", "structure.", "compression.", "volatility.")
_SECTIONS = {
    "crowding": "overview",
    "refusal": "refusal",
    "probability": "covering",
    "persistence": "persistence",
    "volatility": "volatility",
    "structure": "structure",
    "compression": "structure",
    "carry": "carry",
    "breadth": "breadth",
    "fragile": "fragile",
}
"""The section that each group of claims is about."""


def told(
    claims: Sequence[Claim], owns: Owns, sections: Iterable[Section | None]
) -> tuple[Section | None, list[Section]]:
    """Part the sentences of a brief between what stands out and the sections that they are about.

    Returns
    -------
    tuple
        The section of what stands out, nothing without a claim; and the sections, each headed by sentences of its own.
        A sentence whose section is not on the page stands out.
    """
    kept = [s for s in sections if s is not None]
    there = {s.id for s in kept}
    ranked = sorted(claims, key=lambda c: _rank(c, owns))
    led = [c for k, c in enumerate(ranked) if k < MOST or _place(c) not in there]
    rest = [c for c in claims if c not in led]
    said: set[str] = set()
    first = standing_out(led, said, len(rest))
    return first, [replace(s, blocks=[*_said((c for c in rest if _place(c) == s.id), said), *s.blocks]) for s in kept]


def standing_out(claims: Sequence[Claim], said: set[str], left: int = 0) -> Section | None:
    """Give the section of what stands out; nothing without a claim.

    Parameters
    ----------
    said
        Evidence that the page has printed; what is printed here is added to it.
    left
        How many other sentences there are, each in the section that it is about.
    """
    blocks = _said(claims, said)
    if left:
        blocks.append(Words(text=f"{counted(left, 'other sentence')} in the sections below.", tone="dim"))
    return Section(id="sentences", title="What stands out", blocks=blocks) if blocks else None


def _place(claim: Claim) -> str | None:
    return _SECTIONS.get(claim["id"].partition(".")[0])


def _rank(claim: Claim, owns: Owns) -> tuple[int, float]:
    """Say how far up a sentence stands; of equal ones the order in which they are read remains."""
    id, _, subject = claim["id"].partition("/")
    if claim["verdict"] == WEIGHTING:
        return 0, _WINDOWS.index(id.rpartition("_")[2])
    if _unusual(claim, id, owns.get(subject, {})):
        return 1, 0
    rank = _value(owns.get(subject, {}), "crowding.rank_5y") if id == "crowding.level" else 50
    return (2, -abs(rank - 50)) if rank >= UP or rank <= DOWN else (3, 0)


def _value(own: Own, id: str) -> float:
    return float(own.get(id, {}).get("value") or 0)


def _unusual(claim: Claim, id: str, own: Own) -> bool:
    if id.startswith("persistence."):
        return _value(own, "persistence.month_streak") >= STREAK
    if id == "fragile.count":
        return _value(own, id) >= HOLDING
    return id.startswith(_STATES) and claim["verdict"] not in _ORDINARY


def _said(claims: Iterable[Claim], said: set[str]) -> list[Words]:
    """Write sentences with their evidence, of which each is printed once on a page."""
    words = []
    for claim in claims:
        lead = claim["verdict"] == WEIGHTING
        words.append(Words(text=claim["text"], tone="lead" if lead else "plain"))
        evidence = [] if lead else [text for text in _evidence(claim) if text not in said]
        words += [Words(text=text, tone="dim") for text in evidence]
        said.update(evidence)
    return words


def _evidence(claim: Claim) -> Iterable[str]:
    if claim["counter"]:
        yield f"Beside it: {claim['counter']}."
    if claim["falsifier"]:
        yield f"False if: {claim['falsifier']}."
