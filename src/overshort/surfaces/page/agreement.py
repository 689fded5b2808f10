"""Whether a commentary's own numbers agree with each other, and with the rows between their bases."""

from collections.abc import Mapping, Sequence
from typing import Any

from overshort.surfaces.page.blocks import Block, Section, Words
from overshort.surfaces.page.quoting import exact, visible
from overshort.surfaces.words import percent

__all__ = ["agreement"]

Document = Mapping[str, Any]


def agreement(built: Document) -> Section | None:
    """Give the section; nothing where no two numbers of the text have to do with each other."""
    found = [*built["inconsistencies"], *built["implied"]]
    if not found:
        return None
    blocks: list[Block] = []
    for pair in found:
        blocks += _words_clash(pair, built) if pair["kind"] == "words" else _bases(pair, built)
    return Section(id="agreement", title="Whether its own numbers agree", blocks=blocks)


def _quoted(pair: Document, built: Document) -> str:
    """Quote the statements of a pair with the numbers of their sentences."""
    claims = [built["claims"][k] for k in pair["statements"]]
    return " and ".join(f"“{visible(c['words'])}” (sentence {c['number']})" for c in claims)


def _words_clash(pair: Document, built: Document) -> list[Block]:
    return [Words(text=f"INCONSISTENT: {pair['subject']}: {_quoted(pair, built)}: {pair['why']}.", tone="lead")]


def _bases(pair: Document, built: Document) -> list[Block]:
    moved = f"{percent(pair['implied'])} ({exact(pair['low'])} to {exact(pair['high'])} with rounding)"
    measured = "not in the store" if pair["measured"] is None else exact(pair["measured"])
    text = (
        f"{pair['verdict'].upper()}: {pair['subject']}: {_quoted(pair, built)} imply {moved} from {pair['from']} to "
        f"{pair['to']}; {_rows(pair)} for the same two dates: {measured}."
    )
    blocks: list[Block] = [Words(text=text, tone="lead" if pair["verdict"] == "inconsistent" else "plain")]
    if pair.get("range"):
        blocks.append(Words(text=_range(pair["range"]), tone="dim"))
    if "instead" in pair:
        blocks.append(Words(text=_instead(pair), tone="dim"))
    if "units" in pair:
        blocks.append(Words(text=_reconciled(pair), tone="dim"))
    return blocks


def _rows(pair: Document) -> str:
    return "FINRA's rows" if pair["table"] == "short_interest" else "the closes here"


def _range(found: Document) -> str:
    return (
        f"Over {found['reports']} reports the chain has moved by {percent(found['low'])} to {percent(found['high'])} "
        f"({found['n']} overlapping windows since {found['from']})."
    )


def _reconciled(pair: Document) -> str:
    tried: Sequence[Document] = [*pair["units"], *pair["bases"]]
    if pair["reconciled_by"]:
        return f"What would reconcile them: {'; '.join(pair['reconciled_by'])}."
    units = "; ".join(f"{t['what']} {exact(t['moved'])}" for t in pair["units"])
    nearest = min(tried, key=lambda t: abs(t["moved"] - pair["implied"]), default=None)
    near = f" The nearest is {exact(nearest['moved'])}: {nearest['what']}." if nearest else ""
    return f"No unit or base tried here reconciles them: {units}; nor another report as either base.{near}"


def _instead(pair: Document) -> str:
    longer, shorter = pair["windows"]
    if_short, if_long = pair["instead"]
    return (
        f"With {_rows(pair)} between the two bases, the number for {shorter} would make {percent(if_short)} for "
        f"{longer}, and the number for {longer} would make {percent(if_long)} for {shorter}."
    )
