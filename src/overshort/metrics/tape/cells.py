"""Every trade of a session in exactly one cell: call or put, side of the quote, kind of trade.

Where several vendors give the tape of one session, the first in :data:`VENDORS` counts alone: each of them gives all
trades.  A tape is whole at 17:00 New York; earlier no figure of the session is known.  Trades that came without a quote
have the one before them in table ``option_quotes``, where there is one, and the basis says so.

Before OPRA told legs, a regular trade counts as of a single leg, spreads and combinations as of several, and trades
stopped at an intermarket price as auctions; a session without any code that tells legs says so in its basis.
"""

from collections.abc import Mapping

import polars as pl

from overshort import sessions
from overshort.metrics.declare import Inputs, Metric, intermediate, metrics
from overshort.metrics.tape.sides import SIDES, dollars, ruled, signed

__all__ = ["CELL", "LEGS", "RIGHTS", "VENDORS", "declared", "preference"]

RIGHTS = ("call", "put")
LEGS = ("single", "multi", "stock", "proprietary", "auction", "late", "cancelled", "unknown")
CELL = ("right", "side", "leg")
VENDORS = ("cboe", "thetadata", "databento", "massive", "databento-trades")
"""Vendors of tapes, the one that tells most first: quotes and legs, quotes, legs, neither.

Massive's place is that of its trades alone; with its quotes imported too it tells more than its place says."""
TELLING = (
    *("SLAN", "SLAI", "SLCN", "SLCI", "SLFT", "MLET", "MLAT", "MLCT", "MLFT", "MESL", "MASL", "MFSL"),
    *("TLAT", "TLET", "TLCT", "TLFT", "TESL", "TASL", "TFSL", "CBMO", "MCTP"),
)
"""OPRA's codes that tell legs."""
SUBJECT = ("subject", "session")
NO_TAPE = "no row without a tape of the session (table option_trades)"
_SIDE_WORDS = {
    "aa": "above the ask",
    "a": "at the ask",
    "mid": "between bid and ask",
    "b": "at the bid",
    "bb": "below the bid",
    "none": "of no side (no quote, a locked or crossed one, late or cancelled)",
}
_LEG_WORDS = {
    "single": "of a single leg",
    "multi": "of several legs",
    "stock": "tied to stock",
    "proprietary": "under conditions of proprietary products",
    "auction": "of a single leg in an auction or cross",
    "late": "reported late",
    "cancelled": "cancelled, and the records that cancel them",
    "unknown": "of unknown legs",
}


def declared(
    name: str, unit: str, definition: str, null: str = NO_TAPE, *, lookback: int = 0, count: bool = False
) -> Metric:
    """Declare a metric of the tape."""
    return Metric(
        id=f"tape.{name}",
        kind="count" if count else "number",
        unit=unit,
        grid="session",
        subjects=frozenset({"underlying"}),
        null_rule=null,
        lookback=lookback,
        definition=definition,
    )


def _whole() -> pl.Expr:
    """Give the instant from which a session's tape is whole, or its last row is known."""
    closes = pl.col("session").dt.combine(sessions.TAPE_ENDS, "us").dt.replace_time_zone("America/New_York")
    return pl.max_horizontal(closes.dt.convert_time_zone("UTC"), "known_at").alias("known_at")


def _basis() -> pl.Expr:
    old = pl.when(pl.col("telling").sum().over(SUBJECT) == 0).then(pl.lit("; legacy codes")).otherwise(pl.lit(""))
    untold = (pl.col("leg") != "unknown").sum().over(SUBJECT) == 0
    legs = pl.when(untold).then(pl.lit("; no sale conditions")).otherwise(old)
    joined = pl.when(pl.col("joined").any().over(SUBJECT)).then(pl.lit(", quotes joined")).otherwise(pl.lit(""))
    return pl.format("price: option trades of {}{}{}", "vendor", joined, legs).alias("basis")


def preference() -> tuple[pl.Expr, pl.Expr]:
    """Give what to sort vendors by, the one that counts first."""
    places = {v: k for k, v in enumerate(VENDORS)}
    place = pl.col("vendor").replace_strict(places, default=len(places), return_dtype=pl.Int64)
    return place, pl.col("vendor")


