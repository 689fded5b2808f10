"""Where only a chain is known: the most premium that can have been traded with a side, volume × mid, sides unknown.

A chain tells how many contracts traded, never at which price or side: what is measured is no estimate of what was
bought.  A chain is of the session in whose New York day it was taken, between the open and 20:00, before the next
session's overnight trading; its volume is that of the session so far.  Each later chain of a session is a row known
later.  Adjusted contracts, whose roots end in a digit, are left out: their multiplier is not known.
"""

from datetime import time

import polars as pl

from overshort import sessions
from overshort.metrics.declare import Inputs, Metric, intermediate, metrics
from overshort.metrics.rows import panel_rows, reason
from overshort.metrics.tape.cells import RIGHTS, SUBJECT, declared
from overshort.metrics.tape.sides import counted, dollars

__all__ = ["LABEL", "MULTIPLIER", "proxy"]

LABEL = "upper-bound proxy: volume x mid, sides unknown"
MULTIPLIER = 100
"""Shares, or dollars a point, of a contract."""
OVER = time(20)
"""New York clock time from which trading is the next session's."""


def _of(right: str) -> Metric:
    return declared(
        f"proxy_{right}s",
        "USD",
        f"Volume × mid × {MULTIPLIER} over the {right}s of the session's newest option chain: an upper-bound proxy, "
        "sides unknown; mid of bid and ask, of 0 and the ask without a bid; n is the number of contracts that traded, "
        "coverage the part of their volume that has an ask.",
        "no row without a chain or a tape of the session; null where no chain of the session is known (table "
        f"option_chain), or no {right} that traded has an ask",
    )


@intermediate("tape_chains", reads=frozenset({"option_chain", "subjects"}))
def tape_chains(inputs: Inputs) -> pl.LazyFrame:
    """Give what traded by every chain of a session.

    Returns
    -------
    LazyFrame
        ``subject, session, at`` (instant of the chain)``, known_at``, and of each right ``_premium`` (hundredths of a
        cent, of the contracts with an ask)``, _n, _volume, _priced`` (volume of those with an ask).
    """
    asked = inputs["subjects"].filter(pl.col("kind") == "underlying").select("subject")
    own = inputs["option_chain"].join(asked, left_on="underlying", right_on="subject", how="semi")
    clock = pl.col("at").dt.convert_time_zone(str(sessions.NEW_YORK))
    placed = own.with_columns(clock.dt.date().alias("session"), clock.dt.time().alias("clock"))
    hours = sessions.schedule().lazy().select("session", "opens")
    during = placed.join(hours, on="session").filter(pl.col("at") >= pl.col("opens"), pl.col("clock") < OVER)
    usual = during.filter(~pl.col("contract").str.head(6).str.strip_chars().str.contains(r"\d$"))
    sums = [e.alias(f"{right}_{k}") for right in RIGHTS for k, e in _sums(right).items()]
    chains = usual.group_by(pl.col("underlying").alias("subject"), "session", "at")
    return chains.agg(pl.col("known_at").max(), *sums).sort(*SUBJECT, "at")


def _sums(right: str) -> dict[str, pl.Expr]:
    own = (pl.col("contract").str.slice(12, 1) == right[0].upper()) & (pl.col("volume") > 0)
    priced = own & pl.col("ask").is_not_null()
    twice_mid = counted("bid").fill_null(0) + counted("ask")
    return {
        "premium": (twice_mid * pl.col("volume") * (MULTIPLIER // 2)).filter(priced).sum(),
        "n": own.sum().cast(pl.Int64),
        "volume": pl.col("volume").filter(own).sum(),
        "priced": pl.col("volume").filter(priced).sum(),
    }


@metrics(*(_of(right) for right in RIGHTS), reads=frozenset({"tape_chains", "tape_cells"}))
def proxy(inputs: Inputs) -> pl.LazyFrame:
    """Give the proxies chain by chain, and null rows for tapes of sessions without a chain known by then."""
    chains = _standing(inputs["tape_chains"])
    tapes = inputs["tape_cells"].group_by(*SUBJECT, "basis").agg(pl.col("known_at").max())
    lacking = _before_any(tapes, chains)
    return pl.concat([p for right in RIGHTS for p in (_proxies(chains, right), _lacking(lacking, right))])


def _before_any(tapes: pl.LazyFrame, chains: pl.LazyFrame) -> pl.LazyFrame:
    """Keep the tapes that came in before any chain of their session, in the order in which both became known."""
    both = pl.concat(
        [tapes.with_columns(pl.lit(0).alias("chain")), chains.with_columns(pl.lit(1).alias("chain"))],
        how="diagonal_relaxed",
    ).sort(*SUBJECT, "known_at", "chain", descending=[False] * len(SUBJECT) + [False, True])
    ordered = both.with_columns(pl.col("chain").cum_sum().over(SUBJECT).alias("chains"))
    return ordered.filter(pl.col("chain") == 0, pl.col("chains") == 0)


def _standing(chains: pl.LazyFrame) -> pl.LazyFrame:
    """Leave out chains that a later one was known before, and say what each rests on."""
    said = pl.col("at").dt.convert_time_zone(str(sessions.NEW_YORK)).dt.to_string("%H:%M")
    latest = chains.sort(*SUBJECT, "known_at", "at").filter(pl.col("at") >= pl.col("at").cum_max().over(SUBJECT))
    once = latest.unique([*SUBJECT, "known_at"], keep="last", maintain_order=True)
    return once.with_columns(pl.format("price: option chain of {} New York", said).alias("basis"))


def _proxies(chains: pl.LazyFrame, right: str) -> pl.LazyFrame:
    volume, priced = pl.col(f"{right}_volume"), pl.col(f"{right}_priced")
    null = reason(((volume > 0) & (priced == 0), f"no {right} that traded has an ask in table option_chain"))
    share = pl.when(volume > 0).then(priced / volume)
    value = dollars(f"{right}_premium")
    text = pl.lit(LABEL)
    return panel_rows(
        chains, f"tape.proxy_{right}s", value, null=null, n=f"{right}_n", coverage=share, text=text, at="session"
    )


def _lacking(tapes: pl.LazyFrame, right: str) -> pl.LazyFrame:
    none = pl.format("no option chain of {} of the session {} in table option_chain", "subject", "session")
    nothing = pl.lit(None, pl.Float64)
    return panel_rows(tapes, f"tape.proxy_{right}s", nothing, null=none, n=None, coverage=None, at="session")
