"""Tables in a text: a line of column names, and rows of a subject with as many figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from overshort.thesis.grammar.amounts import Amount
from overshort.thesis.grammar.lexicon import Topic
from overshort.thesis.grammar.pairing import Number
from overshort.thesis.grammar.scene import SEPARATORS, Scene

__all__ = ["Column", "columns", "filled"]

_EDGES = frozenset(("|", "/", ",", "("))


@dataclass(frozen=True, slots=True)
class Column:
    """What the figures of a column are about, and over which time."""

    topic: Topic | None
    window: str | None


def columns(scene: Scene) -> list[Column]:
    """The columns that a line without figures names: at least two, one of which is a time; else none."""
    if scene.numbers or len(scene.windows) < 2:
        return []
    edges = [-1, *(i for i, k in enumerate(scene.keys) if k in _EDGES), len(scene.keys)]
    found, spoken = [], None
    for a, b in pairwise(edges):
        inside = [m.topic for m in scene.mentions if a < m.first < b and not m.named and isinstance(m.topic, Topic)]
        windows = [str(scene.tokens[w].data) for w in scene.windows if a < w < b]
        spoken = inside[-1] if inside else spoken
        if windows or (inside and scene.keys[b : b + 1] != ["("]):
            found.append(Column(spoken, windows[-1] if windows else None))
    return found


def filled(scene: Scene, numbers: list[Number], known: Sequence[Column]) -> bool:
    """Give the figures of a row their columns; whether the sentence is such a row."""
    row = all(k[:3] in ("SUB", "NUM") or k in SEPARATORS for k in scene.keys)
    if not known or not row or not scene.subjects or len(numbers) != len(known):
        return False
    for n, column in zip(numbers, known, strict=True):
        a = n.amount
        if a.kind == "cnt" and column.window and column.topic and not column.topic.plain:
            n.amount = Amount("pct", round(a.value / 100, 12), None, a.step / 100, a.signed)
        if column.topic and column.topic.takes(n.amount.kind):
            n.topic = column.topic
        n.column = column.window
    return True
