"""What the chain leaves out on purpose: who joined and left, and what prices did."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from overshort.metrics.crowding.changes import LOOKBACK
from overshort.metrics.crowding.cycles import KEY, WINDOWS, places
from overshort.metrics.crowding.rows import declared
from overshort.metrics.declare import Inputs, Metric, metrics
from overshort.metrics.rows import panel_rows, reason

__all__ = ["membership_effects", "price_effects"]

SUFFIX = {"12m": "", "ytd": "_ytd", "last": "_last"}


def _metric(name: str, window: str, null: str, definition: str) -> Metric:
    words = f"{definition} since {WINDOWS[window]}."
    return declared(f"{name}{SUFFIX[window]}", "fraction", words, null=null, lookback=LOOKBACK[window])


@dataclass(frozen=True, slots=True)
class _Holdings:
    """All positions by report and symbol; 0 where there is no row.

    A position at report ``a`` is worth ``position × factor(b) / factor(a)`` shares of report ``b``.
    """

    dates: list[date]
    symbols: pl.Series
    position: NDArray[np.float64]
    factor: NDArray[np.float64]
    known: NDArray[np.int64]


def _holdings(inputs: Inputs) -> _Holdings:
    rows = inputs["short_interest"].select("symbol", "settlement", "position", "known_at").collect()
    dates, symbols = rows["settlement"].unique().sort(), rows["symbol"].unique().sort()
    line, column = _dated(rows["settlement"], dates), places(rows["symbol"], symbols)
    shape = (dates.len(), symbols.len())
    position, factor, known = np.zeros(shape), np.ones(shape), np.zeros(shape, dtype=np.int64)
    position[line, column] = rows["position"].to_numpy()
    known[line, column] = rows["known_at"].to_physical().to_numpy()
    split = inputs["ratios"].drop_nulls("ratio").collect()
    split = split.filter(pl.col("settlement").is_in(dates.implode()), pl.col("symbol").is_in(symbols.implode()))
    then, whose = _dated(split["settlement"], dates), places(split["symbol"], symbols)
    there = known[then, whose] > 0
    factor[then[there], whose[there]] = split["ratio"].to_numpy()[there]
    factor, known = np.multiply.accumulate(factor, axis=0), np.maximum.accumulate(known, axis=0)
    return _Holdings(dates.to_list(), symbols, position, factor, known)


def _dated(values: pl.Series, among: pl.Series) -> NDArray[np.int64]:
    """Give the places of dates in a sorted list that has them all."""
    return np.searchsorted(among.to_physical().to_numpy(), values.to_physical().to_numpy()).astype(np.int64)


WORTH = {
    "subject": pl.String(),
    "settlement": pl.Date(),
    "window": pl.String(),
    "worth": pl.Float64(),
    "worth_known_at": pl.Int64(),
}


def _base_positions(inputs: Inputs) -> pl.LazyFrame:
    """Sum what each report's members had short at the base report, in the report's own shares."""
    held = _holdings(inputs)
    line = {d: k for k, d in enumerate(held.dates)}
    members = inputs["cycles"].select(*KEY, "symbol").collect()
    columns = places(members["symbol"], held.symbols)
    spans = members.with_row_index("row").group_by(KEY, maintain_order=True).agg(pl.col("row").first(), pl.len())
    pairs = inputs["windows"].drop_nulls("base").collect().join(spans, on=KEY)
    out = []
    for subject, at, window, base, row, size in pairs.select(*KEY, "window", "base", "row", "len").iter_rows():
        own, now, then = columns[row : row + size], line[at], line[base]
        worth = held.position[then, own] * (held.factor[now, own] / held.factor[then, own])
        out.append((subject, at, window, float(worth.sum()), int(held.known[then, own].max())))
    instant = pl.col("worth_known_at").cast(pl.Datetime("us", "UTC"))
    return pl.DataFrame(out, schema=WORTH, orient="row").with_columns(instant).lazy()


@metrics(
    *(
        _metric(
            "membership_effect",
            w,
            "null without a chain, base report, or members with a position at both",
            "Σ current / Σ the same members' position at the base report, split-adjusted, less 1, less the change of "
            "the chain,",
        )
        for w in WINDOWS
    ),
    reads=frozenset(
        {"cycles", "windows", "chains", "short_interest", "ratios", *(f"crowding.change_{w}" for w in WINDOWS)}
    ),
)
def membership_effects(inputs: Inputs) -> pl.LazyFrame:
    """Give what joining, leaving and listing did to the sum of shares short."""
    parts = []
    shares, worth = inputs["chains"].select(*KEY, "shares"), _base_positions(inputs)
    for window in WINDOWS:
        frame = (
            _changes(inputs, f"crowding.change_{window}")
            .join(shares, on=KEY)
            .join(worth.filter(pl.col("window") == window), on=KEY, how="left")
            .with_columns(pl.max_horizontal("known_at", "worth_known_at").alias("known_at"))
        )
        nobody = pl.col("worth").fill_null(0) == 0
        null = pl.coalesce("reason", reason((nobody, "no member had a position at the base report")))
        value = pl.col("shares") / pl.col("worth") - 1 - pl.col("value")
        parts.append(_effect(frame, "membership_effect", window, value, null))
    return pl.concat(parts)


def _changes(inputs: Inputs, id: str) -> pl.LazyFrame:
    return inputs[id].with_columns(pl.col("at").dt.date().alias("settlement"))


def _effect(frame: pl.LazyFrame, name: str, window: str, value: pl.Expr, null: pl.Expr) -> pl.LazyFrame:
    return panel_rows(frame, f"crowding.{name}{SUFFIX[window]}", value, null=null, base=pl.col("base_at"))


@metrics(
    *(
        _metric(
            "price_effect",
            w,
            "null where crowding.notional is null at either report (table bars)",
            "Change of the dollars short less the change of the shares short",
        )
        for w in WINDOWS
    ),
    reads=frozenset({"crowding.notional"} | {f"crowding.sum_change_{w}" for w in WINDOWS}),
)
def price_effects(inputs: Inputs) -> pl.LazyFrame:
    """Give what prices did to the dollars short."""
    notional = inputs["crowding.notional"].select(
        "subject",
        pl.col("at").dt.date().alias("settlement"),
        pl.col("value").alias("usd"),
        "known_at",
        pl.col("reason").alias("usd_reason"),
    )
    base = notional.rename({"settlement": "base_at", "usd": "base_usd", "usd_reason": "base_reason"})
    parts = []
    for window in WINDOWS:
        frame = (
            _changes(inputs, f"crowding.sum_change_{window}")
            .join(notional, on=KEY, how="left", suffix="_usd")
            .join(base, on=["subject", "base_at"], how="left", suffix="_base")
            .with_columns(pl.max_horizontal("known_at", "known_at_usd", "known_at_base").alias("known_at"))
        )
        unpriced = pl.col("base_usd").is_null() | (pl.col("base_usd") == 0)
        null = pl.coalesce(
            "reason",
            "usd_reason",
            reason((unpriced, pl.coalesce("base_reason", pl.lit("no dollars short at the base report")))),
        )
        value = pl.col("usd") / pl.col("base_usd") - 1 - pl.col("value")
        parts.append(_effect(frame, "price_effect", window, value, null))
    return pl.concat(parts)
