"""What a number or a rank in words is about: the topic that its words, its sentence or its paragraph name."""

from collections.abc import Callable, Iterable

from overshort.thesis.grammar.lexicon import Subject, Topic, Unmeasured
from overshort.thesis.grammar.memory import Memory
from overshort.thesis.grammar.scene import SEPARATORS, Mention, Scene, subjects_of

__all__ = ["Wants", "about", "pointed"]

Wants = Callable[[Topic], bool]
_POINTERS = frozenset(("it", "its", "this", "that", "they", "these", "those", "them", "which", "there", "the"))
_FRONTED = frozenset(("with", "after", "despite", "following", "on", "up", "down", "having", "thanks"))
"""How a sentence opens that says a number before it names whose it is."""
_PRICE_ONLY = frozenset(("WIN1d", "WIN1w"))


def _wanted(mentions: Iterable[Mention], wants: Wants) -> list[Mention]:
    return [m for m in mentions if isinstance(m.topic, Unmeasured) or wants(m.topic)]


def _tied(scene: Scene, last: int, mentions: list[Mention]) -> Mention | None:
    """The topic that follows within four tokens of one phrase: ``a 3 % rise in short interest``, ``record shorts``."""
    for m in mentions:
        gap = scene.keys[last : m.first]
        near = m.first >= last and not m.named and len(gap) <= 4
        apart = any(k in SEPARATORS or k[:3] == "NUM" for k in gap)
        if near and not apart and (not gap or {"in", "of", "for", "into", "to"} & set(gap)):
            return m
    return None


def _price_said(scene: Scene, m: Mention, first: int) -> bool:
    """Whether what stands between a subject and its number can only be said of a price."""
    verbs = any(m.last <= a < first for a, _ in scene.said("price"))
    after = scene.keys[first + 1 : first + 2]
    return verbs or bool(after and after[0] in _PRICE_ONLY)


def _settled(scene: Scene, nearest: Mention, left: list[Mention], first: int) -> Mention:
    """A bare subject in a sentence on shorts: its shorts (``NDX 4%``), or its price where words say so."""
    if not nearest.named or isinstance(nearest.topic, Unmeasured) or nearest.topic.name != "price":
        return nearest
    others = [
        m for m in left if not m.named and isinstance(m.topic, Topic) and m.topic.name not in ("price", "volatility")
    ]
    if not others or _price_said(scene, nearest, first):
        return nearest
    level = isinstance(others[-1].topic, Topic) and others[-1].topic.pct is not None
    moves = [a for name in ("up", "down") for a, _ in scene.said(name)]
    if level and any(nearest.last <= a < first for a in moves):
        return nearest
    fund = scene.keys[nearest.first] == "SUBfund"
    if fund and not any(scene.keys[i] == "SUBfund" for i in scene.subjects if i < others[-1].last + 3):
        return nearest
    apart = not scene.same(others[-1].first, nearest.first)
    contrast = apart and _earlier(scene, others[-1]) & set(subjects_of(scene.tokens[nearest.first]))
    return nearest if contrast else others[-1]


def _earlier(scene: Scene, m: Mention) -> set[Subject]:
    return {s for i in scene.subjects if scene.same(i, m.first) for s in subjects_of(scene.tokens[i])}


def _again(scene: Scene, m: Mention, first: int, last: int, wants: Wants, memory: Memory) -> Topic | None:
    """The paragraph's topic where a bare subject is said to do the same, or a report is the base."""
    same = any(a < first for a, _ in scene.said("carry")) or _figure_of(scene, m)
    report = scene.keys[last : last + 1] == ["WINlast_report"] and not _price_said(scene, m, first)
    if not m.named or not (same or report):
        return None
    carried = next((t for t in reversed(memory.topics) if wants(t) and t.name not in ("price", "volatility")), None)
    return carried or (
        scene.lexicon.topics.get("crowding") if report and wants(scene.lexicon.topics["crowding"]) else None
    )


def _figure_of(scene: Scene, m: Mention) -> bool:
    """Whether only the figure of a subject is meant: ``the S&P 500 total``, ``the small-cap one``, ``that of NDX``."""
    after = scene.keys[m.last : m.last + 1]
    return bool(after) and (after[0] in scene.lexicon.words("figure") or after[0] == "NUMcnt=one")


def pointed(scene: Scene, first: int, last: int) -> bool:
    """Whether a number without a topic in its sentence points back: by a pronoun, a window, a direction or a sign."""
    rank = scene.keys[first].startswith("NUMrank")
    if scene.keys[last : last + 1] == ["of"] and not rank:
        return False
    near = range(max(0, first - 6), min(len(scene.keys), last + 6))
    moves = [a for name in ("up", "down") for a, _ in scene.said(name)]
    signed = scene.keys[first][:3] == "NUM" and getattr(scene.tokens[first].data, "signed", None) is not None
    tied = any(i in near for i in (*scene.windows, *moves))
    return signed or tied or bool(_POINTERS & set(scene.keys[:first])) or rank


def about(
    scene: Scene, first: int, last: int, wants: Wants, memory: Memory, siblings: Iterable[Topic] = ()
) -> Topic | Unmeasured | None:
    """The topic of tokens.

    Tied to them from the right; the nearest on the left in the clause, then in the sentence; what an earlier number of
    the sentence was about; a verb of prices; the right side of the clause; the paragraph.

    Parameters
    ----------
    scene, first, last
        The tokens, last exclusive.
    wants
        Whether a topic can hold what they say.
    memory
        The paragraph so far.
    siblings
        Topics of the numbers before in this sentence.
    """
    mentions = _wanted(scene.mentions, wants)
    if inside := [m for m in mentions if first <= m.first < last and not m.named]:
        return inside[0].topic
    if tied := _tied(scene, last, mentions):
        return tied.topic
    left = [m for m in mentions if m.first < first]
    if left:
        nearest = _settled(scene, left[-1], left, first)
        again = _again(scene, nearest, first, last, wants, memory)
        return again or nearest.topic
    if found := next((t for t in reversed(list(siblings)) if wants(t)), None):
        return found
    price = scene.lexicon.topics.get("price")
    if price and wants(price) and any(scene.same(a, first) for a, _ in scene.said("price")):
        return price
    right = [m for m in mentions if m.first >= last and scene.same(m.first, first)]
    if right and right[0].named and scene.keys[0] in _FRONTED:
        return right[0].topic
    if right and not right[0].named and not {",", "and"} & set(scene.keys[last : right[0].first]):
        return right[0].topic
    return next((t for t in reversed(memory.spoken) if wants(t)), None)
