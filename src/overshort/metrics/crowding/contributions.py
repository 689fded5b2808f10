"""Who moved the index: members' contributions to a change, and the change without the largest of them.

A member's contribution to one cycle is (current − previous × ratio) / Σ(previous × ratio).  Over a window each
cycle's contribution is carried at the chain's level before that cycle, over the chain's level at the base: so the
contributions of all members, of those that left too, add up to the change exactly.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from overshort.metrics.crowding.changes import LOOKBACK, based, no_base
from overshort.metrics.crowding.cycles import CHAINED, EXPECTED, KEY, WINDOWS, places
from overshort.metrics.crowding.rows import backcast_label, declared
from overshort.metrics.declare import Inputs, Metric, intermediate, metrics
from overshort.metrics.rows import in_order, panel_rows, reason

__all__ = ["contributions", "largest"]

LARGEST = 5
SUBJECTS = frozenset({"index", "exchange"})
"""A stock is all of its own change."""
_HAS_MEMBERS = pl.col("kind") != "stock"
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Grid:
    """One subject's reports by members; 0 where a member has no chained row, and the sums of each report."""

    symbols: list[str]
    position: Floats
    expected: Floats
    positions: Floats
    expecteds: Floats


def _grid(rows: pl.DataFrame, reports: int) -> _Grid:
    symbols = rows["symbol"].unique().sort()
    column = places(rows["symbol"], symbols)
    line = rows["k"].to_numpy()
    position, expected = (np.zeros((reports, symbols.len())) for _ in range(2))
    position[line, column] = rows["position"].to_numpy()
    expected[line, column] = rows["expected"].to_numpy()
    ordered = rows.sort("k", "symbol").group_by("k", maintain_order=True)
    sums = ordered.agg(pl.col("position").sum(), in_order(pl.col("expected")))
    positions, expecteds = np.zeros(reports), np.zeros(reports)
    positions[sums["k"].to_numpy()] = sums["position"].to_numpy()
    expecteds[sums["k"].to_numpy()] = sums["expected"].to_numpy()
    return _Grid(symbols.to_list(), position, expected, positions, expecteds)


def _carried(grid: _Grid, chain: Floats) -> Floats:
    """Give each cycle's contributions at the chain's level before it, summed up from the first report."""
    level = np.concatenate([[0.0], np.nan_to_num(chain[:-1])])
    weight = np.divide(level, grid.expecteds, out=np.zeros_like(level), where=grid.expecteds > 0)
    return np.asarray(((grid.position - grid.expected) * weight[:, None]).cumsum(axis=0), dtype=np.float64)


def _without(grid: _Grid, member: int, base: int, at: int) -> float | None:
    """Give the chain's change over cycles ``base + 1`` to ``at`` with one member left out."""
    span = slice(base + 1, at + 1)
    position = grid.positions[span] - grid.position[span, member]
    expected = grid.expecteds[span] - grid.expected[span, member]
    if not (expected > 0).all():
        return None
    return float(np.prod(position / expected) - 1)


def _first(values: Floats) -> NDArray[np.intp]:
    """Give the positions of the smallest values; equal ones in their order, whoever else is in the array."""
    if values.size <= LARGEST:
        return np.argsort(values, kind="stable")
    found = np.flatnonzero(values <= np.partition(values, LARGEST - 1)[LARGEST - 1])
    return found[np.argsort(values[found], kind="stable")][:LARGEST]


def _window(grid: _Grid, carried: Floats, chain: Floats, base: int, at: int) -> dict[str, object]:
    """Name the largest contributions of one window; ties go by symbol."""
    moved = (carried[at] - carried[base]) / chain[base]
    up, down = _first(-moved), _first(moved)
    out: dict[str, object] = {}
    for way, found, sign in (("up", up, 1), ("down", down, -1)):
        for k in range(LARGEST):
            real = k < found.size and sign * moved[found[k]] > 0
            out[f"{way}{k + 1}"] = float(moved[found[k]]) if real else None
            out[f"{way}{k + 1}_of"] = grid.symbols[found[k]] if real else None
    largest = int(np.abs(moved).argmax())
    out["without"] = _without(grid, largest, base, at)
    out["without_of"] = grid.symbols[largest]
    return out


def _columns() -> dict[str, type[pl.DataType]]:
    out: dict[str, type[pl.DataType]] = {
        "subject": pl.String,
        "settlement": pl.Date,
        "window": pl.String,
        "without": pl.Float64,
        "without_of": pl.String,
    }
    for way in ("up", "down"):
        for k in range(1, LARGEST + 1):
            out[f"{way}{k}"], out[f"{way}{k}_of"] = pl.Float64, pl.String
    return out


