"""What price made of last week's value area: accepted above it, sold back into it, or balanced.

The value area is that of the last completed week before the bar's own; volume is spread evenly over a bar's range.
"""

from collections.abc import Callable

import polars as pl

from overshort.metrics.declare import Inputs, intermediate, metrics
from overshort.metrics.prices import price_rows
from overshort.metrics.rows import reason
from overshort.metrics.structure.charts import FOUR_HOUR, RANGES, RUN
from overshort.metrics.structure.rows import declared, flag, null_of, short

__all__ = ["VERDICTS", "probed", "verdict"]

VERDICTS = ("ACCEPTANCE", "DISTRIBUTION", "BALANCE")
LAST, ABOVE, FEW, HEAVY = 10, 0.6, 0.4, 0.5
"""Bars looked at; share of their closes above that acceptance asks for, and under which distribution is; of volume."""
PROBES = 2
ROOM, BACK = 0.25, 2
"""How many ATRs a swing low may lie below the area's upper bound, and within how many bars price has to close above."""


def _with_areas(chart: pl.LazyFrame, areas: pl.LazyFrame) -> pl.LazyFrame:
    """Join to every bar the area of the week before its own and the upper bound of the one before that."""
    one = areas.select(
        "subject",
        pl.col("week").dt.offset_by("1w"),
        "base",
        "vah",
        pl.col("null").alias("area_null"),
        pl.col("known_at").alias("area_known"),
    )
    two = areas.select(
        "subject",
        pl.col("week").dt.offset_by("2w"),
        pl.col("vah").alias("vah_before"),
        pl.col("known_at").alias("before_known"),
    )
    both = chart.join(one, on=["subject", "week"], how="left").join(two, on=["subject", "week"], how="left")
    known = pl.max_horizontal("known_at", "area_known", "before_known").cum_max().over("subject")
    return both.sort("subject", "at").with_columns(known.alias("known_at"))


def _of_last(of: Callable[[int], pl.Expr]) -> pl.Expr:
    """Sum a term over the last bars: 0 for this one, 1 for the one before, and so on."""
    return pl.sum_horizontal(of(k) for k in range(LAST))


def _before(column: str, bars: int) -> pl.Expr:
    return pl.col(column).shift(bars).over(RUN)


def _closed_above(bars: int) -> pl.Expr:
    return _before("close", bars) > pl.col("vah")


def _probe(bars: int) -> pl.Expr:
    return (_before("high", bars) > pl.col("vah")) & ~_closed_above(bars)


def _heard(bars: int) -> pl.Expr:
    """Give a bar's volume; 0 where some of it is not there, so that the bar has no say."""
    return pl.when(_before("measured", bars)).then(_before("volume", bars)).otherwise(0.0)


def _heard_above(bars: int) -> pl.Expr:
    high, low = _before("high", bars), _before("low", bars)
    spread = ((high - pl.col("vah")) / (high - low)).clip(0, 1)
    return _heard(bars) * pl.when(high > low).then(spread).otherwise(_closed_above(bars).cast(pl.Float64))


def _swings() -> tuple[pl.Expr, pl.Expr]:
    """Give whether the bar two before was a swing low of this week, as this bar shows, and whether it held."""
    low = _before("low", BACK)
    lower = pl.all_horizontal(low < _before("low", k) for k in (0, 1, 3, 4))
    swing = lower & (_before("week", BACK) == pl.col("week"))
    deep = low < pl.col("vah") - ROOM * _before("atr", BACK)
    back = pl.max_horizontal(_before("close", k) for k in range(BACK + 1)) > pl.col("vah")
    return swing.fill_null(False), (~deep & back).fill_null(False)


@intermediate("probed", reads=frozenset({"chart_4h", "week_areas"}))
def probed(inputs: Inputs) -> pl.LazyFrame:
    """Give every four-hour bar with what price did about the value area of the week before.

    Returns
    -------
    LazyFrame
        The chart's columns, ``base`` (first session of that week)``, vah, area_null`` (why there is none)``,
        vah_before, above`` (share of the last closes above)``, volume_above`` (share of volume)``, probes, twice``
        (two closes in a row above)``, swings, failed`` (swing lows of this week, and those that did not hold)``,
        known_at``, sorted.
    """
    swing, held = _swings()
    week = [*RUN, "week"]
    return (
        _with_areas(inputs["chart_4h"], inputs["week_areas"])
        .with_columns(
            (_of_last(_closed_above) / LAST).alias("above"),
            (_of_last(_heard_above) / _of_last(_heard)).fill_nan(None).alias("volume_above"),
            _of_last(_probe).alias("probes"),
            (_closed_above(0) & _closed_above(1)).alias("twice"),
            swing.cast(pl.Int64).alias("swings"),
            (swing & ~held).cast(pl.Int64).alias("failed"),
        )
        .with_columns(pl.col("swings", "failed").cum_sum().over(week))
    )


