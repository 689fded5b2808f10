"""How long price has risen month after month, and how rare that is."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from overshort.engine.figures import Figure
from overshort.surfaces.claims.sentence import Claim, Own, claim, study, valued
from overshort.surfaces.words import PLAIN, article, capital, counted, month_name, number, ordinal, percent

__all__ = ["rarity", "streak"]

_CLOSE = "the month's last session closes"
_BASE = "the last month-end close"


class _Written(NamedTuple):
    """A sentence, the figures that it rests on, its verdict, and what would make it false."""

    text: str
    figures: list[Figure]
    verdict: str
    falsifier: str | None = None


def rarity(past: Mapping[str, Any]) -> str:
    """Say how often a streak got to a length, and how likely that many are by chance."""
    whose = PLAIN.get(past["subject"], past["subject"])
    span = f"in {past['months']} months since {month_name(past['from'])}"
    if past["count"] == 0:
        return f"no streak of {counted(past['length'], 'rising month')} of {whose} {span}"
    times = "once" if past["count"] == 1 else f"{past['count']} times"
    share = percent(past["rising"] / past["months"], signed=False)
    return (
        f"streaks of {past['length']} or more rising months of {whose}: {times} {span}; at least as many under a coin "
        f"with the sample's {share} of rising months: p = {past['p_coin']:.2f}, over all orders of the same months: "
        f"p = {past['p_permutation']:.2f}"
    )


def _ended(name: str, own: Own) -> _Written | None:
    """Write of a completed month that did not rise, and of the streak that it ended."""
    found = valued(own, "persistence.month_streak_ended", "persistence.month_streak_missed_bp")
    if found is None:
        return None
    length, missed = found
    month = month_name(length.at)
    if length.value == 0:
        text = f"{name} did not rise in {month}, nor in the month before ({length.price_source})"
        return _Written(text, found, "no streak")
    text = (
        f"{name} missed a rising month in {month} by {number(missed)} basis points ({length.price_source}): the streak "
        f"of rising months ended at {length.value}"
    )
    return _Written(text, found, f"ended at {length.value}")


def _risen(name: str, own: Own) -> _Written | None:
    """Write of the streak of completed months, and of nothing more where it is not known what a fall ended."""
    found = valued(own, "persistence.month_streak")
    if found is None:
        return None
    length = found[0]
    month = f"{month_name(length.at)} ({length.price_source})"
    if not length.value:
        return _Written(f"{name} did not rise in {month}", found, "no streak")
    text = (
        f"{name} has risen {length.value} months in a row to {month}"
        if length.value != 1
        else f"{name} rose in {month}"
    )
    return _Written(text, found, f"{length.value} completed")


def _running(completed: _Written, own: Own) -> _Written | None:
    """Go on with the month that is not over; nothing between two months."""
    ids = (f"persistence.month_{i}" for i in ("streak", "streak_running", "margin_bp"))
    found = valued(own, *ids)
    if found is None or found[1].at <= found[0].at:
        return None
    done, running, margin = found
    coming = int(running.value or 0)
    stood = f"{abs(float(margin.value or 0)):,.1f} basis points {'above' if coming else 'below'}"
    source = "" if running.price_source == done.price_source else f" ({running.price_source})"
    text = f"{completed.text}; on {running.at} it stood {stood} the close of {month_name(done.at)}{source}"
    figures = [*completed.figures, *(f for f in found if f not in completed.figures)]
    if coming:
        pace = f"{article(coming)} {ordinal(coming)} rising month in a row" if coming > 1 else "a rising month"
        return _Written(
            f"{text}: on pace for {pace}", figures, f"on pace for {coming}", f"{_CLOSE} at or below {_BASE}"
        )
    if done.value:
        return _Written(f"{text}: the streak would end", figures, completed.verdict, f"{_CLOSE} above {_BASE}")
    return _Written(text, figures, completed.verdict)


def streak(subject: str, own: Own, studies: Iterable[Mapping[str, Any]]) -> Claim | None:
    """Say what streak of rising months an index is in or has just ended, with its earlier occurrences."""
    plain = PLAIN.get(subject, subject)
    completed = _ended(capital(plain), own) or _risen(capital(plain), own)
    if completed is None:
        return None
    written = _running(completed, own) or completed
    past = study(studies, "persistence.streaks", subject)
    kept = ("length", "count", "months", "from", "p_coin", "p_permutation")
    return claim(
        f"persistence.month_streak/{subject}",
        f"{written.text}.",
        written.figures,
        verdict=written.verdict,
        base_rate=None if past is None else {k: past[k] for k in kept},
        counter=None if past is None else rarity(past),
        falsifier=written.falsifier,
        studies=[past],
    )
