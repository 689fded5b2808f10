"""A subject and a number with nothing between: what was claimed before, of another subject: ``and QQQ 32%``."""

from collections.abc import Iterable
from dataclasses import replace

from overshort.thesis.grammar.claims import Choice, Claim
from overshort.thesis.grammar.lexicon import Subject
from overshort.thesis.grammar.memory import Memory, fitting, governed_right
from overshort.thesis.grammar.pairing import Number, direction
from overshort.thesis.grammar.scene import BREAKS, SEPARATORS, Scene, subjects_of
from overshort.thesis.grammar.values import chosen, hedged, signed_value, tolerance

__all__ = ["echoed"]

_SESSION = ("1d", "1w")
"""Windows that only prices have."""
_MOVES = ("crowding.cha", "price.", "carry.mtm", "volatility.change", "persistence.month_return")
"""Metrics whose numbers have a sign."""
_COUNTS = frozenset(("cnt", "ord"))


def _before(n: Number, claims: Iterable[Claim], memory: Memory) -> tuple[Claim | None, int]:
    """The last claim of a number of this kind, and where the words between start."""
    own = [c for c in claims if c.last <= n.at]
    start = max((c.last for c in own), default=0)
    kin = _COUNTS if n.amount.kind in _COUNTS else {n.amount.kind}
    return next((c for c in reversed([*memory.said, *sorted(own, key=lambda c: c.last)]) if c.unit in kin), None), start


def _subject(scene: Scene, n: Number, start: int) -> int | None:
    """The subject that a number alone follows, or one tied to it from the right."""
    right = governed_right(scene, n.at + 1)
    left = [i for i in scene.subjects if start <= i < n.at]
    if right is None and not left and scene.keys[n.at + 1 : n.at + 2] and scene.keys[n.at + 1].startswith("SUB"):
        return n.at + 1
    return right if right is not None else left[-1] if left else None


def _bare(scene: Scene, n: Number, start: int, subject: int) -> bool:
    """Whether nothing else stands between: no topic, no direction, no other number, and only light words."""
    first = min(start, subject)
    plain = [m for m in scene.mentions if not m.named and (first <= m.first or start <= m.last) and m.first < n.at]
    moved = direction(scene, n.at, n.at + 1) is not None and not _verbless(scene, min(start, subject), n.at)
    numbers = [i for i in scene.numbers if start <= i < n.at]
    following = [m for m in scene.mentions if not m.named and 0 <= m.first - n.at <= 3]
    unit = scene.keys[n.at + 1 : n.at + 2]
    counted = n.amount.kind in _COUNTS and bool(scene.lexicon.words("counted") & set(unit))
    return not (plain or moved or numbers or following or counted or scene.foreign(start, n.at))


def _verbless(scene: Scene, first: int, last: int) -> bool:
    """Whether a direction stands without a verb: ``Tech: down 0.4%``, ``Nasdaq 100, 0.3% lower``."""
    plain = scene.lexicon.words("plain_direction") | scene.lexicon.words("light") - scene.lexicon.words("verb_of_being")
    return all(k in plain or k in SEPARATORS or k == "?" or k[:3] in ("SUB", "WIN") for k in scene.keys[first:last])


def _over(scene: Scene, said: Claim, kind: str, window: str | None) -> Choice | None:
    """What was claimed, over another window; nothing where nothing measures that."""
    first = said.choices[0]
    if window is None or window == first.window:
        return first
    name = (first.metric or "").partition(".")[0]
    topic = scene.lexicon.topics.get(name)
    if topic is None or (name != "price" and window in _SESSION) or first.metric == topic.record:
        return None
    choice = chosen(topic, kind, window)
    return choice if choice.metric else None


def echoed(scene: Scene, n: Number, claims: Iterable[Claim], memory: Memory) -> Claim | None:
    """The claim before, made again of the subject that stands beside a bare number; nothing where none does."""
    said, start = _before(n, claims, memory)
    if said is None or said.choices[0].metric is None:
        return None
    start = max([start, *(i + 1 for i in range(start, n.at) if scene.keys[i] in BREAKS)])
    subject = _subject(scene, n, start)
    level = n.amount.kind == "pct" and not said.choices[0].metric.startswith(_MOVES)
    if level and direction(scene, n.at, n.at + 1) is not None:
        return None
    if subject is None or not _bare(scene, n, start, subject):
        return None
    choice = _over(scene, said, n.amount.kind, str(scene.tokens[n.windows[0]].data) if n.windows else None)
    if choice is None:
        return None
    group = fitting(subjects_of(scene.tokens[subject]), said.kind)
    return _made(scene, n, said, choice, group) if group else None


def _made(scene: Scene, n: Number, said: Claim, choice: Choice, group: tuple[Subject, ...]) -> Claim:
    comparison, start = hedged(scene, n.at)
    low = said.value[0] if isinstance(said.value, tuple) else said.value
    fell = isinstance(low, float) and low < 0
    sign = direction(scene, n.at, n.at + 1) or (-1 if fell else None)
    moves = (said.choices[0].metric or "").startswith(_MOVES)
    value, comparison = signed_value(n.amount, sign if moves else None, comparison)
    place = scene.tokens[n.at]
    return replace(
        said,
        first=start,
        last=n.at + 1,
        subjects=group,
        choices=said.choices if choice == said.choices[0] else (choice,),
        comparison=comparison,
        value=value,
        stated=scene.sentence.text[place.start : place.end],
        tolerance=tolerance(n.amount, comparison, value),
        negated=scene.denied(start, n.at + 1, own=False),
        how="",
    )
