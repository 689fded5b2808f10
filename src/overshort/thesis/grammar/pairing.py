"""Which window, which subject and which direction belong to which number of a sentence."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from overshort.thesis.grammar.amounts import Amount
from overshort.thesis.grammar.lexicon import Subject, Topic, Unmeasured
from overshort.thesis.grammar.scene import SEPARATORS, Scene, subjects_of
from overshort.thesis.grammar.values import hedged

__all__ = [
    "Number",
    "bound",
    "direction",
    "group_of",
    "parted",
    "ranks_by_kin",
    "runs_of",
    "set_directions",
    "share_windows",
    "zip_windows",
]


_OTHERS = ("NUMpct", "NUMbp", "NUMrank", "NUMusd")
"""Numbers that a direction before them does not reach over."""
_IN_LISTS = SEPARATORS | {"the", "over", "in", "for", "respectively", "versus", "vs", "both"}


_PASSED = frozenset(("was", "were", "is", "has", "been", "more", "a", "of", "weekly", "daily", "quarterly"))
"""Words that may stand between a number and the direction behind it."""


@dataclass(slots=True)
class Number:
    """A number on its way to a claim."""

    at: int
    amount: Amount
    windows: list[int] = field(default_factory=list)
    subjects: list[int] = field(default_factory=list)
    topic: Topic | Unmeasured | None = None
    sign: int | None = None
    column: str | None = None
    """The time that the column of a table names."""


def direction(scene: Scene, first: int, last: int) -> int | None:
    """The direction in words: right behind the number (``6.5% lower``), else the nearest before it in its clause."""
    moves = [(a, b, s) for s, name in ((1, "up"), (-1, "down")) for a, b in scene.said(name)]
    moves = [m for m in moves if not any(o != m and o[0] <= m[0] and m[1] <= o[1] and o[2] != m[2] for o in moves)]
    for a, _, sign in sorted(moves):
        gap = scene.keys[last:a]
        if a >= last and len(gap) <= 2 and set(gap) <= _PASSED:
            return sign
    before = [(b, sign) for a, b, sign in moves if b <= first and scene.same(a, first) and first - b <= 10]
    before = [(b, s) for b, s in before if not any(k.startswith(_OTHERS) for k in scene.keys[b:first])]
    return max(before)[1] if before else None


def bound(scene: Scene, numbers: Sequence[int], items: Sequence[int], follow: bool) -> dict[int, list[int]]:
    """Give each item (a window, a subject) to the number on the side that no comma or ``and`` parts it from."""
    found: dict[int, list[int]] = {n: [] for n in numbers}
    previous: tuple[int, int] | None = None
    for t in items:
        left = max((n for n in numbers if n < t and scene.same(n, t)), default=None)
        right = min((n for n in numbers if n > t and scene.same(n, t)), default=None)
        if left is None and right is None:
            continue
        owner = _owner(scene, left, right, t, follow)
        bracketed = right is not None and _bracketed(scene, t, right)
        if (
            previous
            and not bracketed
            and previous[1] == left
            and t - previous[0] <= 3
            and left is not None
            and parted(scene, previous[0], t)
        ):
            owner = left if right is None or parted(scene, t, right) else owner
        if owner is not None:
            found[owner].append(t)
            previous = (t, owner)
    return found


def _bracketed(scene: Scene, t: int, right: int) -> bool:
    """Whether a number stands in brackets behind a year: ``after a flat 2018 (-0.1%)``."""
    return scene.keys[t].startswith("WINyear") and scene.between(t, right) == ["("]


def parted(scene: Scene, a: int, b: int) -> bool:
    """Whether a comma or a joint stands between two tokens."""
    return any(k in SEPARATORS for k in scene.between(a, b))


def _owner(scene: Scene, left: int | None, right: int | None, t: int, follow: bool) -> int | None:
    if left is None or right is None:
        return right if left is None else left
    if scene.sentence.text[scene.tokens[t].start :].lower().startswith(("finish", "end", "clos")):
        return right
    if _bracketed(scene, t, right):
        return right
    to_left, to_right = parted(scene, left, t), parted(scene, t, right)
    if to_left != to_right:
        return right if to_left else left
    governed = scene.keys[t - 1] in ("in", "for", "on", "of", "across", "the") and not follow and not to_left
    return left if follow or governed else right


def ranks_by_kin(numbers: list[Number]) -> None:
    """``is 12 for the S&P 500 and 55 for the Russell``: beside a rank, with its own subject, one too."""
    for a, b in pairwise(numbers):
        if (
            a.amount.kind == "rank"
            and b.amount.kind in ("cnt", "ord")
            and (b.subjects or b.windows)
            and 0 <= b.amount.value <= 100
        ):
            b.amount = Amount("rank", b.amount.value, None, b.amount.step, None)
            b.windows = b.windows or a.windows


def share_windows(scene: Scene, numbers: list[Number]) -> None:
    """Windows that a list says once: before all of it, or after its last number."""
    for a, b in pairwise(numbers):
        apart = bool(b.subjects) and b.subjects != a.subjects
        fronted = bool(a.windows) and a.windows[0] < a.at
        if not b.windows and a.windows and (apart or fronted) and b.amount.kind == a.amount.kind:
            b.windows = a.windows
    for a, b in zip(reversed(numbers[:-1]), reversed(numbers[1:]), strict=False):
        if (
            not a.windows
            and b.windows
            and scene.same(a.at, b.at)
            and a.amount.kind == b.amount.kind
            and _listed(scene, a, b)
        ):
            b_after = [w for w in b.windows if w > b.at]
            a.windows = b_after


def _listed(scene: Scene, a: Number, b: Number) -> bool:
    moves = {i for name in ("up", "down", "price") for x, y in scene.said(name) for i in range(x, y)}
    gap = [scene.keys[i] for i in range(a.at + 1, b.at) if scene.keys[i][:3] != "SUB" and i not in moves]
    return len(gap) <= 6


def set_directions(scene: Scene, numbers: list[Number]) -> None:
    """Each number's direction; one that has none goes on in that of the number before: ``fell 2% and 3%``."""
    previous: Number | None = None
    for n in numbers:
        n.sign = direction(scene, hedged(scene, n.at)[1], n.at + 1)
        linked = previous and scene.same(previous.at, n.at) and n.amount.kind == previous.amount.kind
        if n.sign is None and previous and linked and n.topic is previous.topic and n.amount.signed is None:
            n.sign = previous.sign
        previous = n


