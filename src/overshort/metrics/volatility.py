"""How cheap volatility is: where the VIX stands in its own history, and whether it is at the low of its cycle.

A cycle of the VIX begins at its last close of 25 or more.
"""

from bisect import bisect_left, bisect_right, insort
from typing import Literal

import numpy as np
import polars as pl

from overshort.metrics.declare import Inputs, Metric, metrics
from overshort.metrics.moves import SPANS, moved
from overshort.metrics.prices import price_rows
from overshort.metrics.ranking import Floats, mid_rank, trailing
from overshort.metrics.rows import reason

__all__ = ["cycles_of", "expanding_ranks", "volatility"]

YEAR = 252
"""Sessions in a year."""
STRESS = 25.0
CHEAP_RANK, NEAR = 5.0, 1.05
WINDOWS = ("1d", "1w", "1m")


def expanding_ranks(values: Floats, least: int) -> list[float | None]:
    """Give the mid-rank of every value among all values before it; ``None`` where fewer than ``least`` are."""
    seen: list[float] = []
    out: list[float | None] = []
    for value in values.tolist():
        below, size = bisect_left(seen, value), len(seen)
        equal = bisect_right(seen, value) - below
        out.append(100 * (below + 0.5 * equal) / size if size >= least else None)
        insort(seen, value)
    return out


def cycles_of(values: Floats) -> list[tuple[int, int] | None]:
    """Give for every close the position of its cycle's start and of the cycle's lowest close so far."""
    out: list[tuple[int, int] | None] = []
    start = lowest = -1
    for k, value in enumerate(values.tolist()):
        if value >= STRESS:
            start = lowest = k
        elif start >= 0 and value < values[lowest]:
            lowest = k
        out.append((start, lowest) if start >= 0 else None)
    return out


def _metric(
    name: str,
    unit: str,
    definition: str,
    null: str = "no row without a close of the VIX (table levels)",
    *,
    kind: Literal["number", "count", "flag", "date"] = "number",
    lookback: int | None = None,
) -> Metric:
    return Metric(
        id=f"volatility.{name}",
        kind=kind,
        unit=unit,
        grid="session",
        subjects=frozenset({"volatility"}),
        null_rule=null,
        lookback=lookback,
        definition=definition,
    )


_NO_CYCLE = f"null before the first close of {STRESS:g} or more"
_SHORT = f"null under {YEAR} earlier closes"
DECLARED = (
    _metric("close", "index points", "Closing level of the VIX.", lookback=0),
    _metric(
        "rank_1y",
        "percent",
        f"Mid-rank of the close among the {YEAR} closes before it, itself excluded.",
        _SHORT,
        lookback=YEAR,
    ),
    _metric("rank_all", "percent", "Mid-rank of the close among all closes before it.", _SHORT),
    _metric(
        "cycle_low",
        "flag",
        f"Whether rank_1y is at most {CHEAP_RANK:g} and the close within {NEAR - 1:.0%} of the lowest close since the "
        f"last close of {STRESS:g} or more.",
        f"{_SHORT} and before the first close of {STRESS:g} or more",
        kind="flag",
    ),
    _metric(
        "cycle_low_since",
        "date",
        f"The last close of {STRESS:g} or more: the start of the cycle.",
        _NO_CYCLE,
        kind="date",
    ),
    _metric("cycle_low_days", "days", "Calendar days since the start of the cycle.", _NO_CYCLE, kind="count"),
    _metric(
        "cycle_low_ratio",
        "ratio",
        "Close over the lowest close of the cycle so far, itself included; the base date is that lowest close.",
        _NO_CYCLE,
    ),
    *(
        _metric(
            f"change_{window}",
            "fraction",
            f"Close over the close {SPANS[window]} session{'s' * (SPANS[window] > 1)} before, less 1; the base date is "
            "that session.",
            "null without a close of that session (table levels)",
            lookback=SPANS[window],
        )
        for window in WINDOWS
    ),
)


