"""Numbers that no fixed phrase takes: each with its own topic, subject and windows."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from overshort.thesis.grammar.about import about, pointed
from overshort.thesis.grammar.amounts import Amount
from overshort.thesis.grammar.claims import Choice, Claim
from overshort.thesis.grammar.lexicon import Subject, Topic, Unmeasured
from overshort.thesis.grammar.memory import Memory, fitting, found_subjects
from overshort.thesis.grammar.scene import SEPARATORS, Scene, amount_of, subjects_of
from overshort.thesis.statement import Comparison, Value

__all__ = ["chosen", "hedged", "number_claims", "tolerance"]

_FLIPPED: dict[Comparison, Comparison] = {">": "<", ">=": "<=", "<": ">", "<=": ">="}
_SAYS_VALUE = frozenset(
    (
        "at",
        "to",
        "near",
        "around",
        "=",
        ":",
        "hit",
        "is",
        "was",
        "reads",
        "reading",
        "about",
        "of",
        "above",
        "below",
        "under",
        "over",
        "from",
        "~",
        "roughly",
        "stands",
        "sits",
        "closed",
        "with",
        "average",
        "averages",
        "averaging",
        "just",
        "only",
        "than",
        "nearly",
        "almost",
        "now",
        "touched",
        "averaged",
        "finished",
        "ended",
        "remains",
        "a",
        "stood",
        "and",
        "sub",
        "print",
        "printed",
        "still",
        "reached",
    )
)
LOOSE = 0.1
"""Roughly: within a tenth of the value."""


@dataclass(slots=True)
class Number:
    """A number on its way to a claim."""

    at: int
    amount: Amount
    windows: list[int] = field(default_factory=list)
    subjects: list[int] = field(default_factory=list)
    topic: Topic | Unmeasured | None = None
    sign: int | None = None


def hedged(scene: Scene, i: int) -> tuple[Comparison, int]:
    """How the number at ``i`` is compared, and where the words that say so start."""
    plus = scene.sentence.text[scene.tokens[i].start + 1 : scene.tokens[i].end].find("+") > 0
    if plus:
        return ">=", i
    before = scene.tokens.before(i)
    found = [(m.start(), c) for c, p in scene.lexicon.hedges if (m := p.search(before[max(0, len(before) - 60) :]))]
    if found:
        at, comparison = min(found)
        start = scene.tokens.places(max(0, len(before) - 60) + at, len(before))[0]
        return comparison, start  # type: ignore[return-value]
    after = scene.tokens.after(i + 1)
    late = next((c for c, p in scene.lexicon.afters if p.match(after)), "=")
    return late, i  # type: ignore[return-value]


def tolerance(amount: Amount, comparison: Comparison, value: Value | None) -> float | None:
    """Half of the last stated digit; for "roughly" at least a tenth of the value."""
    half = amount.step / 2
    size = (
        max((abs(v) for v in value), default=0.0)
        if isinstance(value, tuple)
        else abs(float(value))
        if isinstance(value, (int, float))
        else 0.0
    )
    return max(half, LOOSE * size) if comparison == "~" else half


def direction(scene: Scene, first: int, last: int) -> int | None:
    """The direction in words: right behind the number (``6.5% lower``), else the nearest before it in its clause."""
    moves = [(a, b, s) for s, name in ((1, "up"), (-1, "down")) for a, b in scene.said(name)]
    for a, _, sign in sorted(moves):
        gap = scene.keys[last:a]
        if a >= last and len(gap) <= 2 and set(gap) <= {"was", "were", "is", "has", "been", "more", "a", "of"}:
            return sign
    before = [(b, sign) for a, b, sign in moves if b <= first and scene.same(a, first) and first - b <= 6]
    before = [(b, s) for b, s in before if not any(k[:3] == "NUM" and k[:6] != "NUMyea" for k in scene.keys[b:first])]
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
        if (
            previous
            and previous[1] == left
            and t - previous[0] <= 3
            and left is not None
            and _parts(scene, previous[0], t)
        ):
            owner = left if right is None or _parts(scene, t, right) else owner
        if owner is not None:
            found[owner].append(t)
            previous = (t, owner)
    return found


def _parts(scene: Scene, a: int, b: int) -> bool:
    return any(k in SEPARATORS for k in scene.between(a, b))


def _owner(scene: Scene, left: int | None, right: int | None, t: int, follow: bool) -> int | None:
    if left is None or right is None:
        return right if left is None else left
    to_left, to_right = _parts(scene, left, t), _parts(scene, t, right)
    if to_left != to_right:
        return right if to_left else left
    governed = scene.keys[t - 1] in ("in", "for", "on", "of", "across", "the") and not follow and not to_left
    return left if follow or governed else right


def chosen(topic: Topic, kind: str, window: str | None) -> Choice:
    """The metric of a number about a topic over a window; none where nothing measures it."""
    table = topic.rank if kind == "rank" else topic.change
    if kind in ("pct", "bp") and topic.pct:
        return Choice(topic.pct, None)
    if kind in ("cnt", "usd"):
        return Choice(topic.plain if kind == "cnt" else topic.usd, None)
    if "any" in table:
        return Choice(table["any"], None)
    kind_of = "index" if topic.name == "price" and (table.get(_window_key(window, table)) or "").startswith("persistence.") else None
    key = _window_key(window, table)
    named = {"2w": "last_report", "1y": "12m"}.get(window or "", window) if kind != "rank" else window
    return Choice(table.get(key), "1y" if kind == "rank" and window in ("12m", "ytd") else named, kind_of)


def _window_key(window: str | None, table: dict[str, str] | object) -> str:
    assert hasattr(table, "__contains__")
    if window is None:
        return "none"
    month = re.fullmatch(r"\d{4}-\d\d", window)
    key = "since" if window.startswith("since:") else "year" if window.isdigit() else "month" if month else window
    return key if key in table else "other"


def _unknown(topic: Topic, kind: str, window: str | None) -> str:
    what = {"rank": "a rank", "usd": "an amount of money", "cnt": "a number"}.get(kind, "a change")
    over = f" over {window}" if window else ""
    return f"no metric measures {what} of {topic.name.replace('_', ' ')}{over}"


def _signed_value(n: Number, comparison: Comparison) -> tuple[Value, Comparison]:
    amount = n.amount
    minus = amount.signed == "-" or amount.value < 0 or (amount.signed is None and n.sign == -1)
    if amount.high is not None:
        ends = sorted((-abs(v) if minus else v) for v in (amount.value, amount.high))
        return (ends[0], ends[1]), "between"
    if not minus:
        return amount.value, comparison
    return -abs(amount.value), _FLIPPED.get(comparison, comparison) if amount.signed is None else comparison


def _plain_value(amount: Amount, comparison: Comparison) -> tuple[Value, Comparison]:
    if amount.high is not None:
        return (amount.value, amount.high), "between"
    return amount.value, comparison


def _is_level(scene: Scene, n: Number, topic: Topic) -> bool:
    """Whether a bare number states a level: right after its topic or after a word that says so."""
    i = n.at
    before = scene.keys[i - 1] if i else ""
    adjacent = before.startswith("SUB") or any(i in (m.last, m.first - 1) and m.topic is topic for m in scene.mentions)
    after = scene.keys[i + 1 : i + 2]
    if after in (["points"], ["point"]) and direction(scene, i, i + 1):
        return False
    counts = bool(
        after
        and after[0] in ("days", "day", "weeks", "months", "sessions", "years", "times", "points", "calls", "puts")
    )
    return (adjacent or before in _SAYS_VALUE) and (topic.name != "volatility" or not counts or after == ["points"])


def _topics(scene: Scene, numbers: list[Number], memory: Memory) -> None:
    siblings: list[Topic] = []
    for n in numbers:
        kind = n.amount.kind
        topic = about(scene, n.at, n.at + 1, lambda t, kind=kind: t.takes(kind), memory, siblings)  # type: ignore[misc]
        local = any(m.topic is topic for m in scene.mentions) or topic in siblings
        if kind == "cnt" and isinstance(topic, Topic) and not _is_level(scene, n, topic):
            topic = None
        if _compared_with(scene, n):
            topic = None
        if topic is not None and not local and not pointed(scene, n.at, n.at + 1):
            topic = None
        if (
            isinstance(topic, Topic)
            and kind != "rank"
            and scene.keys[n.at + 1 : n.at + 2] == ["of"]
            and kind == "pct"
            and not local
        ):
            topic = None
        n.topic = topic
        if isinstance(topic, Topic):
            siblings.append(topic)


def _compared_with(scene: Scene, n: Number) -> bool:
    """Whether a number only says what another is compared with: ``44% versus 41% on average``."""
    before = scene.keys[max(0, n.at - 2) : n.at]
    first = any(i < n.at and scene.same(i, n.at) for i in scene.numbers)
    last = max((i for i in scene.numbers if i < n.at), default=0)
    named = any(last < i < n.at for i in scene.subjects) or any(i > n.at for i in n.subjects)
    own = any(0 < m.first - n.at <= 4 for m in scene.mentions) or named or bool(n.windows)
    return first and not own and n.amount.kind != "rank" and bool({"vs", "versus", "against", "from"} & set(before))


def _ranks_by_kin(numbers: list[Number]) -> None:
    """``is 12 for the S&P 500 and 55 for the Russell``: a bare number beside a rank is one, if it has its own subject."""
    for a, b in zip(numbers, numbers[1:], strict=False):
        if a.amount.kind == "rank" and b.amount.kind in ("cnt", "ord") and (b.subjects or b.windows) and 0 <= b.amount.value <= 100:
            b.amount = Amount("rank", b.amount.value, None, b.amount.step, None)
            b.windows = b.windows or a.windows


def _share_windows(scene: Scene, numbers: list[Number]) -> None:
    """Windows that a list says once: before all of it, or after its last number."""
    for a, b in zip(numbers, numbers[1:], strict=False):
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


def _directions(scene: Scene, numbers: list[Number]) -> None:
    """Each number's direction; one that has none goes on in that of the number before: ``fell 2% and 3%``."""
    previous: Number | None = None
    for n in numbers:
        n.sign = direction(scene, hedged(scene, n.at)[1], n.at + 1)
        linked = previous and scene.same(previous.at, n.at) and n.amount.kind == previous.amount.kind
        if n.sign is None and previous and linked and n.topic is previous.topic and n.amount.signed is None:
            n.sign = previous.sign
        previous = n


