"""What price makes of last week's value, whether it coils under the trigger, and what waiting costs the shorts.

What is balanced or shows nothing has no sentence: it does not stand out, and the section has it.
"""

from overshort.engine.figures import Figure
from overshort.metrics.compression.state import NARROW, NEAR
from overshort.metrics.structure.bands import WITHIN
from overshort.metrics.structure.charts import SPAN
from overshort.metrics.structure.verdict import ABOVE, FEW, HEAVY, LAST, PROBES
from overshort.surfaces.claims.sentence import Claim, Own, claim, valued
from overshort.surfaces.words import PLAIN, capital, counted, number, percent, subject_name

__all__ = ["breadth", "carry", "compression", "fragile", "verdict"]

_FALSE = {
    "ACCEPTANCE": "one of the last two 4-hour bars closing at or below that high, under "
    f"{100 * ABOVE:.0f} % of the last {LAST} above it, or under {100 * HEAVY:.0f} % of their volume there",
    "DISTRIBUTION": f"{100 * FEW:.0f} % or more of the last {LAST} 4-hour bars closing above that high, fewer than "
    f"{PROBES} of them reaching above it in vain, or that high above the one of the week before",
    "COIL": f"a close above the trigger or more than {NEAR} daily average true ranges below it, a lower band that does "
    f"not rise, or a width at a rank over {NARROW:g}",
    "REJECTION": f"no high above a trigger at this 4-hour bar or the {WITHIN} before it, or a close above that trigger "
    "or above the middle of the bands",
    "DETERIORATION": "a lower band that does not fall, or a close above the middle of the bands",
}
_STATES = {
    "COIL": "coils just below its range trigger while the lower band rises",
    "REJECTION": "was turned back from its range trigger",
    "DETERIORATION": "is under the middle of its bands and the lower band falls",
}
_CONDITIONS = {"cheap_volatility": "cheap volatility", "persistence": "persistent momentum"}


def verdict(subject: str, own: Own) -> Claim | None:
    """Say whether price accepts higher levels on four-hour bars; nothing while it does neither."""
    found = valued(own, "structure.verdict", "structure.closes_above_vah")
    if found is None or found[0].value not in ("ACCEPTANCE", "DISTRIBUTION"):
        return None
    state, above = found
    high = _judged_by(above, own)
    how, more = (_accepted if state.value == "ACCEPTANCE" else _distributed)(above, own, _level(high))
    does = "accepts prices" if state.value == "ACCEPTANCE" else "is turned back"
    return claim(
        f"structure.verdict/{subject}",
        f"{subject} {does} above the value of the week from {above.base_date}: {state.value}; of its last {LAST} "
        f"4-hour bars to {state.at[:10]} {how}.",
        [*found, *high, *more],
        verdict=str(state.value),
        falsifier=_FALSE[str(state.value)],
    )


def _judged_by(above: Figure, own: Own) -> list[Figure]:
    """Give the upper bound that the bars were set against: once a week is over, the newest one is its own."""
    return [f for f in valued(own, "structure.vah") or [] if f.base_date == above.base_date]


def _level(found: list[Figure]) -> str:
    return "".join(f" ({number(f)})" for f in found)


def _accepted(above: Figure, own: Own, level: str) -> tuple[str, list[Figure]]:
    volume = valued(own, "structure.volume_above_vah") or []
    heard = "".join(f", with {number(f)} of the volume there" for f in volume)
    return f"{number(above)} closed above its high{level}{heard}", volume


def _distributed(above: Figure, own: Own, level: str) -> tuple[str, list[Figure]]:
    probes = valued(own, "structure.failed_probes") or []
    failed = "".join(f", {number(f)} reached above it in vain" for f in probes)
    return f"{number(above)} closed above its high{level}{failed}", probes


def compression(subject: str, own: Own) -> Claim | None:
    """Say whether price coils under its trigger on four-hour bars; nothing while it shows no state."""
    found = valued(own, "compression.state", "compression.width_rank")
    if found is None or found[0].value not in _STATES:
        return None
    state, width = found
    day = state.at[:10]
    triggers = [f for f in valued(own, "compression.trigger_range") or [] if f.at == day]
    stands = "".join(
        f"; trigger {number(f)} (highest close of 20 sessions, a substitute for the proprietary one)" for f in triggers
    )
    return claim(
        f"compression.state/{subject}",
        f"{subject} {_STATES[str(state.value)]} on 4-hour bars to {day}: {state.value}{stands}; width of the bands at "
        f"rank {number(width)} of {SPAN} bars.",
        [*found, *triggers],
        verdict=str(state.value),
        counter="compression says nothing about the direction in which it ends" if state.value == "COIL" else None,
        falsifier=_FALSE[str(state.value)],
    )


