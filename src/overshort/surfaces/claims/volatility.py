"""Whether volatility is cheap, and how often it was."""

from collections.abc import Iterable, Mapping
from typing import Any

from overshort.engine.figures import Figure
from overshort.metrics.volatility import CHEAP_RANK, NEAR
from overshort.surfaces.claims.sentence import Claim, Own, claim, study, valued
from overshort.surfaces.words import counted, number, percent

__all__ = ["cheap"]

_IDS = ("close", "rank_1y", "cycle_low", "cycle_low_ratio", "cycle_low_since")
_FALSE = {
    True: "a rank over 5, or a close more than 5 % over the cycle's lowest",
    False: "a rank of 5 or less together with a close no more than 5 % over the cycle's lowest",
}


def cheap(subject: str, own: Own, studies: Iterable[Mapping[str, Any]]) -> Claim | None:
    """Say where the VIX stands in its year and in its cycle."""
    found = valued(own, *(f"volatility.{i}" for i in _IDS))
    if found is None:
        return None
    close, rank, low, ratio, since = found
    past = study(studies, "volatility.cycle_low", subject)
    return claim(
        f"volatility.cycle_low/{subject}",
        f"The VIX closed at {number(close)} on {close.at}, rank {number(rank)} of the {rank.n} closes before, "
        f"{_above(ratio)} of the cycle that began {since.value}: {_where(found)}.",
        found,
        verdict="cycle low" if low.value else "no cycle low",
        base_rate=None if past is None else {k: past[k] for k in ("share", "sessions", "runs", "from")},
        counter=None if past is None else _often(past),
        falsifier=_FALSE[bool(low.value)],
        studies=[past],
    )


def _where(found: list[Figure]) -> str:
    """Say which of the two conditions of the flag hold."""
    _, rank, low, ratio, _ = found
    year, cycle = float(rank.value or 0) <= CHEAP_RANK, float(ratio.value or 1) <= NEAR
    if low.value:
        return "low both in its year and in its cycle"
    if year or cycle:
        return f"low in its {'year' if year else 'cycle'}, not in its {'cycle' if year else 'year'}"
    return "low neither in its year nor in its cycle"


def _above(ratio: Figure) -> str:
    """Say how far a close lies over the lowest one of its cycle."""
    if ratio.value == 1:
        return "the lowest close"
    return f"{percent(float(ratio.value or 1) - 1)} over the lowest close ({ratio.base_date})"


def _often(past: Mapping[str, Any]) -> str:
    share = percent(past["share"], signed=False)
    return (
        f"it has been low in both at {share} of {past['sessions']:,} sessions since {past['from']}, in "
        f"{counted(past['runs'], 'separate run')}"
    )
