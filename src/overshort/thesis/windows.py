"""Windows of time, as texts name them: what lies at their beginning.

A report known at a time is counted by the publication calendar, whether or not its rows are in the store: the base
of "12 months" is the report 24 cycles before the newest one that was out.
"""

import re
from bisect import bisect_right
from calendar import monthrange
from collections.abc import Mapping, Sequence
from datetime import date
from types import MappingProxyType

__all__ = ["CYCLES", "STEPS", "base_report", "completed_year", "since"]

STEPS: Mapping[str, Mapping[str, int]] = MappingProxyType(
    {
        "last_report": {"report": 1},
        "1w": {"session": 5, "week": 1},
        "1m": {"report": 2, "session": 21, "month": 1, "week": 4},
        "3m": {"report": 6, "session": 63, "month": 3, "week": 13},
        "6m": {"report": 12, "session": 126, "month": 6, "week": 26},
        "12m": {"report": 24, "session": 252, "month": 12, "week": 52},
    }
)
"""Steps of each grid in a window; 21 sessions stand for a month."""
CYCLES: Mapping[str, int] = MappingProxyType({w: s["report"] for w, s in STEPS.items() if "report" in s} | {"1y": 24})
"""Reports in a window."""
_SINCE = re.compile(r"since:(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
_YEAR = re.compile(r"\d{4}")


def since(window: str) -> date | None:
    """Give the first day of ``since:2022``, ``since:2025-06`` or ``since:2025-06-13``; nothing for other windows."""
    found = _SINCE.fullmatch(window)
    if found is None:
        return None
    year, month, day = (int(part) if part else 1 for part in found.groups())
    sound = 1990 <= year <= 2035 and 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]
    return date(year, month, day) if sound else None


def completed_year(window: str, written: date) -> int | None:
    """Give the year of a window such as ``2024`` where it was over when the text was written."""
    return int(window) if _YEAR.fullmatch(window) and int(window) < written.year else None


def base_report(window: str, newest: date, reports: Sequence[date]) -> date | None:
    """Give the settlement date at the beginning of a window.

    Parameters
    ----------
    newest
        Settlement date of the report at its end.
    reports
        Settlement dates of the calendar, ascending, up to ``newest`` at least.

    Returns
    -------
    date or None
        Nothing for a window that is none of reports, or that begins before the calendar.
    """
    place = bisect_right(reports, newest) - 1
    if window in CYCLES:
        place -= CYCLES[window]
    elif window == "ytd":
        place = bisect_right(reports, date(newest.year - 1, 12, 31)) - 1
    elif (first := since(window)) is not None:
        # "since 2022" begins with the last report of 2021: no report settles on the first of a month.
        place = bisect_right(reports, first) - 1
    else:
        return None
    return reports[place] if place >= 0 else None
