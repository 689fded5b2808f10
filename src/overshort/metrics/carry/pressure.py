"""How hard the shorts are pressed, against the subject's own past.

Three percentiles, each among up to 1,260 earlier sessions: of −mtm (how far under water), of days to cover (how long
the way out), of the yearly cost.  They weigh 0.5, 0.3 and 0.2; without the cost the first two weigh 0.625 and 0.375.
"""

import polars as pl

from overshort.metrics.carry.cost import uncosted
from overshort.metrics.carry.rows import carry_rows, declared, unmarked, with_past
from overshort.metrics.declare import Inputs, metrics
from overshort.metrics.ranking import mid_rank, trailing
from overshort.metrics.rows import reason

__all__ = ["pressure"]

SPAN, LEAST = 1260, 252
WEIGHTS = {"loss": 0.5, "dtc": 0.3, "cost": 0.2}
_AMONG = f"among the subject's up to {SPAN:,} sessions with one before (at least {LEAST})"
_SHORT = f"under {LEAST} earlier ones"
PRESSURE = declared(
    "pressure",
    "percent",
    f"0.5 x mid-rank of −carry.mtm + 0.3 x that of days to cover + 0.2 x that of carry.cost_annual, each {_AMONG}; "
    "days to cover = Σ position / Σ average volume of the newest known report.",
    null=f"null where any of the three is unknown or has {_SHORT}",
    lookback=SPAN,
)
PRICE = declared(
    "pressure_price",
    "percent",
    f"carry.pressure without the cost: 0.625 x mid-rank of −carry.mtm + 0.375 x that of days to cover, each {_AMONG}.",
    null=f"null where either is unknown or has {_SHORT}",
    lookback=SPAN,
)
FEE = declared(
    "pressure_fee",
    "percent",
    f"The part of carry.pressure that a fee decides: mid-rank of carry.cost_annual {_AMONG}.",
    null=f"null where the cost is unknown or has {_SHORT} (table borrow)",
    lookback=SPAN,
)


@metrics(PRESSURE, PRICE, FEE, reads=frozenset({"costs"}))
def pressure(inputs: Inputs) -> pl.LazyFrame:
    """Give the pressure on the shorts, whole and in its two parts."""
    marked = inputs["costs"].with_columns(unmarked().alias("unmarked"), uncosted().alias("uncosted"))
    sound = pl.col("unmarked").is_null()
    values = {"loss": pl.when(sound).then(-pl.col("mtm")), "dtc": pl.when(sound).then("dtc"), "cost": pl.col("cost")}
    frame = marked.with_columns(v.alias(f"{c}_value") for c, v in values.items()).collect()
    owns = frame.partition_by("subject", maintain_order=True)
    ranked = pl.concat([_ranked(own) for own in owns] if owns else [_ranked(frame)])
    return _rows(with_past(ranked))


def _ranked(own: pl.DataFrame) -> pl.DataFrame:
    """Rank the values of one subject among its earlier ones."""
    columns = []
    for name in WEIGHTS:
        there = own[f"{name}_value"].is_not_null()
        known = own[f"{name}_value"].drop_nulls().to_numpy()
        ranks, places = iter(trailing(known, SPAN, LEAST, mid_rank)), iter(range(known.size))
        columns.append(pl.Series(f"{name}_rank", [next(ranks) if t else None for t in there], dtype=pl.Float64))
        counts = [min(next(places), SPAN) if t else None for t in there]
        columns.append(pl.Series(f"{name}_earlier", counts, dtype=pl.Int64))
    return own.with_columns(columns)


def _lacking(name: str, what: str, table: str) -> pl.Expr:
    """Say why a component has no rank."""
    few = pl.format(f"too little history: {{}} earlier sessions with {what} (table {table})", f"{name}_earlier")
    return reason((pl.col(f"{name}_rank").is_null() & pl.col(f"{name}_value").is_not_null(), few))


def _mixed(*names: str) -> pl.Expr:
    """Mix percentiles by their weights, renormalised over those given."""
    total = sum(WEIGHTS[n] for n in names)
    parts = [WEIGHTS[n] / total * pl.col(f"{n}_rank") for n in names]
    return pl.sum_horizontal(parts, ignore_nulls=False)


def _rows(frame: pl.DataFrame) -> pl.LazyFrame:
    untraded = reason((pl.col("dtc_value").is_null(), "no average volume in table short_interest"))
    priced = pl.coalesce(
        "unmarked", untraded, _lacking("loss", "a mark", "bars"), _lacking("dtc", "days to cover", "short_interest")
    )
    fee = pl.coalesce("uncosted", _lacking("cost", "a cost", "borrow"))
    rows = frame.with_columns(
        _mixed("loss", "dtc", "cost").alias("whole"), _mixed("loss", "dtc").alias("price_part")
    ).lazy()
    return pl.concat(
        [
            carry_rows(rows, PRESSURE, "whole", pl.coalesce(priced, fee), n="loss_earlier"),
            carry_rows(rows, PRICE, "price_part", priced, n="loss_earlier"),
            carry_rows(rows, FEE, "cost_rank", fee, n="cost_earlier", coverage="costed_coverage"),
        ]
    )
