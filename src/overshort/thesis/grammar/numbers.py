"""Numbers that no fixed phrase takes: each with its own topic, subject and windows."""

from collections.abc import Iterator
from dataclasses import replace

from overshort.thesis.grammar.about import Wants, about, pointed
from overshort.thesis.grammar.amounts import Amount
from overshort.thesis.grammar.claims import Choice, Claim
from overshort.thesis.grammar.columns import filled
from overshort.thesis.grammar.echo import echoed
from overshort.thesis.grammar.lexicon import Subject, Topic, Unmeasured
from overshort.thesis.grammar.memory import Memory, fitting, found_subjects, governed_right
from overshort.thesis.grammar.pairing import (
    Number,
    bound,
    direction,
    group_of,
    parted,
    ranks_by_kin,
    runs_of,
    set_directions,
    share_windows,
    zip_windows,
)
from overshort.thesis.grammar.scene import Scene, amount_of, subjects_of
from overshort.thesis.grammar.sieve import article, compared_with, latest, ranked_since, without_factors
from overshort.thesis.grammar.values import (
    chosen,
    hedged,
    meaning,
    other_readings,
    plain_value,
    signed_value,
    tolerance,
    unknown,
)

__all__ = ["number_claims"]


def _is_level(scene: Scene, n: Number, topic: Topic) -> bool:
    """Whether a bare number states a level: right after its topic or after a word that says so."""
    i = n.at
    before = next((k for k in reversed(scene.keys[max(0, i - 2) : i]) if k not in ("|", "(")), "")
    adjacent = before.startswith("SUB") or any(
        i in (m.last, m.last + 1, m.first - 1) and m.topic is topic for m in scene.mentions
    )
    after = scene.keys[i + 1 : i + 2]
    if after in (["points"], ["point"]) and direction(scene, i, i + 1):
        return False
    own = topic.name != "volatility" and any(m.topic is topic for m in scene.mentions)
    counts = after[:1] != ["points"] and bool(scene.lexicon.words("counted") & set(after)) and not own
    return (adjacent or before in scene.lexicon.words("says_value")) and not counts


def _taking(kind: str) -> Wants:
    return lambda topic: topic.takes(kind)


def _topics(scene: Scene, numbers: list[Number], memory: Memory) -> None:
    siblings: list[Topic] = []
    for n in numbers:
        n.amount = _elliptic(scene, n, memory)
        kind = n.amount.kind
        topic = about(scene, n.at, n.at + 1, _taking(kind), memory, siblings)
        local = any(m.topic is topic for m in scene.mentions) or topic in siblings
        answer = memory.asked and len(numbers) == 1 and not scene.foreign(0, len(scene.keys))
        if kind == "cnt" and isinstance(topic, Topic) and not answer and not _is_level(scene, n, topic):
            topic = None
        if compared_with(scene, n):
            topic = None
        if topic is not None and not local and not answer and not pointed(scene, n.at, n.at + 1):
            topic = None
        if isinstance(topic, Topic) and not local and scene.foreign(_pronoun(scene, n.at), n.at):
            topic = None
        if (
            isinstance(topic, Topic)
            and kind != "rank"
            and scene.keys[n.at + 1 : n.at + 2] == ["of"]
            and kind == "pct"
            and not local
        ):
            topic = None
        n.topic = topic = _of_session(scene, n, topic, local)
        if isinstance(topic, Topic):
            siblings.append(topic)


def _elliptic(scene: Scene, n: Number, memory: Memory) -> Amount:
    """``Up 8.4 on the week``: between a direction and a time a number is one of percent, save for the VIX."""
    a, spoken = n.amount, next((m.topic for m in reversed(scene.mentions)), None)
    spoken = spoken or next(reversed(memory.spoken), None)
    led = any(b == n.at for name in ("up", "down") for _, b in scene.said(name))
    timed = n.at + 1 in scene.windows
    if a.kind != "cnt" or a.value >= 30 or not (led and timed) or (isinstance(spoken, Topic) and spoken.kind == "vix"):
        return a
    high = None if a.high is None else round(a.high / 100, 12)
    return Amount("pct", round(a.value / 100, 12), high, a.step / 100, a.signed)


def _pronoun(scene: Scene, i: int) -> int:
    """Where words about a number can say what else it is about: after a pronoun that points back."""
    return max([scene.head(i), *(j for j in range(i) if scene.keys[j] in ("it", "they"))])


