"""The chain, its changes, and the companions that stand beside each change."""

import polars as pl

from overshort.metrics.crowding.cycles import KEY, WINDOWS
from overshort.metrics.crowding.rows import backcast_label, declared
from overshort.metrics.declare import Inputs, metrics
from overshort.metrics.rows import panel_rows, reason

__all__ = ["based", "chain", "changes"]

CHAINS = {
    "change": ("clean", "Change of the split-clean chain"),
    "naive_change": ("naive", "Change of FINRA's columns chained as they stand, splits not adjusted,"),
    "median_change": ("median", "Cumulated median growth of the members"),
    "runner_up_change": ("runner_up", "Change of the chain with the runner-up of every inferred split ratio"),
}
NULL = "null without a chain, or without the base report"


LOOKBACK = {"last": 1, "ytd": 24, "12m": 24}
CHANGES = [
    declared(f"{name}_{window}", "fraction", f"{words} since {base}.", null=NULL, lookback=LOOKBACK[window])
    for name, (_, words) in CHAINS.items()
    for window, base in WINDOWS.items()
]
SUMS = [
    declared(
        f"sum_change_{window}",
        "fraction",
        f"Change of the plain sum of the members' shares short since {base}: splits and membership left in.",
        null="null without members at either report",
        lookback=LOOKBACK[window],
    )
    for window, base in WINDOWS.items()
]
CHAIN = declared(
    "chain",
    "index, 100 at first report",
    "Product over reports of Σ current / Σ (previous × split ratio) of the members effective at each report that had "
    "a position before.",
    null="null from a missing cycle on, and before the first report with members",
    lookback=None,
)


def based(inputs: Inputs, window: str, columns: list[str]) -> pl.LazyFrame:
    """Give the chains with each report's base report in a window.

    Returns
    -------
    LazyFrame
        The columns of intermediate ``chains``, ``base``, and ``base_X`` for every X of ``columns``.
    """
    pairs = inputs["windows"].filter(pl.col("window") == window).select(*KEY, "base")
    there = inputs["chains"].select("subject", pl.col("settlement").alias("base"), *columns)
    then = there.rename({c: f"base_{c}" for c in columns})
    return inputs["chains"].join(pairs, on=KEY, how="left").join(then, on=["subject", "base"], how="left")


def no_base(window: str) -> pl.Expr:
    """Say that there is no base report."""
    return reason((pl.col("base").is_null(), f"too little history: {WINDOWS[window]} is not in table short_interest"))


@metrics(CHAIN, reads=frozenset({"chains"}))
def chain(inputs: Inputs) -> pl.LazyFrame:
    """Give the split-clean chain."""
    frame = inputs["chains"]
    return panel_rows(frame, "crowding.chain", pl.col("clean"), null=pl.col("broken"), basis=backcast_label(pl.lit(0)))


@metrics(*CHANGES, *SUMS, reads=frozenset({"chains", "windows"}))
def changes(inputs: Inputs) -> pl.LazyFrame:
    """Give the change of every chain, and of the plain sum, in every window."""
    parts = []
    for window in WINDOWS:
        columns = ["backcast", "backcasts", "shares", "inferred", *(c for c, _ in CHAINS.values())]
        frame = based(inputs, window, columns)
        label = backcast_label(pl.col("base_backcasts"))
        parts += [_change(frame, name, column, window, label) for name, (column, _) in CHAINS.items()]
        parts.append(_sum(frame, window))
    return pl.concat(parts)


def _change(frame: pl.LazyFrame, name: str, column: str, window: str, label: pl.Expr) -> pl.LazyFrame:
    """Beside the runner-up chain, ``n`` counts the inferred ratios of the window, not the members."""
    base = pl.col(f"base_{column}")
    null = pl.coalesce(
        "broken", no_base(window), reason((base.is_null(), pl.format("no chain at the base report {}", "base")))
    )
    count = pl.col("inferred") - pl.col("base_inferred") if column == "runner_up" else pl.col("n")
    value = pl.col(column) / base - 1
    id = f"crowding.{name}_{window}"
    return panel_rows(frame, id, value, null=null, basis=label, base=pl.col("base"), n=count)


def _sum(frame: pl.LazyFrame, window: str) -> pl.LazyFrame:
    """The members of the base report are in the figure too, so their list counts for the label."""
    label = backcast_label(pl.col("base_backcasts") - pl.col("base_backcast").fill_null(False).cast(pl.Int64))
    nobody = pl.col("shares").is_null()
    null = pl.coalesce(
        no_base(window),
        reason(
            (nobody, pl.col("broken")),
            (nobody | (pl.col("base_shares").fill_null(0) == 0), "no member has a position at the base report"),
        ),
    )
    value = pl.col("shares") / pl.col("base_shares") - 1
    id = f"crowding.sum_change_{window}"
    return panel_rows(frame, id, value, null=null, basis=label, base=pl.col("base"))
