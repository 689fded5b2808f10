"""The words and number forms that every surface shares."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from overshort import sessions
from overshort.engine.figures import Figure

__all__ = [
    "ADVICE",
    "ATTRIBUTION",
    "SIMULATED",
    "SUBJECTS",
    "WINDOWS",
    "in_order",
    "number",
    "published",
    "subject_name",
    "written",
]

ATTRIBUTION = (
    "Short interest: FINRA, reported by member firms twice a month; announced totals: Nasdaq. "
    "FINRA data are free for non-commercial use with attribution."
)
ADVICE = "Measurements of public data; not investment advice."
SIMULATED = "SIMULATED: an invented market, nothing here says anything about the world"
SUBJECTS = {
    "SPX": "S&P 500 members",
    "NDX": "Nasdaq-100 members",
    "RUT": "Russell 2000 members",
    "NASDAQ": "Nasdaq-listed issues",
    "LISTED": "all listed issues (funds, preferreds and warrants included)",
}
WINDOWS = {"last": "since the last report", "ytd": "since year-end", "12m": "over 24 reports (12 months)"}

_SCALE = ((1e12, "tn"), (1e9, "bn"), (1e6, "m"))
_SIGNED = ("change", "contribution", "effect")


def subject_name(subject: str) -> str:
    """Give the full name of an index or exchange; a stock keeps its symbol."""
    return SUBJECTS.get(subject, subject)


def in_order(subjects: Iterable[str]) -> list[str]:
    """Give subjects once each: indices and exchanges as the brief has them, then the others by name."""
    given = set(subjects)
    return [*(s for s in SUBJECTS if s in given), *sorted(given - set(SUBJECTS))]


def _scaled(value: float, digits: int = 2) -> str:
    for size, word in _SCALE:
        if abs(value) >= size:
            return f"{value / size:.{digits}f} {word}"
    return f"{value:,.0f}"


def written(figure: Mapping[str, Any]) -> str:
    """Write a figure's value in its unit: fractions as percent, large counts with their scale, null as a dash."""
    value, id = figure["value"], figure["id"]
    if value is None:
        return "–"
    if isinstance(value, bool | str):
        return str(value)
    if figure["unit"].startswith("fraction"):
        sign = "+" if any(word in id for word in _SIGNED) else ""
        return f"{100 * value:{sign}.1f} %".replace("-", "−")
    if figure["unit"] in ("shares", "USD"):
        return _scaled(value)
    return f"{value:,.0f}" if figure["kind"] == "count" else f"{value:,.1f}".replace("-", "−")


def number(figure: Figure) -> str:
    """Write a figure's value in its unit."""
    return written(figure.as_dict())


def published(stamp: str) -> str:
    """Write a UTC stamp as New York wall-clock time."""
    instant = datetime.fromisoformat(stamp.replace("Z", "+00:00"))
    return instant.astimezone(sessions.NEW_YORK).strftime("%Y-%m-%d %H:%M New York")
