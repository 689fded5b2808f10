"""Markets of a few rows, written by hand: what the test says and nothing else."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any

import polars as pl

from overshort import schema, sessions
from overshort.engine.computing import compute, frame
from overshort.engine.panel import Scope

DAYS = [date(2024, 1, 12), date(2024, 1, 31), date(2024, 2, 15), date(2024, 2, 29), date(2024, 3, 15)]
"""Consecutive settlements of FINRA's calendar."""
COMMON = {"source": "by hand", "sha256": "0" * 64, "batch": 0}
Tables = dict[str, pl.LazyFrame]
Positions = Mapping[str, Sequence[int | None]]


def table(name: str, rows: Iterable[dict[str, Any]]) -> pl.LazyFrame:
    """Give rows all columns of a table; those not given are null."""
    columns = schema.table(name).columns
    whole = [{c: (COMMON | row).get(c) for c in columns} for row in rows]
    return pl.DataFrame(whole, schema=columns, orient="row").lazy()


def reports(positions: Positions, days: Sequence[date] = DAYS, **given: Mapping[tuple[str, int], Any]) -> pl.LazyFrame:
    """Give reports from positions by symbol and day; None where there is no row.

    ``given`` overrides a column by (symbol, number of the day): ``previous={("A", 1): 7}``.
    """
    rows = []
    for symbol, held in positions.items():
        for k, position in enumerate(held):
            if position is None:
                continue
            row = {"position": position, "previous": (held[k - 1] or 0) if k else 0, "adv": 100, "market": "NYSE"}
            row |= {"symbol": symbol, "settlement": days[k], "split": False, "revised": False, "symbol_raw": symbol}
            row |= {"known_at": sessions.publication(days[k])[0]}
            rows.append(row | {c: v[symbol, k] for c, v in given.items() if (symbol, k) in v})
    return table("short_interest", rows)


def split(symbol: str, settlement: date, ratio: float) -> dict[str, Any]:
    known = sessions.publication(settlement)[0]
    return {
        "symbol": symbol,
        "settlement": settlement,
        "ratio": ratio,
        "basis": "table",
        "known_at": known,
        "symbol_raw": symbol,
    }


def stay(symbol: str, first: date, last: date | None = None, *, basis: str = "spells", **more: Any) -> dict[str, Any]:
    """Give a membership row of SPX; a snapshot is dated its first day."""
    row = {"index": "SPX", "symbol": symbol, "first": first, "last": last, "basis": basis, "symbol_raw": symbol}
    row |= {"dated": first if basis == "snapshot" else None}
    clock = time(23, 59) if basis == "snapshot" else time(0)
    return row | {"known_at": sessions.at_new_york(first, clock)} | more


def since_2000(*symbols: str) -> list[dict[str, Any]]:
    return [stay(s, date(2000, 1, 3)) for s in symbols]


def bar(symbol: str, session: date, close: float, adjustment: str = "none") -> dict[str, Any]:
    start = datetime.combine(session, time(14, 30), UTC)
    end = sessions.at_new_york(session, time(16))
    row = {"symbol": symbol, "interval": "1d", "start": start, "end": end, "session": session, "close": close}
    return row | {"adjustment": adjustment, "currency": "USD", "symbol_raw": symbol, "known_at": end}


def outstanding(symbol: str, at: date, shares: float) -> dict[str, Any]:
    row = {"symbol": symbol, "at": at, "outstanding": shares, "rounding": 1, "symbol_raw": symbol}
    return row | {"known_at": sessions.at_new_york(at, time(23, 59))}


def market(positions: Positions, *, members: list[dict[str, Any]] | None = None, **more: Any) -> Tables:
    """Give the tables of an index SPX with these positions; without ``members``, all of them since 2000."""
    known = since_2000(*positions) if members is None else members
    tables = {"short_interest": reports(positions), "membership": table("membership", known)}
    return tables | {n: t if isinstance(t, pl.LazyFrame) else table(n, t) for n, t in more.items()}


def rows_of(tables: Tables, id: str, *, subject: str = "SPX", kind: str = "index") -> list[dict[str, Any]]:
    """Give the panel rows of one id and subject, by date."""
    found = compute(tables, Scope(kind, (subject,)), [f"crowding.{id}"])
    return found.with_columns(pl.col("at").dt.date()).sort("at").to_dicts()


def values_of(tables: Tables, id: str, *, subject: str = "SPX", kind: str = "index") -> list[Any]:
    return [row["value"] for row in rows_of(tables, id, subject=subject, kind=kind)]


def ratios_of(tables: Tables) -> list[dict[str, Any]]:
    found = frame("ratios", tables, Scope("index", ("SPX",)))
    return found.select("symbol", "settlement", "ratio", "runner_up", "basis").to_dicts()
