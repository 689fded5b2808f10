"""New shares per old for every row that FINRA flags ``S``: by table, by price, by inference.

FINRA's ``previous`` is not split-adjusted on such rows, and the ratio is not published.

1. Table: the ratio on file for (symbol, settlement), flagged or not.
2. Price: the session of the cycle with the largest move of an unadjusted close; the common ratio that explains
   the move to within 15 %, unless no split at all explains it as closely as that.
3. Inference: the common ratio that minimises ``2 |log(position / (previous x r))| + |log(adv / (adv before x r))| +
   prior(r) / 2``.  The second term is left out where a volume is missing.  The second-best ratio is the runner-up.

On the 59 splits of S&P 500 and Nasdaq-100 members of 2018 to 2025 whose ratios are on file, step 3 alone finds 50.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray

from overshort import sessions
from overshort.metrics.declare import Inputs, intermediate

__all__ = ["COMMON_RATIOS", "cycle_starts", "infer", "ratios"]

KEY = ["symbol", "settlement"]
_RARITY: tuple[tuple[float, tuple[float, ...], tuple[int, ...]], ...] = (
    (0.0, (2,), (10,)),
    (0.2, (), (20,)),
    (0.4, (3, 4, 10), (5, 15, 25, 30)),
    (0.6, (1.5, 5), (4, 8, 40, 50, 100)),
    (0.9, (20,), (2, 3, 6, 7, 12, 35, 60)),
    (1.0, (1, 1.25), ()),
    (1.2, (6, 7, 8, 15), (75, 80, 150, 200, 250, 300)),
    (1.4, (1.05, 1.1, 1.2, 4 / 3, 25, 30, 50), (9, 16, 18, 22, 45, 70, 90, 120, 125, 160)),
    (1.6, (2.5, 12, 40, 100), (65, 500, 1000)),
)
COMMON_RATIOS: Mapping[float, float] = {
    ratio: rarity for rarity, forward, reverse in _RARITY for ratio in (*forward, *(1 / k for k in reverse))
}
"""Ratio to its prior, in units of a log residual of the volume: 0 for the commonest, the more the rarer."""
POSITION_WEIGHT, PRIOR_WEIGHT = 2.0, 0.5
NEAR = float(np.log(1.15))
"""How far a session's move may lie from a ratio and still be explained by it."""

_RATIOS = np.array(sorted(COMMON_RATIOS))
_PRIORS = PRIOR_WEIGHT * np.array([COMMON_RATIOS[r] for r in sorted(COMMON_RATIOS)])
Floats = NDArray[np.float64]


def infer(position: Floats, previous: Floats, adv: Floats, before: Floats) -> tuple[Floats, Floats]:
    """Infer split ratios from one cycle's positions and volumes.

    Parameters
    ----------
    position, previous
        Shares short now and at the report before, the latter in old shares; both positive.
    adv, before
        Average daily volumes of the two cycles, each in its own shares; NaN or 0 where missing.

    Returns
    -------
    tuple of ndarray
        The best ratio (new shares per old) and the runner-up, one each per row.
    """
    logs = np.log(_RATIOS)[None, :]
    by_position = np.abs(np.log(position / previous)[:, None] - logs)
    known = (np.nan_to_num(adv) > 0) & (np.nan_to_num(before) > 0)
    moved = np.log(np.where(known, adv, 1.0) / np.where(known, before, 1.0))
    by_volume = np.where(known[:, None], np.abs(moved[:, None] - logs), 0.0)
    order = np.argsort(POSITION_WEIGHT * by_position + by_volume + _PRIORS[None, :], axis=1, kind="stable")
    return _RATIOS[order[:, 0]], _RATIOS[order[:, 1]]


def cycle_starts(dates: list[date]) -> dict[date, date]:
    """Give the settlement date before each of some settlement dates, by FINRA's calendar."""
    if not dates:
        return {}
    calendar = sessions.settlements_between(min(dates) - timedelta(days=40), max(dates))
    known = {later: earlier for earlier, later in pairwise(calendar)}
    return {d: known[d] for d in dates if d in known}