def _listed(scene: Scene, a: Number, b: Number) -> bool:
    gap = [k for k in scene.between(a.at, b.at) if k[:3] != "SUB"]
    return len(gap) <= 4


def _zipped(scene: Scene, numbers: list[Number], items: list[int], give: str) -> None:
    """``SPX, NDX and RUT are up 2%, 3% and 4%``: a run of numbers and as many windows go one to one."""
    runs = _runs(scene, numbers)
    for run in runs:
        after = [i for i in items if i > run[-1].at and scene.same(i, run[-1].at)]
        if len(run) > 1 and len(after) == len(run) and not any(getattr(n, give) for n in run[:-1]):
            for n, i in zip(run, after, strict=True):
                setattr(n, give, [i])


def _runs(scene: Scene, numbers: list[Number]) -> list[list[Number]]:
    runs: list[list[Number]] = []
    for n in numbers:
        close = runs and set(scene.between(runs[-1][-1].at, n.at)) <= {
            ",",
            "and",
            "/",
            "&",
            "respectively",
            "versus",
            "vs",
        }
        if close:
            runs[-1].append(n)
        else:
            runs.append([n])
    return runs


def _group_of(scene: Scene, run: list[Number]) -> tuple[Subject, ...] | None:
    """A group of as many subjects as the run has numbers, before or after the run."""
    for i in scene.subjects:
        group = subjects_of(scene.tokens[i])
        if len(run) > 1 and len(group) == len(run):
            return group
    return None


