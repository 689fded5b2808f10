"""A book set against the crowd, as a document (schema ``overshort.book/1``)."""

from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Any

import polars as pl

from overshort.edition import __version__
from overshort.engine.book import Crowd, crowd
from overshort.engine.moment import Moment
from overshort.metrics import registry
from overshort.metrics.overlap import DECILE, overlap
from overshort.store.lake import Lake
from overshort.surfaces.book.reading import Position, Rejected
from overshort.surfaces.words import ADVICE, ATTRIBUTION

__all__ = ["PARTICIPATION", "book"]

PARTICIPATION = 0.2
"""The share of a day's volume that a holder may be, when they leave without moving the price much."""
SHOWN = (
    "crowding.change_last",
    "crowding.change_12m",
    "crowding.rank_1y",
    "crowding.rank_5y",
    "crowding.dtc",
    "carry.mtm",
    "carry.cost_annual",
    "squeeze.score",
)
"""Figures of each position; those that no metric declares are left out."""


def book(lake: Lake, positions: Sequence[Position], rejected: Sequence[Rejected], moment: Moment) -> dict[str, Any]:
    """Measure a book.

    Parameters
    ----------
    rejected
        Rows that reading did not take; those without any report join them.

    Raises
    ------
    NothingToShow
        If no report was known by then.
    """
    known = crowd(lake, (p.symbol for p in positions), moment)
    measured = [_position(p, known) for p in positions if p.symbol in known.figures]
    lacking = [
        Rejected(p.row, p.symbol, "the store has no short-interest row of it")
        for p in positions
        if p.symbol not in known.figures
    ]
    return {
        "schema": "overshort.book/1",
        "version": __version__,
        "as_of": moment.day.isoformat(),
        "as_of_utc": moment.instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "simulated": lake.simulated,
        "data_version": lake.version(),
        "settlement": known.settlement.isoformat(),
        "overlap": _overlap(measured, known),
        "positions": measured,
        "rejected": [
            {"row": r.row, "symbol": r.symbol, "reason": r.reason}
            for r in sorted([*rejected, *lacking], key=lambda r: r.row)
        ],
        "attribution": ATTRIBUTION,
        "disclaimer": ADVICE,
    }


def _position(position: Position, known: Crowd) -> dict[str, Any]:
    reported = _row(known.reported, position.symbol)
    ranked, close = _row(known.issues, position.symbol), _row(known.closes, position.symbol)
    price, at, source = _price(position, close)
    size, volume, short = abs(position.shares), reported.get("adv"), reported.get("position")
    days = size / volume if volume else None
    return {
        "row": position.row,
        "symbol": position.symbol,
        "shares": position.shares,
        "side": "short" if position.shares < 0 else "long",
        "price": price,
        "price_at": at,
        "price_source": source,
        "notional": size * price if price is not None else None,
        "adv": volume,
        "own_days": days,
        "own_days_participating": days / PARTICIPATION if days is not None else None,
        "share_of_short_interest": size / short if short and position.shares < 0 else None,
        "dtc_rank": ranked.get("rank"),
        "own_mtm": _gain(position, price),
        "figures": _figures(known.figures[position.symbol]),
    }


def _row(frame: pl.DataFrame, symbol: str) -> Mapping[str, Any]:
    return next(frame.filter(pl.col("symbol") == symbol).iter_rows(named=True), {})


def _price(position: Position, close: Mapping[str, Any]) -> tuple[float | None, str | None, str]:
    if position.price is not None:
        return position.price, None, "given"
    if close:
        return close["close"], close["session"].isoformat(), "close"
    return None, None, "none"


def _gain(position: Position, price: float | None) -> float | None:
    """Give what a position has gained since its entry, as a fraction of the entry; a loss is negative."""
    if position.entry is None or price is None:
        return None
    change = price / position.entry - 1
    return -change if position.shares < 0 else change


def _figures(own: Mapping[str, Any]) -> dict[str, Any]:
    return {id: own[id].as_dict() for id in SHOWN if id in registry() and id in own}


def _overlap(measured: Sequence[Mapping[str, Any]], known: Crowd) -> dict[str, Any]:
    shorts = [p for p in measured if p["side"] == "short"]
    rows = pl.DataFrame(
        {"notional": [p["notional"] for p in shorts], "rank": [p["dtc_rank"] for p in shorts]},
        schema={"notional": pl.Float64, "rank": pl.Float64},
    )
    top = known.issues.filter(pl.col("rank") >= DECILE)
    return overlap(rows) | {
        "universe": known.issues.height,
        "decile_from": top.select(pl.col("dtc").min()).item(),
    }