def _verdict() -> pl.Expr:
    accepted = pl.col("twice") & (pl.col("above") >= ABOVE - 1e-9) & (pl.col("volume_above") >= HEAVY)
    rising = pl.col("vah") > pl.col("vah_before")
    distributed = (pl.col("above") < FEW - 1e-9) & (pl.col("probes") >= PROBES) & ~rising
    return pl.when(accepted).then(0).when(distributed).then(1).when(distributed.is_not_null()).then(2)


_NULL = f"{null_of(FOUR_HOUR, LAST)}; null without a value area of the week before"
_HEARD = "null where none of those bars has all of its volume"
VERDICT = declared(
    "structure.verdict",
    "state",
    "ACCEPTANCE: the last two 4-hour bars close above the value area of the week before (vah), at least "
    f"{ABOVE:.0%} of the last {LAST} bars do, and at least {HEAVY:.0%} of their volume trades above it. DISTRIBUTION: "
    f"under {FEW:.0%} of them do, at least {PROBES} failed (high above, close not), and vah is not above that of the "
    "week before. Else BALANCE.",
    f"{_NULL}; {_HEARD}; null where DISTRIBUTION hangs on an area that is not there",
    grid="bar_4h",
    kind="state",
    states=VERDICTS,
)
ABOVE_SHARE = declared(
    "structure.closes_above_vah",
    "fraction",
    f"Share of the last {LAST} 4-hour bars that close above the value area of the week before.",
    _NULL,
    grid="bar_4h",
)
VOLUME = declared(
    "structure.volume_above_vah",
    "fraction",
    f"Share of the last {LAST} 4-hour bars' volume that trades above the value area of the week before; bars of which "
    "volume is missing have no say.",
    f"{_NULL}; {_HEARD}",
    grid="bar_4h",
)
FAILED = declared(
    "structure.failed_probes",
    "count",
    f"How many of the last {LAST} 4-hour bars reach above the value area of the week before and do not close there.",
    _NULL,
    grid="bar_4h",
    kind="count",
)
PULLBACK = flag(
    "structure.pullback_holds",
    "Whether every swing low of this week so far (a 4-hour bar whose low is below those of two bars on either side) "
    f"lies no more than {ROOM} ATR ({RANGES} bars) below the upper bound of the value area of the week before, and "
    f"that bar or one of the {BACK} after it closes above that bound; n counts the swing lows.",
    f"{_NULL}; null while the week has no swing low",
    grid="bar_4h",
)


@metrics(VERDICT, ABOVE_SHARE, VOLUME, FAILED, PULLBACK, reads=frozenset({"probed"}))
def verdict(inputs: Inputs) -> pl.LazyFrame:
    """Give the verdict, what it rests on, and whether pullbacks hold."""
    frame = inputs["probed"]
    lacking = pl.format("no value area of the week before the one from {} in table bars", "week")
    no_area = pl.coalesce("area_null", reason((pl.col("vah").is_null(), lacking)))
    null = pl.coalesce(short(LAST), no_area)
    unheard = reason((pl.col("volume_above").is_null(), f"no volume of the last {LAST} 4-hour bars in table bars"))
    undecided = reason(
        (_verdict().is_null(), pl.format("no value area two weeks before the one from {} in table bars", "week"))
    )
    calm = reason((pl.col("swings") == 0, pl.format("no swing low so far in the week after that from {}", "base")))
    names = _verdict().replace_strict(dict(enumerate(VERDICTS)), return_dtype=pl.String)
    judged = price_rows(
        frame, VERDICT.id, _verdict(), null=pl.coalesce(null, unheard, undecided), base="base", text=names
    )
    pullback = pl.coalesce(short(RANGES + 1), no_area, calm)
    return pl.concat(
        [
            judged,
            price_rows(frame, ABOVE_SHARE.id, pl.col("above"), null=null, base="base"),
            price_rows(frame, VOLUME.id, pl.col("volume_above"), null=pl.coalesce(null, unheard), base="base"),
            price_rows(frame, FAILED.id, pl.col("probes"), null=null, base="base"),
            price_rows(frame, PULLBACK.id, pl.col("failed") == 0, null=pullback, base="base", n="swings"),
        ]
    )