def _windows_of(scene: Scene, n: Number, topic: Topic) -> list[str | None]:
    names = [_window_name(scene, w) for w in n.windows]
    if n.amount.kind == "rank":
        names = [w for w in names if w in topic.rank]
    seen: list[str | None] = []
    for name in names:
        if (c := chosen(topic, n.amount.kind, name).window) not in seen:
            seen.append(c)
    if len(seen) > 1 and "last_report" in seen and topic.name == "price":
        seen.remove("last_report")
    return seen or [None]


def _window_name(scene: Scene, i: int) -> str:
    data = scene.tokens[i].data
    return f"{data.value:.0f}y" if isinstance(data, Amount) else str(data)


def _sequels(scene: Scene, n: Number) -> list[int]:
    """``the 97th of five``: a window of which only the number of years is said."""
    after = scene.keys[n.at + 1 : n.at + 3]
    if (
        n.amount.kind == "rank"
        and len(after) == 2
        and after[0] == "of"
        and after[1] in ("NUMcnt=five", "NUMcnt=5", "NUMcnt=one")
    ):
        return [n.at + 2]
    return []


def _others(topic: Topic, kind: str, window: str | None, first: Choice) -> list[Choice]:
    """Further readings: the year-to-date of ``since January``, the other ranks where no window is said, the shorts or the price."""
    if window and window.startswith("since:") and window.endswith("-01") and "ytd" in topic.change:
        return [Choice(topic.change["ytd"], "ytd")]
    if window is None and kind in ("rank", "pct", "bp") and not topic.pct:
        table = topic.rank if kind == "rank" else topic.change
        known = {
            m: w
            for w, m in table.items()
            if w not in ("none", "any", "other", "since", "year", "month", "2w") and m != first.metric
        }
        return [Choice(m, "1y" if w == "12m" and kind == "rank" else w) for m, w in known.items()]
    return []


def _running_month(scene: Scene, n: Number, first: Choice) -> list[Choice]:
    """``this month`` is also the running calendar month."""
    names = [scene.sentence.text[scene.tokens[w].start : scene.tokens[w].end].lower() for w in n.windows]
    running = any(name in ("this month", "month to date", "month-to-date", "mtd") for name in names)
    return [Choice("persistence.month_return", "1m", "index")] if running and first.metric == "price.change_1m" else []


