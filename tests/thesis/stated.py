"""Statements made by hand, for tests of what comes after they were found."""

from overshort.thesis.statement import Comparison, Reading, Statement, Value

__all__ = ["say"]


def say(
    subject: str | None,
    metric: str | None,
    comparison: Comparison | None,
    value: Value | None,
    *,
    window: str | None = None,
    tolerance: float | None = None,
    sentence: int = 1,
    text: str = "invented",
    negated: bool = False,
    tense: str = "now",
    reason: str | None = None,
    also: tuple[Reading, ...] = (),
) -> Statement:
    """Make one statement."""
    readings = () if metric is None else (Reading(subject=subject, metric=metric, window=window, why=""), *also)
    return Statement(
        sentence=sentence,
        text=text,
        span=(0, len(text)),
        readings=readings,
        comparison=comparison,
        value=value,
        stated=text,
        tolerance=tolerance,
        negated=negated,
        tense=tense,
        reason=reason,
    )
