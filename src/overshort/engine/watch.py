"""Rules watched: how each stands, what changed since a destination last heard, and getting the alerts out.

A rule is a thesis, and every claim of it: ``NAME`` and ``NAME#2``.  An alert is written into the outbox before it is
sent and marked only after it was taken: a kill between leads to a second sending under the same key, never to none.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from overshort.engine import theses
from overshort.engine.deliver import Destination
from overshort.engine.moment import Moment
from overshort.errors import NothingToShow
from overshort.store.lake import Lake
from overshort.store.outbox import Letter, Outbox, Seen
from overshort.thesis.claim import Thesis

__all__ = ["Standing", "Watched", "alerts", "as_seen", "deliver", "key_of", "letter", "seen_by", "standings"]

UNKNOWN = "not known"
Watched = tuple[Thesis, str]
"""A thesis and the subject that it is asked of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How one rule stands as of a moment.

    Attributes
    ----------
    definition
        Hash of the rule's own words: a rule that was edited begins anew.
    at
        Dates of its figures, in the order of its claims; ``-`` where there is none.
    lacking
        Why the verdict is not known.
    """

    rule: str
    claim: str
    subject: str
    definition: str
    verdict: str
    session: str
    at: str
    lacking: str | None
    figures: tuple[Mapping[str, Any], ...]
    falsifier: str


def key_of(rule: str, subject: str, verdict: str, at: str) -> str:
    """Give the idempotency key of an alert: 32 hex digits, the same wherever and whenever it is computed."""
    return _hash("\n".join((rule, subject, verdict, at)))


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:32]


def standings(lake: Lake, watched: Iterable[Watched], moment: Moment) -> list[Standing]:
    """Say how every rule stands: of each thesis the whole, then each claim where there are several."""
    return [s for thesis, subject in watched for s in _standings(lake, thesis, subject, moment)]


def _standings(lake: Lake, thesis: Thesis, subject: str, moment: Moment) -> list[Standing]:
    try:
        built = theses.readings(lake, thesis, subject, moment)
    except NothingToShow:
        nothing = {"verdict": UNKNOWN, "session": moment.day.isoformat(), "lacking": "no figure is known yet"}
        claims = [{**nothing, "text": c.text, "figure": None, "falsifier": c.falsifier} for c in thesis.claims]
        built = {**nothing, "claims": claims, "text": thesis.text, "falsifier": thesis.falsifier}
    parts = built["claims"]
    whole = _standing(thesis.name, repr(thesis), subject, built, parts)
    if len(parts) == 1:
        return [whole]
    each = zip(thesis.claims, parts, strict=True)
    return [whole, *(_standing(f"{thesis.name}#{k}", repr(c), subject, p, [p]) for k, (c, p) in enumerate(each, 1))]


def _standing(
    rule: str, words: str, subject: str, built: Mapping[str, Any], parts: Sequence[Mapping[str, Any]]
) -> Standing:
    figures = [p["figure"] for p in parts]
    return Standing(
        rule=rule,
        claim=built["text"],
        subject=subject,
        definition=_hash(words),
        verdict=built["verdict"],
        session=built["session"],
        at=" ".join("-" if f is None else f["at"] for f in figures),
        lacking=built["lacking"],
        figures=tuple(f for f in figures if f is not None),
        falsifier=built["falsifier"],
    )


def letter(standing: Standing, before: str | None, *, simulated: bool, say: Callable[[Letter], str]) -> Letter:
    """Give the alert for a standing (schema ``overshort.alert/1``).

    Parameters
    ----------
    before
        The verdict before it; nothing where the state is announced.
    say
        Puts it into one sentence.
    """
    fields = ("id", "subject", "value", "unit", "kind", "at", "known_at", "reason")
    facts = {
        "schema": "overshort.alert/1",
        "key": key_of(standing.rule, standing.subject, standing.verdict, standing.at),
        "rule": standing.rule,
        "claim": standing.claim,
        "subject": standing.subject,
        "before": before,
        "verdict": standing.verdict,
        "session": standing.session,
        "at": standing.at,
        "lacking": standing.lacking,
        "figures": [{k: f[k] for k in fields if k in f} for f in standing.figures],
        "falsifier": standing.falsifier,
        "simulated": simulated,
    }
    return {**facts, "text": say(facts)}


def alerts(
    now: Iterable[Standing], known: Callable[[Standing], str | None], *, announce: bool
) -> list[tuple[Standing, str | None]]:
    """Give the standings to tell of, each with the verdict before it.

    Parameters
    ----------
    known
        The verdict that was known of a rule; nothing where none was.
    announce
        Tell of rules that were not known, too.
    """
    both = [(s, known(s)) for s in now]
    return [(s, before) for s, before in both if before != s.verdict and (announce or before is not None)]


def deliver(
    outbox: Outbox, destinations: Iterable[Destination], *, ended: Callable[[], bool] = lambda: False
) -> tuple[int, dict[str, str]]:
    """Send what waits, oldest first; after a failure the rest of that destination waits too, to keep the order.

    Parameters
    ----------
    ended
        Whether to stop before the next alert.

    Returns
    -------
    tuple
        How many were taken, and by destination as shown why one was not.
    """
    taken = 0
    failed: dict[str, str] = {}
    for place in destinations:
        for to, key in [k for k in outbox.waiting if k[0] == place.name]:
            if ended():
                return taken, failed
            if (why := place.send(outbox.waiting[to, key])) is not None:
                failed[place.shown] = why
                break
            outbox.mark(to, key)
            taken += 1
    return taken, failed


def seen_by(outbox: Outbox, to: str) -> Callable[[Standing], str | None]:
    """Give the way to look up what a destination knows; a rule that was edited since is not known."""

    def known(standing: Standing) -> str | None:
        found = outbox.seen.get((to, standing.rule, standing.subject))
        return found.verdict if found is not None and found.definition == standing.definition else None

    return known


def as_seen(now: Iterable[Standing], to: str) -> list[Seen]:
    """Give what a destination knows from now on."""
    return [Seen(to, s.rule, s.subject, s.verdict, s.definition) for s in now]