@intermediate("tape_cells", reads=frozenset({"quoted_trades", "subjects"}))
def tape_cells(inputs: Inputs) -> pl.LazyFrame:
    """Give the cells that have trades.

    Returns
    -------
    LazyFrame
        ``subject, session, right, side, leg, premium`` (hundredths of a cent)``, trades, contracts, quoted`` (trades
        with a bid or ask)``, lee_ready, emo`` (premium bought by these rules)``, both, apart`` (signed by both, and
        signed otherwise)``, basis, known_at`` (one a session), sorted by the first five.
    """
    asked = inputs["subjects"].filter(pl.col("kind") == "underlying").select("subject")
    own = inputs["quoted_trades"].join(asked, left_on="underlying", right_on="subject", how="semi")
    premium, lee_ready, emo = (pl.col(c) for c in ("premium", "lee_ready", "emo"))
    quoted = pl.col("bid").is_not_null() | pl.col("ask").is_not_null()
    cells = (
        ruled(signed(own.rename({"underlying": "subject"})))
        .group_by(*SUBJECT, "vendor", *CELL)
        .agg(
            premium.sum(),
            premium.filter(lee_ready == 1).sum().alias("lee_ready"),
            premium.filter(emo == 1).sum().alias("emo"),
            premium.filter(lee_ready.is_not_null() & emo.is_not_null()).sum().alias("both"),
            premium.filter(lee_ready != emo).sum().alias("apart"),
            pl.len().cast(pl.Int64).alias("trades"),
            pl.col("size").sum().alias("contracts"),
            quoted.sum().cast(pl.Int64).alias("quoted"),
            pl.col("joined").any(),
            pl.col("opra").is_in(TELLING).sum().cast(pl.Int64).alias("telling"),
            pl.col("known_at").max(),
        )
    )
    return (
        cells.sort(*SUBJECT, *preference(), *CELL)
        .filter(pl.col("vendor") == pl.col("vendor").first().over(SUBJECT))
        .with_columns(_basis(), pl.col("known_at").max().over(SUBJECT))
        .with_columns(_whole())
        .drop("vendor", "telling", "joined")
    )


def _id(right: str, side: str, leg: str) -> str:
    return f"premium.{right}.{side}.{leg}"


_CELLS: Mapping[tuple[str, str, str], Metric] = {
    (r, s, leg): declared(
        _id(r, s, leg),
        "USD",
        f"Premium (price × size × multiplier) of {r}s traded {_SIDE_WORDS[s]}, {_LEG_WORDS[leg]}; n is their number.",
    )
    for r in RIGHTS
    for s in SIDES
    for leg in LEGS
}
TOTALS = (
    declared("trades", "trades", "Trades on the tape, cancelled ones and their records included.", count=True),
    declared("contracts", "contracts", "Contracts of all trades on the tape, cancelled ones included.", count=True),
)


@metrics(*_CELLS.values(), *TOTALS, reads=frozenset({"tape_cells"}))
def tape(inputs: Inputs) -> pl.LazyFrame:
    """Give all cells of every session with a tape, those without trades as 0, and the sums over them."""
    cells = inputs["tape_cells"]
    days = cells.group_by(*SUBJECT, "basis", "known_at").agg(pl.col("trades", "contracts").sum())
    grid = pl.LazyFrame([(*c, m.id) for c, m in _CELLS.items()], schema=[*CELL, "id"], orient="row")
    every = days.select(*SUBJECT, "basis", "known_at").join(grid, how="cross")
    filled = every.join(cells.select(*SUBJECT, *CELL, "premium", "trades"), on=[*SUBJECT, *CELL], how="left")
    premium = dollars(pl.col("premium").fill_null(0)).alias("value")
    parts = [filled.select("id", premium, pl.col("trades").fill_null(0).alias("n"), *SUBJECT, "basis", "known_at")]
    for name in ("trades", "contracts"):
        value, n = pl.col(name).cast(pl.Float64).alias("value"), pl.col("trades").alias("n")
        parts.append(days.select(pl.lit(f"tape.{name}").alias("id"), value, n, *SUBJECT, "basis", "known_at"))
    return pl.concat(parts).rename({"session": "at"})
