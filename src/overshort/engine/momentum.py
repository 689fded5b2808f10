"""The members behind the study of shorting into momentum: point-in-time lists, positions, closes."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import polars as pl

from overshort.engine.computing import frame
from overshort.engine.scope import Scope
from overshort.evidence.events import entries
from overshort.evidence.quintiles import Closes, doubly_sorted
from overshort.store import asof
from overshort.store.lake import Lake

__all__ = ["member_closes", "momentum", "ranked_members"]

INDEX = "SPX"
"""The index whose members' closes are on file."""
TABLES = ("short_interest", "membership")


def momentum(lake: Lake, as_of: datetime, horizons: Sequence[int]) -> dict[str, Any] | None:
    """Study the members of the S&P 500 sorted by momentum and days to cover, from what was known by an instant.

    Returns
    -------
    dict or None
        ``id, subject, from, to, reports, members, priced, coverage, horizons``; nothing where no report can be sorted.
    """
    known = {name: asof.known(lake.scan(name), as_of) for name in TABLES}
    members = ranked_members(known, asof.standing(known, as_of))
    closes = member_closes(lake.scan("bars"), as_of)
    if members.is_empty() or closes.is_empty():
        return None
    found = doubly_sorted(Closes.of(closes), members, horizons)
    if not found:
        return None
    own = members.join(closes, left_on=["entry", "symbol"], right_on=["session", "symbol"], how="semi")
    return {
        "id": "momentum",
        "subject": INDEX,
        "from": members["settlement"][0].isoformat(),
        "to": members["settlement"][-1].isoformat(),
        "reports": members["settlement"].n_unique(),
        "members": members["symbol"].n_unique(),
        "priced": closes["symbol"].n_unique(),
        "coverage": own.height / members.height,
        "horizons": found,
    }


def ranked_members(known: Mapping[str, pl.LazyFrame], standing: Mapping[str, pl.LazyFrame]) -> pl.DataFrame:
    """Give every member of every report with its days to cover, as first published.

    Parameters
    ----------
    known
        Tables ``short_interest`` and ``membership``, all vintages known.
    standing
        The same, of every key the newest vintage.

    Returns
    -------
    DataFrame
        ``settlement, entry, symbol, days_to_cover`` (position over average daily volume), sorted; a member without
        either is left out.
    """
    members = frame("members", standing, Scope("market", (INDEX,))).filter(pl.col("subject") == INDEX)
    first = known["short_interest"].sort("known_at").unique(["symbol", "settlement"], keep="first", maintain_order=True)
    usable = first.filter(pl.col("position").is_not_null(), pl.col("adv") > 0)
    rows = usable.select(
        "symbol", "settlement", "known_at", (pl.col("position") / pl.col("adv")).alias("days_to_cover")
    ).join(members.lazy().select("symbol", "settlement"), on=["symbol", "settlement"])
    found = rows.sort("settlement", "symbol").collect()
    published = pl.col("known_at").max().over("settlement")
    dated = found.with_columns(published)
    return dated.with_columns(entries(dated["known_at"])).select("settlement", "entry", "symbol", "days_to_cover")


def member_closes(bars: pl.LazyFrame, as_of: datetime) -> pl.DataFrame:
    """Give the daily closes adjusted for splits and dividends: ``session, symbol, close``."""
    daily = bars.filter(pl.col("interval") == "1d", pl.col("adjustment") == "total")
    rows = asof.newest(daily, "bars", as_of).filter(pl.col("close") > 0)
    return rows.select("session", "symbol", "close").sort("session", "symbol").collect()
