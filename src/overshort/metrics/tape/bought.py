"""Option premium bought: single-leg trades at or above the ask, and how far trade signing may be wrong about it.

Auctions and crosses of a single leg count, and their share is shown.  A rule that signs trades right with probability
p sees p·B + (1 − p)·(T − B) where B was bought of the signed premium T; so B = (observed − (1 − p)·T) / (2p − 1).  The
band is B at p = 0.76 and p = 0.90, kept within 0 and T.  T is the single-leg premium that the quote rule signs: at the
ask or above, at the bid or below; trades between the quotes are not signed.

Published tests put the quote rule on options of single stocks at 83 %; trades outside the quote are signed worse than
those at it, so that ``aa`` is no stronger evidence than ``a``.
"""

import numpy as np
import polars as pl

from overshort.metrics.declare import Inputs, Metric, intermediate, metrics
from overshort.metrics.ranking import mid_rank, trailing
from overshort.metrics.rows import panel_rows, reason
from overshort.metrics.tape.cells import NO_TAPE, RIGHTS, SUBJECT, declared
from overshort.metrics.tape.sides import dollars

__all__ = ["ACCURACY", "NOT_TOLD", "SINGLE_LEG", "WINDOW", "blind", "prefix", "rest", "true_buys"]

SINGLE_LEG = ("single", "auction")
ACCURACY = (0.76, 0.90)
"""How often signing is right: the worst and the best that is assumed."""
WINDOW = 60
UNQUOTED = "no trade of the session has a quote in table option_trades, or one before it in table option_quotes"
UNTOLD = "no trade of the session has a sale condition that tells legs in table option_trades"
NOT_TOLD = (
    f"{NO_TAPE}; null where its trades have no quotes, of their own or before them in table option_quotes, or no sale "
    "conditions"
)


def prefix(right: str) -> str:
    """Give how the ids of what was bought of a right begin; of calls they bear the name without ``calls`` too."""
    return "bought_calls" if right == "call" else "bought_puts"


def rest(right: str) -> str:
    """Give how the other ids of a right begin: its share, rank and band."""
    return "bought" if right == "call" else "bought_puts"


def _of(right: str) -> list[Metric]:
    many, base, name = f"{right}s", rest(right), prefix(right)
    bought = f"Premium of {many} traded at the ask or above, single-leg, auctions included"
    auction = "auction_share" if right == "call" else f"{base}_auction_share"
    unbought = f"{NOT_TOLD}; null where nothing was bought"
    band = f"at a signing accuracy of {ACCURACY[0]:g} to {ACCURACY[1]:.2f}; the note states the signed premium T"
    return [
        declared(name, "USD", f"{bought}; n is their number.", NOT_TOLD),
        declared(
            f"{name}_a", "USD", f"{bought[: bought.index(' or above')]}, single-leg, auctions included.", NOT_TOLD
        ),
        declared(
            f"{name}_aa", "USD", f"Premium of {many} traded above the ask, single-leg, auctions included.", NOT_TOLD
        ),
        declared(
            f"{base}_share",
            "fraction",
            f"{name} over the premium of all {many} that were not cancelled.",
            f"{NOT_TOLD}; null where no premium of {many} was traded",
        ),
        declared(auction, "fraction", f"Part of {name} that was traded in auctions and crosses.", unbought),
        declared(
            f"{base}_rank_60d",
            "percent",
            f"Mid-rank of {name} among the {WINDOW} sessions with a tape before it, itself excluded.",
            f"{NOT_TOLD}; null under {WINDOW} earlier sessions with a tape",
            lookback=WINDOW,
        ),
        declared(
            f"signed_{many}",
            "USD",
            f"Single-leg premium of {many} that the quote rule signs: at the ask or above, at the bid or below.",
            NOT_TOLD,
        ),
        declared(f"{base}_low", "USD", f"The least that {name} can truly have been, {band}.", NOT_TOLD),
        declared(f"{base}_high", "USD", f"The most that {name} can truly have been, {band}.", NOT_TOLD),
    ]


def true_buys(observed: pl.Expr, signed: pl.Expr, accuracy: float) -> pl.Expr:
    """Give what was truly bought if the rule is right with a probability: within 0 and what it signed.

    Polars divides one row by a constant otherwise than many, in the last bit: hence the product.
    """
    raw = (observed - (1 - accuracy) * signed) * (1 / (2 * accuracy - 1))
    return pl.max_horizontal(pl.lit(0.0), pl.min_horizontal(raw, signed))


def blind() -> pl.Expr:
    """Say why nothing bought can be told of a session, from its sums ``quoted`` and ``told``."""
    return reason((pl.col("quoted") == 0, UNQUOTED), (pl.col("told") == 0, UNTOLD))


