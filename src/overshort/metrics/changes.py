"""How far the closes of traded proxies and stocks have moved, and how far they are below their highest.

Closes are those adjusted for splits, else unadjusted ones; dividends are not in them.  A ratio that nobody has
published yet may lie behind a jump of an unadjusted close, so nothing is compared across one.
"""

import polars as pl

from overshort.metrics.daily import ADJUSTMENTS, UNADJUSTED
from overshort.metrics.declare import Inputs, Metric, metrics
from overshort.metrics.moves import SPANS, YEAR_TO_DATE, from_highest, moved
from overshort.metrics.prices import ADJUSTED, first_feed, price_rows
from overshort.metrics.rows import reason

__all__ = ["changes"]

WINDOWS = {w: f"the close {n} session{'s' * (n > 1)} before" for w, n in SPANS.items()}
WINDOWS |= {YEAR_TO_DATE: "the last close of the year before"}
SERIES = ["subject", "place"]
_SOURCE = "closes adjusted for splits, else unadjusted ones; dividends are not in them"
_NULL = "no row without a daily bar that is adjusted for splits or not at all (table bars)"


def _declared(field: str, lookback: int | None, null: str, definition: str) -> Metric:
    return Metric(
        id=f"price.{field}",
        kind="number",
        unit="fraction",
        grid="session",
        subjects=frozenset({"proxy", "stock"}),
        null_rule=f"{null}; {_NULL}",
        lookback=lookback,
        definition=definition,
    )


CHANGES = {
    window: _declared(
        f"change_{window}",
        SPANS.get(window),
        "null without a close of that session, and where an unadjusted close has since moved as a split would",
        f"Close over {base}, less 1; {_SOURCE}. The base date is that session.",
    )
    for window, base in WINDOWS.items()
}
DRAWDOWN = _declared(
    "drawdown",
    None,
    "null once an unadjusted close has moved as a split would",
    f"Close over the highest close on file so far, itself included, less 1: 0 at a record; {_SOURCE}. The base date "
    "is the first day of that highest close.",
)


def _closes(inputs: Inputs) -> pl.LazyFrame:
    asked = inputs["subjects"].filter(pl.col("kind").is_in(["proxy", "stock"])).select("subject").unique()
    own = inputs["daily"].rename({"symbol": "subject"}).join(asked, on="subject", how="semi")
    names = {ADJUSTMENTS[a]: a for a in ADJUSTED}
    said = pl.col("place").replace_strict(names, default=None, return_dtype=pl.String)
    return (
        own.filter(pl.col("place").is_in(list(names)))
        .with_columns(pl.format("{} bars, adjustment {}", "subject", said).alias("feed"))
        .select(*SERIES, "jumps", "session", "close", "feed", "known_at")
    )


def _best(frame: pl.LazyFrame, value: str) -> pl.LazyFrame:
    """Keep of each session the series that has a value, of several the better adjusted one."""
    placed = pl.col("place").cast(pl.Int64) + 10 * pl.col(value).is_null()
    return first_feed(frame.with_columns(placed.alias("rank")), ["subject", "session"])


def _changed(closes: pl.LazyFrame, window: str) -> pl.LazyFrame:
    frame = _best(moved(closes, [*SERIES, "jumps"], window), "change")
    split = pl.format("no close of {} that no split may part from this one in table bars (unadjusted)", "base")
    none = pl.format("no close of {} in table bars", "base")
    lacks = pl.col("change").is_null()
    null = reason(
        (lacks & pl.col("base").is_null(), "no session so long before in the exchange's calendar"),
        (lacks & (pl.col("jumps") > 0), split),
        (lacks, none),
    )
    return price_rows(frame, CHANGES[window].id, pl.col("change"), null=null, base="base", at="session")


@metrics(*CHANGES.values(), DRAWDOWN, reads=frozenset({"daily", "subjects"}))
def changes(inputs: Inputs) -> pl.LazyFrame:
    """Give the changes of every close over each window, and how far it is below the highest."""
    closes = _closes(inputs)
    parted = (pl.col("place") == UNADJUSTED) & (pl.col("jumps") > 0)
    fallen = from_highest(closes, SERIES).with_columns(pl.when(~parted).then("drawdown").alias("drawdown"))
    below = _best(fallen, "drawdown")
    null = reason((pl.col("drawdown").is_null(), "an unadjusted close in table bars has moved as a split would"))
    lowest = price_rows(below, DRAWDOWN.id, pl.col("drawdown"), null=null, base="base", at="session")
    return pl.concat([*(_changed(closes, window) for window in WINDOWS), lowest])
