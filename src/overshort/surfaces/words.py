"""The words and number forms that every surface shares."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from overshort import sessions
from overshort.engine.figures import Figure

__all__ = [
    "ADVICE",
    "ATTRIBUTION",
    "PLAIN",
    "QUOTE_SIDES",
    "SIMULATED",
    "SUBJECTS",
    "WINDOWS",
    "article",
    "bare_percent",
    "capital",
    "counted",
    "in_order",
    "minus",
    "month_name",
    "number",
    "ordinal",
    "percent",
    "points",
    "published",
    "subject_name",
    "written",
]

ATTRIBUTION = (
    "Short interest: FINRA, reported by member firms twice a month; announced totals: Nasdaq; VIX: Cboe. "
    "FINRA data are free for non-commercial use with attribution."
)
ADVICE = "Measurements of public data; not investment advice."
SIMULATED = "SIMULATED: an invented market; nothing here, save what is marked real, says anything about the world"
SUBJECTS = {
    "SPX": "S&P 500 members",
    "NDX": "Nasdaq-100 members",
    "RUT": "Russell 2000 members",
    "NASDAQ": "Nasdaq-listed issues",
    "LISTED": "all listed issues (funds, preferreds and warrants included)",
    "SPY": "SPY, the fund that trades for the S&P 500",
    "QQQ": "QQQ, the fund that trades for the Nasdaq-100",
    "IWM": "IWM, the fund that trades for the Russell 2000",
    "VIX": "the VIX",
}
PLAIN = {"SPX": "the S&P 500", "NDX": "the Nasdaq-100", "RUT": "the Russell 2000"}
"""An index as a price, not as its members."""
QUOTE_SIDES = {
    "aa": "above ask",
    "a": "at ask",
    "mid": "between",
    "b": "at bid",
    "bb": "below bid",
    "none": "no side",
}
"""Where a trade was, beside the quote."""
WINDOWS = {"last": "since the last report", "ytd": "since year-end", "12m": "over 24 reports (12 months)"}

_DIGITS = {"index points": 2, "USD": 2, "probability": 3, "ratio": 3, "s.d.": 2, "ATR per bar": 3}
_TOTALS = ("crowding.", "tape.")
"""Groups whose dollars are sums; elsewhere they are the price of a share."""
_SCALE = ((1e12, "tn"), (1e9, "bn"), (1e6, "m"))
_SIGNED = ("change", "contribution", "effect", "return", "mtm", "cost_annual")


def subject_name(subject: str) -> str:
    """Give the full name of an index or exchange; a stock keeps its symbol."""
    return SUBJECTS.get(subject, subject)


def in_order(subjects: Iterable[str]) -> list[str]:
    """Give subjects once each: indices and exchanges as the brief has them, then the others by name."""
    given = set(subjects)
    return [*(s for s in SUBJECTS if s in given), *sorted(given - set(SUBJECTS))]


def minus(text: str) -> str:
    """Write a number with a true minus sign, and without one where it was rounded to zero."""
    return text.replace("-", "−") if any(c in "123456789" for c in text) else text.removeprefix("-")


def _scaled(value: float, digits: int = 2) -> str:
    for size, word in _SCALE:
        if abs(value) >= size:
            return minus(f"{value / size:.{digits}f} {word}")
    return minus(f"{value:,.0f}")


def written(figure: Mapping[str, Any]) -> str:
    """Write a figure's value in its unit: fractions as percent, large counts with their scale, null as a dash."""
    value, id = figure["value"], figure["id"]
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    if figure["unit"].startswith("fraction"):
        return percent(value, signed=any(word in id for word in _SIGNED))
    if figure["unit"] == "shares" or (figure["unit"] == "USD" and id.startswith(_TOTALS)):
        return _scaled(value)
    digits = 0 if figure["kind"] == "count" else _DIGITS.get(figure["unit"], 1)
    return minus(f"{value:,.{digits}f}")


def percent(value: float | None, *, signed: bool = True) -> str:
    """Write a fraction as percent with one decimal; null as a dash."""
    if value is None:
        return "–"
    points = round(100 * value, 1) + 0.0  # no negative zero
    return f"{points:{'+' if signed else ''}.1f} %".replace("-", "−")


def bare_percent(value: float | None, *, signed: bool = True) -> str:
    """Write a fraction as percent where a heading says so; null as a dash."""
    return percent(value, signed=signed).removesuffix(" %")


def points(value: float) -> str:
    """Write a fraction as signed points with two decimals, as contributions are."""
    return f"{round(100 * value, 2) + 0.0:+.2f}".replace("-", "−")


def ordinal(count: int) -> str:
    """Write a count as an ordinal number: 1st, 2nd, 3rd, 11th."""
    ending = "th" if count % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(count % 10, "th")
    return f"{count}{ending}"


def counted(count: int, noun: str) -> str:
    """Write a count with its noun: 1 month, 2 months."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def article(count: int) -> str:
    """Give the article before an ordinal number: an 8th, a 9th."""
    return "an" if str(count).startswith("8") or count in (11, 18) else "a"


def capital(text: str) -> str:
    """Write a text as the beginning of a sentence."""
    return text[:1].upper() + text[1:]


def month_name(day: str) -> str:
    """Write an ISO date as its month: November 2025."""
    return date.fromisoformat(day).strftime("%B %Y")


def number(figure: Figure) -> str:
    """Write a figure's value in its unit."""
    return written(figure.as_dict())


def published(stamp: str) -> str:
    """Write a UTC stamp as New York wall-clock time."""
    instant = datetime.fromisoformat(stamp.replace("Z", "+00:00"))
    return instant.astimezone(sessions.NEW_YORK).strftime("%Y-%m-%d %H:%M New York")
