"""What the data known on a text's date say of one statement.

Figures are handed in, in JSON form; nothing here reads as of a time.  A figure that is older than it should be is no
check of a statement about today: it stands beside it, labelled, and the verdict stays open.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

from overshort.metrics import registry
from overshort.metrics.prices import PROXIES
from overshort.thesis.judge import Stated, bounds, judge
from overshort.thesis.statement import Reading, Statement

__all__ = ["OPEN", "Measured", "Outcome", "at_least_as_far", "check", "named", "stated_of", "with_default"]

Figure = Mapping[str, Any]
UNNAMED = "nothing is named"
"""How a reading's ``why`` ends where the text names no subject and a default was taken."""
OPEN: Final = "cannot be checked"
Outcome = Literal["holds", "contradicted", "within rounding", "cannot be checked"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What was measured of one reading.

    Attributes
    ----------
    figure
        What the statement is set against; nothing where there is none that may be.
    lacking
        Why there is none.
    missing
        ``table, after, from, to``: what would have to be imported.
    nearest
        The nearest relatives of the figure that is not there, each with a ``label``.
    """

    figure: Figure | None = None
    lacking: str | None = None
    missing: Mapping[str, str | None] | None = None
    nearest: tuple[Figure, ...] = field(default_factory=tuple)


def stated_of(statement: Statement) -> Stated | None:
    """Give what a statement sets against a figure; nothing where it gives no value."""
    if statement.value is None or statement.comparison is None:
        return None
    return Stated(statement.comparison, statement.value, statement.tolerance or 0.0, statement.negated)


def check(statement: Statement, measured: Measured) -> tuple[Outcome, str | None]:
    """Give the verdict on a statement, and why it stays open where it does.

    Returns
    -------
    tuple
        The reason is null exactly where there is a verdict.
    """
    if statement.reason is not None:
        return OPEN, statement.reason
    if measured.figure is None:
        return OPEN, measured.lacking
    stated, value = stated_of(statement), measured.figure["value"]
    if stated is None:
        return OPEN, "the statement gives no value"
    if isinstance(stated.value, str) != isinstance(value, str):
        return OPEN, f"{stated.value!r} cannot be set against {value!r}"
    return judge(stated, value, exact=measured.figure["kind"] == "count"), None


def at_least_as_far(stated: Stated, *, middle: float | None = None, exact: bool = False) -> Stated:
    """Give the condition whose base rate says how rare a statement is: as far out as stated, or farther.

    That short interest was up by exactly 45 % says nothing; how often it was up by 44.5 % or more does.

    Parameters
    ----------
    middle
        Where the figure goes both ways from: 0 for a change, 50 for a rank; a value below it means that or less.
    exact
        Whether it is a count: its precision is the whole number.
    """
    if stated.comparison not in ("=", "~") or isinstance(stated.value, str | tuple):
        return stated
    low, high = (float(stated.value), float(stated.value)) if exact else bounds(stated)
    downwards = float(stated.value) == 0.0 if middle is None else float(stated.value) < middle
    return Stated("<=", high, negated=stated.negated) if downwards else Stated(">=", low, negated=stated.negated)


def with_default(statement: Statement, subject: str) -> Statement:
    """Give a statement that names no subject the one that is told, where its metric can be of it."""
    readings = tuple(_about(r, subject) for r in statement.readings)
    return statement if readings == statement.readings else replace(statement, readings=readings)


def _about(reading: Reading, subject: str) -> Reading:
    declared = registry().get(reading.metric or "")
    told = reading.subject is not None and not reading.why.endswith(UNNAMED)
    if told or declared is None:
        return reading
    traded = subject in PROXIES and "index" not in declared.subjects and "proxy" in declared.subjects
    own = PROXIES[subject] if traded else subject
    return replace(reading, subject=own, why=f"{reading.why} (taken for {own}, as told)".strip())


def named(reading: Reading) -> dict[str, str | None]:
    """Give a reading in JSON form."""
    return {"subject": reading.subject, "metric": reading.metric, "window": reading.window, "why": reading.why}
