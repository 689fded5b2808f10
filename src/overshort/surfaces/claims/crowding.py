"""Sentences of the brief as claim objects: each carries the figures it was written from."""

from collections.abc import Iterable
from typing import Any

from overshort.engine.figures import Figure, select
from overshort.surfaces.words import WINDOWS, in_order, number, subject_name

__all__ = ["AGGREGATIONS", "WEIGHTING", "claims", "disagreement"]

AGGREGATIONS = {
    "change": "split-clean chain",
    "ex_largest_change": "chain without its largest contributor",
    "median_change": "median member",
    "sum_change": "plain sum of shares",
    "naive_change": "the raw columns as they stand",
}
WEIGHTING = "depends on weighting"


def _sign(figure: Figure) -> int:
    return (figure.value > 0) - (figure.value < 0) if isinstance(figure.value, int | float) else 0


def _aggregations(own: dict[str, Figure], window: str) -> list[tuple[str, Figure]]:
    pairs = ((words, own.get(f"crowding.{name}_{window}")) for name, words in AGGREGATIONS.items())
    return [(words, f) for words, f in pairs if f is not None and f.value is not None]


def disagreement(own: dict[str, Figure], window: str) -> list[tuple[str, Figure]]:
    """Give the aggregations of a window when they differ in sign, else nothing."""
    found = _aggregations(own, window)
    signs = {_sign(f) for _, f in found} - {0}
    return found if len(signs) > 1 else []


def _weighting(subject: str, own: dict[str, Figure], window: str) -> dict[str, Any] | None:
    found = disagreement(own, window)
    if not found:
        return None
    parts = ", ".join(f"{words} {number(f)}" for words, f in found)
    head = found[0][1]
    return {
        "id": f"crowding.weighting_{window}/{subject}",
        "text": (
            f"Short interest of {subject_name(subject)} {WINDOWS[window]} (base {head.base_date}) {WEIGHTING}: {parts}."
        ),
        "figures": [f.key for _, f in found],
        "verdict": WEIGHTING,
        "base_rate": None,
        "counter": "an aggregation of the other sign stands beside each one",
        "falsifier": "all five aggregations share one sign",
    }


def _crowded(subject: str, own: dict[str, Figure]) -> dict[str, Any] | None:
    rank, change = own.get("crowding.rank_5y"), own.get("crowding.change_12m")
    if rank is None or change is None or rank.value is None or change.value is None:
        return None
    return {
        "id": f"crowding.level/{subject}",
        "text": (
            f"Short interest of {subject_name(subject)} stands at the {number(rank)} percentile of the {rank.n} "
            f"reports before it ({number(change)} since {change.base_date}, split-clean chain)."
        ),
        "figures": [rank.key, change.key],
        "verdict": "measured",
        "base_rate": None,
        "counter": (
            "high aggregate short interest has preceded lower, not higher, returns (Rapach, Ringgenberg and Zhou 2016)"
        ),
        "falsifier": None,
    }


def claims(found: Iterable[Figure]) -> list[dict[str, Any]]:
    """Write the brief's sentences; where aggregations differ in sign, that comes first."""
    found = list(found)
    subjects = in_order(f.subject for f in found)
    owns = {s: select(found, s) for s in subjects}
    lead = [_weighting(s, own, w) for s, own in owns.items() for w in WINDOWS]
    level = [_crowded(s, own) for s, own in owns.items()]
    return [c for c in (*lead, *level) if c is not None]
