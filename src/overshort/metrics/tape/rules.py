"""What two other rules of signing call bought, and how much of the premium they sign in opposite ways."""

import polars as pl

from overshort.metrics.declare import Inputs, Metric, metrics
from overshort.metrics.rows import panel_rows, reason
from overshort.metrics.tape.bought import NOT_TOLD, SINGLE_LEG, blind, prefix
from overshort.metrics.tape.cells import RIGHTS, SUBJECT, declared
from overshort.metrics.tape.sides import dollars

__all__ = ["RULES"]

RULES = {"lee_ready": "Lee and Ready", "emo": "Ellis, Michaely and O'Hara"}


def _of(right: str) -> list[Metric]:
    many = f"{right}s"
    bought = [
        declared(
            f"{prefix(right)}_{rule}",
            "USD",
            f"Single-leg premium of {many}, auctions included, that the rule of {who} calls bought, trades between the "
            "quotes included.",
            NOT_TOLD,
        )
        for rule, who in RULES.items()
    ]
    apart = declared(
        f"disagreement_{many}",
        "fraction",
        f"Part of the single-leg premium of {many} signed by both {' and '.join(RULES.values())} that the two sign in "
        "opposite ways.",
        f"{NOT_TOLD}; null where no premium of {many} is signed by both",
    )
    return [*bought, apart]


@metrics(*(m for right in RIGHTS for m in _of(right)), reads=frozenset({"tape_cells"}))
def rules(inputs: Inputs) -> pl.LazyFrame:
    """Give what the other rules say, session by session."""
    told = pl.col("trades").filter(~pl.col("leg").is_in(["unknown", "cancelled"])).sum()
    days = (
        inputs["tape_cells"]
        .group_by(*SUBJECT, "basis", "known_at")
        .agg(pl.col("quoted").sum(), told.alias("told"), *(e.alias(k) for r in RIGHTS for k, e in _sums(r).items()))
    )
    return pl.concat([part for right in RIGHTS for part in _rows(days, right)])


def _sums(right: str) -> dict[str, pl.Expr]:
    own = (pl.col("right") == right) & pl.col("leg").is_in(SINGLE_LEG)
    return {f"{right}_{c}": pl.col(c).filter(own).sum() for c in (*RULES, "both", "apart")}


def _rows(days: pl.LazyFrame, right: str) -> list[pl.LazyFrame]:
    both, unsigned = pl.col(f"{right}_both"), f"no premium of {right}s is signed by both rules"
    null = pl.coalesce(blind(), reason((both == 0, unsigned)))
    share = pl.col(f"{right}_apart") / both
    parts = [(f"{prefix(right)}_{rule}", dollars(f"{right}_{rule}"), blind()) for rule in RULES]
    return [
        panel_rows(days, f"tape.{id}", value, null=why, n=None, coverage=None, at="session")
        for id, value, why in [*parts, (f"disagreement_{right}s", share, null)]
    ]
