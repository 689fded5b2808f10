"""A small tape of option trades on the VIX for the last sessions: every kind of trade, on every side of its quote.

1. Draw for every trade of a session its contract around the session's close, and a quote around an invented value.
2. Draw where it trades against that quote, and under which sale condition; a few quotes are missing or crossed.
3. Every session's last trade is cancelled, and the record that cancels it follows a minute later.
"""

from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl

from overshort import sessions
from overshort.demo.grid import Floats, Grid
from overshort.demo.tables import typed

__all__ = ["option_trades"]

SESSIONS, TRADES = 80, 24
NEAR, TICK = 6, 0.05
CONDITIONS = (
    ("18", "AUTO", "single", 0.44),
    ("95", "ISOI", "single", 0.04),
    ("125", "SLAN", "auction", 0.14),
    ("130", "MLET", "multi", 0.2),
    ("131", "MLAT", "multi", 0.06),
    ("138", "TLET", "stock", 0.02),
    ("144", "CBMO", "proprietary", 0.04),
    ("13", "LATE", "late", 0.04),
    ("148", "EXHT", "unknown", 0.02),
)
"""Code, OPRA's name, kind, and how often."""
PLACES = ((-1, 0.04), (0, 0.3), (1, 0.3), (2, 0.3), (3, 0.06))
"""Ticks above the bid at which trades happen, and how often; the ask is two above it."""
QUOTES = (0.96, 0.02, 0.02)
"""How often a quote is good, missing, or crossed."""
_CANCEL: dict[str, Any] = {"condition": "40", "opra": "CANC", "leg": "cancelled", "cancel": True}


def _expiry(day: date, weeks: int) -> date:
    """Give the Wednesday some weeks after the next one."""
    return day + timedelta(days=(2 - day.weekday()) % 7 + 7 * weeks)


def _contract(rng: np.random.Generator, day: date, level: float) -> dict[str, Any]:
    strike = max(5.0, round(level) + float(rng.integers(-3, NEAR)))
    expiry, right = _expiry(day, int(rng.integers(1, 7))), "call" if rng.random() < 0.65 else "put"
    osi = f"VIX   {expiry:%y%m%d}{right[0].upper()}{round(strike * 1000):08d}"
    return {"contract": osi, "expiry": expiry, "strike": strike, "right": right}


def _bid(contract: dict[str, Any], level: float) -> int:
    """Give the bid in ticks: what the option is worth now, and less for time the further away it is."""
    distance = level - contract["strike"] if contract["right"] == "call" else contract["strike"] - level
    value: float = max(0.0, distance) + 1.2 * float(np.exp(-abs(distance) / 4))
    return max(2, int(np.rint(value / TICK)))


def _trade(rng: np.random.Generator, day: date, level: float) -> dict[str, Any]:
    own = _contract(rng, day, level)
    bid = _bid(own, level)
    ticks = bid + int(rng.choice([p for p, _ in PLACES], p=[q for _, q in PLACES]))
    kind = int(rng.choice(3, p=QUOTES))
    quotes = ((bid, bid + 2), (None, None), (bid + 2, bid))[kind]
    code, opra, leg, _ = CONDITIONS[int(rng.choice(len(CONDITIONS), p=[c[3] for c in CONDITIONS]))]
    bids, asks = (None if q is None else round(q * TICK, 2) for q in quotes)
    size = 1 + int(rng.exponential(40))
    told = {"condition": code, "opra": opra, "leg": leg, "cancel": False}
    return own | told | {"price": round(ticks * TICK, 2), "bid": bids, "ask": asks, "size": size}


def _session(rng: np.random.Generator, day: date, level: float) -> list[dict[str, Any]]:
    trades = [_trade(rng, day, level) for _ in range(TRADES)]
    trades[-1] |= {"leg": "cancelled", "cancel": True}
    trades.append(trades[-1] | _CANCEL)
    opens = int(sessions.at_new_york(day, sessions.TAPE_ENDS).timestamp()) - 27_000
    seconds = np.sort(rng.integers(0, 12_000, TRADES)).tolist()
    stamps = [(opens + s) * 1_000_000_000 for s in [*seconds, seconds[-1] + 60]]
    return [
        t | {"session": day, "ts_ns": ns, "sequence": 100 + k}
        for k, (t, ns) in enumerate(zip(trades, stamps, strict=True))
    ]


def option_trades(rng: np.random.Generator, grid: Grid, vix: Floats) -> pl.DataFrame:
    """Give the trades of the last sessions."""
    span = range(max(grid.begin, grid.end - SESSIONS), grid.end)
    rows = [row for n in span for row in _session(rng, grid.days[n], float(vix[n]))]
    constant = {"vendor": "simulated", "underlying": "VIX", "venue": "5", "multiplier": 100, "row": 0}
    frame = pl.DataFrame(rows, infer_schema_length=None).with_columns(pl.lit(v).alias(c) for c, v in constant.items())
    known = pl.from_epoch("ts_ns", time_unit="ns").dt.cast_time_unit("us").dt.replace_time_zone("UTC")
    return typed(
        "option_trades", frame.with_columns(known.alias("known_at"), pl.lit(None, pl.Int64).alias("quote_ts_ns"))
    )
