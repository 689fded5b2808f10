"""What followed, put together from a panel as of an instant: streaks of months, and refusal states.

Everything is read from the rows that were known then, so an outcome counts only once it is over.
"""

from datetime import date, datetime
from functools import cached_property
from typing import Any

import polars as pl

from overshort import sessions
from overshort.evidence.outcomes import MONTHS, SESSIONS, after_reports, after_streaks, months_after, summary
from overshort.metrics.persistence.rarity import LEAST, SINCE, p_coin, p_permutation
from overshort.metrics.prices import PROXIES, month_of
from overshort.metrics.refusal.states import STATES, WINDOWS
from overshort.schema import INDEXES
from overshort.store import asof

__all__ = ["Known", "flag_study", "proxy_prices", "refusal_study", "standing_length", "streak_study", "studies"]

Study = dict[str, Any]
SERIES = ("value", "text", "base_at", "basis", "known_at")


class Known:
    """The newest vintage of every panel row that was known at an instant."""

    def __init__(self, panel: pl.DataFrame, as_of: datetime) -> None:
        self.panel = panel
        self.as_of = as_of
        self._owns: dict[tuple[str, str], pl.DataFrame] = {}

    @cached_property
    def rows(self) -> pl.DataFrame:
        """The rows themselves, of every id and subject: put in order when they are first asked for."""
        return asof.history(self.panel.lazy(), self.as_of).collect()

    def own(self, id: str, subject: str) -> pl.DataFrame:
        """Give the rows of one id of one subject, nulls and all: found without putting the others in order."""
        if (id, subject) not in self._owns:
            rows = self.panel.filter(pl.col("id") == id, pl.col("subject") == subject)
            self._owns[id, subject] = asof.history(rows.lazy(), self.as_of).collect()
        return self._owns[id, subject]

    def series(self, id: str, subject: str) -> pl.DataFrame:
        """Give one id of one subject: ``at`` (date), ``value, text, base_at, basis, known_at``; nulls left out."""
        own = self.own(id, subject).filter(pl.col("value").is_not_null())
        return own.select(pl.col("at").dt.date(), *SERIES)

    def stamped(self, id: str, subject: str) -> pl.DataFrame:
        """Give one id of one subject with ``at`` as an instant, for bars within the day; nulls left out."""
        own = self.own(id, subject).filter(pl.col("value").is_not_null())
        return own.select("at", *SERIES)

    def first(self, id: str, subject: str) -> pl.DataFrame:
        """Give one id of one subject as it was first known, whatever was revised later: what could be acted on."""
        of = (pl.col("id") == id, pl.col("subject") == subject, pl.col("value").is_not_null())
        vintages = asof.known(self.panel.filter(*of).lazy(), self.as_of)
        own = vintages.sort("at", "known_at").unique("at", keep="first", maintain_order=True)
        return own.select(pl.col("at").dt.date(), *SERIES, "n").collect()

    def firsts(self, prefix: str) -> pl.DataFrame:
        """Give all ids that begin so, whole rows, as each was first known: what could be acted on."""
        own = self.panel.filter(pl.col("id").str.starts_with(prefix))
        vintages = asof.known(own.lazy(), self.as_of).sort("id", "subject", "at", "known_at")
        return vintages.unique(["id", "subject", "at"], keep="first", maintain_order=True).collect()

    def newest(self, id: str, subject: str) -> tuple[date, float | None] | None:
        """Give date and value of the newest row of one id; an older value never stands in for one that is null."""
        own = self.own(id, subject)
        return own.select(pl.col("at").dt.date(), "value").row(-1) if own.height else None


def _months(known: Known, subject: str) -> pl.DataFrame:
    """Give the completed months since September 1945, or from the last gap on: ``at, change, base_at``."""
    found = known.series("persistence.month_return", subject).rename({"value": "change"})
    numbered = found.with_columns(month_of("at")).filter(pl.col("month") >= SINCE)
    numbers = numbered["month"].to_list()
    gaps = [k for k in range(1, len(numbers)) if numbers[k] != numbers[k - 1] + 1]
    return numbered[gaps[-1] :] if gaps else numbered


