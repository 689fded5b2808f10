"""One sentence laid out: its tokens, what they are about, their clauses, and what is denied, conditional or future."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from overshort.thesis.grammar.amounts import Amount
from overshort.thesis.grammar.atoms import Token, Tokens
from overshort.thesis.grammar.lexicon import Lexicon, Subject, Topic, Unmeasured
from overshort.thesis.grammar.names import tagged
from overshort.thesis.grammar.sentences import Sentence
from overshort.thesis.grammar.symbols import NOBODY, Introduced
from overshort.thesis.statement import Tense

__all__ = ["BREAKS", "SEPARATORS", "Mention", "Scene", "amount_of", "subjects_of"]

BREAKS = frozenset((";", "—", "but", "while", "whereas", "yet", "although", "though", "however", "|", "!", "…"))
"""What parts two clauses."""
SEPARATORS = BREAKS | {",", "and", ")", "/", "&", ":"}
"""What parts the members of a list."""
_GOVERNORS = frozenset(("in", "on", "of", "for", "across", "among", "against", "within", "by", "to", "into"))
_BESIDE = frozenset(
    ("short", "shorts", "members", "constituents", "bears", "components", "calls", "puts", "call", "put")
)


@dataclass(frozen=True, slots=True)
class Mention:
    """Words that say what a number is about; ``named`` where only a subject stands there and its price is meant."""

    first: int
    last: int
    topic: Topic | Unmeasured
    named: bool = False


def amount_of(token: Token) -> Amount:
    """The number that a token stands for."""
    assert isinstance(token.data, Amount)
    return token.data


def subjects_of(token: Token) -> tuple[Subject, ...]:
    """The subjects that a token stands for."""
    assert isinstance(token.data, tuple)
    return token.data


class Scene:
    """A sentence laid out.

    Parameters
    ----------
    sentence, lexicon, written
        The sentence, the words known, the day of the text.
    known
        The stocks that the text introduces.
    """

    def __init__(
        self,
        sentence: Sentence,
        lexicon: Lexicon,
        written: date,
        known: Introduced = NOBODY,
    ) -> None:
        self.sentence = sentence
        self.lexicon = lexicon
        self.written = written
        self.tokens = tagged(sentence.text, written, lexicon, known)
        self.keys = [t.key for t in self.tokens.items]
        self._said: dict[str, list[tuple[int, int]]] = {}
        self.numbers = self._of("NUM")
        self.windows = [i for i in self._of("WIN") if not self.keys[i].startswith("WINchart")]
        self.subjects = self._of("SUB")
        self.segments = _segments(self.keys)
        idioms = {i for name in ("idiom", "aside") for a, b in self.said(name) for i in range(a, b)}
        plain = [m for m in self._mentions() if m.first not in idioms]
        self.mentions = sorted([*plain, *self._named(plain)], key=lambda m: m.first)
        self.denials = self._denials()
        self.masked = self._masked()
        self.taken: set[int] = set()

    def _of(self, kind: str) -> list[int]:
        return [i for i, k in enumerate(self.keys) if k.startswith(kind)]

    def settle(self, window: str | None) -> None:
        """Put the window that was named before in the place of ``the same span``."""
        spots = [i for i in self.windows if self.keys[i] == "WINsame"]
        if spots and window is None:
            self.windows = [i for i in self.windows if i not in spots]
        elif spots:
            items = list(self.tokens.items)
            for i in spots:
                items[i] = replace(items[i], key=f"WIN{window}", data=window)
                self.keys[i] = items[i].key
            self.tokens = Tokens(items)

    def said(self, name: str) -> list[tuple[int, int]]:
        """Where a class of speech stands: first and last token (exclusive)."""
        if name not in self._said:
            self._said[name] = [(a, b) for a, b, _ in self.tokens.found(self.lexicon.speech[name])]
        return self._said[name]

    def _mentions(self) -> Iterator[Mention]:
        found = [
            Mention(a, b, topic)
            for topic, phrase in self.lexicon.topic_phrases
            for a, b, _ in self.tokens.found(phrase)
        ]
        end = 0
        for m in sorted(found, key=lambda m: (m.first, -m.last)):
            if m.first >= end and not self._trails(m):
                yield m
                end = m.last

    def _trails(self, m: Mention) -> bool:
        """Whether a word of prices only trails a subject: ``$NDX stocks``, ``the S&P 500 index``."""
        before = [k for k in self.keys[max(0, m.first - 2) : m.first] if k != ","]
        return bool(before) and before[-1].startswith("SUB") and m.topic is self.lexicon.topics.get("price")

    def _named(self, plain: list[Mention]) -> Iterator[Mention]:
        """Subjects that stand for their own price: ``$IWM continues to grind higher``."""
        covered = {i for m in plain for i in range(m.first, m.last)}
        topics = self.lexicon.topics
        for i in self.subjects:
            before = [k for k in self.keys[max(0, i - 2) : i] if k not in ("the", "both", "all")]
            after = self.keys[i + 1 : i + 2]
            governed = bool(before) and before[-1] in _GOVERNORS
            if i in covered or governed or (after and after[0] in _BESIDE) or i + 1 in covered - self._priced(plain):
                continue
            topic = "volatility" if self.keys[i] == "SUBvix" else "price"
            if topic in topics:
                yield Mention(i, i + 1, topics[topic], named=True)

    def _priced(self, plain: list[Mention]) -> set[int]:
        price = self.lexicon.topics.get("price")
        return {i for m in plain if m.topic is price for i in range(m.first, m.last)}

    def _denials(self) -> list[tuple[int, int]]:
        excused = {i for a, b in self.said("not_negation") for i in range(a, b)}
        said = [(a, b) for a, b in self.said("negation") if a not in excused]
        short = [(i, i + 1) for i, k in enumerate(self.keys) if k.endswith("n't")]
        return sorted({*said, *short})

    def _masked(self) -> set[int]:
        """Tokens of conditions: from ``if`` to the next comma; a whole clause with ``would``."""
        masked = {i for a, b in self.said("idiom") for i in range(a, b)}
        for a, _ in self.said("condition"):
            if self.keys[a : a + 2] == ["would", "take"]:
                continue
            if self.keys[a] == "would":
                masked |= {i for i in range(self.head(a), len(self.keys)) if self.same(i, a) and self.head(i) <= a}
                continue
            end = next((i for i in range(a, len(self.keys)) if self.keys[i] in (",", ";", "then", "—")), len(self.keys))
            masked |= set(range(a, end))
        return masked

    def same(self, a: int, b: int) -> bool:
        """Whether two tokens lie in one clause."""
        return self.segments[a] == self.segments[b]

    def chart(self) -> str | None:
        """The chart that the sentence speaks of."""
        return next((str(t.data) for t in self.tokens.items if t.key.startswith("WINchart")), None)

    def between(self, a: int, b: int) -> list[str]:
        """The keys between two tokens."""
        return self.keys[a + 1 : b]

    def foreign(self, first: int, last: int) -> list[str]:
        """Words of some tokens that are no known topic, subject, number, window, direction or light word."""
        known = {i for m in self.mentions for i in range(m.first, m.last) if isinstance(m.topic, Topic)}
        for name in ("up", "down", "rising", "falling", "price"):
            known |= {i for a, b in self.said(name) for i in range(a, b)}
        light = self.lexicon.words("light") | self.lexicon.words("says_value") | SEPARATORS
        return [
            k
            for i, k in enumerate(self.keys[first:last], first)
            if i not in known and k not in light and k[:3] not in ("SUB", "NUM", "WIN") and not k.endswith("ly")
        ]

    def head(self, i: int) -> int:
        """Where the part of a clause that holds token ``i`` starts: after the last sign before it."""
        return max((j + 1 for j in range(i) if self.keys[j] in BREAKS or self.keys[j] in (",", ":", ")")), default=0)

    def denied(self, first: int, last: int, own: bool) -> bool:
        """Whether a denial reaches the tokens: up to six before them in their clause, or among them."""
        if any(a - last in (0, 1) for a, _ in self.said("denied_after")):
            return True
        for a, b in self.denials:
            if first <= a < last and not own:
                return True
            gap = self.keys[b:first]
            if b <= first and len(gap) <= 6 and self.same(a, first) and not {",", "but", "and", ":"} & set(gap):
                return True
        return False

    def tense(self, first: int, last: int, window: str | None) -> Tense:
        """``future`` or ``past`` where words near the tokens say so."""
        if window and window.isdigit():
            return "past"
        if any(self._near(a, first, last) for a, _ in self.said("future")):
            return "future"
        return "past" if any(self._near(a, first, last) for a, _ in self.said("past")) else "now"

    def _near(self, a: int, first: int, last: int) -> bool:
        """Whether a word stands in the clause of some tokens, and no comma parts them."""
        gap = self.keys[a:first] if a < first else self.keys[last:a]
        return self.same(a, first) and a < last + 2 and "," not in gap

    def expected(self, i: int) -> bool:
        """Whether what token ``i`` says is only expected: no event is dated by it."""
        return any(b <= i and self.same(a, i) and "," not in self.keys[b:i] for a, b in self.said("expected"))


def _segments(keys: list[str]) -> list[int]:
    found, segment = [], 0
    for i, key in enumerate(keys):
        denied = key == "yet" and (keys[i - 1 : i] == ["not"] or keys[i + 1 : i + 2] == ["to"])
        denied = denied or (key == "but" and keys[i - 1 : i] in (["anything"], ["nothing"], ["all"]))
        segment += key in BREAKS and not denied
        found.append(segment)
    return found
