"""Option chains of the traded proxies after the last sessions, with a price planted at which dealers' gamma is 0.

1. Plant a price near the close.
2. Spread open interest: calls above that price, puts below it, as hedgers and writers do.
3. Scale the puts until the gamma of all calls less that of all puts is 0 at the planted price; whole contracts leave
   it there but for a rounding.
"""

from datetime import date, time, timedelta
from math import erf, sqrt
from typing import Any

import numpy as np
import polars as pl

from overshort import sessions
from overshort.demo.grid import Bools, Floats, Ints
from overshort.demo.tables import typed

__all__ = ["option_chain"]

SESSIONS, WEEKS = 10, (1, 4, 9)
STRIKES = np.linspace(-0.12, 0.12, 25)
APART, WIDE = 0.03, 0.03
"""How far above (calls) and below (puts) the planted price open interest lies, and how widely it spreads."""
HELD, TICK = 40_000, 0.01
DELAY = timedelta(minutes=15)
_below = np.vectorize(lambda x: 0.5 * (1 + erf(x / sqrt(2))), otypes=[float])


def _fridays(day: date) -> list[date]:
    return [day + timedelta(days=(4 - day.weekday()) % 7 + 7 * weeks) for weeks in WEEKS]


def _board(day: date, close: float) -> pl.DataFrame:
    """Give the contracts: every strike of every expiry, as call and as put."""
    strikes = pl.DataFrame({"strike": np.unique(np.rint(close * (1 + STRIKES)))})
    expiries = pl.DataFrame({"expiry": _fridays(day)})
    return expiries.join(strikes, how="cross").join(pl.DataFrame({"right": ["C", "P"]}), how="cross")


def _gamma(price: float, board: dict[str, Floats]) -> Floats:
    spread = board["iv"] * np.sqrt(board["years"])
    d1 = np.log(price / board["strike"]) / spread + spread / 2
    out: Floats = np.exp(-d1 * d1 / 2) / (sqrt(2 * np.pi) * price * spread)
    return out


def _worth(price: float, board: dict[str, Floats], put: Bools) -> Floats:
    spread, strike = board["iv"] * np.sqrt(board["years"]), board["strike"]
    d1 = np.log(price / strike) / spread + spread / 2
    call = price * _below(d1) - strike * _below(d1 - spread)
    out: Floats = np.maximum(np.where(put, call - price + strike, call), TICK)
    return out


def _held(rng: np.random.Generator, planted: float, board: dict[str, Floats], put: Bools) -> Ints:
    """Give open interest of which the calls' gamma and the puts' are alike at the planted price."""
    centre = np.where(put, 1 - APART, 1 + APART)
    spread = np.exp(-(((board["strike"] / planted - centre) / WIDE) ** 2) / 2)
    held = HELD * spread * np.exp(0.2 * rng.standard_normal(put.size))
    gamma = held * _gamma(planted, board)
    held[put] *= gamma[~put].sum() / gamma[put].sum()
    whole: Ints = np.rint(held).astype(np.int64)
    return whole


def _chain(rng: np.random.Generator, symbol: str, day: date, close: float) -> tuple[pl.DataFrame, float]:
    at = sessions.at_new_york(day, time(16))
    rows = _board(day, close)
    planted = round(close * (1 + float(rng.uniform(-0.02, 0.02))), 2)
    put = (rows["right"] == "P").to_numpy()
    strike = rows["strike"].to_numpy()
    ends = np.array([(sessions.at_new_york(d, time(16)) - at) / timedelta(days=365) for d in rows["expiry"]])
    iv = np.round(0.16 + 0.4 * np.maximum(0, 1 - strike / close) + 0.01 * rng.random(put.size), 4)
    board = {"strike": strike, "years": ends, "iv": iv}
    middle = _worth(close, board, put)
    osi = pl.concat_str(
        pl.lit(symbol.ljust(6)),
        pl.col("expiry").dt.strftime("%y%m%d"),
        "right",
        (pl.col("strike") * 1000).cast(pl.Int64).cast(pl.String).str.zfill(8),
    )
    held = _held(rng, planted, board, put)
    values: dict[str, Any] = {
        "bid": np.maximum(np.round(middle - TICK, 2), TICK),
        "ask": np.round(middle + TICK, 2) + TICK,
        "volume": np.rint(held * rng.random(put.size) / 4).astype(np.int64),
        "open_interest": held,
        "iv": iv,
        "gamma": np.round(_gamma(close, board), 6),
    }
    told = {"underlying": symbol, "at": at, "known_at": at + DELAY}
    return rows.select(osi.alias("contract")).with_columns(
        *(pl.Series(name, v) for name, v in values.items()), *(pl.lit(v).alias(c) for c, v in told.items())
    ), planted


def option_chain(
    rng: np.random.Generator, bars: pl.DataFrame, symbols: tuple[str, ...]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Give the chains of the last sessions, and what was planted.

    Parameters
    ----------
    bars
        Table ``bars``, whose daily closes the chains are laid around.

    Returns
    -------
    tuple
        Table ``option_chain``, and ``subject, session, zero_gamma`` (USD) of every chain.
    """
    daily = bars.filter(pl.col("interval") == "1d", pl.col("symbol").is_in(symbols)).sort("symbol", "session")
    last = daily.group_by("symbol", maintain_order=True).tail(SESSIONS)
    parts, truths = [], []
    for symbol, day, close in last.select("symbol", "session", "close").iter_rows():
        chain, planted = _chain(rng, symbol, day, close)
        parts.append(chain)
        truths.append((symbol, day, planted))
    schema = {"subject": pl.String, "session": pl.Date, "zero_gamma": pl.Float64}
    return typed("option_chain", pl.concat(parts)), pl.DataFrame(truths, schema=schema, orient="row")
