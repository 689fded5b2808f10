"""Completed months: their price return, the streak of rising ones, and the streak that a fall ended.

Month-end close against month-end close, never averages of a month; a month without change ends a streak.
"""

from collections.abc import Sequence
from typing import NamedTuple

import polars as pl

from overshort.metrics.declare import Inputs, intermediate, metrics
from overshort.metrics.persistence.rows import NO_PRICES, declared, named
from overshort.metrics.prices import first_feed, price_rows
from overshort.metrics.rows import reason

__all__ = ["Streak", "month_streaks", "months", "streaks"]

GAP = "the month-end close before {} is in neither table levels nor bars: the streak may have begun earlier"
_UNKNOWN = "null where the streak reaches back to a gap in the month-end closes or to the first of them"


class Streak(NamedTuple):
    """A run of rising months.

    Attributes
    ----------
    length
        0 after a fall; ``None`` where the run reaches back to months that are not known.
    start
        Position of its first month; of the month itself where ``length`` is 0.
    """

    length: int | None
    start: int


def streaks(numbers: Sequence[int], returns: Sequence[float]) -> list[Streak]:
    """Give the streak that every month is in.

    Parameters
    ----------
    numbers
        Months, counted without gaps, ascending.
    returns
        Return of each month.
    """
    out: list[Streak] = []
    for k, (number, change) in enumerate(zip(numbers, returns, strict=True)):
        if change <= 0:
            out.append(Streak(0, k))
        elif k == 0 or numbers[k - 1] != number - 1:
            out.append(Streak(None, k))
        else:
            before = out[-1]
            start = before.start if before.length != 0 else k
            out.append(Streak(None if before.length is None else before.length + 1, start))
    return out


@intermediate("months", reads=frozenset({"month_ends"}))
def months(inputs: Inputs) -> pl.LazyFrame:
    """Give every completed month of every index.

    Returns
    -------
    LazyFrame
        ``subject, month, at`` (last session)``, change`` (price return)``, base_at, feed``; ``streak`` (rising months
        up to this one, null where unknown), ``streak_base`` (the month-end close from which it runs), ``feeds`` (what
        its prices come from), ``known_at``; sorted.
    """
    ends = inputs["month_ends"]
    before = ends.with_columns(pl.col("month") + 1).rename({"at": "base_at", "close": "base", "known_at": "base_known"})
    pairs = ends.join(before.drop("feed"), on=["subject", "month", "rank"])
    frame = (
        first_feed(pairs, ["subject", "month"])
        .with_columns((pl.col("close") / pl.col("base") - 1).alias("change"))
        .with_columns(pl.max_horizontal("known_at", "base_known").cum_max().over("subject").alias("known_at"))
        .select("subject", "month", "at", "change", "base_at", "feed", "known_at")
        .collect()
    )
    parts = [_with_streaks(own) for own in frame.partition_by("subject", maintain_order=True)]
    return pl.concat(parts if parts else [_with_streaks(frame)]).lazy()


def _with_streaks(own: pl.DataFrame) -> pl.DataFrame:
    found = streaks(own["month"].to_list(), own["change"].to_list())
    feeds, bases = own["feed"].to_list(), own["base_at"].to_list()
    return own.with_columns(
        pl.Series("streak", [s.length for s in found], dtype=pl.Int64),
        pl.Series("streak_base", [bases[s.start] for s in found], dtype=pl.Date),
        pl.Series("feeds", [named(feeds[s.start : k + 1]) for k, s in enumerate(found)], dtype=pl.String),
    )


RETURN = declared(
    "month_return",
    "fraction",
    "Price return of the completed month, last close against the last close of the month before.",
    grid="month",
    null=NO_PRICES,
    lookback=1,
)
STREAK = declared(
    "month_streak",
    "count",
    "Consecutive completed months, this one last, with a price return above 0; a return of 0 ends a streak.",
    grid="month",
    null=_UNKNOWN,
    kind="count",
)
ENDED = declared(
    "month_streak_ended",
    "count",
    "Length of the streak of rising months that the last completed month ended.",
    grid="month",
    null=f"null while the last completed month rose; {_UNKNOWN}",
    kind="count",
)
MISSED = declared(
    "month_streak_missed_bp",
    "bp",
    "By how many basis points the last completed month missed a close above that of the month before.",
    grid="month",
    null="null while the last completed month rose",
    lookback=1,
)


@metrics(RETURN, STREAK, ENDED, MISSED, reads=frozenset({"months"}))
def month_streaks(inputs: Inputs) -> pl.LazyFrame:
    """Give returns and streaks of completed months."""
    rose, gap = pl.col("change") > 0, pl.col("month") != pl.col("month").shift(1).over("subject") + 1
    before = pl.when(~gap).then(pl.col("streak").shift(1).over("subject"))
    # Across a gap the streak before is lost with the month before; else where that streak begins is not known.
    begun = pl.when(~gap).then(pl.col("streak_base").shift(1).over("subject"))
    frame = inputs["months"].with_columns(before.alias("ended"), pl.coalesce(begun, "base_at").alias("ended_base"))
    no_end = reason((rose, "the last completed month rose: it ended no streak"))
    unknown = reason((pl.col("ended").is_null(), pl.format(GAP, "ended_base")))
    broken = reason((pl.col("streak").is_null(), pl.format(GAP, "streak_base")))
    # Null unless it fell, so the size says it all; negated, an unchanged month would have missed by -0.
    missed = (1e4 * pl.col("change")).abs()
    return pl.concat(
        [
            price_rows(frame, RETURN.id, pl.col("change"), base="base_at"),
            price_rows(frame, STREAK.id, pl.col("streak"), null=broken, base="streak_base", feed="feeds"),
            price_rows(frame, ENDED.id, pl.col("ended"), null=pl.coalesce(no_end, unknown), base="base_at"),
            price_rows(frame, MISSED.id, missed, null=no_end, base="base_at"),
        ]
    )
