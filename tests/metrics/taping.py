"""Tapes of a few trades, and a plain recount of what the metrics say of them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl

from metrics.tiny import table
from overshort.engine.computing import compute
from overshort.engine.panel import underlyings

__all__ = ["DAY", "cell_of", "panel_of", "quotes", "recount", "signs", "tape", "trade", "values"]

DAY = date(2024, 1, 16)
Row = dict[str, Any]
Cells = Mapping[tuple[str, str, str], tuple[int, Decimal]]


def trade(price: float, bid: float | None = 1.0, ask: float | None = 1.2, **more: Any) -> Row:
    """Give a trade of one VIX call at noon."""
    day: date = more.get("session", DAY)
    at = datetime(day.year, day.month, day.day, 17, tzinfo=UTC)
    row: Row = {"vendor": "cboe", "session": day, "ts_ns": int(at.timestamp()) * 10**9, "known_at": at}
    row |= {"contract": "VIX   240214C00015000", "underlying": "VIX", "expiry": date(2024, 2, 14), "strike": 15.0}
    row |= {"right": "call", "price": price, "size": 1, "multiplier": 100, "bid": bid, "ask": ask, "leg": "single"}
    return row | {"sequence": 0, "row": 0, "cancel": False, "condition": "18", "opra": "AUTO"} | more


def tape(*rows: Row) -> dict[str, pl.LazyFrame]:
    """Give trades as a table, each with a sequence number of its own."""
    return {"option_trades": table("option_trades", [r | {"sequence": k} for k, r in enumerate(rows)])}


def quotes(*rows: Row) -> pl.LazyFrame:
    """Give quotes of the contract that :func:`trade` trades as a table; each has ``ts_ns``, the rest as it is told."""
    usual = {k: trade(1.0)[k] for k in ("vendor", "session", "contract", "underlying")} | {"bid": 1.0, "ask": 1.2}
    whole = [usual | {"sequence": k} | r for k, r in enumerate(rows)]
    known = [datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=-(-r["ts_ns"] // 1000)) for r in whole]
    return table("option_quotes", [{"known_at": at} | r for r, at in zip(whole, known, strict=True)]).lazy()


def panel_of(tables: Mapping[str, pl.LazyFrame], subject: str = "VIX") -> pl.DataFrame:
    return compute(tables, underlyings([subject]))


def values(panel: pl.DataFrame, day: date = DAY) -> dict[str, float | None]:
    """Give the values of a session by id, without ``tape.``."""
    own = panel.filter(pl.col("at").dt.date() == day)
    return {i.removeprefix("tape."): v for i, v in own.select("id", "value").iter_rows()}


def _side(row: Mapping[str, Any]) -> str:
    price, bid, ask = (None if row[c] is None else Decimal(str(row[c])) for c in ("price", "bid", "ask"))
    assert price is not None
    if row["leg"] in ("late", "cancelled") or (bid is not None and ask is not None and bid >= ask):
        return "none"
    if ask is not None and price >= ask:
        return "a" if price == ask else "aa"
    if bid is not None and price <= bid:
        return "b" if price == bid else "bb"
    return "none" if bid is None or ask is None else "mid"


def cell_of(row: Mapping[str, Any]) -> tuple[str, str, str]:
    """Give the cell of a trade, by the rules as METRICS.md has them."""
    return row["right"], _side(row), row["leg"]


def recount(rows: Iterable[Mapping[str, Any]]) -> Cells:
    """Count trades and add up premium in decimals."""
    counts: Counter[tuple[str, str, str]] = Counter()
    sums: defaultdict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
    for row in rows:
        cell = cell_of(row)
        counts[cell] += 1
        sums[cell] += Decimal(str(row["price"])) * row["size"] * row["multiplier"]
    return {cell: (n, sums[cell]) for cell, n in counts.items()}


def sessions_from(first: date, count: int) -> list[date]:
    """Give weekdays; none of them need be a session."""
    days = (first + timedelta(days=k) for k in range(2 * count))
    return [d for d in days if d.weekday() < 5][:count]


def signs(rows: Iterable[Row]) -> dict[int, tuple[int | None, int | None]]:
    """Sign trades by Lee and Ready and by Ellis, Michaely and O'Hara, walking through each contract; by sequence."""
    last: dict[str, Decimal] = {}
    tick: dict[str, int] = {}
    out: dict[int, tuple[int | None, int | None]] = {}
    for row in sorted(rows, key=lambda r: (r["ts_ns"], r["sequence"])):
        price, side, contract = Decimal(str(row["price"])), _side(row), row["contract"]
        if row["leg"] not in ("late", "cancelled"):
            if contract in last and price != last[contract]:
                tick[contract] = 1 if price > last[contract] else -1
            last[contract] = price
        if side == "none":
            out[row["sequence"]] = (None, None)
            continue
        test = tick.get(contract)
        if side == "mid":
            middle = (Decimal(str(row["bid"])) + Decimal(str(row["ask"]))) / 2
            lee_ready = 1 if price > middle else -1 if price < middle else test
        else:
            lee_ready = 1 if side in ("a", "aa") else -1
        out[row["sequence"]] = (lee_ready, {"a": 1, "b": -1}.get(side, test))
    return out
