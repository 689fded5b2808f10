"""The brief of one subject: an index with the fund that trades for it and the VIX, an exchange, or a single stock."""

from collections.abc import Sequence
from typing import Any

import polars as pl

from overshort.engine.moment import Moment
from overshort.engine.panel import KINDS, is_kept, panel_of
from overshort.engine.scope import listed
from overshort.engine.screen import standings
from overshort.errors import NothingToShow
from overshort.evidence.squeezes import CROWD
from overshort.metrics.prices import PROXIES
from overshort.store.lake import Lake
from overshort.surfaces.brief import Brief, brief_of

__all__ = ["REPORTS", "brief_about", "brief_on", "group_of", "standing_of", "symbol_of"]

REPORTS = 8
"""How many reports of the squeeze screen a stock's page looks back on."""


def symbol_of(text: str) -> str:
    """Give a symbol as the tables have it: letters and digits, in capitals."""
    return "".join(c for c in text.upper() if c.isascii() and c.isalnum())


def group_of(subject: str) -> tuple[str, ...]:
    """Give the subjects whose figures belong on a subject's page."""
    if subject in PROXIES:
        return subject, PROXIES[subject], "VIX"
    return (subject,)


def brief_about(subject: str, lake: Lake, moment: Moment) -> Brief:
    """Build the brief of one subject.

    Raises
    ------
    UnknownSubject
        If it is neither one of the market's nor a stock with a report or an option trade.
    NothingToShow
        If none of its figures has a value as of the moment.
    """
    return brief_on(subject, panel_of(lake, group_of(subject)), lake, moment)


def brief_on(subject: str, rows: pl.DataFrame, lake: Lake, moment: Moment) -> Brief:
    """Build the brief of one subject from the panel rows of its group; the document names it as ``subject``.

    Raises
    ------
    NothingToShow
        If none of its figures has a value as of the moment.
    """
    built = brief_of(rows, lake, moment, [s for s in group_of(subject) if s in KINDS])
    return Brief({"subject": subject} | built.document, built.known)


def standing_of(symbol: str, lake: Lake, moment: Moment) -> Sequence[dict[str, Any]] | None:
    """Say where a stock stood in the squeeze screen at the newest reports.

    Returns
    -------
    Sequence or None
        Rows as :func:`overshort.engine.screen.standings` gives them, none of what is no common stock; nothing where the
        screen has not been measured since the store changed: that ranks every listed stock at every report.
    """
    if not is_kept(lake, listed([CROWD])):
        return None
    try:
        stood = standings(lake, moment.instant, REPORTS)
    except NothingToShow:
        return []
    return stood.filter(pl.col("symbol") == symbol).to_dicts()
