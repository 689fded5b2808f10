"""Phrases with a meaning of their own: which of them a sentence says, and of whom."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from overshort.thesis.grammar.about import about
from overshort.thesis.grammar.amounts import Amount
from overshort.thesis.grammar.claims import Choice, Claim
from overshort.thesis.grammar.figures import FACTORS
from overshort.thesis.grammar.lexicon import Raw, State, Topic
from overshort.thesis.grammar.memory import Memory, found_subjects
from overshort.thesis.grammar.scene import Scene, amount_of
from overshort.thesis.grammar.unmeasured import carries
from overshort.thesis.grammar.values import FLIPPED, chosen, hedged, tolerance
from overshort.thesis.statement import Comparison, Value

__all__ = ["state_claims"]

_OVER_THREE_MONTHS = ("refuse", "confirm", "cover", "exit")
"""States with a time of their own: words that name another time are left to the claims on shorts and price."""
_PRICED = frozenset(("ath", "aths", "close", "closes", "closing", "closed", "intraday", "finish"))
"""Words of a record that only a price sets."""
_CHART = ("structure.", "compression.")
_TIMED = ("tape.", "breadth.green", "breadth.quiet")
"""Groups of metrics whose window is what the clause says of the session, for the figure is the session's own."""


@dataclass(frozen=True, slots=True)
class Said:
    """A state found: its tokens, the number and the window that its pattern takes."""

    state: State
    first: int
    last: int
    number: int | None
    window: int | None


def _place(scene: Scene, m: re.Match[str], name: str) -> int | None:
    if name not in m.re.groupindex or m[name] is None:
        return None
    return scene.tokens.places(m.start(name), m.end(name))[0]


def _now(scene: Scene, number: int) -> int:
    """Of ``from 22% of float to 9%`` the number that holds now."""
    factor = scene.keys[number].partition("=")[2] in FACTORS
    if scene.keys[number - 1 : number] != ["from"] and not factor:
        return number
    kind = scene.keys[number].partition("=")[0]
    later = [i for i in scene.numbers if number < i <= number + 8 and scene.keys[i].startswith(f"{kind}=")]
    return next((i for i in later if scene.keys[i - 1] == "to"), number)


def _matches(scene: Scene) -> Iterator[Said]:
    for state, phrases in scene.lexicon.states:
        beside = scene.lexicon.neighbours.get(state.name)
        if beside and not beside.search(scene.tokens.keys):
            continue
        for phrase in phrases:
            for first, last, m in scene.tokens.found(phrase):
                core = scene.tokens.places(m.start("core"), m.end())[0] if "core" in m.re.groupindex else first
                window = _place(scene, m, "window")
                number = _place(scene, m, "number")
                yield Said(state, core, last, number if number is None else _now(scene, number), window)


def _said(scene: Scene) -> list[Said]:
    """States that hold, none over another: lower order first, then the longer."""
    blocked = {i for m in scene.mentions if not isinstance(m.topic, Topic) for i in carries(scene, m)} | scene.masked
    kept: list[Said] = []
    used: set[int] = set(blocked)
    named = {m.first for m in scene.mentions if m.named}
    for s in sorted(_matches(scene), key=lambda s: (s.state.order, s.first - s.last, s.first)):
        tokens = set(range(s.first, s.last))
        bare = s.state.topic == "price" and scene.keys[s.first].startswith("SUB")
        timed = s.state.name in _OVER_THREE_MONTHS and _figured(scene, s)
        if not tokens & used and not timed and not (bare and s.first not in named):
            kept.append(s)
            used |= tokens
    return sorted(kept, key=lambda s: s.first)


def _figured(scene: Scene, said: Said) -> bool:
    """Whether words on shorts and price name a time or a figure, so that each is a claim of its own."""
    tokens = range(said.first, said.last + 5)
    keys = [scene.keys[i] for i in tokens if i < len(scene.keys) and (i < said.last or scene.same(i, said.last - 1))]
    return any(k.startswith("WIN") for k in keys[: said.last - said.first]) or any(k[:6] == "NUMpct" for k in keys)


def _weeks(scene: Scene, said: Said) -> float | None:
    """Weeks of a window that a pattern takes where it asks for a number: ``its best week in three months``."""
    name = str(scene.tokens[said.window].data) if said.window is not None else ""
    name = "2w" if name == "last_report" else name
    m = re.fullmatch(r"(\d+)([wmy])", name)
    days = said.state.value == "#days"
    per = {"w": 7, "m": 30, "y": 365} if days else {"w": 1, "m": 4, "y": 52}
    return int(m[1]) * per[m[2]] if m else None


