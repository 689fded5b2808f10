"""The reader of commentaries: plain text in, statements out, by a grammar and a lexicon that a reader can extend.

1. The text is cut into sentences; each becomes tokens: words, signs, subjects, windows and numbers.
2. Phrases with a meaning of their own (``is just below the risk trigger``) are taken first.
3. What nothing measures is named where it carries a number or a direction.
4. Every number left is paired with its topic, its subject and its windows.
5. A subject that a sentence leaves out comes from its paragraph or its heading.
6. Questions, conditions and promotion claim nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from overshort.thesis.grammar.claims import Claim, shared, told
from overshort.thesis.grammar.lexicon import Lexicon, Topic, extended, standard
from overshort.thesis.grammar.memory import Memory, look_ahead
from overshort.thesis.grammar.numbers import number_claims
from overshort.thesis.grammar.scene import Scene
from overshort.thesis.grammar.sentences import Sentence, sentences
from overshort.thesis.grammar.states import state_claims
from overshort.thesis.grammar.symbols import introduced
from overshort.thesis.grammar.unmeasured import unmeasured_claims
from overshort.thesis.statement import Statement

__all__ = [
    "ENTRY_POINTS",
    "Extractor",
    "Lexicon",
    "Read",
    "Sentence",
    "extended",
    "read",
    "sentences",
    "standard",
    "statements",
]

ENTRY_POINTS = "overshort.extractors"
"""Entry points of this group are other extractors: a name, and a callable like `statements`."""


class Extractor(Protocol):
    """Anything that makes statements of a text."""

    def __call__(self, text: str, written: date, lexicon: Lexicon | None = None) -> list[Statement]:
        """Statements of a text that was written on a day."""
        ...


@dataclass(frozen=True, slots=True)
class Read:
    """A sentence and what it claims; where it claims nothing, why."""

    sentence: Sentence
    statements: tuple[Statement, ...]
    reason: str | None


def _mute(scene: Scene) -> str | None:
    if scene.sentence.text.rstrip("\"')”’ ").endswith("?"):
        return "a question"
    figures = [m for m in scene.mentions if isinstance(m.topic, Topic) and not m.named]
    return "promotion" if scene.said("promotion") and not (figures and scene.numbers) else None


def _repeats(a: Claim, b: Claim, scene: Scene) -> bool:
    """Whether a direction only repeats what a number of its clause says: same group of metrics, same subjects."""
    if a.negated != b.negated or not scene.same(a.first, b.first):
        return False
    opened = b.first > a.last and ":" in scene.keys[a.last : min(b.first, a.last + 3)]
    level = (b.choices[0].metric or "").startswith("structure.") and 0 <= b.first - a.last <= 4
    if level and set(a.subjects) & set(b.subjects):
        return True
    groups = [(x.choices[0].metric or "").partition(".")[0].replace("persistence", "price") for x in (a, b)]
    return groups[0] == groups[1] and (opened or set(a.subjects) & set(b.subjects) != set())


def _said_better(words: Claim, number: Claim, scene: Scene) -> bool:
    """Whether a number of the clause says what words only round: ``narrow (6th percentile)``."""
    same = words.choices[0].metric == number.choices[0].metric and set(words.subjects) & set(number.subjects)
    return bool(same) and words.tolerance is None and scene.same(words.first, number.first) and not words.negated


def _claims(scene: Scene, memory: Memory) -> tuple[list[Claim], list[Topic]]:
    states = state_claims(scene, memory)
    unmeasured = list(unmeasured_claims(scene, memory))
    numbers, topics = number_claims(scene, memory, [c for _, c in states])
    firm = [c for s, c in states if s.topic is None]
    firm = [c for c in firm if not any(_said_better(c, n, scene) for n in numbers)]
    loose = [(s, c) for s, c in states if s.topic is not None]
    kept = [c for _, c in loose if not any(_repeats(c, n, scene) for n in (*numbers, *firm))]
    told_of = [scene.lexicon.topics[s.topic] for s, _ in loose if s.topic]
    ordered = sorted([*firm, *kept, *unmeasured, *numbers], key=lambda c: (c.first, c.last))
    return list(shared(ordered)), [*_topics(scene), *told_of, *topics]


def _topics(scene: Scene) -> list[Topic]:
    return [m.topic for m in scene.mentions if isinstance(m.topic, Topic)]


def read(text: str, written: date, lexicon: Lexicon | None = None) -> list[Read]:
    """Every sentence of a text with its statements.

    Parameters
    ----------
    text
        Plain text.
    written
        The day it was written: the year that ``this year`` means.
    lexicon
        The words known; the package's own where left out.

    Returns
    -------
    list of Read
        In the order of the text; each without a statement carries its reason.
    """
    known = lexicon or standard()
    stocks = introduced(text, known.words("no_symbols"))
    scenes = [Scene(s, known, written, stocks) for s in sentences(text)]
    memory = Memory()
    return [_one(scenes, i, memory) for i in range(len(scenes))]


def _one(scenes: Sequence[Scene], i: int, memory: Memory) -> Read:
    scene = scenes[i]
    memory.enter(scene, look_ahead(scenes, i))
    scene.settle(memory.window)
    mute = _mute(scene)
    claims, topics = ([], _topics(scene)) if mute else _claims(scene, memory)
    memory.leave(scene, topics, claims)
    found = tuple(dict.fromkeys(s for c in claims for s in told(c, scene)))
    return Read(scene.sentence, found, None if found else f"nothing to check{f': {mute}' if mute else ''}")


def statements(text: str, written: date, lexicon: Lexicon | None = None) -> list[Statement]:
    """Take a commentary apart.

    Parameters
    ----------
    text
        Plain text; the caller bounds its size (the work grows in proportion).
    written
        The day it was written.
    lexicon
        The words known; the package's own where left out.

    Returns
    -------
    list of Statement
        In the order of the text; the same text gives the same list.
    """
    return [s for r in read(text, written, lexicon) for s in r.statements]
