"""What makes covering hurt, of every listed common stock at every report, as known at its publication.

1. ``short_float``: position / free float.  A count that becomes known after publication gives the report's row a later
   vintage: GameStop's float was counted anew two days after the report of 2021-01-15.
2. ``dtc``: position / average daily volume.  3. ``change``: position / split-clean previous position − 1.
4. ``over_vwap``: close of the day of publication / volume-weighted mean close of the 60 sessions to it − 1.
5. ``fee``: the borrow fee, by terms no older than seven days; where it is unknown, ``fails``: the newest published
   balance of fails to deliver / average daily volume.
"""

from datetime import timedelta

import polars as pl

from overshort import sessions
from overshort.metrics.crowding.cycles import CHAINED, EXPECTED
from overshort.metrics.daily import SERIES, UNADJUSTED
from overshort.metrics.declare import Inputs, intermediate
from overshort.metrics.members import complete
from overshort.metrics.squeeze.common_stock import is_common
from overshort.schema import EXCHANGES

__all__ = ["COMPONENTS", "KEY", "pressed"]

KEY = ["symbol", "settlement"]
COMPONENTS = ("short_float", "dtc", "change", "over_vwap", "fee", "fails")
SPAN = 60
FEE_FRESH, FAILS_FRESH = timedelta(days=7), timedelta(days=60)
"""How old borrow terms and fails may be at publication: fails of half a month are out two weeks after it."""


def _listed(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Keep the common stocks of complete reports: an export of single names is no crowd to be ranked in."""
    listed = rows.filter(pl.col("market").is_in(EXCHANGES["LISTED"]))
    counts = listed.group_by("settlement").agg(pl.len().cast(pl.Int64).alias("rows")).collect()
    whole = listed.join(complete(counts).lazy().select("settlement"), on="settlement", how="semi")
    named = ["symbol", "market", "name"]
    common = whole.select(named).unique().filter(is_common())  # each name is read once, not at every report
    return whole.join(common, on=named, how="semi", nulls_equal=True)


def _prices(daily: pl.LazyFrame) -> pl.LazyFrame:
    """Give every close over its volume-weighted mean, of the best series that has volumes; none across a jump."""
    dollars, volume = (pl.col("close") * pl.col("volume")), pl.col("volume")
    first = pl.col("jumps").shift(SPAN - 1).over(SERIES)
    mean = (dollars.rolling_sum(SPAN) / volume.rolling_sum(SPAN)).over(SERIES)
    clean = (pl.col("place") != UNADJUSTED) | (pl.col("jumps") == first)
    found = daily.sort(*SERIES, "session").with_columns(
        pl.when(clean).then(pl.col("close") / mean - 1).alias("over_vwap")
    )
    own = found.filter(pl.col("over_vwap").is_finite()).sort("symbol", "session", "place")
    return own.unique(["symbol", "session"], keep="first", maintain_order=True).select("symbol", "session", "over_vwap")


def _with_counts(rows: pl.LazyFrame, inputs: Inputs) -> pl.LazyFrame:
    """Add the float known at publication, and a later row for every count that became known until the next report."""
    counts = inputs["outstanding"].select(*KEY, "float", "counted")
    first = rows.join(counts, on=KEY, how="left").with_columns(pl.lit(False).alias("later"))
    after = inputs["shares_after_report"].select(
        *KEY, "float", pl.col("at").alias("counted"), pl.col("known_at").alias("counted_known")
    )
    again = rows.join(after, on=KEY).with_columns(
        pl.max_horizontal("known_at", "counted_known").alias("known_at"), pl.lit(True).alias("later")
    )
    return pl.concat([first, again.drop("counted_known")], how="diagonal")


def _borrowed(inputs: Inputs) -> tuple[pl.LazyFrame, pl.LazyFrame]:
    """Give the fee and the fails known at every report."""
    day = pl.col("at").dt.convert_time_zone(sessions.NEW_YORK.key).dt.date()
    fees = inputs["borrow_at_report"].filter(pl.col("published") - day <= FEE_FRESH).select(*KEY, "fee")
    fails = inputs["fails_at_report"].filter(pl.col("published") - pl.col("session") <= FAILS_FRESH)
    return fees.drop_nulls(), fails.select(*KEY, pl.col("quantity").alias("failed"))


@intermediate(
    "pressed",
    reads=frozenset(
        {
            "short_interest",
            "ratios",
            "outstanding",
            "shares_after_report",
            "daily",
            "borrow_at_report",
            "fails_at_report",
        }
    ),
)
def pressed(inputs: Inputs) -> pl.LazyFrame:
    """Give the components of every listed common stock at every complete report.

    Returns
    -------
    LazyFrame
        ``symbol, settlement, known_at``, ``later`` (whether a count that became known after publication makes this
        row), ``counted`` (the date of the float), the six of :data:`COMPONENTS`, each null where unknown; sorted.
    """
    rows = _listed(inputs["short_interest"])
    split = inputs["ratios"].select(*KEY, "ratio", pl.col("known_at").alias("ratio_known"))
    published = pl.col("known_at").dt.convert_time_zone(sessions.NEW_YORK.key).dt.date()
    fees, fails = _borrowed(inputs)
    whole = (
        rows.join(split, on=KEY, how="left")
        .with_columns(pl.col("ratio").fill_null(1.0), published.alias("session"))
        .join(_prices(inputs["daily"]), on=["symbol", "session"], how="left")
        .join(fees, on=KEY, how="left")
        .join(fails, on=KEY, how="left")
        .with_columns(pl.max_horizontal("known_at", "ratio_known").alias("known_at"))
    )
    traded = pl.when(pl.col("adv") > 0).then(pl.col("adv"))
    return (
        _with_counts(whole, inputs)
        .with_columns(
            (pl.col("position") / pl.col("float")).alias("short_float"),
            (pl.col("position") / traded).alias("dtc"),
            pl.when(CHAINED).then(pl.col("position") / EXPECTED - 1).alias("change"),
            (pl.col("failed") / traded).alias("fails"),
        )
        .select(*KEY, "known_at", "later", "counted", *COMPONENTS)
        .sort(*KEY, "known_at")
    )