def _measured(
    scene: Scene, n: Number, topic: Topic, memory: Memory, group: tuple[Subject, ...], how: str
) -> Iterator[Claim]:
    comparison, start = hedged(scene, n.at)
    kind = n.amount.kind
    changes = kind in ("pct", "bp") and not topic.pct
    value, comparison = _signed_value(n, comparison) if changes else _plain_value(n.amount, comparison)
    place = scene.tokens[n.at]
    for window in _windows_of(scene, n, topic):
        choice = _recent(scene, chosen(topic, kind, window))
        last = max([n.at + 1, *(w + 1 for w in n.windows if scene.tokens[w].data == window and w > n.at)])
        yield Claim(
            first=start,
            last=last,
            subjects=group,
            kind=topic.kind,
            choices=(choice, *_others(topic, kind, choice.window, choice), *_running_month(scene, n, choice)),
            comparison=comparison if choice.metric else None,
            value=value if choice.metric else None,
            stated=scene.sentence.text[place.start : place.end],
            tolerance=tolerance(n.amount, comparison, value) if choice.metric else None,
            negated=scene.denied(start, n.at + 1, own=False),
            tense=scene.tense(start, last, choice.window),
            meaning=_said(topic, comparison),
            how=how,
            reason=None if choice.metric else _unknown(topic, kind, choice.window),
        )


def _recent(scene: Scene, choice: Choice) -> Choice:
    """A month that is named is ``1m`` where it is the running or the last one."""
    if choice.metric != "persistence.month_return" or choice.window is None:
        return choice
    year, month = map(int, choice.window.split("-"))
    ago = (scene.written.year - year) * 12 + scene.written.month - month
    return replace(choice, window="1m") if ago <= 1 else choice


def _said(topic: Topic, comparison: Comparison) -> str:
    rough = "roughly: within a tenth of the value" if comparison == "~" else ""
    return "; ".join(p for p in (f"about {topic.name.replace('_', ' ')}", rough) if p)


def _prepared(scene: Scene, memory: Memory) -> list[Number]:
    numbers = [
        Number(i, amount_of(scene.tokens[i])) for i in scene.numbers if i not in scene.taken and i not in scene.masked
    ]
    numbers = [n for n in numbers if n.amount.kind not in ("year", "x")]
    spots = [n.at for n in numbers]
    free = [w for w in scene.windows if w not in scene.taken]
    follow = bool(free) and bool(spots) and free[0] > spots[0]
    windows = bound(scene, spots, free, follow)
    subjects = bound(scene, spots, scene.subjects, False)
    for n in numbers:
        n.windows, n.subjects = windows[n.at] + _sequels(scene, n), subjects[n.at]
    return _without_factors(scene, numbers)


def _without_factors(scene: Scene, numbers: list[Number]) -> list[Number]:
    """``has doubled in a month, up 104%``: the figure says it better, over the same time."""
    kept: list[Number] = []
    for n, after in zip(numbers, [*numbers[1:], None], strict=False):
        factor = scene.keys[n.at].removeprefix("NUMpct=") in (
            "doubled",
            "doubling",
            "tripled",
            "tripling",
            "trebled",
            "quadrupled",
            "halved",
        )
        if factor and after and after.amount.kind == "pct" and after.at - n.at <= 6:
            after.windows = after.windows or n.windows
        else:
            kept.append(n)
    return kept


def number_claims(scene: Scene, memory: Memory) -> tuple[list[Claim], list[Topic]]:
    """Claims of all numbers that are left, and the topics they were about."""
    numbers = _prepared(scene, memory)
    _zipped(scene, numbers, [w for w in scene.windows if w not in scene.taken], "windows")
    _ranks_by_kin(numbers)
    _topics(scene, numbers, memory)
    _share_windows(scene, numbers)
    _directions(scene, numbers)
    claims: list[Claim] = []
    for run in _runs(scene, numbers):
        group = _group_of(scene, run)
        for nth, n in enumerate(run):
            if isinstance(n.topic, Topic) and not scene.expected(n.at):
                members, how = ((group[nth],), "") if group else _subjects(scene, n, n.topic, numbers, memory)
                claims += _measured(scene, n, n.topic, memory, members, how)
                scene.taken.add(n.at)
    return claims, [n.topic for n in numbers if isinstance(n.topic, Topic)]


def _subjects(
    scene: Scene, n: Number, topic: Topic, numbers: list[Number], memory: Memory
) -> tuple[tuple[Subject, ...], str]:
    own = [f for i in n.subjects if (f := fitting(subjects_of(scene.tokens[i]), topic.kind))]
    if own and topic.kind != "vix":
        return own[-1], ""
    return found_subjects(scene, n.at, n.at + 1, topic.kind, memory)