def _flagged(rows: pl.LazyFrame) -> pl.DataFrame:
    """Give the rows flagged ``S`` that have two positions, with the volume of the cycle before."""
    own = rows.filter(pl.col("split"), pl.col("position") > 0, pl.col("previous") > 0)
    flagged = own.select(*KEY, "position", "previous", "adv").collect()
    starts = cycle_starts(flagged["settlement"].unique().to_list())
    begun = flagged.with_columns(
        pl.col("settlement").replace_strict(starts, default=None, return_dtype=pl.Date).alias("start")
    )
    volumes = rows.join(flagged.lazy().select("symbol").unique(), on="symbol", how="semi").select(
        "symbol", pl.col("settlement").alias("start"), pl.col("adv").alias("before")
    )
    return begun.join(volumes.collect(), on=["symbol", "start"], how="left").sort(KEY)


def _by_table(table: pl.LazyFrame) -> pl.DataFrame:
    return table.select(*KEY, "ratio", "runner_up", "basis", "known_at").collect()


def _by_price(flagged: pl.DataFrame, bars: pl.LazyFrame) -> pl.DataFrame:
    """Find the largest one-session move of each cycle and the ratio that explains it."""
    daily = bars.filter((pl.col("adjustment") == "none") & (pl.col("interval") == "1d"))
    own = daily.join(flagged.lazy().select("symbol").unique(), on="symbol", how="semi")
    move = (pl.col("close").shift(1) / pl.col("close")).log().over("symbol")
    moves = own.sort("symbol", "session").select("symbol", "session", move.alias("move"), "known_at").collect()
    inside = pl.col("session").is_between(pl.col("start"), pl.col("settlement"), closed="right")
    cycles = flagged.select(*KEY, "start").join(moves, on="symbol").filter(inside, pl.col("move").is_not_null())
    largest = cycles.sort(*KEY, pl.col("move").abs(), "session").group_by(KEY, maintain_order=True).last()
    ratio = _nearest(largest["move"].to_numpy())
    found = largest.with_columns(ratio=pl.Series(ratio, dtype=pl.Float64).fill_nan(None))
    labels = pl.lit(None, pl.Float64).alias("runner_up"), pl.lit("price").alias("basis")
    return found.drop_nulls("ratio").select(*KEY, "ratio", *labels, "known_at")


def _nearest(moves: Floats) -> Floats:
    """Give the common ratio nearest to each log move; NaN where none is near, or an ordinary day may have done it."""
    if not moves.size:
        return np.empty(0)
    distance = np.abs(moves[:, None] - np.log(_RATIOS)[None, :])
    best = distance.argmin(axis=1)
    near = (distance.min(axis=1) < NEAR) & (np.abs(moves) >= NEAR)
    return np.where(near, _RATIOS[best], np.nan)


def _by_inference(flagged: pl.DataFrame) -> pl.DataFrame:
    columns = (flagged[c].cast(pl.Float64).fill_null(float("nan")) for c in ("position", "previous", "adv", "before"))
    best, second = infer(*(c.to_numpy() for c in columns))
    return flagged.select(KEY).with_columns(
        ratio=pl.Series(best, dtype=pl.Float64),
        runner_up=pl.Series(second, dtype=pl.Float64),
        basis=pl.lit("inferred"),
        known_at=pl.lit(None, pl.Datetime("us", "UTC")),
    )


@intermediate("ratios", reads=frozenset({"short_interest", "splits", "bars"}))
def ratios(inputs: Inputs) -> pl.LazyFrame:
    """Give the split ratio of every row that needs one.

    Returns
    -------
    LazyFrame
        ``symbol, settlement, ratio, runner_up, basis, known_at``; ``basis`` is table, price or inferred, and
        ``known_at`` is that of the table row or bar, null where the row itself is all that was needed.
    """
    table = _by_table(inputs["splits"])
    flagged = _flagged(inputs["short_interest"]).join(table, on=KEY, how="anti")
    priced = _by_price(flagged, inputs["bars"])
    rest = flagged.join(priced, on=KEY, how="anti")
    return pl.concat([table, priced, _by_inference(rest)]).sort(KEY).lazy()
