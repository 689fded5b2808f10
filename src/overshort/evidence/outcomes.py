"""What followed earlier times: price after streaks of months, and after reports in each refusal state.

Nothing here reads as of a time: the caller hands over what was known, and an outcome that is not over yet is null.
Beside every average stand the unconditional one, the number of cases, and both tails; cases that overlap are no
separate evidence, so the number of separate runs stands there too.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType

import polars as pl

__all__ = ["MONTHS", "SESSIONS", "after_reports", "after_streaks", "months_after", "summary"]

MONTHS: Mapping[str, int] = MappingProxyType({"1m": 1, "3m": 3, "6m": 6, "12m": 12})
"""Months after the month at which a streak reached its length."""
SESSIONS: Mapping[str, int] = MappingProxyType({"3m": 63, "12m": 252})
"""Sessions held after a report; 21 stand for a month."""


def months_after(months: pl.DataFrame) -> pl.DataFrame:
    """Add what followed every completed month.

    Parameters
    ----------
    months
        ``at`` (last session) and ``change`` (price return) of completed months without gaps, ascending.

    Returns
    -------
    DataFrame
        With ``after_1m``, ``after_3m``, ``after_6m``, ``after_12m``: compounded returns, null where not over yet.
    """
    growth = months.select((1 + pl.col("change")).cum_prod()).to_series()
    return months.with_columns((growth.shift(-n) / growth - 1).alias(f"after_{h}") for h, n in MONTHS.items())


def after_streaks(months: pl.DataFrame, length: int) -> pl.DataFrame:
    """List the months at which a streak of rising ones got to a length.

    Parameters
    ----------
    months
        ``at``, ``change`` of completed months without gaps, ascending.
    length
        Rising months in a row, 1 or more.

    Returns
    -------
    DataFrame
        One row a streak: ``first`` (its first month), ``reached`` (the month at which it got there), ``final`` (the
        length that it came to, null while it runs), and what followed ``reached`` (``after_1m`` …).
    """
    rises = (months["change"] > 0).to_list()
    starts = [k for k, up in enumerate(rises) if up and (k == 0 or not rises[k - 1])]
    rows: list[tuple[int, int, int | None]] = []
    for start in starts:
        end = next((k for k in range(start, len(rises)) if not rises[k]), len(rises))
        if end - start >= length:
            rows.append((start, start + length - 1, end - start if end < len(rises) else None))
    followed = months_after(months)
    found = pl.DataFrame(rows, schema={"start": pl.Int64, "place": pl.Int64, "final": pl.Int64}, orient="row")
    return pl.DataFrame(
        {
            "first": followed["at"].gather(found["start"]),
            "reached": followed["at"].gather(found["place"]),
            "final": found["final"],
            **{f"after_{h}": followed[f"after_{h}"].gather(found["place"]) for h in MONTHS},
        }
    )


def after_reports(reports: pl.DataFrame, prices: pl.DataFrame) -> pl.DataFrame:
    """Add to reports what the traded proxy did after their publication.

    Entry is the open of the first session after the day of publication, exit the close of the 63rd and the 252nd
    session, the entry's own session counted.

    Parameters
    ----------
    reports
        ``published`` (day) and whatever else, ascending.
    prices
        ``session, open, close, feed`` of the proxy, ascending; a return is never taken from one feed to another.

    Returns
    -------
    DataFrame
        With ``entry`` (session), ``after_3m``, ``after_12m``; null where not over yet.
    """
    days, opens, closes, feeds = (prices[c].to_list() for c in ("session", "open", "close", "feed"))
    places = [bisect_right(days, day) for day in reports["published"]]
    own = [p if p < len(days) and opens[p] else None for p in places]

    def held(place: int | None, sessions: int) -> float | None:
        """Give the return from a place's open; none where the sessions are not over."""
        if place is None or (end := place + sessions - 1) >= len(days) or feeds[place] != feeds[end]:
            return None
        return float(closes[end] / opens[place] - 1)

    entries = pl.Series("entry", [None if p is None else days[p] for p in own], dtype=pl.Date)
    columns = [pl.Series(f"after_{h}", [held(p, n) for p in own], dtype=pl.Float64) for h, n in SESSIONS.items()]
    return reports.with_columns(entries, *columns)


def _runs(flags: Sequence[bool]) -> int:
    """Count the runs of cases that follow each other without a break."""
    return sum(flags[:1]) + sum(now and not before for before, now in pairwise(flags))


def summary(cases: pl.DataFrame, chosen: pl.Series, horizon: str) -> dict[str, float | int | None]:
    """Sum up what followed the chosen cases over one horizon, those not over yet left out.

    Parameters
    ----------
    cases
        All cases in order of time, with ``after_…``.
    chosen
        Which of them count.

    Returns
    -------
    dict
        ``n, runs`` (separate ones among those that are over), ``mean``, ``median``, ``up`` (share above 0), ``worst``,
        ``best``; null without a case.
    """
    column = cases[f"after_{horizon}"]
    over = chosen.fill_null(False) & column.is_not_null()
    values = column.filter(over)
    found: dict[str, float | int | None] = {"n": values.len(), "runs": _runs(over.to_list())}
    if values.is_empty():
        return found | dict.fromkeys(("mean", "median", "up", "worst", "best"))
    figures = values.to_frame().select(
        pl.first().mean().alias("mean"),
        pl.first().median().alias("median"),
        (pl.first() > 0).mean().alias("up"),
        pl.first().min().alias("worst"),
        pl.first().max().alias("best"),
    )
    return found | figures.row(0, named=True)