_ADJECTIVES = {"weekly": "1w", "daily": "1d", "quarterly": "3m", "yearly": "12m", "annual": "12m"}
"""What right behind a number says its time: ``a 1.4% weekly loss``."""


def _close(scene: Scene, n: Number) -> list[int]:
    """The windows of a number; one before it that a comma or ``and`` parts from it gives way to one right behind."""
    if not any(0 < w - n.at <= 4 for w in n.windows):
        return n.windows
    return [w for w in n.windows if w > n.at or not parted(scene, w, n.at)]


def _windows_of(scene: Scene, n: Number, topic: Topic) -> list[str | None]:
    adjective = _ADJECTIVES.get(next(iter(scene.keys[n.at + 1 : n.at + 2]), ""))
    names = [adjective] if adjective else [n.column] if n.column else [_window_name(scene, w) for w in _close(scene, n)]
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


def _of_session(scene: Scene, n: Number, topic: Topic | Unmeasured | None, local: bool) -> Topic | Unmeasured | None:
    """A change over a session or a week is one of the price, whatever the paragraph spoke of."""
    session = {str(scene.tokens[w].data) for w in n.windows} & {"1d", "1w"}
    carried = (
        isinstance(topic, Topic) and not local and topic.name not in ("price", "volatility") and topic.kind != "tape"
    )
    never = isinstance(topic, Topic) and topic.name == "crowding"
    moved = session and (carried or never) and n.amount.kind == "pct" and direction(scene, n.at, n.at + 1)
    return scene.lexicon.topics.get("price", topic) if moved else topic


_YEARS = frozenset(("NUMcnt=five", "NUMcnt=5", "NUMcnt=one", "NUMcnt=1"))


def _sequels(scene: Scene, n: Number) -> list[int]:
    """``the 97th of five``: a window of which only the number of years is said."""
    at = n.at + 1
    if n.amount.kind not in ("rank", "ord") or scene.keys[at : at + 1] not in (["of"], ["over"], ["for"], ["in"]):
        return []
    at += 1
    while scene.keys[at : at + 1] and scene.keys[at] in ("the", "past", "last", "its", "all"):
        at += 1
    return [at] if scene.keys[at : at + 1] and scene.keys[at] in _YEARS else []


def _running_month(scene: Scene, n: Number, first: Choice) -> list[Choice]:
    """``this month`` is also the running calendar month."""
    names = [scene.sentence.text[scene.tokens[w].start : scene.tokens[w].end].lower() for w in n.windows]
    running = any(name in ("this month", "month to date", "month-to-date", "mtd") for name in names)
    return [Choice("persistence.month_return", "1m", "index")] if running and first.metric == "price.change_1m" else []


def _measured(
    scene: Scene, n: Number, topic: Topic, group: tuple[Subject, ...], how: str, other: str | None
) -> Iterator[Claim]:
    comparison, start = hedged(scene, n.at)
    kind = n.amount.kind
    sign = -1 if topic.loss else n.sign
    changes = kind in ("pct", "bp") and (not topic.pct or topic.loss)
    value, comparison = signed_value(n.amount, sign, comparison) if changes else plain_value(n.amount, comparison)
    place = scene.tokens[n.at]
    for said in _windows_of(scene, n, topic):
        window = other if said is None and topic.name == "price" else said
        choice = _recent(scene, chosen(topic, kind, window))
        if (choice.metric or "").startswith("compression."):
            choice = replace(choice, window=scene.chart())
        if (choice.metric or "").startswith("tape.") and "1d" in [scene.tokens[w].data for w in n.windows]:
            choice = replace(choice, window="1d")
        last = max([n.at + 1, *(w + 1 for w in n.windows if scene.tokens[w].data == window and w > n.at)])
        yield Claim(
            first=start,
            last=last,
            subjects=group,
            kind=topic.kind,
            choices=(choice, *other_readings(topic, kind, choice.window, choice), *_running_month(scene, n, choice)),
            comparison=comparison if choice.metric else None,
            value=value if choice.metric else None,
            stated=scene.sentence.text[place.start : place.end],
            tolerance=tolerance(n.amount, comparison, value) if choice.metric else None,
            negated=scene.denied(start, n.at + 1, own=False),
            tense=scene.tense(start, last, choice.window),
            meaning=meaning(topic, comparison),
            how=how,
            unit=kind,
            reason=None if choice.metric else unknown(topic, kind, choice.window),
        )


