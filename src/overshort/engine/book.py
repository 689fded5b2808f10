"""What the engine knows of a book's symbols as of a moment: their figures, the crowd they stand in, their closes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from overshort.engine.computing import compute
from overshort.engine.figures import Figure, figures, select
from overshort.engine.freshness import newest_settlements
from overshort.engine.moment import Moment
from overshort.engine.panel import panel, stocks
from overshort.engine.scope import listed
from overshort.engine.screen import newest_reports
from overshort.errors import NothingToShow
from overshort.metrics.overlap import universe
from overshort.schema import EXCHANGES, PANEL
from overshort.store import asof
from overshort.store.lake import Lake

__all__ = ["FRESH", "Crowd", "crowd"]

SCORE = "squeeze.score"
FRESH = timedelta(days=7)
"""How old a close may be that a position is valued at."""


@dataclass(frozen=True)
class Crowd:
    """What is known of some symbols.

    Attributes
    ----------
    settlement
        The newest report.
    issues
        Its listed issues with a position and an average volume: ``symbol, position, adv, dtc, rank``.
    reported
        ``symbol, position, adv`` of the asked symbols in that report, listed or not.
    figures
        Of every asked symbol with a report, by symbol and id.
    closes
        ``symbol, close, session``: the newest daily close, unadjusted where there is one, no older than :data:`FRESH`.
    """

    settlement: date
    issues: pl.DataFrame
    reported: pl.DataFrame
    figures: Mapping[str, Mapping[str, Figure]]
    closes: pl.DataFrame


def crowd(lake: Lake, symbols: Iterable[str], moment: Moment) -> Crowd:
    """Look some symbols up; nothing of what was asked is kept in the store.

    Raises
    ------
    NothingToShow
        If no report was known by then.
    """
    asked = sorted(set(symbols))
    newest = newest_settlements(lake, moment.instant)["short_interest"]
    if newest is None:
        raise NothingToShow(f"no report was known by {moment.day}; give a later --as-of, or import earlier reports")
    report = lake.scan("short_interest").filter(pl.col("settlement") == newest)
    rows = asof.newest(report, "short_interest", moment.instant).select("symbol", "position", "adv", "market").collect()
    listed = rows.filter(pl.col("market").is_in(EXCHANGES["LISTED"]))
    reported = rows.filter(pl.col("symbol").is_in(asked)).drop("market")
    return Crowd(newest, universe(listed), reported, _figures(lake, asked, moment), _closes(lake, asked, moment))


def _figures(lake: Lake, asked: list[str], moment: Moment) -> Mapping[str, Mapping[str, Figure]]:
    there = lake.scan("short_interest").filter(pl.col("symbol").is_in(asked)).select(pl.col("symbol").unique())
    names = sorted(there.collect()["symbol"])
    if not names:
        return {}
    rows = [panel(lake, stocks(names), keep=False), _squeezed(lake, names, moment)]
    found = figures(pl.concat(rows), moment.instant, simulated=lake.simulated)
    return {s: select(found, s) for s in names}


def _squeezed(lake: Lake, names: list[str], moment: Moment) -> pl.DataFrame:
    """Give the squeeze score of some stocks among all common ones of the newest complete report."""
    try:
        _, tables = newest_reports(lake, moment.instant, 1)
    except NothingToShow:
        return pl.DataFrame(schema=PANEL)
    return compute(tables, listed(names), [SCORE])


def _closes(lake: Lake, asked: list[str], moment: Moment) -> pl.DataFrame:
    daily = lake.scan("bars").filter(
        pl.col("interval") == "1d",
        pl.col("symbol").is_in(asked),
        pl.col("session").is_between(moment.day - FRESH, moment.day),
    )
    rows = asof.newest(daily, "bars", moment.instant).select("symbol", "close", "session", "adjustment").collect()
    order = pl.col("adjustment").replace_strict({"none": 0, "split": 1}, default=2, return_dtype=pl.Int8)
    ordered = rows.sort("symbol", "session", order, descending=[False, True, False])
    return ordered.unique("symbol", keep="first", maintain_order=True).select("symbol", "close", "session")
