"""How often a member taken at random covers: pooled over an index's members, errors clustered by date."""

from collections.abc import Iterator
from typing import Literal

import numpy as np
import polars as pl

from overshort.evidence.probability.ladder import LEAST_WINDOWS
from overshort.evidence.probability.member_falls import FALL, POOLED, RISE
from overshort.evidence.scoring import z
from overshort.metrics.crowding.cycles import KEY
from overshort.metrics.crowding.rows import backcast_label
from overshort.metrics.daily import ADJUSTMENTS, adjustments_named
from overshort.metrics.declare import Inputs, Metric, metrics
from overshort.metrics.ranking import Floats
from overshort.metrics.rows import panel_rows, reason

__all__ = ["clustered", "pooled"]

ID = "probability.member25_1m"
LEAST_COVERED = 0.80
_WORDS = f"its position stands {FALL:.0%} or more lower, split-clean, at one or more of the next {POOLED} reports"
_HOW = {"": _WORDS, "_up": f"{_WORDS}, its close {RISE:.0%} or more higher at the same report"}
_PARTS = {
    "": "Share of all pairs of a member and a report so far, windows over by now, of which {event}; n reports.",
    ".low": "Lower end of the 90 % interval, errors clustered by report, of the share of member reports so far of "
    "which {event}.",
    ".high": "Upper end of the 90 % interval, errors clustered by report, of the share of member reports so far of "
    "which {event}.",
    ".runs": "In how many separate runs of reports of one member, counted over all members, {event}.",
}


def clustered(hits: Floats, sizes: Floats) -> tuple[float, float]:
    """Give a share pooled over clusters and its standard error, robust to dependence within each (Liang and Zeger).

    Parameters
    ----------
    hits, sizes
        Of every cluster, at least two.
    """
    share = hits.sum() / sizes.sum()
    left = hits - share * sizes
    return float(share), float(np.sqrt(sizes.size / (sizes.size - 1) * (left**2).sum()) / sizes.sum())


def _declared() -> Iterator[Metric]:
    for up, event in _HOW.items():
        null = f"null under {LEAST_WINDOWS} closed windows"
        priced = f"; null where under {LEAST_COVERED:.0%} of member reports have closes (table bars)" if up else ""
        for part, words in _PARTS.items():
            kind: Literal["count", "number"] = "count" if part == ".runs" else "number"
            yield Metric(
                id=f"{ID}{up}{part}",
                kind=kind,
                unit="count" if part == ".runs" else "fraction",
                grid="report",
                subjects=frozenset({"index"}),
                null_rule=null + priced,
                lookback=None,
                definition=words.format(event=event),
            )


@metrics(*_declared(), reads=frozenset({"member_falls", "chains"}))
def pooled(inputs: Inputs) -> pl.LazyFrame:
    """Give the pooled shares of every index at every report."""
    chains = inputs["chains"].with_columns(backcast_label(pl.lit(0)).alias("label"))
    lists = chains.select(*KEY, "label", "members", "known_at")
    known = pl.max_horizontal("known_at", "members_known_at").cum_max().over("subject").alias("known_at")
    frame = inputs["member_falls"].join(lists, on=KEY).sort(KEY).with_columns(known).collect()
    owns = frame.partition_by("subject", maintain_order=True) or [frame]
    return pl.concat([row for own in owns for up in _HOW for row in _of_index(own, up)])


def _of_index(own: pl.DataFrame, up: str) -> Iterator[pl.LazyFrame]:
    fell, held, begun = (
        (f"fell{up}", f"held{up}", f"begun{up}") if up else (f"fell_{POOLED}", f"held_{POOLED}", "begun")
    )
    wanted = own.select(fell, held, begun, pl.col(f"held_{POOLED}").alias("whole"))
    counts = wanted.shift(POOLED).fill_null(0).to_numpy().astype(np.float64)
    rows = [_shares(counts[: t + 1]) for t in range(own.height)]
    kinds: dict[str, pl.DataType] = {
        "": pl.Float64(),
        ".low": pl.Float64(),
        ".high": pl.Float64(),
        ".runs": pl.Float64(),
    }
    kinds |= {"n": pl.Int64(), "covered": pl.Float64()}
    found = own.hstack(pl.DataFrame(rows, schema=kinds, orient="row")).lazy()
    priced = {a: pl.col(f"up_{a}").shift(POOLED).cum_sum().forward_fill().fill_null(0) for a in ADJUSTMENTS}
    source = pl.format("price: {}", adjustments_named(priced)) if up else pl.lit(None, pl.String)
    label = pl.concat_str("label", source, separator="; ", ignore_nulls=True)
    null = reason(
        (
            pl.col("n") < LEAST_WINDOWS,
            pl.format("too little history: {} closed windows of 2 reports in table short_interest", "n"),
        ),
        (
            pl.col("covered") < LEAST_COVERED,
            pl.format(
                "only {} % of member reports have closes in table bars",
                (100 * pl.col("covered")).floor().cast(pl.Int64),
            ),
        ),
    )
    for part in _PARTS:
        yield panel_rows(found, f"{ID}{up}{part}", pl.col(part), null=null, basis=label, coverage="covered")


def _shares(counts: Floats) -> tuple[float | None, float | None, float | None, float, int, float]:
    """Give share, interval and runs over some reports, how many count, and the share of member reports that do."""
    fell, held, begun, whole = counts[counts[:, 3] > 0].T
    sized = held > 0
    covered = float(held.sum() / whole.sum()) if whole.size else 0.0
    if sized.sum() < 2:
        return None, None, None, float(begun.sum()), int(whole.size), covered
    share, error = clustered(fell[sized], held[sized])
    low, high = max(share - z * error, 0.0), min(share + z * error, 1.0)
    return share, low, high, float(begun.sum()), int(whole.size), covered
