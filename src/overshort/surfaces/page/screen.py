"""The squeeze screen as a section: who stands highest, why, and how often such stocks were covered."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl

from overshort import sessions
from overshort.engine.due import due_settlement
from overshort.engine.screen import Screen
from overshort.evidence.squeezes import AHEAD, COVERED, LEAST_DAYS
from overshort.metrics.squeeze.score import LEAST_PARTS, PARTS, STANDS_IN, WEIGHT
from overshort.surfaces.page.blocks import Cell, Grid, Page, Section, Words
from overshort.surfaces.page.figures import name
from overshort.surfaces.words import ADVICE, ATTRIBUTION, SIMULATED, percent, subject_name

__all__ = ["COLUMNS", "document", "late", "screen_page", "section", "shown", "summary"]

COLUMNS = {
    "score": "score",
    "short_float": "short/float",
    "dtc": "days",
    "change": "change",
    "over_vwap": "VWAP",
    "fee": "fee",
    "fails": "fails",
    "p": "p",
}
_PERCENT = ("short_float", "change", "over_vwap", "fee", "p")
_COMMON = {"NASDAQ": "Nasdaq-listed common stocks", "LISTED": "all listed common stocks"}
_SIGNED = ("change", "over_vwap")
WIDE = 16
"""How much of a name stands beside its symbol: enough to tell it, and a page holds the row."""


def section(screen: Screen, by: str, rows: pl.DataFrame) -> Section:
    """Give the section: the stocks in order, each value with its rank among all listed common stocks."""
    heads = ["", *(f"{h} ↓" if c == by else h for c, h in COLUMNS.items()), "of five"]
    grid = Grid(heads=heads, rows=[_row(r) for r in rows.iter_rows(named=True)], note=_note(rows))
    words = [Words(text=text, tone="dim") for text in summary(screen)]
    whose = _COMMON.get(screen.universe) or subject_name(screen.universe)
    return Section(id="screen", title=f"Squeeze screen of {whose}", blocks=[grid, *words])


def late(screen: Screen, as_of: str) -> list[Words]:
    """Say that a newer report had been published by the end of the day than the one that is screened, where one had."""
    expected = due_settlement(sessions.end_of_day(date.fromisoformat(as_of)))
    if screen.settlement >= expected:
        return []
    text = f"Stale: the newest complete report is of {screen.settlement}; that of {expected} was published by then."
    return [Words(text=text, tone="lead")]


def screen_page(screen: Screen, by: str, rows: pl.DataFrame, *, as_of: str, simulated: bool) -> Page:
    """Give the section as a page of its own."""
    return Page(
        title=f"overshort: squeeze screen as of {as_of}",
        as_of=as_of,
        banner=SIMULATED if simulated else "",
        head=late(screen, as_of),
        sections=[section(screen, by, rows)],
        foot=[ATTRIBUTION, ADVICE],
    )


def _row(row: Mapping[str, Any]) -> list[Cell]:
    return [name(_who(row)), *(name(shown(row, c)) for c in COLUMNS), name(str(row["parts"]))]


def _who(row: Mapping[str, Any]) -> str:
    return f"{row['place']:,} {row['symbol']} {(row['name'] or '')[:WIDE]}".rstrip()


def shown(row: Mapping[str, Any], column: str) -> str:
    """Write a stock's value of one of :data:`COLUMNS`, with its rank in brackets where it has one."""
    value, rank = row[column], row.get(f"rank_{column}")
    if value is None:
        return "–"
    text = percent(value, signed=column in _SIGNED) if column in _PERCENT else _plain(value, column)
    return f"{text} ({rank:.1f})" if rank is not None else text


def _plain(value: float, column: str) -> str:
    return f"{value:,.1f}" if column == "score" else f"{value:,.2f}"


def _note(rows: pl.DataFrame) -> str:
    """Say which values stand in for others among the rows shown."""
    used = sorted({note for notes in rows["stand_in"].drop_nulls() for note in notes.split(", ")})
    return f"In the score of some: {', '.join(used)}." if used else ""


def summary(screen: Screen) -> list[str]:
    """Say what the screen rests on: coverage, weights, base rate."""
    rows = screen.rows
    known = ", ".join(f"{COLUMNS[p]} {rows[p].is_not_null().sum():,}" for p in (*PARTS, "fails"))
    out = (
        f"{screen.listed - rows.height:,} of {screen.listed:,} rows are no common stock by market class, symbol or name"
    )
    stand = ", ".join(f"{other} for an unknown {part}" for part, other in STANDS_IN.items())
    return [
        f"Report of {screen.settlement}; {out}. Known of {rows.height:,}: {known}.",
        "In brackets the rank among all listed common stocks of the report. Score: mean of the ranks of "
        f"{', '.join(PARTS)}, {WEIGHT:.1f} each, renormalised over those known, none under {LEAST_PARTS} ({stand}).",
        _likelihood(screen),
    ]


def _likelihood(screen: Screen) -> str:
    event = (
        f"a position of at least {LEAST_DAYS:g} day's volume that stands {percent(-COVERED, signed=False)} lower, "
        f"split-clean, at one of the next {AHEAD} reports"
    )
    if screen.base_rate is None:
        return f"p, how often scores of the same decile preceded {event}, is not known yet: too few reports are over."
    return (
        f"p: how often scores of the same decile preceded {event}; of all {screen.cases:,} cases that are over "
        f"{percent(screen.base_rate, signed=False)} did. Cases of one report are no separate evidence, and a covering "
        "is no rise of the price."
    )


def document(screen: Screen, by: str, rows: pl.DataFrame, *, as_of: str, simulated: bool) -> dict[str, Any]:
    """Give the screen as JSON: rows in order, with ranks, weights, coverage and base rate."""
    plain = rows.with_columns(pl.col("known_at").dt.strftime("%Y-%m-%dT%H:%M:%SZ"), pl.col("counted").cast(pl.String))
    return {
        "schema": "overshort.screen/1",
        "as_of": as_of,
        "simulated": simulated,
        "universe": screen.universe,
        "settlement": screen.settlement.isoformat(),
        "by": by,
        "weights": dict.fromkeys(PARTS, WEIGHT),
        "stands_in": dict(STANDS_IN),
        "listed": screen.listed,
        "common": screen.rows.height,
        "known": {p: int(screen.rows[p].is_not_null().sum()) for p in (*PARTS, "fails", "score")},
        "base_rate": screen.base_rate,
        "cases": screen.cases,
        "rows": plain.to_dicts(),
    }
