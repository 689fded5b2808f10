"""Whether price confirms or refuses the shorts, how often that held, and what followed."""

from collections.abc import Iterable, Mapping
from typing import Any

from overshort.metrics.refusal.states import WINDOWS as REPORTS
from overshort.surfaces.claims.sentence import Claim, Own, claim, study, valued
from overshort.surfaces.words import counted, number, percent, subject_name

__all__ = ["WINDOW", "followed", "state"]

WINDOW = "12m"
"""The window that the sentence is about."""
HORIZONS = {"3m": "3 months", "12m": "12 months"}
_SHORTS = {"REFUSE": "rose", "CONFIRM": "rose", "COVER": "fell", "EXIT": "fell"}
_FALSE = {
    "REFUSE": "price at or below its base close, or the shorts' rank under 80",
    "CONFIRM": "price at or above its base close, or the shorts' rank under 80",
    "COVER": "price at or below its base close, or the shorts' rank over 20",
    "EXIT": "price at or above its base close, or the shorts' rank over 20",
    "FLAT": "the shorts' rank at 80 or above, or at 20 or below",
}


def followed(after: Mapping[str, Any], proxy: str, horizon: str, every: Mapping[str, Any]) -> str:
    """Say what a proxy did after a state over one horizon, beside what it did after all reports."""
    if after["n"] == 0:
        return f"{proxy} over the next {HORIZONS[horizon]}: that time is not over yet after any such report"
    cases = f"{counted(after['n'], 'report')} in {counted(after['runs'], 'separate run')}"
    return (
        f"{proxy} over the next {HORIZONS[horizon]}: {percent(after['mean'])} on average ({cases}; worst "
        f"{percent(after['worst'])}, best {percent(after['best'])}) against {percent(every['mean'])} after all reports"
    )


def state(subject: str, own: Own, studies: Iterable[Mapping[str, Any]]) -> Claim | None:
    """Say an index's state over 24 reports, with base rate and both tails."""
    ids = (f"refusal.{name}_{WINDOW}" for name in ("state", "shorts_rank", "price_change"))
    found = valued(own, *ids)
    past = study(studies, "refusal.after", subject, window=WINDOW)
    if found is None or past is None:
        return None
    now, rank, price = found
    held = next(s for s in past["states"] if s["state"] == now.value)
    after = "; ".join(followed(held["after"][h], past["proxy"], h, past["unconditional"][h]) for h in HORIZONS)
    shorts = f"shorts {_SHORTS[now.value]}" if now.value in _SHORTS else "the shorts neither rose nor fell clearly"
    share = percent(held["base_rate"], signed=False)
    runs = counted(held["runs"], "separate run")
    moved = f"price moved {number(price)} ({price.price_source})"
    return claim(
        f"refusal.state_{WINDOW}/{subject}",
        f"{subject_name(subject)} over {REPORTS[WINDOW]} reports to {now.at}: {shorts} (rank {number(rank)} of their "
        f"own changes) while {moved}: {now.value}, as at {share} of {past['reports']} reports since {past['from']}, in "
        f"{runs}.",
        found,
        verdict=str(now.value),
        base_rate={"share": held["base_rate"], "reports": past["reports"], "runs": held["runs"], "from": past["from"]},
        counter=after,
        falsifier=_FALSE[str(now.value)],
        studies=[past],
    )