def zip_windows(scene: Scene, numbers: list[Number], items: list[int], give: str) -> None:
    """``SPX, NDX and RUT are up 2%, 3% and 4%``: a run of numbers and as many windows go one to one."""
    runs = runs_of(scene, numbers)
    for run in runs:
        _zipped_before(scene, run, items, give)
        after = [i for i in items if i > run[-1].at and scene.same(i, run[-1].at)]
        listed = all(set(scene.between(a, b)) <= _IN_LISTS for a, b in pairwise(after))
        if len(run) > 1 and len(after) == len(run) and listed and not any(getattr(n, give) for n in run[:-1]):
            for n, i in zip(run, after, strict=True):
                setattr(n, give, [i])


def _zipped_before(scene: Scene, run: list[Number], items: list[int], give: str) -> None:
    """``the one-year and five-year percentiles are 100 and 97``: as many windows before a run, none of them apart."""
    before = [i for i in items if i < run[0].at and scene.same(i, run[0].at)][-len(run) :]
    listed = all(set(scene.between(a, b)) <= _IN_LISTS and b - a > 1 for a, b in pairwise(before))
    if len(run) < 2 or len(before) != len(run) or not listed or {",", ":"} & set(scene.between(before[-1], run[0].at)):
        return
    if not any(k.startswith("NUM") for k in scene.keys[before[0] : run[0].at]):
        for n, i in zip(run, before, strict=True):
            setattr(n, give, [i])


def runs_of(scene: Scene, numbers: list[Number]) -> list[list[Number]]:
    runs: list[list[Number]] = []
    for n in numbers:
        close = (
            runs
            and runs[-1][-1].amount.kind == n.amount.kind
            and set(scene.between(runs[-1][-1].at, n.at))
            <= {
                ",",
                "and",
                "/",
                "&",
                "respectively",
                "versus",
                "vs",
            }
        )
        if close:
            runs[-1].append(n)
        else:
            runs.append([n])
    return runs


def group_of(scene: Scene, run: list[Number]) -> tuple[Subject, ...] | None:
    """A group of as many subjects as the run has numbers, before or after the run."""
    for i in scene.subjects:
        group = subjects_of(scene.tokens[i])
        if len(run) > 1 and len(group) == len(run):
            return group
    return None
