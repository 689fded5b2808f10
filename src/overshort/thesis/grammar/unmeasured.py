"""Figures and directions of what no metric measures: said to be so, with the reason."""

from collections.abc import Iterator

from overshort.thesis.grammar.claims import Choice, Claim
from overshort.thesis.grammar.lexicon import Subject, Unmeasured
from overshort.thesis.grammar.memory import Memory, found_subjects
from overshort.thesis.grammar.scene import Mention, Scene

__all__ = ["carries", "unmeasured_claims"]


_NO_FIGURE = ("NUMyear", "NUMcnt=one")
_WITHIN = frozenset(("in", "of", "on", "for"))


def carries(scene: Scene, m: Mention) -> range:
    """Tokens of what nothing measures up to its last number or direction; none where it carries neither."""
    after = [o for o in scene.mentions if o.first > m.first and (isinstance(o.topic, Unmeasured) or not o.named)]
    end = _reach(scene, m, after)
    spots = [*_numbers(scene, m, end), *_moves(scene, m, end)]
    return range(m.first, max(m.last, *(i + 1 for i in spots))) if spots else range(0)


def _reach(scene: Scene, m: Mention, after: list[Mention]) -> int:
    """Where the words about a mention end: at the next mention, or with its clause."""
    end = next((i for i in range(m.last, len(scene.keys)) if not scene.same(i, m.first)), len(scene.keys))
    governed = [
        o for o in after if o.first - m.last <= 3 and scene.keys[m.last : m.last + 1] and scene.keys[m.last] in _WITHIN
    ]
    following = [o.first for o in after if o.first >= m.last and o not in governed]
    return min([end, *following])


def _moves(scene: Scene, m: Mention, end: int) -> list[int]:
    """A direction right after what is spoken of."""
    return [a for name in ("rising", "falling") for a, _ in scene.said(name) if m.last <= a < min(end, m.last + 4)]


def _numbers(scene: Scene, m: Mention, end: int) -> list[int]:
    own = [
        i
        for i in scene.numbers
        if m.first <= i < end and i not in scene.taken | scene.masked and not scene.keys[i].startswith(_NO_FIGURE)
    ]
    before = [
        i
        for i in scene.numbers
        if m.first - 4 <= i < m.first
        and i not in scene.taken | scene.masked
        and scene.same(i, m.first)
        and scene.keys[i] != "NUMcnt=one"
    ]
    tied = [i for i in before if not {",", "and"} & set(scene.keys[i : m.first])]
    return own or tied


def _who(scene: Scene, m: Mention, end: int, memory: Memory) -> tuple[tuple[Subject, ...], str]:
    assert isinstance(m.topic, Unmeasured)
    return found_subjects(scene, m.first, end, "tape", memory) if m.topic.subject else ((), "")


def _window(scene: Scene, m: Mention, end: int) -> str | None:
    charts = [t.data for t in scene.tokens.items if t.key.startswith("WINchart")]
    before = [i for i in scene.windows if i < m.first and scene.same(i, m.first)]
    own = [i for i in before if not any(i < j < m.first for j in (*scene.numbers, *(o.first for o in scene.mentions)))]
    own = [i for i in own if not any(j < i and scene.same(j, i) for j in scene.numbers)]
    spots = [i for i in scene.windows if m.last <= i < end] or own
    return str(scene.tokens[spots[0]].data) if spots else str(charts[0]) if charts else None


def unmeasured_claims(scene: Scene, memory: Memory) -> Iterator[Claim]:
    """One claim for each thing that nothing measures and that carries a number or a direction."""
    mentions = [m for m in scene.mentions if isinstance(m.topic, Unmeasured) and m.first not in scene.masked]
    while mentions:
        m = mentions.pop(0)
        assert isinstance(m.topic, Unmeasured)
        end = _reach(
            scene,
            m,
            [o for o in scene.mentions if o.first > m.first and (isinstance(o.topic, Unmeasured) or not o.named)],
        )
        numbers, moves = _numbers(scene, m, end), _moves(scene, m, end)
        if not numbers and not moves:
            continue
        last = max([m.last, *(i + 1 for i in (*numbers, *moves))])
        subjects, how = _who(scene, m, last, memory)
        start, stop = scene.tokens.span(min([m.first, *numbers]), last)
        yield Claim(
            first=min([m.first, *numbers]),
            last=last,
            subjects=subjects,
            kind="held",
            choices=(Choice(None, _window(scene, m, end)),),
            comparison=None,
            value=None,
            stated=scene.sentence.text[start:stop],
            tolerance=None,
            negated=False,
            tense=scene.tense(m.first, last, None),
            meaning="",
            how=how,
            reason=m.topic.reason,
        )
        scene.taken.update(range(m.first, end))
