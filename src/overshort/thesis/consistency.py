"""Whether the numbers of a text agree with each other.

Two changes of one series that end on the same day and begin on different ones imply a third: "+45 % in 2025" and
"+23 % over 12 months" say that the series fell by 15.2 % between the two beginnings.  Each stated number stands for all
that round to it, so what is implied is an interval.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations

from overshort.thesis.judge import Bounds, Stated, bounds

__all__ = ["Change", "Clash", "Implied", "clashes", "implied", "pairs"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A stated change of a series.

    Attributes
    ----------
    statements
        Numbers of the statements that say so, from 0.
    window
        As the text names it.
    """

    subject: str
    series: str
    window: str
    base: date
    end: date
    stated: Stated
    statements: tuple[int, ...]

    @property
    def bounds(self) -> Bounds:
        """Give all changes that round to the stated one."""
        return bounds(self.stated)


@dataclass(frozen=True, slots=True, kw_only=True)
class Implied:
    """What two stated changes say of the time between their beginnings.

    Attributes
    ----------
    low, high
        All moves that the roundings of both allow.
    wide
        Those that are still within rounding: each number off by no more than its half digit again.
    """

    earlier: Change
    later: Change
    value: float
    low: float
    high: float
    wide: Bounds

    def agrees(self, measured: float) -> str:
        """Say how a measured move stands to the implied one: consistent, within rounding or inconsistent."""
        if self.low <= measured <= self.high:
            return "consistent"
        return "within rounding" if self.wide.low <= measured <= self.wide.high else "inconsistent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clash:
    """Statements that cannot all be true, whatever the data say."""

    subject: str
    statements: tuple[int, ...]
    why: str


def _once(changes: Iterable[Change]) -> list[Change]:
    """Put repetitions of one change together."""
    found: dict[object, Change] = {}
    for change in changes:
        key = (change.subject, change.series, change.base, change.end, change.stated)
        earlier = found[key].statements if key in found else ()
        merged = tuple(sorted({*earlier, *change.statements}))
        found[key] = Change(
            subject=change.subject,
            series=change.series,
            window=change.window,
            base=change.base,
            end=change.end,
            stated=change.stated,
            statements=merged,
        )
    return list(found.values())


def implied(earlier: Change, later: Change) -> Implied:
    """Give the change from the beginning of the longer window to that of the shorter.

    ``(1 + change since the earlier base) / (1 + change since the later base) - 1``, with the widest interval that the
    roundings allow.
    """
    low, high = _between(earlier.bounds, later.bounds)
    values = (c.stated.value for c in (earlier, later))
    whole, part = (sum(v) / 2 if isinstance(v, tuple) else float(v) for v in values)
    return Implied(
        earlier=earlier,
        later=later,
        value=(1 + whole) / (1 + part) - 1,
        low=low,
        high=high,
        wide=_between(*(bounds(c.stated, _slack(c.stated)) for c in (earlier, later))),
    )


def _slack(stated: Stated) -> float:
    """Give how much farther off a number may be; what is said roughly is wide already."""
    return 0.0 if stated.comparison == "~" else stated.tolerance


def _between(earlier: Bounds, later: Bounds) -> Bounds:
    return Bounds((1 + earlier.low) / (1 + later.high) - 1, (1 + earlier.high) / (1 + later.low) - 1)


def pairs(changes: Iterable[Change]) -> list[Implied]:
    """Give what every two changes of one series with the same end and different beginnings imply.

    A fall of 100 % or more implies nothing: there is nothing left to divide by.
    """
    usable = [
        c
        for c in _once(changes)
        if c.stated.comparison in ("=", "~", "between") and bounds(c.stated, _slack(c.stated)).low > -1
    ]
    found = []
    for one, other in combinations(usable, 2):
        if (one.subject, one.series, one.end) == (other.subject, other.series, other.end) and one.base != other.base:
            earlier, later = sorted((one, other), key=lambda c: c.base)
            found.append(implied(earlier, later))
    return found


def clashes(changes: Sequence[Change], ranks: Sequence[tuple[int, str, str, Stated]]) -> list[Clash]:
    """Give statements that contradict each other by themselves.

    Parameters
    ----------
    ranks
        Number of the statement, subject, window (``1y``, ``5y``) and what is stated of the rank.

    Notes
    -----
    One change stated twice with numbers that do not round to each other; and a chain above all of the 24 reports
    before it, which is above each base within them: none of its changes is a fall.
    """
    return [*_twice(_once(changes)), *_ranked(_once(changes), ranks)]


def _twice(changes: Sequence[Change]) -> Iterable[Clash]:
    for one, other in combinations(changes, 2):
        same = (one.subject, one.series, one.base, one.end) == (other.subject, other.series, other.base, other.end)
        apart = one.bounds.low > other.bounds.high or other.bounds.low > one.bounds.high
        if same and apart:
            yield Clash(
                subject=one.subject,
                statements=(*one.statements, *other.statements),
                why=f"the change of one series from {one.base} to {one.end} is stated twice, with different numbers",
            )


def _ranked(changes: Sequence[Change], ranks: Sequence[tuple[int, str, str, Stated]]) -> Iterable[Clash]:
    for number, subject, window, stated in ranks:
        if stated.negated or stated.comparison != "=" or stated.value not in (0.0, 100.0):
            continue
        top = stated.value == 100.0
        for change in changes:
            within = (change.end - change.base).days <= 366
            against = change.bounds.high < 0 if top else change.bounds.low > 0
            if (change.subject, change.series) == (subject, "crowding.chain") and within and against:
                place = "above" if top else "below"
                yield Clash(
                    subject=subject,
                    statements=(number, *change.statements),
                    why=f"a series {place} every report of {window} stands {place} that of {change.base}, yet the text "
                    f"has it {'fall' if top else 'rise'} since then",
                )
