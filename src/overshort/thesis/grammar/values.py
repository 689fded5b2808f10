"""What a number says: how it is compared, how precisely, of which metric, and in whose unit."""

import re
from collections.abc import Mapping

from overshort.thesis.grammar.amounts import Amount
from overshort.thesis.grammar.claims import Choice
from overshort.thesis.grammar.lexicon import Topic
from overshort.thesis.grammar.scene import Scene
from overshort.thesis.statement import Comparison, Value

__all__ = [
    "FLIPPED",
    "chosen",
    "hedged",
    "meaning",
    "other_readings",
    "plain_value",
    "signed_value",
    "tolerance",
    "unknown",
]

FLIPPED: dict[Comparison, Comparison] = {">": "<", ">=": "<=", "<": ">", "<=": ">="}


LOOSE = 0.1


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
        return comparison, start
    after = scene.tokens.after(i + 1)
    late: Comparison = next((c for c, p in scene.lexicon.afters if p.match(after)), "=")
    return late, i


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


def chosen(topic: Topic, kind: str, window: str | None) -> Choice:
    """The metric of a number about a topic over a window; none where nothing measures it."""
    table = topic.rank if kind == "rank" else topic.change
    if kind in ("pct", "bp") and topic.pct:
        return Choice(topic.pct, None)
    if kind in ("cnt", "usd"):
        return Choice(topic.plain if kind == "cnt" else topic.usd, None)
    if "any" in table:
        return Choice(table["any"], None)
    kind_of = (
        "index"
        if topic.name == "price" and (table.get(_window_key(window, table)) or "").startswith("persistence.")
        else None
    )
    key = _window_key(window, table)
    named = {"2w": "last_report", "1y": "12m"}.get(window or "", window) if kind != "rank" else window
    return Choice(table.get(key), "1y" if kind == "rank" and window in ("12m", "ytd") else named, kind_of)


def _window_key(window: str | None, table: Mapping[str, str]) -> str:
    if window is None:
        return "none"
    month = re.fullmatch(r"\d{4}-\d\d", window)
    key = "since" if window.startswith("since:") else "year" if window.isdigit() else "month" if month else window
    return key if key in table else "other"


def signed_value(amount: Amount, sign: int | None, comparison: Comparison) -> tuple[Value, Comparison]:
    """The value with the sign written or said in words; a fall by more than is less than."""
    minus = amount.signed == "-" or amount.value < 0 or (amount.signed is None and sign == -1)
    if amount.high is not None:
        ends = sorted((-abs(v) if minus else v) for v in (amount.value, amount.high))
        return (ends[0], ends[1]), "between"
    if not minus:
        return amount.value, comparison
    return -abs(amount.value), FLIPPED.get(comparison, comparison) if amount.signed is None else comparison


def plain_value(amount: Amount, comparison: Comparison) -> tuple[Value, Comparison]:
    if amount.high is not None:
        return (amount.value, amount.high), "between"
    return amount.value, comparison


def other_readings(topic: Topic, kind: str, window: str | None, first: Choice) -> list[Choice]:
    """Further readings: the year-to-date of ``since January``, the other windows where none is said."""
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


def unknown(topic: Topic, kind: str, window: str | None) -> str:
    what = {"rank": "a rank", "usd": "an amount of money", "cnt": "a number"}.get(kind, "a change")
    over = f" over {window}" if window else ""
    return f"no metric measures {what} of {topic.name.replace('_', ' ')}{over}"


def meaning(topic: Topic, comparison: Comparison) -> str:
    rough = "roughly: within a tenth of the value" if comparison == "~" else ""
    return "; ".join(p for p in (f"about {topic.name.replace('_', ' ')}", rough) if p)
