"""Which members' positions fell by a quarter after each report: for the breadth of covering, and pooled.

1. Positions of every security that was ever a member, report by report, in shares of one and the same day: a split
   changes nothing.
2. A member of a report covered where its position stands 25 % or more below the one at that report, at some report
   of the window.  One that has no later row is left out: a merger closes every short and says nothing about covering.
3. With price: at that same report its close, split-clean, stands 20 % or more above the one at the origin, both of
   the first series that has them: adjusted for splits, unadjusted, or adjusted for dividends too.  Members without a
   close at the origin, or at a report at which they had covered, are left out.
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

__all__ = ["FALL", "POOLED", "RISE", "WINDOWS", "Grid", "lowest", "member_falls", "squeezed"]

FALL, RISE = 0.25, 0.20
POOLED = 2
"""Reports in the window of the pooled event."""
WINDOWS = (POOLED, 6, 12)
Bools = NDArray[np.bool_]
COUNTS = [f"{c}_{w}" for w in WINDOWS for c in ("fell", "held")]
POOL = ["begun", "fell_up", "held_up", "begun_up", *(f"up_{a}" for a in ADJUSTMENTS)]
KNOWN = "members_known_at"


@dataclass(frozen=True, slots=True)
class Grid:
    """Every security at every report, in units of one day; NaN where there is none.

    Attributes
    ----------
    position
        Report by security.
    closes
        The same for every adjustment of :data:`overshort.metrics.daily.ADJUSTMENTS`.
    """

    position: Floats
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
    position = _placed(rows.select("symbol", "settlement", "position").collect(), "position", days, symbols)
    bars = _bars(inputs).filter(own, on).collect()
    closes = {a: _placed(bars.filter(pl.col("place") == k), "close", days, symbols) for a, k in ADJUSTMENTS.items()}
    closes["none"] *= factor
    return Grid(position / factor, closes)


def _bars(inputs: Inputs) -> pl.LazyFrame:
    return inputs["daily"].select("symbol", "place", pl.col("session").alias("settlement"), "close", "known_at")


@intermediate("member_falls", reads=frozenset({"cycles", "reports", "short_interest", "ratios", "daily"}))
def member_falls(inputs: Inputs) -> pl.LazyFrame:
    """Count the members of every report of every index that covered after it.

    Returns
    -------
    LazyFrame
        ``subject, settlement``; for windows of 2, 6 and 12 reports ``fell_W`` of ``held_W`` members; for 2 reports
        ``begun`` (hits of members that were none at the report before)``, fell_up, held_up, begun_up`` with price,
        and ``up_ADJUSTMENT``, how many of these had closes of each kind; all null where the window is not over.
        ``members_known_at``: when the report's rows and closes were known.
    """
    indexes = inputs["reports"].filter(pl.col("kind") == "index").select(KEY).collect()
    members = inputs["cycles"].join(indexes.lazy(), on=KEY, how="semi").select(*KEY, "symbol").collect()
    if members.is_empty():
        return pl.LazyFrame(schema=_schema())
    symbols, days = members["symbol"].unique().sort(), indexes["settlement"].unique().sort()
    grid = _grid(inputs, symbols, days)
    there = _codes(members["settlement"], days), _codes(members["symbol"], symbols)
    counted = members.select(KEY).with_columns(**_flags(grid, there))
    sums = [pl.col(c).sum() for c in (*COUNTS, *POOL)]
    found = counted.group_by(KEY, maintain_order=True).agg(sums)
    over = pl.int_range(pl.len(), 0, -1).over("subject")
    cut = [pl.when(over > w).then(f"{c}_{w}").alias(f"{c}_{w}") for w in WINDOWS for c in ("fell", "held")]
    cut += [pl.when(over > POOLED).then(c).alias(c) for c in POOL]
    whole = indexes.join(found, on=KEY, how="left").sort(KEY).with_columns(cut)
    known = _known(inputs, symbols)
    return whole.lazy().join(known, on="settlement", how="left").select(list(_schema()))


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
    return pl.Series(flags.astype(np.int64))


def _known(inputs: Inputs, symbols: pl.Series) -> pl.LazyFrame:
    """Give when the rows of a report, and the closes of its day, were known."""
    own = pl.col("symbol").is_in(symbols.implode())
    closes = _bars(inputs).filter(own).select("settlement", "known_at")
    rows = inputs["short_interest"].filter(own).select("settlement", "known_at")
    ratios = inputs["ratios"].filter(own, pl.col("known_at").is_not_null()).select("settlement", "known_at")
    return pl.concat([rows, closes, ratios]).group_by("settlement").agg(pl.col("known_at").max().alias(KNOWN))


def _schema() -> dict[str, pl.DataType]:
    counts = dict.fromkeys([*COUNTS, *POOL], pl.Int64())
    return {"subject": pl.String(), "settlement": pl.Date()} | counts | {KNOWN: pl.Datetime("us", "UTC")}
