"""Every member at every report of an index: whether it covered after it, and how it stood then.

1. Positions of every security that was ever a member, report by report, in shares of one and the same day: a split
   changes nothing.
2. A member of a report covered where its position stands 25 % or more below the one at that report, at some report
   of the window.  One that has no later row is left out: a merger closes every short and says nothing about covering.
3. With price: at that same report its close, split-clean, stands 20 % or more above the one at the origin, both of
   the first series that has them: adjusted for splits, unadjusted, or adjusted for dividends too.  Members without a
   close at the origin, or at a report at which they had covered, are left out.
4. How it stood: the rank of its position among its own of the year before, what it grew by in three months, and the
   position over the average daily volume.  A member without twenty earlier positions of that year has no rank.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from overshort.metrics.crowding.cycles import KEY
from overshort.metrics.daily import ADJUSTMENTS
from overshort.metrics.declare import Inputs, intermediate
from overshort.metrics.ranking import Floats

__all__ = ["FALL", "FLAGS", "INPUTS", "KNOWN", "POOLED", "RISE", "WINDOWS", "Grid", "lowest", "own_rank", "squeezed"]

FALL, RISE = 0.25, 0.20
POOLED = 2
"""Reports in the window of the pooled event."""
WINDOWS = (POOLED, 6, 12)
YEAR, LEAST_YEAR, QUARTER = 24, 20, 6
INPUTS = ("rank", "days", "growth")
"""How a member stood at a report."""
FLAGS = [f"{c}_{w}" for w in WINDOWS for c in ("fell", "held")]
FLAGS += ["begun", "fell_up", "held_up", "begun_up", *(f"up_{a}" for a in ADJUSTMENTS)]
KNOWN = "members_known_at"
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Grid:
    """Every security at every report, in units of one day; NaN where there is none.

    Attributes
    ----------
    position
        Report by security.
    days
        Positions over average daily volumes; NaN without a volume.
    closes
        The same for every adjustment of :data:`overshort.metrics.daily.ADJUSTMENTS`.
    """

    position: Floats
    days: Floats
    closes: Mapping[str, Floats]


def lowest(values: Floats, reports: int) -> Floats:
    """Give the lowest of the next values of each column; NaN without any, and where the window is not over."""
    out = np.full(values.shape, np.nan)
    if reports < len(values):
        ahead = [values[j : len(values) - reports + j] for j in range(1, reports + 1)]
        out[: len(values) - reports] = np.fmin.reduce(ahead)
    return out


def squeezed(position: Floats, close: Floats, reports: int) -> Floats:
    """Give 1 where a position fell and its close rose at the same report of a window, 0 where not, NaN if unknown."""
    size = len(position) - reports
    out = np.full(position.shape, np.nan)
    if size <= 0:
        return out
    unknown = np.isnan(close[:size])
    hit = np.zeros_like(unknown)
    for j in range(1, reports + 1):
        fallen = position[j : size + j] <= (1 - FALL) * position[:size]
        later = close[j : size + j]
        hit = hit | (fallen & (later >= (1 + RISE) * close[:size]))
        unknown = unknown | (fallen & np.isnan(later))
    there = np.isfinite(lowest(position, reports)[:size]) & np.isfinite(position[:size])
    out[:size] = np.where(~there, np.nan, np.where(hit, 1.0, np.where(unknown, np.nan, 0.0)))
    return out


def _codes(values: pl.Series, among: pl.Series) -> NDArray[np.int64]:
    codes = values.replace_strict(among, np.arange(among.len()), default=None, return_dtype=pl.Int64)
    return codes.to_numpy().astype(np.int64)


def _placed(rows: pl.DataFrame, column: str, line: pl.Series, across: pl.Series) -> Floats:
    out = np.full((line.len(), across.len()), np.nan)
    places = _codes(rows["settlement"], line), _codes(rows["symbol"], across)
    out[places] = rows[column].cast(pl.Float64).to_numpy()
    return out


def _grid(inputs: Inputs, symbols: pl.Series, days: pl.Series) -> Grid:
    """Put the rows of some securities on the grid of reports; splits of any settlement count."""
    own, on = pl.col("symbol").is_in(symbols.implode()), pl.col("settlement").is_in(days.implode())
    flagged = inputs["ratios"].filter(own, pl.col("ratio").is_not_null())
    split = flagged.select("symbol", "settlement", "ratio").collect()
    rows = inputs["short_interest"].filter(own, on, pl.col("position") > 0)
    every = pl.concat([days, split["settlement"]]).unique().sort()
    factor = np.nan_to_num(_placed(split, "ratio", every, symbols), nan=1.0)
    factor = np.multiply.accumulate(factor, axis=0)[_codes(days, every)]
    volume = pl.when(pl.col("adv") > 0).then("adv")
    held = rows.select("symbol", "settlement", "position", (pl.col("position") / volume).alias("days")).collect()
    position, cover = (_placed(held, c, days, symbols) for c in ("position", "days"))
    bars = _bars(inputs).filter(own, on).collect()
    closes = {a: _placed(bars.filter(pl.col("place") == k), "close", days, symbols) for a, k in ADJUSTMENTS.items()}
    closes["none"] *= factor
    return Grid(position / factor, cover, closes)


def _bars(inputs: Inputs) -> pl.LazyFrame:
    return inputs["daily"].select("symbol", "place", pl.col("session").alias("settlement"), "close", "known_at")


def own_rank(position: Floats) -> Floats:
    """Give ``100 (#below + ½ #equal) / N`` of each position among those of its own year before, by column.

    NaN without a position or with fewer than :data:`LEAST_YEAR` earlier ones.
    """
    points, earlier = np.zeros(position.shape), np.zeros(position.shape)
    with np.errstate(invalid="ignore"):
        for step in range(1, min(YEAR, len(position) - 1) + 1):
            now, then = position[step:], position[:-step]
            earlier[step:] += np.isfinite(then)
            points[step:] += (then < now) + 0.5 * (then == now)
    rank = 100 * points / np.maximum(earlier, 1)
    return np.where(np.isfinite(position) & (earlier >= LEAST_YEAR), rank, np.nan)


def _grown(position: Floats) -> Floats:
    """Give the log of what positions grew by in :data:`QUARTER` reports; NaN without both."""
    out = np.full(position.shape, np.nan)
    out[QUARTER:] = np.log(position[QUARTER:] / position[:-QUARTER])
    return out


@intermediate("member_windows", reads=frozenset({"cycles", "reports", "short_interest", "ratios", "daily"}))
def member_windows(inputs: Inputs) -> pl.LazyFrame:
    """Give every member of every report of every index, whether its window is over or not.

    Returns
    -------
    LazyFrame
        ``subject, settlement, symbol``, the flags, and the inputs, NaN where there is none.  Flags are 0 or 1: for
        windows of 2, 6 and 12 reports ``held_W`` (has a position at the report and a later one in the window) and
        ``fell_W``; for 2 reports ``begun`` (a hit of a member that was none at the report before), ``fell_up, held_up,
        begun_up`` with price, and ``up_ADJUSTMENT``: which closes told.  ``rank`` (percent), ``days`` to cover,
        ``growth`` (log).
        ``members_known_at``: when the report's rows and closes were known.
    """
    indexes = inputs["reports"].filter(pl.col("kind") == "index").select(KEY).collect()
    members = inputs["cycles"].join(indexes.lazy(), on=KEY, how="semi").select(*KEY, "symbol").collect()
    if members.is_empty():
        return pl.LazyFrame(schema=_schema())
    symbols, days = members["symbol"].unique().sort(), indexes["settlement"].unique().sort()
    grid = _grid(inputs, symbols, days)
    there = _codes(members["settlement"], days), _codes(members["symbol"], symbols)
    stood = {"rank": own_rank(grid.position), "days": grid.days, "growth": _grown(grid.position)}
    rows = members.with_columns(**_flags(grid, there), **{c: pl.Series(v[there]) for c, v in stood.items()})
    return rows.lazy().join(_known(inputs, symbols), on="settlement", how="left").select(list(_schema()))


def _flags(grid: Grid, there: tuple[NDArray[np.int64], NDArray[np.int64]]) -> Mapping[str, pl.Series]:
    """Give of every member row what counts, as 0 and 1."""
    out: dict[str, pl.Series] = {}
    for window in WINDOWS:
        low = lowest(grid.position, window)
        held = np.isfinite(low) & np.isfinite(grid.position)
        out[f"held_{window}"] = _ones(held[there])
        out[f"fell_{window}"] = _ones((held & (low <= (1 - FALL) * grid.position))[there])
    low = lowest(grid.position, POOLED)
    with np.errstate(invalid="ignore"):
        plain = low <= (1 - FALL) * grid.position
    priced = np.full(grid.position.shape, np.nan)
    for name, close in grid.closes.items():
        found = squeezed(grid.position, close, POOLED)
        fresh = np.isnan(priced) & np.isfinite(found)
        priced[fresh] = found[fresh]
        out[f"up_{name}"] = _ones(fresh[there])
    out["held_up"], out["fell_up"] = _ones(np.isfinite(priced)[there]), _ones((priced == 1)[there])
    out["begun"], out["begun_up"] = _ones(_begins(plain)[there]), _ones(_begins(priced == 1)[there])
    return out


def _begins(hit: Bools) -> Bools:
    return np.asarray(hit & ~np.vstack([np.zeros_like(hit[:1]), hit[:-1]]))


def _ones(flags: Bools) -> pl.Series:
    return pl.Series(flags.astype(np.int8))


def _known(inputs: Inputs, symbols: pl.Series) -> pl.LazyFrame:
    """Give when the rows of a report, and the closes of its day, were known."""
    own = pl.col("symbol").is_in(symbols.implode())
    closes = _bars(inputs).filter(own).select("settlement", "known_at")
    rows = inputs["short_interest"].filter(own).select("settlement", "known_at")
    ratios = inputs["ratios"].filter(own, pl.col("known_at").is_not_null()).select("settlement", "known_at")
    return pl.concat([rows, closes, ratios]).group_by("settlement").agg(pl.col("known_at").max().alias(KNOWN))


def _schema() -> dict[str, pl.DataType]:
    flags, inputs = dict.fromkeys(FLAGS, pl.Int8()), dict.fromkeys(INPUTS, pl.Float64())
    return (
        {"subject": pl.String(), "settlement": pl.Date(), "symbol": pl.String()}
        | flags
        | inputs
        | {KNOWN: pl.Datetime("us", "UTC")}
    )
