"""How rare a streak of rising months is: how often one got this long, and how often chance alone gets there.

Two null models for N months of which u rose: an i.i.d. coin that shows heads with probability u / N, and every
order of the same months alike likely.  Both probabilities are exact, by inclusion and exclusion over the sets of
streaks in whole numbers, so no rounding enters: the terms are large and cancel.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from itertools import groupby
from math import comb

import polars as pl

from overshort.metrics.declare import Inputs, metrics
from overshort.metrics.persistence.rows import declared, named, named_too
from overshort.metrics.prices import price_rows
from overshort.metrics.rows import reason

__all__ = ["LEAST", "SINCE", "p_coin", "p_permutation", "rarity", "run_lengths"]

SINCE = 1945 * 12 + 8
"""September 1945, in months since year 0."""
LEAST = 3
"""Shortest streak worth a test."""


def run_lengths(ups: Sequence[bool]) -> list[int]:
    """Give the length of every run of rising months."""
    return [len(list(run)) for up, run in groupby(ups) if up]


def _sign(marked: int, first: int) -> int:
    """Give how often arrangements with ``marked`` streaks marked count towards those with at least ``first``."""
    ways = comb(marked - 1, first - 1)
    return -ways if (marked - first) % 2 else ways


@cache
def p_coin(months: int, ups: int, length: int, count: int) -> float:
    """Give the probability of at least ``count`` streaks of at least ``length`` heads in ``months`` throws of a coin.

    Parameters
    ----------
    months, ups
        The coin shows heads with probability ``ups / months``.
    """
    if count <= 0:
        return 1.0
    downs, most = months - ups, (months + 1) // (length + 1)
    whole, step = months ** (length + 1), ups**length * downs
    # Horner's scheme over the streaks marked: every step multiplies a large number by a small one.
    total: int = 0
    power: int = ups ** (count * length) * downs ** (count - 1)
    for i in range(count, most + 1):
        left = months - i * length
        marked = downs * comb(left, i) + months * comb(left, i - 1)
        total = total * whole + _sign(i, count) * marked * power
        power *= step
    return total / int(months ** (most * (length + 1)))


@cache
def p_permutation(months: int, ups: int, length: int, count: int) -> float:
    """Give the probability of at least ``count`` streaks of at least ``length`` over all orders of the same months."""
    if count <= 0:
        return 1.0
    downs = months - ups
    most = min(ups // length, downs + 1)
    terms = (
        _sign(i, count) * comb(downs + 1, i) * comb(ups - i * length + downs, downs) for i in range(count, most + 1)
    )
    return sum(terms) / comb(months, ups)


_NULL = f"null while no streak runs, under {LEAST} months for a probability, and without month-end closes"
_WHICH = "streaks of completed months since September 1945, or since the first month on file (the base date)"
COUNT = declared(
    "streak_count_since_1945",
    "count",
    f"How many {_WHICH}, got as long as the running one is; n is the number of months.",
    grid="session",
    null="null while no streak runs, and without month-end closes (tables levels, bars)",
    kind="count",
)
COIN = declared(
    "streak_p",
    "probability",
    f"Probability of at least as many {_WHICH}, under an i.i.d. coin with the sample's share of rising months.",
    grid="session",
    null=_NULL,
)
PERMUTATION = declared(
    "streak_p_permutation",
    "probability",
    f"Probability of at least as many {_WHICH}, over all orders of the sample's months.",
    grid="session",
    null=_NULL,
)


@dataclass(frozen=True, slots=True)
class _Months:
    """The months of one index since September 1945."""

    numbers: list[int]
    ups: list[bool]
    bases: list[date]
    feeds: list[str]
    known: list[datetime]

    @classmethod
    def of(cls, own: pl.DataFrame) -> "_Months":
        late = own.filter(pl.col("month") >= SINCE)
        columns = (late[c].to_list() for c in ("base_at", "feed", "known_at"))
        return cls(late["month"].to_list(), (late["change"] > 0).to_list(), *columns)

    def up_to(self, month: int) -> slice:
        """Give the stretch without a gap that ends with a month."""
        end = bisect_right(self.numbers, month)
        start = end
        while start > 0 and self.numbers[start - 1] == month - (end - start):
            start -= 1
        return slice(start, end)


def _measured(months: _Months, month: int, length: int) -> dict[str, object]:
    """Give the panel's values for a last completed month and a length."""
    span = months.up_to(month)
    ups = months.ups[span]
    count = sum(run >= length for run in run_lengths(ups))
    found: dict[str, object] = {"n": len(ups), "count": count}
    if ups:
        base, then = months.bases[span.start], months.known[span.stop - 1]
        found |= {"base_at": base, "sample": named(months.feeds[span]), "then": then}
    if length >= LEAST and ups:
        found["coin"] = p_coin(len(ups), sum(ups), length, count)
        found["permutation"] = p_permutation(len(ups), sum(ups), length, count)
    return {"completed": month, "streak": length, **found}


FOUND: Mapping[str, pl.DataType | type[pl.DataType]] = {
    "completed": pl.Int64,
    "streak": pl.Int64,
    "n": pl.Int64,
    "base_at": pl.Date,
    "count": pl.Int64,
    "coin": pl.Float64,
    "permutation": pl.Float64,
    "sample": pl.String,
    "then": pl.Datetime("us", "UTC"),
}


def _of_subject(own: pl.DataFrame, months: pl.DataFrame) -> pl.DataFrame:
    """Measure every pair of last completed month and running length once, and put it beside its sessions."""
    wanted = own.filter(pl.col("streak") > 0).select("completed", "streak").unique(maintain_order=True)
    history = _Months.of(months)
    found = [_measured(history, month, length) for month, length in wanted.iter_rows()]
    table = pl.DataFrame(found, schema=FOUND)
    placed = own.drop("base_at").join(table, on=["completed", "streak"], how="left", maintain_order="left")
    # On a month's last session the month itself counts, and its published close may be known after the session's.
    known = pl.max_horizontal("known_at", "then").alias("known_at")
    return placed.with_columns(known, named_too("sample", "feeds").alias("feeds"))


@metrics(COUNT, COIN, PERMUTATION, reads=frozenset({"running", "months"}))
def rarity(inputs: Inputs) -> pl.LazyFrame:
    """Give how often a streak got as long as the running one, and how likely that is by chance."""
    completed = pl.col("month") - (~pl.col("last")).cast(pl.Int64)
    frame = inputs["running"].with_columns(completed.alias("completed")).collect()
    history = inputs["months"].collect()
    parts = [
        _of_subject(own, history.filter(pl.col("subject") == own["subject"][0]))
        for own in frame.partition_by("subject", maintain_order=True)
    ]
    return _rows(pl.concat(parts) if parts else _of_subject(frame, history))


def _rows(frame: pl.DataFrame) -> pl.LazyFrame:
    unknown = (pl.col("streak").is_null(), "the running streak is not known from tables levels and bars")
    still = (pl.col("streak") == 0, "no streak of rising months is running")
    empty = (pl.col("n").fill_null(0) == 0, "no month since September 1945 is in tables levels and bars")
    short = (pl.col("streak") < LEAST, f"a streak under {LEAST} months is too common to test")
    nulls = {COUNT: [], COIN: [short], PERMUTATION: [short]}
    columns = {COUNT: "count", COIN: "coin", PERMUTATION: "permutation"}
    return pl.concat(
        [
            price_rows(
                frame.lazy(),
                metric.id,
                pl.col(columns[metric]),
                null=reason(unknown, still, empty, *more),
                base="base_at",
                n="n",
                feed="feeds",
            )
            for metric, more in nulls.items()
        ]
    )
