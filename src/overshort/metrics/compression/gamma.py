"""The price at which dealers' gamma would be 0, from the open interest of a whole option chain.

1. Take the newest chain known when the session opened, and of it the contracts that expire after the chain's own day
   and within a year, with a volatility and open interest.
2. Assume that dealers are long every open call and short every open put: the usual convention, and an assumption.
   Nobody publishes who holds what.
3. At each price of a grid around the close of the session before, sum over contracts
   ``sign x open interest x 100 x gamma x price^2 x 0.01``: USD of shares that dealers trade for a move of 1 %.  Gamma
   is that of Black and Scholes at that price, from the contract's own volatility and the time from the chain to 16:00
   New York of the last day, rate and dividend 0.
4. The trigger is where the sum changes its sign, on a straight line between two prices of the grid; of several such
   places the one nearest to that close.
"""

from datetime import time, timedelta
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from overshort import sessions
from overshort.metrics.declare import Inputs, intermediate
from overshort.metrics.ranking import Floats

__all__ = ["FEWEST", "FRESH", "LONGEST", "REACH", "Contracts", "dealer_gamma", "zero_near"]

FEWEST = 50
"""Contracts with a volatility and open interest that a chain must have."""
FRESH, LONGEST = 7, 365
"""Days that a chain may be older than the session, and that its contracts may run."""
REACH, STEPS = 0.2, 160
"""How far from the close the grid reaches, as a share of it, and into how many steps it is cut."""
MULTIPLIER, MOVE = 100, 0.01
YEAR = timedelta(days=365)
FOUND = {"zero": pl.Float64, "contracts": pl.Int64, "said": pl.String}


class Contracts(NamedTuple):
    """Contracts of one chain: strike (USD), years to expiry, volatility (a year), open interest, negative of puts."""

    strike: Floats
    years: Floats
    iv: Floats
    held: Floats


def dealer_gamma(prices: Floats, contracts: Contracts) -> Floats:
    """Give dealers' gamma at each price, in USD of shares for a move of 1 %: calls held, puts sold.

    Black–Scholes gamma is φ(d₁)/(S·σ·√T) with d₁ = (ln(S/K) + σ²T/2)/(σ·√T); rate and dividend are 0.
    """
    spread = contracts.iv * np.sqrt(contracts.years)
    d1 = np.log(prices[:, None] / contracts.strike) / spread + spread / 2
    density = np.exp(-0.5 * d1 * d1) / (np.sqrt(2 * np.pi) * spread)
    out: Floats = MULTIPLIER * MOVE * prices * (contracts.held * density).sum(axis=1)
    return out


def zero_near(spot: float, contracts: Contracts) -> float | None:
    """Give the price nearest to ``spot`` at which dealers' gamma changes its sign; ``None`` where it does nowhere."""
    grid = spot * np.linspace(1 - REACH, 1 + REACH, STEPS + 1)
    values = dealer_gamma(grid, contracts)
    told = values != 0  # too far from every strike there is no gamma at all, and that is no crossing
    x, y = grid[told], values[told]
    k = np.flatnonzero(np.sign(y[1:]) != np.sign(y[:-1]))
    if k.size == 0:
        return None
    zeros = x[k] - y[k] * (x[k + 1] - x[k]) / (y[k + 1] - y[k])
    return float(zeros[np.abs(zeros - spot).argmin()])


def _contracts(chains: pl.LazyFrame) -> pl.LazyFrame:
    """Give the usable contracts of every chain: ``subject, at, strike, years, iv, held``."""
    told = pl.col("contract")
    expiry = told.str.slice(6, 6).str.to_date("%y%m%d", strict=False)
    over = expiry.dt.combine(time(16)).dt.replace_time_zone(str(sessions.NEW_YORK)).dt.convert_time_zone("UTC")
    day = pl.col("at").dt.convert_time_zone(str(sessions.NEW_YORK)).dt.date()
    put = told.str.slice(12, 1) == "P"
    own = told.str.slice(0, 6).str.strip_chars() == pl.col("underlying")
    within = (expiry > day) & (expiry <= day + pl.duration(days=LONGEST))
    used = chains.filter(own & within & (pl.col("iv") > 0) & (pl.col("open_interest") > 0)).sort("contract")
    return used.select(
        pl.col("underlying").alias("subject"),
        "at",
        (told.str.slice(13, 8).cast(pl.Float64) / 1000).alias("strike"),
        ((over - pl.col("at")).dt.total_seconds() / YEAR.total_seconds()).alias("years"),
        "iv",
        (pl.when(put).then(-1.0).otherwise(1.0) * pl.col("open_interest")).alias("held"),
    ).filter(pl.col("strike") > 0)


def _judged(row: dict[str, Any], chain: Contracts | None) -> tuple[float | None, int, str | None]:
    """Give the crossing for one session, on how many contracts it rests, and why there is none."""
    count = 0 if chain is None else len(chain.strike)
    which = f"the chain of {row['subject']} of {row['chained']} in table option_chain"
    if row["session"] - row["chained"] > timedelta(days=FRESH):
        return None, count, f"{which}, the newest by then, is over {FRESH} days older than {row['session']}"
    if chain is None or count < FEWEST:
        return None, count, f"{which} has {count} contracts with volatility and open interest, fewer than {FEWEST}"
    if row["spot"] is None:
        return None, count, f"no daily bar of the session before {row['session']} in table bars"
    zero = zero_near(row["spot"], chain)
    nowhere = f"{which} has no price within {REACH:.0%} of the close at which dealers' gamma changes its sign"
    return zero, count, nowhere if zero is None else None


def _arrays(contracts: pl.DataFrame) -> dict[tuple[Any, ...], Contracts]:
    parts = contracts.partition_by("subject", "at", as_dict=True, maintain_order=True)
    return {key: Contracts(*(part[c].to_numpy() for c in Contracts._fields)) for key, part in parts.items()}


@intermediate("gamma_triggers", reads=frozenset({"option_chain", "chain_at_session", "triggers", "subjects"}))
def gamma_triggers(inputs: Inputs) -> pl.LazyFrame:
    """Give for every session of the traded proxies the zero of dealers' gamma in the chain known when it opened.

    Returns
    -------
    LazyFrame
        ``subject, session, zero, contracts`` (how many), ``said`` (why there is none)``, chained`` (New York day of
        the chain)``, chain_known``, sorted; no row before the first chain was known.
    """
    asked = inputs["subjects"].filter(pl.col("kind") == "proxy").select("subject")
    day = pl.col("at").dt.convert_time_zone(str(sessions.NEW_YORK)).dt.date()
    due = (
        inputs["chain_at_session"]
        .join(asked, on="subject", how="semi")
        .join(inputs["triggers"].select("subject", "session", "spot"), on=["subject", "session"], how="left")
        .with_columns(day.alias("chained"))
        .sort("subject", "session")
        .collect()
    )
    recent = due.filter(pl.col("session") - pl.col("chained") <= pl.duration(days=FRESH))
    needed = recent.lazy().select(pl.col("subject").alias("underlying"), "at").unique()
    chains = _arrays(_contracts(inputs["option_chain"].join(needed, on=["underlying", "at"], how="semi")).collect())
    found = [_judged(row, chains.get((row["subject"], row["at"]))) for row in due.iter_rows(named=True)]
    judged = pl.DataFrame(found, schema=FOUND, orient="row")
    kept = due.select("subject", "session", "chained", pl.col("known_at").alias("chain_known"))
    return pl.concat([kept, judged], how="horizontal").lazy()
