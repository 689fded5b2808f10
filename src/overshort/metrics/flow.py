"""Daily flows around a security that are not its short interest: off-exchange short volume, and fails to deliver.

* Short volume is what was sold short off the exchanges on one day, most of it by dealers who buy it back the same day.
  A third of all volume or more is usual and says nothing about positions; only a departure from a security's own past
  does.
* Fails are a balance: all shares owed at the end of a day, whenever they were due; published two to six weeks later.

Nothing here reads, enters or stands for short interest.
"""

from bisect import bisect_left
from datetime import date
from functools import cache

import numpy as np
import polars as pl

from overshort import sessions
from overshort.metrics.declare import Inputs, Metric, intermediate, metrics
from overshort.metrics.ranking import Floats, trailing
from overshort.metrics.rows import panel_rows

__all__ = ["departure", "fails", "flow_rows", "short_volume"]

WINDOW, SPAN = 60, 66
"""Earlier sessions that a day is set against, and how many sessions they may be spread over."""
SINGLE = frozenset({"proxy", "stock"})
_VOLUME, _FAILS = "short_volume", "fails"
NONE = {_VOLUME: "no short-sale volume in table flows", _FAILS: "no fails to deliver in table flows"}


def _metric(name: str, unit: str, definition: str, null: str, lookback: int) -> Metric:
    return Metric(
        id=f"flow.{name}",
        kind="number",
        unit=unit,
        grid="session",
        subjects=SINGLE,
        null_rule=null,
        lookback=lookback,
        definition=definition,
    )


SHARE = _metric(
    "short_volume_share",
    "fraction",
    "Shares sold short off the exchanges over all shares traded there on that day, short-exempt ones included "
    "(FINRA's daily file).  Volume of one day, and no measure of short interest.",
    "null where no volume was reported; one without any row of that kind in table flows",
    0,
)
Z = _metric(
    "short_volume_z",
    "s.d.",
    f"The day's share of short volume less its mean over the {WINDOW} sessions before it, in standard deviations of "
    "these; the base date is the first of them.  Volume of single days, and no measure of short interest.",
    f"null unless {WINDOW} of the {SPAN} sessions before have a share, and where these are all alike",
    SPAN,
)
FAILS = _metric(
    "fails",
    "shares",
    "Shares that had not been delivered at the end of a settlement day, whenever they were due: a balance, not a flow "
    "(the SEC's half-monthly file).  A day without fails is not listed.",
    "no row without a listed balance; null without any row of that kind in table flows",
    0,
)


def departure(value: float, window: Floats) -> float:
    """Give how far a value lies from the mean of others, in their standard deviations; NaN where these are alike."""
    if window.min() == window.max():  # rounding alone gives equal numbers a deviation
        return float("nan")
    return (value - float(np.mean(window))) / float(np.std(window, ddof=1))


@intermediate("flow_rows", reads=frozenset({"flows", "daily", "subjects"}))
def flow_rows(inputs: Inputs) -> pl.LazyFrame:
    """Give the flows of every stock and traded proxy, one row a kind and session.

    Returns
    -------
    LazyFrame
        ``subject, kind, session, quantity, total, known_at``, sorted; of a subject without any row of a kind its
        sessions with a close instead, ``quantity`` null.
    """
    asked = inputs["subjects"].filter(pl.col("kind").is_in(list(SINGLE))).select("subject").unique()
    own = inputs["flows"].filter(pl.col("kind").is_in([_VOLUME, _FAILS])).rename({"symbol": "subject"})
    listed = own.join(asked, on="subject", how="semi").select(
        "subject", "kind", "session", "quantity", "total", "known_at"
    )
    kinds = pl.LazyFrame({"kind": [_VOLUME, _FAILS]})
    traded = inputs["daily"].group_by(pl.col("symbol").alias("subject"), "session").agg(pl.col("known_at").min())
    lacking = asked.join(kinds, how="cross").join(listed, on=["subject", "kind"], how="anti")
    empty = traded.join(lacking, on="subject").select(
        "subject",
        "kind",
        "session",
        pl.lit(None, pl.Float64).alias("quantity"),
        pl.lit(None, pl.Float64).alias("total"),
        "known_at",
    )
    return pl.concat([listed, empty]).sort("subject", "kind", "session")


