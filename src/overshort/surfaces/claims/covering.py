"""How probable covering is: one event, its base rate, and what no model could add to it."""

from collections.abc import Iterable, Mapping
from typing import Any

from overshort.surfaces.claims.sentence import Claim, Own, claim, valued
from overshort.surfaces.words import bare_percent, counted, percent, subject_name

__all__ = ["interval", "probability"]

EVENT, RARE = "probability.cover5_3m", "probability.cover10_3m"
"""The event of the sentence, and the rarer one that it must not be taken for."""


def interval(forecast: Mapping[str, Any]) -> str:
    """Write the interval of a probability."""
    return f"{bare_percent(forecast['low'], signed=False)} to {percent(forecast['high'], signed=False)}"


def probability(subject: str, own: Own, forecasts: Iterable[Mapping[str, Any]]) -> Claim | None:
    """Say how probable it is that an index's shorts fall by 5 % within three months."""
    given = {f["id"]: f for f in forecasts if f["subject"] == subject}
    figures = valued(own, *(EVENT + part for part in ("", ".base", ".low", ".high", ".runs")))
    if EVENT not in given or figures is None:
        return None
    now = given[EVENT]
    said, often, low, high, found = (f.value for f in figures)
    runs = counted(int(found or 0), "separate run")
    head = "" if now["offered"] else f"Only {runs} of it are on record: "
    chance, base = (percent(float(v or 0), signed=False) for v in (said, often))
    plain = now["model"] == "climatology"
    shown = "the base rate, which no model beat out of sample" if plain else f"by the {now['model']}"
    text = (
        f"{head}{chance} (90 % interval {interval({'low': low, 'high': high})}) is "
        f"the probability that the shorts of {subject_name(subject)} stand 5 % or more below their level of "
        f"{now['at']} at one of the next 6 reports: {shown}; it happened after {base} of {now['windows']} reports, in "
        f"{runs}."
    )
    return claim(
        f"{EVENT}/{subject}",
        text,
        figures,
        verdict=str(now["model"]),
        base_rate={"share": now["base"], "reports": now["windows"], "runs": now["runs"], "separate": now["separate"]},
        counter=_counter(subject, now, given.get(RARE)),
        falsifier=f"the ledger, which resolves {subject}'s window on {now['resolves']}, comes to hold many like it of "
        "which a share outside this interval came true",
    )


def _counter(subject: str, now: Mapping[str, Any], rare: Mapping[str, Any] | None) -> str:
    apart = f"of {subject}'s {now['windows']} windows {now['separate']} do not overlap"
    if rare is None:
        return apart
    runs = counted(rare["runs"], "separate run")
    return f"{apart}; a fall of 10 % in the same time happened in {runs}, after {percent(rare['base'], signed=False)}"
