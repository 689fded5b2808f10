"""Whether a measured value is what was stated: comparison, precision, negation.

A stated number means its last digit: "+45 %" is 44.5 to 45.5 %.  A miss of no more than that half digit again is
*within rounding*: a figure rounded twice, or cut off instead of rounded, gives it, so it contradicts nobody.
Counts, states and flags are exact.
"""

import re
from typing import Any, Literal, NamedTuple

from overshort.thesis.statement import Comparison, Value

__all__ = ["Bounds", "Stated", "Verdict", "bounds", "judge", "precision"]

Verdict = Literal["holds", "contradicted", "within rounding"]
_NUMBER = re.compile(r"[-+−]?\d[\d,]*(?:\.(?P<decimals>\d+))?")


class Stated(NamedTuple):
    """What is compared: value in the metric's unit, and half of its last stated digit."""

    comparison: Comparison
    value: Value
    tolerance: float = 0.0
    negated: bool = False


class Bounds(NamedTuple):
    """A closed interval."""

    low: float
    high: float


def precision(text: str) -> tuple[float, float]:
    """Read a number as written: its value, and half of its last digit; with a percent sign both are fractions.

    Raises
    ------
    ValueError
        If the text holds no number, or more than one.
    """
    found = list(_NUMBER.finditer(text))
    if len(found) != 1:
        raise ValueError(f"{text!r} holds {'no' if not found else 'more than one'} number")
    digits = len(found[0]["decimals"] or "")
    scale = 0.01 if "%" in text else 1.0
    number = float(found[0][0].replace("−", "-").replace(",", ""))
    return number * scale, 0.5 * 10.0**-digits * scale


def bounds(stated: Stated, slack: float = 0.0) -> Bounds:
    """Give the numbers that a statement allows, widened by a slack; unbounded sides are infinite."""
    tolerance = stated.tolerance + slack
    endless = float("inf")
    if isinstance(stated.value, tuple):
        return Bounds(stated.value[0] - tolerance, stated.value[1] + tolerance)
    value = float(stated.value)
    match stated.comparison:
        case ">" | ">=":
            return Bounds(value - slack, endless)
        case "<" | "<=":
            return Bounds(-endless, value + slack)
        case _:
            return Bounds(value - tolerance, value + tolerance)


def judge(stated: Stated, measured: Any, *, exact: bool = False) -> Verdict:
    """Set a measured value against a statement.

    Parameters
    ----------
    measured
        Number, flag or state's name; never null.
    exact
        Whether the value is a count, which is never "within rounding".
    """
    verdict = _state(stated, measured) if isinstance(measured, bool | str) else _number(stated, float(measured), exact)
    if not stated.negated or verdict == "within rounding":
        return verdict
    return "contradicted" if verdict == "holds" else "holds"


def _state(stated: Stated, measured: bool | str) -> Verdict:
    return "holds" if stated.value == measured else "contradicted"


def _number(stated: Stated, measured: float, exact: bool) -> Verdict:
    if _allowed(stated, measured, 0.0):
        return "holds"
    near = 0.0 if exact or stated.comparison == "~" else stated.tolerance
    return "within rounding" if near and _allowed(stated, measured, near) else "contradicted"


def _allowed(stated: Stated, measured: float, slack: float) -> bool:
    low, high = bounds(stated, slack)
    strict = not slack and stated.comparison in ("<", ">")
    # A bound such as 0.45 - 0.005 is no exact binary number.
    least = 1e-12 * max(1.0, abs(measured))
    return low < measured < high if strict else low - least <= measured <= high + least
