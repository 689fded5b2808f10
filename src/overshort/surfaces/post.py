"""The brief as a few short sentences to post, with every number behind them in a list of notes.

The order is the one in which commentary on positioning is read: where the shorts are crowded, whether price absorbs
them, structure, compression, volatility, persistence, what followed before, what would prove it wrong.  A sentence
whose figures are null is not written, and one for which there is no room is left out, the least needed first.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from overshort.errors import NothingToShow
from overshort.metrics.prices import PROXIES
from overshort.metrics.refusal.states import UP
from overshort.surfaces.claims.covering import EVENT
from overshort.surfaces.claims.refusal import WINDOW
from overshort.surfaces.page.figures import Owns, owns_of
from overshort.surfaces.since import newest_report
from overshort.surfaces.words import PLAIN, SUBJECTS, capital, counted, in_order, percent, written

__all__ = ["LENGTH", "post"]

Document = Mapping[str, Any]
Figure = Mapping[str, Any]
LENGTH = 1200
"""Characters of a post at most, notes and line ends included."""
SOURCES = "Data: FINRA, Nasdaq, Cboe. No advice."
MADE = "Data: simulated. No advice."
INVENTED = "SIMULATED: an invented market, not the world."
_HOW = {
    "REFUSE": "shorts added and price rose anyway",
    "CONFIRM": "shorts added and price fell",
    "COVER": "shorts covered and price rose",
    "EXIT": "shorts covered though price fell",
    "FLAT": "shorts neither added nor covered clearly",
}
_PRICE = {"ACCEPTANCE": "accepts prices above last week's value", "DISTRIBUTION": "is turned back above it"}
_COILS = {
    "COIL": "coils under its trigger",
    "REJECTION": "was turned back from its trigger",
    "DETERIORATION": "gives way",
}


@dataclass(frozen=True)
class _Said:
    """A sentence with a place ``{k}`` for the mark of each of its notes, and when it is left out: the highest first."""

    text: str
    notes: Sequence[str]
    spare: int


def post(built: Document) -> str:
    """Write a brief document as plain text of at most :data:`LENGTH` characters.

    Returns
    -------
    str
        Sentences, one a line, then ``[1] KEY = VALUE`` for each figure and study that they rest on.

    Raises
    ------
    NothingToShow
        If no sentence of a post has its figures in the document.
    """
    owns = owns_of(built["figures"])
    lead = _lead(built, owns)
    found = (
        _crowding(owns),
        _absorption(lead, owns),
        _weighting(lead, owns),
        _structure(lead, owns),
        _compression(lead, owns),
        _volatility(owns),
        _persistence(lead, owns),
        _followed(built, lead, owns),
        _covering(lead, owns),
        _wrong(built, lead),
        _reading(owns),
    )
    said = [s for s in found if s is not None]
    if not any(s.notes for s in said):
        raise NothingToShow(
            f"no figure of {built.get('subject', 'the market')} as of {built['as_of']} has a sentence in a post, which "
            "speaks of ranks, states, streaks and the VIX; give another SUBJECT, or write a .md file"
        )
    return _fitted(_head(built), said, MADE if built["simulated"] else SOURCES)


def _lead(built: Document, owns: Owns) -> str:
    """Give the index that is spoken of: the one asked for, or the first that has a state."""
    having = (s for s in PLAIN if _value(owns, s, f"refusal.state_{WINDOW}") is not None)
    return str(built.get("subject") or next(having, "SPX"))


def _head(built: Document) -> list[str]:
    newest = newest_report(built)
    report = f" (newest report: {newest}{_late(built)})" if newest else ""
    about = f" of {built['subject']}" if built.get("subject") else ""
    first = f"The short side{about} as of {built['as_of']}{report}."
    return [INVENTED, first] if built["simulated"] else [first]


def _late(built: Document) -> str:
    """Say that a report was due which the store lacks: whoever reads a post cannot see how old its numbers are."""
    due = (s["due"] for s in built["stale"] if s["table"] == "short_interest")
    return "".join(f"; that of {day} is lacking" for day in due)


def _fitted(head: Sequence[str], said: Sequence[_Said], foot: str) -> str:
    """Lay out the sentences there is room for, the most needed taken first, each in its place."""
    kept: list[_Said] = []
    for sentence in sorted(said, key=lambda s: s.spare):
        more = [s for s in said if s in (*kept, sentence)]
        if len(_laid_out(head, more, foot)) <= LENGTH:
            kept = more
    return _laid_out(head, kept, foot)


def _laid_out(head: Sequence[str], said: Iterable[_Said], foot: str) -> str:
    lines, notes = [*head], list[str]()
    for sentence in said:
        notes += [n for n in sentence.notes if n not in notes]
        text = sentence.text
        for k, note in enumerate(sentence.notes):
            text = text.replace(f"{{{k}}}", f" [{notes.index(note) + 1}]")
        lines.append(text)
    numbered = (f"[{k}] {note}" for k, note in enumerate(notes, 1))
    return "\n".join([*lines, foot, "", *numbered]) + "\n"


def _value(owns: Owns, subject: str, id: str) -> Any:
    return owns.get(subject, {}).get(id, {}).get("value")


def _own(owns: Owns, subject: str, *ids: str) -> list[Figure] | None:
    """Give the figures of ids; nothing where one is absent or null."""
    own = owns.get(subject, {})
    found = [own[i] for i in ids if i in own and own[i]["value"] is not None]
    return found if len(found) == len(ids) else None


def _note(figures: Sequence[Figure]) -> str:
    """Write figures of one subject and date as one note: the first by its key, each other by its id."""
    first, *others = figures
    more = "".join(f", {_short(f['id'], first['id'])} = {written(f)}" for f in others)
    return f"{first['key']} = {written(first)}{more}"


def _short(id: str, first: str) -> str:
    """Give an id without what it shares with the first of its note: its metric's, or else its group's."""
    return id.removeprefix(first) if id.startswith(f"{first}.") else id.removeprefix(first.partition(".")[0] + ".")


def _notes(figures: Iterable[Figure]) -> list[str]:
    """Give one note for all figures of one subject and date."""
    groups: dict[tuple[str, str], list[Figure]] = {}
    for figure in figures:
        groups.setdefault((figure["subject"], figure["at"]), []).append(figure)
    return [_note(group) for group in groups.values()]


def _cited(text: str, figures: Iterable[Figure], spare: int) -> _Said:
    """Give a sentence with the marks of all its notes at its end."""
    notes = _notes(figures)
    return _Said(text + "".join(f"{{{k}}}" for k in range(len(notes))) + ".", notes, spare)


def _crowding(owns: Owns) -> _Said | None:
    """Say where the shorts are crowded: of indices, or of what else the brief is about."""
    found = ((s, _own(owns, s, "crowding.rank_5y")) for s in in_order(owns))
    ranks = {s: figures[0] for s, figures in found if figures}
    shown = {s: f for s, f in ranks.items() if s in PLAIN} or ranks
    if not shown:
        return None
    high = sum(f["value"] >= UP for f in shown.values())
    each = ", ".join(f"{s} {written(f)}{{{k}}}" for k, (s, f) in enumerate(shown.items()))
    percentiles = "five-year percentile" + "s" * (len(shown) > 1)
    text = f"{_where(high, list(shown))}: {each}; {percentiles} (crowded: {UP:g} or more)."
    return _Said(text, [_note([f]) for f in shown.values()], 0)


def _where(high: int, of: Sequence[str]) -> str:
    if len(of) == 1:
        return f"Shorts {'' if high else 'not '}crowded"
    return f"Shorts crowded {'everywhere' if high == len(of) else 'selectively' if high else 'nowhere'}"


def _absorption(lead: str, owns: Owns) -> _Said | None:
    found = _own(owns, lead, *(f"refusal.{i}_{WINDOW}" for i in ("state", "price_change")))
    if found is None:
        return None
    state, price = found
    text = f"Absorption: {lead} {state['value']}, {_HOW[state['value']]} (12 months; price {written(price)})"
    return _cited(text, found, 1)


def _weighting(lead: str, owns: Owns) -> _Said | None:
    """Say that the median member went the other way, where it did."""
    found = _own(owns, lead, *(f"crowding.{i}_{WINDOW}" for i in ("change", "median_change")))
    if found is None or found[0]["value"] * found[1]["value"] >= 0:
        return None
    chain, median = found
    text = f"It depends on weighting: {lead} shorts {written(chain)} together, {written(median)} the median member"
    return _cited(text, found, 2)


def _proxy(lead: str) -> str:
    return PROXIES.get(lead, lead)


def _structure(lead: str, owns: Owns) -> _Said | None:
    found = _own(owns, _proxy(lead), "structure.verdict")
    if found is None:
        return None
    state = found[0]["value"]
    does = _PRICE.get(state, "neither accepts higher prices nor is turned back")
    return _cited(f"Structure: {_proxy(lead)} {does}: {state}", found, 5 if state in _PRICE else 8)


def _compression(lead: str, owns: Owns) -> _Said | None:
    found = _own(owns, _proxy(lead), "compression.state")
    if found is None:
        return None
    state = found[0]["value"]
    does = _COILS.get(state, "does not coil")
    return _cited(f"Compression: {_proxy(lead)} {does}: {state}", found, 5 if state in _COILS else 9)


def _volatility(owns: Owns) -> _Said | None:
    found = _own(owns, "VIX", "volatility.rank_1y", "volatility.cycle_low")
    if found is None:
        return None
    rank, low = found
    state = "a cycle low" if low["value"] else "no cycle low"
    text = f"Volatility: VIX at percentile {written(rank)} of its year, {state}"
    return _cited(text, found, 3)


def _persistence(lead: str, owns: Owns) -> _Said | None:
    found = _own(owns, lead, "persistence.month_streak")
    if found is None:
        return None
    months, name = int(found[0]["value"]), capital(PLAIN.get(lead, lead))
    if months:
        rose = f"up {months} months in a row" if months > 1 else "up in its last month"
        return _cited(f"Persistence: {name} {rose}", found, 2)
    ended = _own(owns, lead, "persistence.month_streak_ended", "persistence.month_streak_missed_bp")
    if ended is None or not ended[0]["value"]:
        return _cited(f"Persistence: {name} not up in its last month", found, 2)
    length, missed = ended
    text = f"Persistence: {name} missed a rising month by {written(missed)} basis points; its streak ended at "
    return _cited(f"{text}{written(length)}", ended, 2)


def _followed(built: Document, lead: str, owns: Owns) -> _Said | None:
    """Say what followed the state over three months: its count of reports, its worst, and what followed all reports."""
    asked = ("refusal.after", lead, WINDOW)
    past = next((s for s in built["studies"] if (s["id"], s["subject"], s.get("window")) == asked), None)
    state = _own(owns, lead, f"refusal.state_{WINDOW}")
    if past is None or state is None:
        return None
    held = state[0]["value"]
    after = next(s for s in past["states"] if s["state"] == held)["after"]["3m"]
    if not after["n"]:
        return None
    mean, worst, every = (percent(v) for v in (after["mean"], after["worst"], past["unconditional"]["3m"]["mean"]))
    cases = f"{counted(after['n'], 'report')} in {held} ({counted(after['runs'], 'run')})"
    text = (
        f"Why it matters: {past['proxy']} made {mean} on average in 3 months after {cases}, worst {worst}; {every} "
        "after all reports{0}."
    )
    return _Said(text, [f"study {lead}/refusal.after/{WINDOW}: {held}, 3m, n = {after['n']}"], 1)


def _covering(lead: str, owns: Owns) -> _Said | None:
    found = _own(owns, lead, EVENT, f"{EVENT}.base")
    if found is None:
        return None
    chance, base = (percent(f["value"], signed=False) for f in found)
    rate = f"the base rate of {found[1]['n']} reports" if chance == base else f"base rate {base}"
    return _cited(f"Covering of 5 % in 3 months: probability {chance}, {rate}", found, 2)


def _wrong(built: Document, lead: str) -> _Said | None:
    id = f"refusal.state_{WINDOW}/{lead}"
    said = next((c for c in built["claims"] if c["id"] == id), None)
    return said and _Said(f"Proved wrong by {said['falsifier']}.", [], 1)


def _reading(owns: Owns) -> _Said | None:
    """Say what crowded does not mean, where a rank is said to be high."""
    ranks = (_value(owns, s, "crowding.rank_5y") for s in SUBJECTS)
    if not any(r is not None and r >= UP for r in ranks):
        return None
    return _Said("High short interest has preceded lower, not higher, returns (Rapach et al. 2016).", [], 7)