def streak_study(known: Known, subject: str, length: int) -> Study | None:
    """List the streaks of rising months that got to a length, with what followed, and how likely they are by chance.

    Parameters
    ----------
    length
        Rising months in a row, 1 or more.

    Returns
    -------
    dict or None
        Schema in the documentation of the brief; nothing without a completed month.
    """
    months = _months(known, subject)
    if months.is_empty():
        return None
    rows = after_streaks(months.select("at", "change"), length)
    every = months_after(months.select("at", "change"))
    reached = every["at"].is_in(rows["reached"].to_list())
    ups = int((months["change"] > 0).sum())
    return {
        "id": "persistence.streaks",
        "subject": subject,
        "length": length,
        "months": months.height,
        "rising": ups,
        "from": months["at"][0].isoformat(),
        "to": months["at"][-1].isoformat(),
        "count": rows.height,
        "p_coin": p_coin(months.height, ups, length, rows.height),
        "p_permutation": p_permutation(months.height, ups, length, rows.height),
        "occurrences": _plain(rows),
        "after": {h: summary(every, reached, h) for h in MONTHS},
        "unconditional": {h: summary(every, pl.repeat(True, every.height, eager=True), h) for h in MONTHS},
    }


def _plain(frame: pl.DataFrame) -> list[dict[str, Any]]:
    return frame.with_columns(pl.col(pl.Date).dt.to_string("%Y-%m-%d")).to_dicts()


def proxy_prices(known: Known, proxy: str) -> pl.DataFrame:
    """Give the proxy's prices: ``session, close, feed, open``."""
    opens, closes = (
        known.series(f"price.{f}", proxy).rename({"at": "session", "value": f, "basis": "feed"})
        for f in ("open", "close")
    )
    own = closes.select("session", "close", "feed")
    return own.join(opens.select("session", "open"), on="session", how="left").sort("session")


def refusal_study(known: Known, subject: str, window: str) -> Study | None:
    """Sum up what the traded proxy did after reports in each refusal state, beside all reports.

    A report counts with the state that it had when it was first known, and from then on: a later revision neither
    changes what it said nor moves its date.

    Parameters
    ----------
    window
        ``3m`` or ``12m``: the window of the state.

    Returns
    -------
    dict or None
        Nothing where the index has no state by then.
    """
    reports = known.first(f"refusal.state_{window}", subject)
    if reports.is_empty():
        return None
    published = pl.col("known_at").dt.convert_time_zone(str(sessions.NEW_YORK)).dt.date().alias("published")
    cases = after_reports(reports.with_columns(published), proxy_prices(known, PROXIES[subject]))
    every = pl.repeat(True, cases.height, eager=True)
    return {
        "id": "refusal.after",
        "subject": subject,
        "window": window,
        "proxy": PROXIES[subject],
        "reports": cases.height,
        "from": cases["at"][0].isoformat(),
        "now": cases["text"][-1],
        "states": [_state(cases, state) for state in STATES],
        "unconditional": {h: summary(cases, every, h) for h in SESSIONS},
    }


def _state(cases: pl.DataFrame, state: str) -> Study:
    chosen = cases["text"] == state
    held = int(chosen.sum())
    begins = chosen & ~chosen.shift(1, fill_value=False)
    return {
        "state": state,
        "reports": held,
        "base_rate": held / cases.height,
        "runs": int(begins.sum()),
        "after": {h: summary(cases, chosen, h) for h in SESSIONS},
    }


def flag_study(known: Known, id: str, subject: str) -> Study | None:
    """Say at what share of sessions a flag has been up so far, and in how many separate runs."""
    flags = known.series(id, subject)
    if flags.is_empty():
        return None
    up = flags["value"] == 1
    begins = up & ~up.shift(1, fill_value=False)
    return {
        "id": id,
        "subject": subject,
        "sessions": flags.height,
        "from": flags["at"][0].isoformat(),
        "share": int(up.sum()) / flags.height,
        "runs": int(begins.sum()),
    }


def studies(known: Known) -> list[Study]:
    """Give every study of a brief: states, streaks that run or have just ended, and cheap volatility."""
    found: list[Study | None] = [refusal_study(known, s, w) for s in INDEXES for w in WINDOWS]
    found += [streak_study(known, s, length) for s in INDEXES if (length := standing_length(known, s)) >= LEAST]
    found.append(flag_study(known, "volatility.cycle_low", "VIX"))
    return [study for study in found if study is not None]


def standing_length(known: Known, subject: str) -> int:
    """Give the length of the running streak, the running month counted in, or of the one that has just ended.

    While the running month has not risen, that is the streak of the completed months before it; 0 where none is known.
    """
    ids = ("month_streak_running", "month_streak", "month_streak_ended")
    running, done, ended = (known.newest(f"persistence.{i}", subject) for i in ids)
    goes_on = running if running and done and running[0] > done[0] else None
    return next((int(found[1]) for found in (goes_on, done, ended) if found and found[1]), 0)