def _of(inputs: Inputs, kind: str) -> pl.LazyFrame:
    return inputs["flow_rows"].filter(pl.col("kind") == kind)


def _rows(frame: pl.LazyFrame, metric: Metric, value: pl.Expr, null: pl.Expr, base: str | None = None) -> pl.LazyFrame:
    based = None if base is None else pl.col(base)
    n = "n" if base else None
    nothing = pl.lit(None, pl.String)
    return panel_rows(frame, metric.id, value, null=null, basis=nothing, n=n, coverage=None, base=based, at="session")


def _absent(kind: str) -> pl.Expr:
    return pl.when(pl.col("quantity").is_null()).then(pl.lit(NONE[kind]))


@metrics(FAILS, reads=frozenset({"flow_rows"}))
def fails(inputs: Inputs) -> pl.LazyFrame:
    """Give the balance of fails at the end of each day on which there were any."""
    return _rows(_of(inputs, _FAILS), FAILS, pl.col("quantity"), _absent(_FAILS))


@metrics(SHARE, Z, reads=frozenset({"flow_rows"}))
def short_volume(inputs: Inputs) -> pl.LazyFrame:
    """Give the share of short volume, and its departure from the sessions before."""
    share = pl.when(pl.col("total") > 0).then(pl.col("quantity") / pl.col("total")).alias("share")
    frame = _of(inputs, _VOLUME).with_columns(share).collect()
    parts = [_departures(own) for own in frame.partition_by("subject", maintain_order=True)]
    placed = (pl.concat(parts) if parts else _departures(frame)).lazy()
    idle = pl.when(pl.col("share").is_null()).then(pl.lit("no volume was reported on that day in table flows"))
    null = pl.coalesce(_absent(_VOLUME), idle)
    short = pl.when(~pl.col("whole")).then(
        pl.format(f"only {{}} of the last {SPAN} sessions have short volume in table flows, {WINDOW} are needed", "n")
    )
    alike = pl.when(pl.col("z").is_null()).then(pl.lit(f"short volume of the {WINDOW} sessions before is all alike"))
    with_all = placed.with_columns(pl.col("known_at").cum_max().over("subject"))
    return pl.concat(
        [
            _rows(placed, SHARE, pl.col("share"), null),
            _rows(with_all, Z, pl.col("z"), pl.coalesce(null, short, alike), base="base"),
        ]
    )


def _departures(own: pl.DataFrame) -> pl.DataFrame:
    """Put beside every row of one subject its departure, the first session it rests on, and how many there are."""
    valued = own.filter(pl.col("share").is_not_null())
    days, values = valued["session"].to_list(), valued["share"].to_numpy()
    z = trailing(values, WINDOW, WINDOW, departure)
    counts = [k - bisect_left(days, _reach(day), 0, k) for k, day in enumerate(days)]
    whole = [n >= WINDOW for n in counts]
    found = pl.DataFrame(
        {
            "session": days,
            "z": [v if w and v is not None and v == v else None for v, w in zip(z, whole, strict=True)],
            "base": [days[k - WINDOW] if w else None for k, w in enumerate(whole)],
            "n": [min(n, WINDOW) for n in counts],
            "whole": whole,
        },
        schema={"session": pl.Date, "z": pl.Float64, "base": pl.Date, "n": pl.Int64, "whole": pl.Boolean},
    )
    placed = own.join(found, on="session", how="left", maintain_order="left")
    return placed.with_columns(pl.col("n").fill_null(0), pl.col("whole").fill_null(False))


@cache
def _days() -> list[date]:
    return sessions.schedule()["session"].to_list()


def _reach(day: date) -> date:
    """Give the first of the sessions before a day that may count for it."""
    return _days()[max(0, bisect_left(_days(), day) - SPAN)]
