"""What is found before it is told: a claim over tokens, and the statements made of it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from overshort.thesis.grammar.lexicon import Subject
from overshort.thesis.grammar.scene import Scene
from overshort.thesis.statement import Comparison, Reading, Statement, Tense, Value

__all__ = ["Choice", "Claim", "shared", "told"]


@dataclass(frozen=True, slots=True)
class Choice:
    """A metric and a window that words can mean; ``kind`` where its subject is of another kind than the claim's."""

    metric: str | None
    window: str | None
    kind: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Tokens that claim something of subjects.

    Attributes
    ----------
    first, last
        The tokens, last exclusive.
    subjects
        One statement is made for each; nothing where none belongs to it.
    kind
        What the metric asks of a subject.
    choices
        Metric and window, the nearest to the words first.
    meaning
        What the words are taken to mean.
    how
        How the subject was found.
    """

    first: int
    last: int
    subjects: tuple[Subject, ...]
    kind: str
    choices: tuple[Choice, ...]
    comparison: Comparison | None
    value: Value | None
    stated: str
    tolerance: float | None
    negated: bool = False
    tense: Tense = "now"
    meaning: str = ""
    how: str = ""
    reason: str | None = None
    unit: str | None = None
    """The kind of number that is claimed; nothing where words alone claim it."""


def _why(claim: Claim, words: str, code: str | None, choice: Choice, nth: int) -> str:
    parts = [f"“{words}”"]
    if claim.meaning:
        parts.append(claim.meaning)
    if claim.how and code:
        parts.append(f"{code}: {claim.how}")
    if nth:
        parts.append("another reading of the same words")
    elif choice.window is None and claim.reason is None and choice.metric and "change" in choice.metric:
        parts.append("no time is named")
    return "; ".join(parts)


def _codes(subject: Subject, kind: str, carried: bool, metric: str | None) -> tuple[str | None, ...]:
    """The codes of a subject; a fund that other sentences named for its price stands for its index first."""
    codes = subject.codes(kind)
    return (
        tuple(sorted(codes, key=lambda c: c not in subject.index)) if carried and kind == "held" and metric else codes
    )


def _readings(claim: Claim, subject: Subject | None, words: str) -> Iterator[Reading]:
    nth = 0
    for choice in claim.choices:
        codes = _codes(subject, choice.kind or claim.kind, bool(claim.how), choice.metric) if subject else (None,)
        for code in codes:
            yield Reading(
                subject=code, metric=choice.metric, window=choice.window, why=_why(claim, words, code, choice, nth)
            )
            nth += 1


def told(claim: Claim, scene: Scene) -> Iterator[Statement]:
    """The statements of a claim: one for every subject."""
    start, end = scene.tokens.span(claim.first, claim.last)
    words = scene.sentence.text[start:end]
    for subject in claim.subjects or (None,):
        yield Statement(
            sentence=scene.sentence.number,
            text=scene.sentence.text,
            span=(start, end),
            readings=tuple(_readings(claim, subject, words)),
            comparison=claim.comparison,
            value=claim.value,
            stated=claim.stated,
            tolerance=claim.tolerance,
            negated=claim.negated,
            tense=claim.tense,
            reason=claim.reason,
        )


_TIMED = ("breadth.", "structure.", "compression.", "tape.")
"""Groups of metrics in which the window that one claim of a sentence names holds for those after it."""


def shared(claims: Iterable[Claim]) -> Iterator[Claim]:
    """Hand the window that a claim names to the later claims of its group in the sentence that name none."""
    known: dict[str, str] = {}
    for claim in claims:
        first = claim.choices[0]
        group = (first.metric or "").partition(".")[0] + "."
        if group in _TIMED and first.window:
            known[group] = first.window
        if group in known and first.window is None:
            yield replace(claim, choices=(Choice(first.metric, known[group]), *claim.choices[1:]))
        else:
            yield claim