def _value(amount: Amount | None, raw: Raw) -> Value | None:
    if amount is None or not isinstance(raw, str) or "#" not in raw:
        return raw
    scale = {"#months": 4, "#weeks": 5, "#sevens": 7}.get(raw, 1)
    if raw == "100-#":
        return 100 - 100 * amount.value
    sign = -1 if raw.startswith("-") else 1
    ends = [sign * abs(v) if sign < 0 else v * scale for v in (amount.value, amount.high) if v is not None]
    return (min(ends), max(ends)) if len(ends) == 2 else ends[0]


def _compared(scene: Scene, said: Said, amount: Amount | None) -> tuple[Comparison | None, int]:
    if said.number is None or amount is None:
        return said.state.comparison, said.first
    comparison, start = hedged(scene, said.number)
    if said.state.comparison:
        return said.state.comparison, min(start, said.first)
    loss = isinstance(said.state.value, str) and said.state.value.startswith("-")
    comparison = "between" if amount.high is not None else comparison
    return FLIPPED.get(comparison, comparison) if loss else comparison, min(start, said.first)


def _chart_window(scene: Scene, metric: str) -> str | None:
    """The chart that the sentence speaks of, for what is read from a chart; the session, for what belongs to one."""
    if metric.startswith(_CHART):
        return scene.chart()
    if metric.startswith(_TIMED):
        return None
    return None


def _near_window(scene: Scene, said: Said, allowed: tuple[str, ...]) -> str | None:
    """The window said in the state's own clause that fits, the nearest."""
    spots = [
        w
        for w in scene.windows
        if w not in scene.taken and scene.same(w, said.first) and scene.tokens[w].data in allowed
    ]
    near = sorted(spots, key=lambda w: max(said.first - w, w - said.last + 1))
    near = [w for w in near if not any(said.last <= n < w or w < n < said.first for n in scene.numbers)]
    if said.state.rank is not None:
        near = [w for w in near if w > said.first or not _ranked_before(scene, w)]
    if near and said.state.rank is not None:
        scene.taken.add(near[0])
    return str(scene.tokens[near[0]].data) if near else None


def _ranked_before(scene: Scene, w: int) -> bool:
    """Whether a window belongs to a rank in figures: ``in the 95th percentile of its five-year history``."""
    return any(k.startswith(("NUMrank", "NUMord")) for k in scene.keys[max(0, w - 4) : w])


def _fixed(scene: Scene, said: Said) -> tuple[Choice, ...]:
    metric = said.state.metric
    assert metric is not None
    window = said.state.window or _chart_window(scene, metric)
    if window is None and metric.startswith("refusal."):
        window = _near_window(scene, said, ("3m",))
    if window is None and metric == "price.drawdown" and _ever(scene, said):
        window = "all"
    if window is None and metric == "crowding.breadth":
        window = _near_window(scene, said, ("last_report",))
    if window is None and metric.startswith(_TIMED) and metric != "breadth.green_best_of":
        window = _near_window(scene, said, ("1d",))
    return (Choice(said.state.daily if said.state.daily and window == "1d" else metric, window),)


def _ever(scene: Scene, said: Said) -> bool:
    """Whether the high that a drawdown is measured from is that of all time."""
    return any(k in ("WINall", "ath", "aths") for k in scene.keys[said.first : said.last + 1])


def _by_topic(scene: Scene, said: Said, topic: Topic) -> tuple[Choice, ...]:
    if said.window is not None:
        window: str | None = str(scene.tokens[said.window].data)
    else:
        after = [w for w in scene.windows if scene.same(w, said.first) and w not in scene.taken]
        near = [w for w in after if abs(w - said.last) <= 8 and not {":", "("} & set(scene.keys[said.last : w])]
        near += [w for w in after if 0 <= said.first - w <= 8]
        window = str(scene.tokens[near[0]].data) if near else None
    return (chosen(topic, "pct", window),)


def _rank_window(scene: Scene, said: Said) -> str | None:
    if said.window is not None:
        return str(scene.tokens[said.window].data)
    if said.number is not None and said.state.rank in (0, 100):
        return f"{amount_of(scene.tokens[said.number]).value:.0f}y"
    keys = scene.keys[said.first : said.last]
    years = {"five": "5y", "NUMcnt=five": "5y", "NUMcnt=5": "5y"}
    found = next((years[k] for k in keys if k in years), None)
    if found or said.state.window:
        return found or said.state.window
    return (
        "1y"
        if any(k in ("NUMcnt=52", "NUMcnt=one", "NUMcnt=1", "NUMcnt=12") for k in keys)
        else _near_window(scene, said, ("1y", "12m", "5y", "all"))
    )