@metrics(*DECLARED, reads=frozenset({"levels", "subjects"}))
def volatility(inputs: Inputs) -> pl.LazyFrame:
    """Give the VIX metrics at every session."""
    asked = inputs["subjects"].filter(pl.col("kind") == "volatility").select("subject")
    daily = (
        inputs["levels"]
        .filter(pl.col("frequency") == "day")
        .join(asked, left_on="series", right_on="subject", how="semi")
    )
    frame = daily.select(pl.col("series").alias("subject"), "at", "value", "known_at").sort("subject", "at").collect()
    parts = [_placed(own) for own in frame.partition_by("subject", maintain_order=True)]
    closes = frame.lazy().select("subject", pl.col("at").alias("session"), pl.col("value").alias("close"), "known_at")
    return pl.concat([_rows(pl.concat(parts) if parts else _placed(frame)), *(_changed(closes, w) for w in WINDOWS)])


def _changed(closes: pl.LazyFrame, window: str) -> pl.LazyFrame:
    frame = moved(closes, ["subject"], window).with_columns(pl.col("subject").alias("feed"))
    sessions = SPANS[window]
    early = pl.format(f"no session {sessions} before {{}} in the exchange's calendar", "session")
    null = reason(
        (pl.col("base").is_null(), early),
        (pl.col("change").is_null(), pl.format("no close of {} in table levels", "base")),
    )
    return price_rows(frame, f"volatility.change_{window}", pl.col("change"), null=null, base="base", at="session")


def _placed(own: pl.DataFrame) -> pl.DataFrame:
    """Put beside every close of one subject its ranks and its cycle."""
    values, days = own["value"].to_numpy(), own["at"]
    cycles = cycles_of(values)
    places = pl.DataFrame(
        [(None, None) if c is None else c for c in cycles],
        schema={"start": pl.UInt32, "lowest": pl.UInt32},
        orient="row",
    )
    return own.with_columns(
        pl.Series("rank_1y", trailing(values, YEAR, YEAR, mid_rank), dtype=pl.Float64),
        pl.Series("rank_all", expanding_ranks(values, YEAR), dtype=pl.Float64),
        pl.Series("since", days.gather(places["start"])),
        pl.Series("lowest_at", days.gather(places["lowest"])),
        pl.Series("lowest", own["value"].gather(places["lowest"])),
        pl.Series("k", np.arange(own.height), dtype=pl.Int64),
        pl.col("known_at").cum_max().over("subject"),
        pl.Series("year", np.minimum(np.arange(own.height), YEAR), dtype=pl.Int64),
        pl.col("subject").alias("feed"),
    )


def _rows(frame: pl.DataFrame) -> pl.LazyFrame:
    ratio = pl.col("value") / pl.col("lowest")
    few = pl.format("too little history: {} earlier closes in table levels", "k")
    short = pl.when(pl.col("k") < YEAR).then(few)
    calm = pl.when(pl.col("since").is_null()).then(pl.lit(f"no close of {STRESS:g} or more so far in table levels"))
    since = pl.col("since")
    days = (pl.col("at") - since).dt.total_days()
    low = (pl.col("rank_1y") <= CHEAP_RANK) & (ratio <= NEAR)
    table: list[tuple[str, pl.Expr, pl.Expr | None, str | None, str | None]] = [
        ("close", pl.col("value"), None, None, None),
        ("rank_1y", pl.col("rank_1y"), short, None, "year"),
        ("rank_all", pl.col("rank_all"), short, None, "k"),
        ("cycle_low", low.cast(pl.Float64), pl.coalesce(short, calm), "lowest_at", None),
        ("cycle_low_days", days, calm, "since", None),
        ("cycle_low_ratio", ratio, calm, "lowest_at", None),
    ]
    rows = frame.lazy()
    parts = [price_rows(rows, f"volatility.{i}", value, null=null, base=b, n=n) for i, value, null, b, n in table]
    start = price_rows(rows, "volatility.cycle_low_since", since.cast(pl.Int32), null=calm, text=since.cast(pl.String))
    return pl.concat([*parts, start])