@intermediate("contributors", reads=frozenset({"cycles", "chains", "windows"}))
def largest(inputs: Inputs) -> pl.LazyFrame:
    """Give the largest contributions of every report and window that has a chain at both ends.

    Returns
    -------
    LazyFrame
        ``subject, settlement, window``, ``up1`` … ``down5`` with ``up1_of`` … ``down5_of`` (the member),
        ``without`` (the change without the largest contributor; null where it was the only one), ``without_of``.
    """
    chained = inputs["cycles"].filter(CHAINED).with_columns(EXPECTED.alias("expected"))
    chains = inputs["chains"].filter(_HAS_MEMBERS).select(*KEY, "k", "clean")
    rows = chained.join(chains, on=KEY).select("subject", "k", "symbol", "position", "expected").collect()
    pairs = inputs["windows"].drop_nulls("base_k").collect()
    levels = chains.sort(KEY).collect()
    found: list[dict[str, object]] = []
    for (subject,), own in rows.partition_by("subject", as_dict=True, maintain_order=True).items():
        chain = levels.filter(pl.col("subject") == subject)["clean"].fill_null(np.nan).to_numpy()
        found += _of_subject(own, chain, pairs.filter(pl.col("subject") == subject))
    return pl.DataFrame(found, schema=_columns()).lazy()


def _of_subject(rows: pl.DataFrame, chain: Floats, pairs: pl.DataFrame) -> list[dict[str, object]]:
    grid = _grid(rows, chain.size)
    carried = _carried(grid, chain)
    out = []
    for pair in pairs.iter_rows(named=True):
        at, base = pair["k"], pair["base_k"]
        if np.isfinite(chain[at]) and np.isfinite(chain[base]) and chain[base] > 0:
            own = {c: pair[c] for c in (*KEY, "window")}
            out.append(own | _window(grid, carried, chain, base, at))
    return out


def _declared() -> list[Metric]:
    out = []
    for window, base in WINDOWS.items():
        for way in ("up", "down"):
            for k in range(1, LARGEST + 1):
                out.append(_contribution(f"{window}.{way}{k}", k, way, base, LOOKBACK[window]))
        out.append(_ex_largest(window, base))
    return out


def _contribution(suffix: str, k: int, way: str, base: str, lookback: int) -> Metric:
    return declared(
        f"contribution_{suffix}",
        "fraction",
        f"Contribution number {k} {way} to the change of the chain since {base}: "
        "(current − previous × ratio) / Σ(previous × ratio), cumulated so that all members add up to the change.",
        null="null without a chain or base report, and where fewer members moved that way",
        lookback=lookback,
        subjects=SUBJECTS,
    )


def _ex_largest(window: str, base: str) -> Metric:
    return declared(
        f"ex_largest_change_{window}",
        "fraction",
        f"Change of the chain since {base} without the member that contributed most, up or down.",
        null="null without a chain or base report, and where one member is all there is",
        lookback=LOOKBACK[window],
        subjects=SUBJECTS,
    )


@metrics(*_declared(), reads=frozenset({"contributors", "chains", "windows"}))
def contributions(inputs: Inputs) -> pl.LazyFrame:
    """Give the five largest contributions up and down, and the change without the largest, in every window."""
    parts = []
    for window in WINDOWS:
        own = inputs["contributors"].filter(pl.col("window") == window).drop("window")
        frame = based(inputs, window, ["backcasts", "clean"]).filter(_HAS_MEMBERS).join(own, on=KEY, how="left")
        for way in ("up", "down"):
            parts += [_one(frame, window, f"{way}{k}", way) for k in range(1, LARGEST + 1)]
        parts.append(_ex(frame, window))
    return pl.concat(parts)


def _no_window(window: str) -> pl.Expr:
    base = pl.col("base_clean")
    gone = base.is_null() | (base == 0)
    return pl.coalesce("broken", no_base(window), reason((gone, pl.format("no chain at the base report {}", "base"))))


def _one(frame: pl.LazyFrame, window: str, column: str, way: str) -> pl.LazyFrame:
    null = pl.coalesce(_no_window(window), reason((pl.col(column).is_null(), f"fewer members went {way}")))
    return panel_rows(
        frame,
        f"crowding.contribution_{window}.{column}",
        pl.col(column),
        null=null,
        basis=backcast_label(pl.col("base_backcasts")),
        base=pl.col("base"),
        text=pl.col(f"{column}_of"),
    )


def _ex(frame: pl.LazyFrame, window: str) -> pl.LazyFrame:
    alone = reason((pl.col("without").is_null(), "no other member has a position"))
    return panel_rows(
        frame,
        f"crowding.ex_largest_change_{window}",
        pl.col("without"),
        null=pl.coalesce(_no_window(window), alone),
        basis=backcast_label(pl.col("base_backcasts")),
        base=pl.col("base"),
        text=pl.col("without_of"),
    )
