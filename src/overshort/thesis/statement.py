"""What a commentary says, taken apart: one statement for every number or comparison that a metric could answer."""

from dataclasses import dataclass
from typing import Literal

__all__ = ["Comparison", "Reading", "Statement", "Tense", "Value"]

Tense = Literal["past", "now", "future"]
Comparison = Literal["=", "~", ">", ">=", "<", "<=", "between", "is"]
Value = float | bool | str | tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One way to understand a statement.

    Attributes
    ----------
    subject
        ``SPX``, ``NDX``, ``RUT``, ``NASDAQ``, ``LISTED``, a proxy, ``VIX`` or a stock's symbol.
    metric
        The id that measures it; nothing where no metric does.
    window
        What the words say of time: ``last_report``, ``ytd``, ``2024``, ``12m``, ``1y``, ``5y``, ``all``, ``1d``,
        ``1w``, ``4h``, ``since:2022``; nothing where they say nothing.
    why
        The words that led here, and what they are taken to mean.
    """

    subject: str | None
    metric: str | None
    window: str | None
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One checkable or uncheckable statement of a text.

    Attributes
    ----------
    sentence
        Number of its sentence, from 1.
    text
        The sentence.
    span
        First and last character (exclusive) of the statement's words within the sentence.
    readings
        The first is the nearest to the words; others are shown, never chosen silently.
    comparison
        ``~`` stands for "roughly"; ``is`` for a state or a flag.
    value
        In the metric's unit: a fraction, percent of a rank, USD, a count, a state's name, a flag; nothing where it
        cannot be checked.
    stated
        The value as written.
    tolerance
        Half of the last stated digit in the metric's unit; wider where the text says "roughly".
    tense
        ``future`` for what the text expects: it is resolved later, not checked now.
    reason
        Why it cannot be checked; nothing where it can.
    """

    sentence: int
    text: str
    span: tuple[int, int]
    readings: tuple[Reading, ...]
    comparison: Comparison | None
    value: Value | None
    stated: str
    tolerance: float | None
    negated: bool
    tense: Tense
    reason: str | None

    @property
    def checkable(self) -> bool:
        """Whether a metric could say if it holds."""
        return self.reason is None
