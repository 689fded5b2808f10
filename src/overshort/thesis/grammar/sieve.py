"""Numbers that say nothing of their own: bases of a comparison, levels only passed, articles, factors said better."""

from itertools import pairwise

from overshort.thesis.grammar.figures import FACTORS
from overshort.thesis.grammar.pairing import Number
from overshort.thesis.grammar.scene import Scene

__all__ = ["article", "compared_with", "latest", "ranked_since", "without_factors"]

_FROM = frozenset(("below", "above", "under", "over", "through", "past", "beneath", "from"))
"""What stands before a level that is only passed: ``fell below 13, to 12.8``."""


def latest(scene: Scene, numbers: list[Number]) -> list[Number]:
    """The numbers without those that only say what was passed or left on the way to the next."""
    gone = [
        a
        for a, b in pairwise(numbers)
        if a.amount.kind == b.amount.kind
        and b.at - a.at <= 4
        and scene.keys[a.at - 1] in _FROM
        and scene.keys[b.at - 1] in ("to", "at")
        and not any(a.at < i < b.at for i in (*scene.subjects, *scene.windows))
    ]
    return [n for n in numbers if n not in gone]


def compared_with(scene: Scene, n: Number) -> bool:
    """Whether a number only says what another is compared with: ``44% versus 41% on average``."""
    before = scene.keys[max(0, n.at - 2) : n.at]
    if before in (["up", "from"], ["down", "from"]) and n.amount.kind != "rank":
        return True
    first = any(i < n.at and scene.same(i, n.at) for i in scene.numbers)
    last = max((i for i in scene.numbers if i < n.at), default=0)
    named = any(last < i < n.at for i in scene.subjects) or any(i > n.at for i in n.subjects)
    own = any(0 < m.first - n.at <= 4 for m in scene.mentions) or named or any(w > n.at for w in n.windows)
    return first and not own and n.amount.kind != "rank" and bool({"vs", "versus", "against", "from"} & set(before))


def without_factors(scene: Scene, numbers: list[Number]) -> list[Number]:
    """``has doubled in a month, up 104%``: the figure says it better, over the same time."""
    kept: list[Number] = []
    for n, after in zip(numbers, [*numbers[1:], None], strict=False):
        factor = scene.keys[n.at].removeprefix("NUMpct=") in FACTORS
        if factor and after and after.amount.kind == "pct" and after.at - n.at <= 6:
            after.windows = after.windows or n.windows
        else:
            kept.append(n)
    return kept


_SUPERLATIVES = frozenset(
    ("largest", "biggest", "highest", "most", "lowest", "smallest", "best", "worst", "sharpest", "steepest", "fastest")
)


def ranked_since(scene: Scene, w: int) -> bool:
    """Whether a date only says how long nothing was greater: ``+3%, the largest jump since March``."""
    before = scene.keys[max(0, w - 4) : w]
    return scene.keys[w] == "WINsince" and bool(_SUPERLATIVES & set(before)) and not any(k[:3] == "NUM" for k in before)


def article(scene: Scene, i: int) -> bool:
    """Whether a number only stands for a noun: ``the small-cap one``, ``one soft number``, ``the three are up``."""
    units = scene.lexicon.words("counted") | {"times", "shares"}
    group = scene.keys[i] in ("NUMcnt=two", "NUMcnt=three") and scene.keys[i - 1 : i] in (["the"], ["all"], ["these"])
    return (group or scene.keys[i] == "NUMcnt=one") and not units & set(scene.keys[i + 1 : i + 2])