def _ranked(scene: Scene, said: Said, memory: Memory) -> tuple[Topic, tuple[Choice, ...], Raw] | None:
    """A rank in words: of what, the metrics, the value; a record of prices is a drawdown of nothing."""
    near = [m.topic for m in scene.mentions if m.last <= said.first and scene.same(m.first, said.first) and not m.named]
    if near and isinstance(near[-1], Topic) and near[-1].plain and not near[-1].rank:
        return near[-1], (Choice(None, _rank_window(scene, said)),), None
    topic = about(scene, said.first, said.last, lambda t: bool(t.rank or t.record), memory)
    if not isinstance(topic, Topic):
        return None
    window = _rank_window(scene, said)
    if topic.record:
        record = said.state.rank == 100 and window in (None, "all")
        spoken = next((t for t in reversed(memory.spoken) if window in t.rank), None)
        if (
            not record
            and spoken
            and not _PRICED & set(scene.keys[said.first : said.last + 1])
            and _bare(scene, said, topic)
        ):
            return spoken, (chosen(spoken, "rank", window),), said.state.rank
        ever = "all" if any(scene.keys[i] in ("WINall", "ath", "aths") for i in range(said.first, said.last)) else None
        return topic, (Choice(topic.record, ever) if record else Choice(None, window),), 0.0
    first = chosen(topic, "rank", window)
    others = [Choice(topic.rank["5y"], "5y")] if window == "all" and "5y" in topic.rank else []
    return topic, (first, *others), said.state.rank


def _bare(scene: Scene, said: Said, topic: Topic) -> bool:
    """Whether only an index stands for the topic: its shorts can be meant as well as its price; not so of a fund."""
    return all(
        m.named and scene.keys[m.first] != "SUBfund" for m in scene.mentions if m.topic is topic and m.first < said.last
    )


def _parts(scene: Scene, said: Said, memory: Memory) -> tuple[str, tuple[Choice, ...], Raw] | None:
    """Kind of subject, choices, and the value as the lexicon notes it."""
    state = said.state
    if state.rank is not None:
        ranked = _ranked(scene, said, memory)
        return (ranked[0].kind, ranked[1], ranked[2]) if ranked else None
    if state.topic:
        topic = scene.lexicon.topics[state.topic]
        return topic.kind, _by_topic(scene, said, topic), state.value
    return state.kind, _fixed(scene, said), state.value


def _claim(scene: Scene, said: Said, memory: Memory) -> Claim | None:
    parts = _parts(scene, said, memory)
    if parts is None:
        return None
    kind, choices, raw = parts
    amount = amount_of(scene.tokens[said.number]) if said.number is not None else None
    value = _value(amount, raw) if amount or not str(raw).startswith("#") else _weeks(scene, said)
    if value is None and str(raw).startswith("#"):
        return None
    comparison, first = _compared(scene, said, amount)
    subjects, how = found_subjects(scene, said.first, said.last, kind, memory)
    if choices[0].metric == "breadth.quiet" and not scene.subjects and "spx" in scene.lexicon.subjects:
        subjects, how = (scene.lexicon.subjects["spx"],), "nothing is named"
    known = choices[0].metric is not None
    start, end = scene.tokens.span(first, said.last)
    return Claim(
        first=first,
        last=said.last,
        subjects=subjects,
        kind=kind,
        choices=choices,
        comparison=comparison if known else None,
        value=value if known else None,
        stated=scene.sentence.text[start:end],
        tolerance=_tolerance(amount, comparison, value) if known else None,
        negated=scene.denied(said.first, said.last, said.state.own_negation),
        tense="future" if said.state.future else scene.tense(said.first, said.last, choices[0].window),
        meaning=said.state.meaning,
        how=how,
        unit=amount.kind if amount else None,
        reason=None if known else f"no metric measures these words over {choices[0].window}",
    )


def _tolerance(amount: Amount | None, comparison: Comparison | None, value: Value | None) -> float | None:
    if amount is None or comparison is None:
        return 0.01 if comparison == "~" else None
    return tolerance(amount, comparison, value)


def state_claims(scene: Scene, memory: Memory) -> list[tuple[State, Claim]]:
    """Claims of the states that a sentence says; their tokens are taken."""
    found = []
    for said in _said(scene):
        if said.state.topic and scene.expected(said.last - 1):
            continue
        if claim := _claim(scene, said, memory):
            found.append((said.state, claim))
            if said.state.topic is None:
                scene.taken.update(range(claim.first, claim.last))
            if said.number is not None:
                scene.taken.add(said.number)
    return found