def _sums(right: str) -> dict[str, pl.Expr]:
    """Give what is summed over the cells of one right, in hundredths of a cent and in trades."""
    own = pl.col("right") == right
    single, ask = own & pl.col("leg").is_in(SINGLE_LEG), pl.col("side").is_in(["a", "aa"])
    premium = {
        "a": single & (pl.col("side") == "a"),
        "aa": single & (pl.col("side") == "aa"),
        "auction": single & ask & (pl.col("leg") == "auction"),
        "signed": single & pl.col("side").is_in(["a", "aa", "b", "bb"]),
        "all": own & (pl.col("leg") != "cancelled"),
    }
    out = {f"{right}_{k}": pl.col("premium").filter(holds).sum() for k, holds in premium.items()}
    return out | {f"{right}_n": pl.col("trades").filter(single & ask).sum()}


@intermediate("tape_bought", reads=frozenset({"tape_cells"}))
def tape_bought(inputs: Inputs) -> pl.LazyFrame:
    """Give the sums of every session: ``call_`` and ``put_`` before each, ``quoted``, ``told``, and the ranks."""
    sums = {k: e for right in RIGHTS for k, e in _sums(right).items()}
    told = pl.col("trades").filter(~pl.col("leg").is_in(["unknown", "cancelled"])).sum()
    days = (
        inputs["tape_cells"]
        .group_by(*SUBJECT, "basis", "known_at")
        .agg(pl.col("quoted").sum(), told.alias("told"), *(e.alias(k) for k, e in sums.items()))
    )
    frame = days.sort(*SUBJECT).collect()
    parts = [_ranked(own) for own in frame.partition_by("subject", maintain_order=True)] or [_ranked(frame)]
    return pl.concat(parts).lazy()


def _ranked(own: pl.DataFrame) -> pl.DataFrame:
    """Add ranks over the measured sessions of one subject, and the instant from which all before are known too."""
    measured = (own["quoted"] > 0) & (own["told"] > 0)
    bought = {r: (own[f"{r}_a"] + own[f"{r}_aa"]).to_numpy().astype(np.float64) for r in RIGHTS}
    places = measured.arg_true()
    out = [pl.Series("earlier", np.minimum(np.cumsum(measured.to_numpy()) - 1, WINDOW), dtype=pl.Int64)]
    for right, values in bought.items():
        ranks = trailing(values[places.to_numpy()], WINDOW, WINDOW, mid_rank)
        column = pl.Series(f"{right}_rank", [None] * own.height, dtype=pl.Float64)
        out.append(column.scatter(places, pl.Series(ranks, dtype=pl.Float64)) if places.len() else column)
    return own.with_columns(*out, pl.col("known_at").cum_max().over("subject").alias("all_known_at"))


@metrics(*(m for right in RIGHTS for m in _of(right)), reads=frozenset({"tape_bought"}))
def bought(inputs: Inputs) -> pl.LazyFrame:
    """Give what was bought of calls and puts, session by session."""
    return pl.concat([part for right in RIGHTS for part in _rows(inputs["tape_bought"], right)])


def _rows(frame: pl.LazyFrame, right: str) -> list[pl.LazyFrame]:
    a, aa, auction, signed, whole = (pl.col(f"{right}_{k}") for k in ("a", "aa", "auction", "signed", "all"))
    many, both, base = f"{right}s", a + aa, rest(right)
    untold = blind()
    few = pl.format("too little history: {} earlier sessions in table option_trades", "earlier")
    untraded = reason((whole == 0, f"no premium of {many} was traded"))
    unbought = reason((both == 0, f"no premium of {many} was bought"))
    ends = [true_buys(dollars(both), dollars(signed), p) for p in ACCURACY]
    stated = pl.when(untold.is_null()).then(pl.format("signed premium T = {} USD", dollars(signed)))
    table: list[tuple[str, pl.Expr, pl.Expr, pl.Expr | None]] = [
        (prefix(right), dollars(both), untold, None),
        (f"{prefix(right)}_a", dollars(a), untold, None),
        (f"{prefix(right)}_aa", dollars(aa), untold, None),
        (f"{base}_share", both / whole, pl.coalesce(untold, untraded), None),
        (
            "auction_share" if right == "call" else f"{base}_auction_share",
            auction / both,
            pl.coalesce(untold, unbought),
            None,
        ),
        (f"signed_{many}", dollars(signed), untold, None),
        (f"{base}_low", pl.min_horizontal(ends), untold, stated),
        (f"{base}_high", pl.max_horizontal(ends), untold, stated),
    ]
    parts = [
        panel_rows(frame, f"tape.{i}", v, null=null, n=f"{right}_n", coverage=None, text=note, at="session")
        for i, v, null, note in table
    ]
    since = frame.with_columns(pl.col("all_known_at").alias("known_at"))
    short = pl.coalesce(untold, reason((pl.col("earlier") < WINDOW, few)))
    rank = pl.col(f"{right}_rank")
    ranks = panel_rows(since, f"tape.{base}_rank_60d", rank, null=short, n="earlier", coverage=None, at="session")
    return [*parts, ranks]
