"""What could not be measured: one line a cause, and what would have to be imported."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from overshort.engine.panel import KINDS
from overshort.surfaces.page.blocks import Section, Words

__all__ = ["IMPORTS", "not_measured"]

IMPORTS = {
    "short_interest": "FINRA's consolidated short-interest files",
    "totals": "the exchange's announced totals",
    "splits": "a table of split ratios",
    "bars": "daily bars of SPY, QQQ and IWM (intraday ones for four-hour figures), and unadjusted ones of the members",
    "levels": "daily closes of ^GSPC and of the VIX",
    "membership": "lists of index members",
    "shares": "shares outstanding",
    "borrow": "a broker's borrow fees and rebates",
    "flows": "FINRA's daily short-sale volume and the SEC's fails to deliver",
    "option_trades": "a day's option trades with their quotes",
    "option_quotes": "a day's option quotes of the vendor of the trades",
    "option_chain": "whole option chains with open interest and gamma",
}
OF_A_STOCK = "its daily bars, unadjusted"
"""The bars that a stock's figures lack: it is an index whose one member it is."""
OWN_LEVELS = "a file of your own levels (kind `overshort.triggers`)"
SHOWN = 3


def not_measured(missing: Iterable[Mapping[str, Any]]) -> Section | None:
    """Give the section; nothing where no import would help: a streak that is not running is null and not missing."""
    grouped: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for row in (r for r in missing if r["needs"] is not None):
        grouped[row["needs"], row["reason"], _lacking(row)].add(f"{row['subject']} {row['id']}")
    blocks = [_line(sorted(ids), reason, lacking) for (_, reason, lacking), ids in sorted(grouped.items())]
    return Section(id="missing", title="Not measured", blocks=blocks) if blocks else None


def _lacking(row: Mapping[str, Any]) -> str:
    """Say what to import for a figure; nothing where its table is none that is imported."""
    if row["needs"] == "bars" and row["subject"] not in KINDS:
        return OF_A_STOCK
    if row["needs"] == "levels" and "given by the user" in row["reason"]:
        return OWN_LEVELS
    return IMPORTS.get(row["needs"], "")


def _line(ids: list[str], reason: str, lacking: str) -> Words:
    more = f" and {len(ids) - SHOWN} more" if len(ids) > SHOWN else ""
    older = ", earlier ones too" if "too little history" in reason else ""
    fix = f" Import {lacking}{older}." if lacking else ""
    return Words(text=f"{', '.join(ids[:SHOWN])}{more}: {reason}.{fix}")
