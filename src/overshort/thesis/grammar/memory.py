"""Who and what is spoken of: subjects and topics carried from sentence to sentence."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from overshort.thesis.grammar.claims import Claim
from overshort.thesis.grammar.columns import Column, columns
from overshort.thesis.grammar.lexicon import Lexicon, Subject, Topic
from overshort.thesis.grammar.scene import SEPARATORS, Scene, subjects_of

__all__ = ["Memory", "found_subjects", "look_ahead"]

Subjects = tuple[Subject, ...]
_INTO = frozenset(("in", "on", "for", "of", "across", "among", "spanning", "at", "against"))
_PASSED = frozenset(("the", "both", "all", "a", "each"))


def fitting(subjects: Iterable[Subject], kind: str) -> Subjects:
    """Of some subjects those that a kind of metric can be measured for."""
    if kind == "tape":
        return tuple(subjects)
    return tuple(s for s in subjects if (s.name == "vix") == (kind == "vix"))


def _last(named: Sequence[Subjects], kind: str) -> Subjects:
    """The subjects named last that fit; an index does not come from a single stock."""
    fits = [f for s in reversed(named) if (f := fitting(s, kind))]
    return next((f for f in fits if kind != "index" or any(s.held != s.price or len(s.held) > 1 for s in f)), ())


@dataclass(slots=True)
class Memory:
    """What the sentences before have spoken of, within the paragraph, and in the heading above."""

    section: int = -1
    paragraph: int = -1
    here: list[Subjects] = field(default_factory=list)
    topics: list[Topic] = field(default_factory=list)
    older: list[Topic] = field(default_factory=list)
    """Topics of the paragraph before, for one that names none."""
    said: list[Claim] = field(default_factory=list)
    """Claims of the paragraph that hold a number."""
    heading: list[Subjects] = field(default_factory=list)
    heading_topics: list[Topic] = field(default_factory=list)
    past: list[Subjects] = field(default_factory=list)
    """The last of the paragraphs before."""
    latest: list[Subjects] = field(default_factory=list)
    """Of the last sentence that named any."""
    columns: Sequence[Column] = ()
    """Of the table that a line before began."""
    asked: bool = False
    """Whether the sentence before was a question."""
    ahead: Sequence[Subjects] = ()
    """Subjects to come: of the paragraph, and below a heading of its section."""

    def enter(self, scene: Scene, ahead: Sequence[Subjects]) -> None:
        """Forget what does not reach into this sentence."""
        self.ahead = ahead
        if scene.sentence.section != self.section:
            self.heading, self.heading_topics, self.columns = [], [], ()
        if scene.sentence.section != self.section or scene.sentence.paragraph != self.paragraph:
            self.past += self.here
            self.older = self.topics or self.older
            self.said = []
            self.here, self.topics = list(self.heading), list(self.heading_topics)
        self.section, self.paragraph = scene.sentence.section, scene.sentence.paragraph

    @property
    def spoken(self) -> list[Topic]:
        """Topics of the paragraph, or of the one before where it has named none."""
        return self.topics or self.older

    @property
    def window(self) -> str | None:
        """The window that the paragraph named last."""
        return next((w for c in reversed(self.said) if (w := c.choices[0].window)), None)

    def leave(self, scene: Scene, topics: Iterable[Topic], claims: Sequence[Claim]) -> None:
        """Remember what this sentence spoke of and claimed."""
        self.columns = columns(scene) or self.columns
        self.asked = scene.keys[-1:] == ["?"]
        self.said += [c for c in claims if c.unit and c.choices[0].metric]
        named = [subjects_of(scene.tokens[i]) for i in scene.subjects]
        self.here += named
        self.latest = named or self.latest
        self.topics += topics
        if scene.sentence.heading:
            self.heading, self.heading_topics = list(self.here), list(self.topics)

    def subjects(self, kind: str) -> Subjects:
        """The subjects last named that fit."""
        return _last(self.here, kind)

    def several(self) -> Subjects:
        """All subjects of the last sentence that named any."""
        return tuple(dict.fromkeys(s for group in self.latest for s in group))

    def before(self, kind: str) -> Subjects:
        """The subjects of the paragraphs before that fit."""
        return _last(self.past, kind)

    def to_come(self, kind: str) -> Subjects:
        """The subjects named next that fit."""
        return next((f for s in self.ahead if (f := fitting(s, kind))), ())


def look_ahead(scenes: Sequence[Scene], i: int) -> list[Subjects]:
    """Subjects of the sentences after ``i`` in its section; a heading announces what follows it."""
    own = scenes[i].sentence
    after = [s for s in scenes[i + 1 : i + 9] if s.sentence.section == own.section]
    after = [s for s in after if own.heading or s.sentence.paragraph == own.paragraph]
    return [subjects_of(s.tokens[j]) for s in after for j in s.subjects]


def governed_right(scene: Scene, last: int) -> int | None:
    """A subject that a preposition ties to what ends before token ``last``: ``3 % in the S&P 500``."""
    at = last
    if at < len(scene.keys) and scene.keys[at] in _INTO:
        at += 1
        while at < len(scene.keys) and scene.keys[at] in _PASSED:
            at += 1
    return at if at < len(scene.keys) and scene.keys[at].startswith("SUB") and at > last else None


def _default(lexicon: Lexicon, kind: str) -> Subjects:
    name = "vix" if kind == "vix" else "spx" if kind in ("price", "tape") else "listed"
    return (lexicon.subjects[name],) if name in lexicon.subjects else ()


def _apart(scene: Scene, subjects: Subjects, first: int) -> str:
    """How a subject before some tokens was found: a fund that an earlier clause names for its price is only carried."""
    priced = {m.first for m in scene.mentions if m.named}
    spot = max(i for i in scene.subjects if i < first and set(subjects) <= set(subjects_of(scene.tokens[i])))
    return "" if spot not in priced or scene.same(spot, first) else "named in a clause before"


def found_subjects(scene: Scene, first: int, last: int, kind: str, memory: Memory) -> tuple[Subjects, str]:
    """The subjects of tokens, and how they were found; never none.

    Named among the tokens; tied to them by a preposition; the nearest before them in the sentence; after them in
    the clause; the nearest in the paragraph or its heading; after them in the sentence; the next to come; the last of
    the paragraphs before; else a default that is said to be one.
    """
    if kind == "vix":
        return _default(scene.lexicon, kind), ""
    spots = [(i, fitting(subjects_of(scene.tokens[i]), kind)) for i in scene.subjects]
    spots = [(i, s) for i, s in spots if s]
    inside = [s for i, s in spots if first <= i < last]
    right = governed_right(scene, last)
    tied = [s for i, s in spots if i == right]
    before = [s for i, s in spots if i < first]
    after = [s for i, s in spots if i >= last]
    clause = [s for i, s in spots if i >= last and not SEPARATORS & set(scene.keys[last:i])]
    if close := inside or tied or before[-1:] or clause:
        return close[0], "" if inside or tied or not before else _apart(scene, before[-1], first)
    if (
        {"neither", "both", "them", "each"} & set(scene.keys[:last])
        and not spots
        and len(several := fitting(memory.several(), kind)) > 1
    ):
        return several, "named before"
    if carried := memory.subjects(kind):
        single = {"it", "its"} & set(scene.keys[:last]) or {"index"} & set(scene.keys[:last])
        return carried[-1:] if single else carried, "named before"
    if after:
        return after[0], "named after"
    if coming := memory.to_come(kind):
        return coming, "named in the lines below"
    if earlier := memory.before(kind):
        return earlier, "named in a paragraph before"
    return _default(scene.lexicon, kind), "nothing is named"
