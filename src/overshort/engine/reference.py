"""The one real table that ships: the exchange's own announced totals of short interest."""

import csv
from datetime import date, datetime
from importlib.resources import files
from typing import Any

from overshort import sessions

__all__ = ["announced_totals"]

TABLE = "nasdaq_announcements.csv"


def announced_totals(as_of: datetime) -> list[dict[str, Any]]:
    """Give what the Nasdaq Stock Market had announced by an instant.

    Returns
    -------
    list of dict
        ``settlement, published`` (ISO dates), ``issues, shares`` of all its issues, in order of settlement; dates of
        which the total was not seen are left out.
    """
    text = files("overshort.data").joinpath(TABLE).read_text("utf-8")
    rows = (r for r in csv.DictReader(text.splitlines()) if r["total_shares"])
    found = [
        {
            "settlement": r["settlement_date"],
            "published": r["published_date"] or None,
            "issues": int(r["total_issues"]) if r["total_issues"] else None,
            "shares": int(r["total_shares"]),
        }
        for r in rows
        if sessions.publication(date.fromisoformat(r["settlement_date"]))[0] <= as_of
    ]
    return sorted(found, key=lambda r: str(r["settlement"]))
