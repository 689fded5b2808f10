"""At what price the shorts of a security were put on, on average, report by report.

1. The whole position of the first report with a price counts as entered in that report's cycle.
2. At every later report the shares short before, previous x split ratio, keep their average entry.
3. Where the position is larger, the difference is a new cohort, entered at the price of the cycle.
4. Where it is smaller, covers take out shares at average entry: the average stays.
5. A missing report, a position of 0, and a cycle without a price in which the position grew end the reckoning; it
   begins again with the next report that has a price.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

import polars as pl

from overshort.metrics.daily import UNADJUSTED
from overshort.metrics.declare import Inputs, intermediate
from overshort.metrics.splits import cycle_starts

__all__ = ["Cycle", "Entry", "average_entries", "entries", "positions"]

SERIES = ["symbol", "place"]
THERE = ["symbol", "settlement"]


class Cycle(NamedTuple):
    """One report of one security.

    Attributes
    ----------
    before
        Shares short at the report before, in today's shares.
    follows
        Whether the report before is there.
    scale
        By how much an earlier price shrinks to be one of today's shares.
    price
        Of the cycle; ``None`` where it has none.
    weighted
        Whether that price is volume-weighted.
    """

    settlement: date
    position: int
    before: float
    follows: bool
    scale: float
    price: float | None
    weighted: bool


class Entry(NamedTuple):
    """The average entry of all shares short at a report, since when it is reckoned, and whether all by volume."""

    price: float
    since: date
    weighted: bool


def average_entries(cycles: Iterable[Cycle]) -> Iterator[Entry | None]:
    """Give the average entry at every report of one security, in order; ``None`` where it is not known."""
    held: Entry | None = None
    for cycle in cycles:
        held = _after(held if cycle.follows else None, cycle)
        yield held


def _after(held: Entry | None, cycle: Cycle) -> Entry | None:
    if cycle.position == 0:
        return None
    if held is None:
        return None if cycle.price is None else Entry(cycle.price, cycle.settlement, cycle.weighted)
    kept, added = held.price / cycle.scale, cycle.position - cycle.before
    if added <= 0:
        return Entry(kept, held.since, held.weighted)
    if cycle.price is None:
        return None
    mixed = (cycle.before * kept + added * cycle.price) / cycle.position
    return Entry(mixed, held.since, held.weighted and cycle.weighted)


@intermediate("positions", reads=frozenset({"reports", "short_interest", "subjects"}))
def positions(inputs: Inputs) -> pl.LazyFrame:
    """Give the reports of indices, stocks and traded proxies: ``subject, kind, settlement, known_at``, sorted.

    A proxy's reports are its own rows: the fund's shorts, never mixed with those of its index's members.
    """
    proxies = inputs["subjects"].filter(pl.col("kind") == "proxy")
    funds = inputs["short_interest"].join(proxies, left_on="symbol", right_on="subject")
    columns = ["subject", "kind", "settlement", "known_at"]
    listed = inputs["reports"].filter(pl.col("kind") != "exchange").select(columns)
    return pl.concat([listed, funds.rename({"symbol": "subject"}).select(columns)]).sort("subject", "settlement")


def _reported(inputs: Inputs) -> pl.LazyFrame:
    """Give the reports of every security that has a price, in each of its series of closes."""
    split = inputs["ratios"].select(*THERE, "ratio", pl.col("known_at").alias("ratio_known"))
    series = inputs["cycle_prices"].select(SERIES).unique()
    rows = inputs["short_interest"].select(*THERE, "position", "previous", "adv", "known_at")
    own = rows.join(series, on="symbol").join(split, on=THERE, how="left")
    priced = inputs["cycle_prices"].rename({"known_at": "price_known"})
    return own.join(priced, on=[*SERIES, "settlement"], how="left").with_columns(
        pl.col("ratio").fill_null(1.0), pl.max_horizontal("known_at", "ratio_known", "price_known").alias("known_at")
    )


@intermediate("entries", reads=frozenset({"short_interest", "ratios", "cycle_prices"}))
def entries(inputs: Inputs) -> pl.LazyFrame:
    """Give the average short entry of every security at every report, under every adjustment of its closes.

    Returns
    -------
    LazyFrame
        ``symbol, place, settlement, position, adv, entry`` (null where not known)``, since`` (the first report
        reckoned)``, weighted`` (whether all cohorts' prices are volume-weighted)``, jumps, known_at``; sorted.
    """
    frame = _reported(inputs).sort(*SERIES, "settlement").collect()
    starts = cycle_starts(frame["settlement"].unique().to_list())
    start = pl.col("settlement").replace_strict(starts, default=None, return_dtype=pl.Date)
    ready = frame.select(
        *SERIES,
        "settlement",
        "position",
        (pl.col("previous").fill_null(0) * pl.col("ratio")).alias("before"),
        ((pl.col("settlement").shift(1).over(SERIES) == start) & (pl.col("previous") > 0))
        .fill_null(False)
        .alias("follows"),
        pl.when(pl.col("place") == UNADJUSTED).then("ratio").otherwise(1.0).alias("scale"),
        "price",
        pl.col("weighted").fill_null(False),
    )
    found = [e for own in ready.partition_by(SERIES, maintain_order=True) for e in _entered(own)]
    return frame.lazy().select(
        *SERIES,
        "settlement",
        "position",
        "adv",
        pl.Series("entry", [e and e.price for e in found], dtype=pl.Float64),
        pl.Series("since", [e and e.since for e in found], dtype=pl.Date),
        pl.Series("weighted", [e and e.weighted for e in found], dtype=pl.Boolean),
        "jumps",
        pl.col("known_at").cum_max().over(SERIES),
    )


def _entered(own: pl.DataFrame) -> Iterator[Entry | None]:
    return average_entries(Cycle(*row) for row in own.drop(SERIES).iter_rows())