def _covered(figure: Figure, what: str) -> str:
    """Say on how many members a figure rests; nothing of a fund, which has none."""
    if figure.coverage is None or figure.n in (None, 1):
        return ""
    return f" ({figure.n:,} of them with {what}, {percent(figure.coverage, signed=False)})"


def carry(subject: str, own: Own) -> Claim | None:
    """Say what the shorts have gained or lost since they entered."""
    found = valued(own, "carry.mtm")
    if found is None:
        return None
    gain = found[0]
    gained = float(gain.value or 0)
    moved = f"have {'gained' if gained > 0 else 'lost'} {percent(abs(gained), signed=False)} on their average entry by"
    return claim(
        f"carry.mtm/{subject}",
        f"{_whose(subject)}{_covered(gain, 'an entry and a close')} "
        f"{moved if gained else 'stand at their average entry on'} {gain.at}{_for_long(gained, own)}.",
        [*found, *(own[i] for i in ("carry.underwater_days",) if i in own)],
        verdict="profit" if gained > 0 else "under water" if gained else "even",
        counter="entries are averages of each cycle's prices, what was covered since the newest report still counts, "
        "and hedged shorts do not feel this",
        falsifier="a mark of the other sign from the shorts' own entries",
    )


def _whose(subject: str) -> str:
    return f"The shorts of {subject_name(subject)}" if subject in PLAIN else f"{subject}'s own shorts"


def _for_long(gained: float, own: Own) -> str:
    """Say since when there is no profit; the count of days is null where there never was one."""
    days = own.get("carry.underwater_days")
    if gained > 0 or days is None:
        return ""
    if days.value is None:
        return ": never in profit since the first mark"
    return f": not in profit for {counted(int(days.value), 'day')}"


def breadth(subject: str, own: Own) -> Claim | None:
    """Say how many members rose in the newest session."""
    found = valued(own, "breadth.green", "breadth.green_best_of")
    if found is None:
        return None
    share, best = found
    return claim(
        f"breadth.green/{subject}",
        f"{number(share)} of {subject_name(subject)}{_covered(share, 'both closes')} rose on {share.at}, "
        f"{_compared(int(best.value or 0))}.",
        found,
        verdict="measured",
    )


def _compared(beaten: int) -> str:
    if beaten > 1:
        return f"a larger share than in any of the {counted(beaten, 'session')} before it"
    return f"{'a larger' if beaten else 'no larger a'} share than in the session before it"


def fragile(subject: str, own: Own) -> Claim | None:
    """Say how many of the four conditions of a fragile equilibrium hold."""
    found = valued(own, "fragile.count")
    if found is None:
        return None
    count = found[0]
    held = int(count.value or 0)
    which = "" if not held or count.note is None else f": {_named(count.note)}"
    whose = f"for {PLAIN.get(subject, subject)} on {count.at}"
    return claim(
        f"fragile.count/{subject}",
        f"{_conditions(held, int(count.n or 0), whose)}{which}.",
        found,
        verdict=f"{held} of {count.n}",
        counter="the four together have no tested outcome yet",
        falsifier="a condition counted that does not hold by its definition, or one that holds and is not counted",
    )


def _conditions(held: int, known: int, whose: str) -> str:
    """Say how many of the four conditions hold, out of those that are known on that day."""
    holding, of = "hold" if held > 1 else "holds", "of the four conditions of a fragile equilibrium"
    if known == 4:
        return f"{capital(str(held or 'none'))} {of} {holding} {whose}"
    if known == 1:
        return f"One {of} is known {whose}; it {holding if held else 'does not hold'}"
    return f"{known} {of} are known {whose}; {held or 'none'} of them {holding}"


def _named(note: str) -> str:
    return ", ".join(_CONDITIONS.get(name, name) for name in note.split(", "))