def _recent(scene: Scene, choice: Choice) -> Choice:
    """A month that is named is ``1m`` where it is the running or the last one."""
    if choice.metric != "persistence.month_return" or choice.window is None:
        return choice
    year, month = map(int, choice.window.split("-"))
    ago = (scene.written.year - year) * 12 + scene.written.month - month
    return replace(choice, window="1m") if ago <= 1 else choice


def _prepared(scene: Scene) -> list[Number]:
    numbers = [
        Number(i, amount_of(scene.tokens[i])) for i in scene.numbers if i not in scene.taken and i not in scene.masked
    ]
    numbers = [n for n in numbers if n.amount.kind not in ("year", "x") and not article(scene, n.at)]
    spots = [n.at for n in numbers]
    free = [w for w in scene.windows if w not in scene.taken and not ranked_since(scene, w)]
    follow = bool(free) and bool(spots) and free[0] > spots[0]
    windows = bound(scene, spots, free, follow)
    subjects = bound(scene, spots, scene.subjects, False)
    for n in numbers:
        n.windows, n.subjects = windows[n.at] + _sequels(scene, n), subjects[n.at]
    return without_factors(scene, numbers)


def _of_average(n: Number, states: list[Claim]) -> bool:
    """Whether a number only says how far a price is from its average: ``3% above its 200-day average``."""
    return any((c.choices[0].metric or "").startswith("structure.above") and 0 < c.first - n.at <= 5 for c in states)


def number_claims(scene: Scene, memory: Memory, states: list[Claim]) -> tuple[list[Claim], list[Topic]]:
    """Claims of all numbers that are left beside those of states, and the topics they were about."""
    numbers = latest(scene, [n for n in _prepared(scene) if not _of_average(n, states)])
    zip_windows(scene, numbers, [w for w in scene.windows if w not in scene.taken], "windows")
    ranks_by_kin(numbers)
    if not filled(scene, numbers, memory.columns):
        _topics(scene, numbers, memory)
    share_windows(scene, numbers)
    week = any((c.choices[0].metric or "").startswith("persistence.best_week") for c in states)
    set_directions(scene, numbers)
    claims: list[Claim] = []
    for run in runs_of(scene, numbers):
        group = group_of(scene, run) or _named_before(scene, run, memory)
        for nth, n in enumerate(run):
            if (
                not group
                and not n.column
                and (again := echoed(scene, n, [*states, *claims], memory))
                and not scene.expected(n.at)
            ):
                claims.append(again)
                scene.taken.add(n.at)
            elif isinstance(n.topic, Topic) and not scene.expected(n.at):
                members, how = ((group[nth],), "") if group else _subjects(scene, n, n.topic, memory)
                claims += _measured(scene, n, n.topic, members, how, "1w" if week else None)
                scene.taken.add(n.at)
    return claims, [n.topic for n in numbers if isinstance(n.topic, Topic)]


def _named_before(scene: Scene, run: list[Number], memory: Memory) -> tuple[Subject, ...] | None:
    """``they have returned 16.1% and 9.3%, respectively``: as many subjects as the sentence before named."""
    pointed_back = {
        "they",
        "respectively",
        "those",
        "these",
        "three",
        "NUMcnt=three",
        "trio",
        "figures",
        "numbers",
        "changes",
    } & set(scene.keys)
    if not pointed_back or scene.subjects or len(run) < 2:
        return None
    known = scene.lexicon.subjects
    several = memory.several()
    all_three = tuple(known[name] for name in ("spx", "ndx", "rut") if name in known)
    return next((group for group in (several, all_three) if len(group) == len(run)), None)


def _subjects(scene: Scene, n: Number, topic: Topic, memory: Memory) -> tuple[tuple[Subject, ...], str]:
    own = [f for i in n.subjects if (f := fitting(subjects_of(scene.tokens[i]), topic.kind))]
    if own and topic.kind != "vix":
        tied = [i for i in n.subjects if i == governed_right(scene, n.at + 1)]
        spot = (tied or [i for i in n.subjects if i < n.at] or n.subjects)[-1]
        return fitting(subjects_of(scene.tokens[spot]), topic.kind) or own[-1], ""
    return found_subjects(scene, n.at, n.at + 1, topic.kind, memory)
