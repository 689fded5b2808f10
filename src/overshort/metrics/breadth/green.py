"""How many members of an index closed higher, and for how many sessions that was the most.

1. Pair every member's close with its close of the session before, both under one adjustment.
2. Leave out unadjusted pairs that a split may part (see :mod:`overshort.metrics.daily`).
3. Count members by the list that stood at the session; under 80 % of them there is no figure.
4. Weigh by the holdings file's weights where the list is one, else by shares outstanding known then times the
   unadjusted close of the session before: an adjusted close says nothing of a company's size then.
"""

from itertools import accumulate

import polars as pl

from overshort import sessions
from overshort.metrics.breadth.rows import LEAST, declared
from overshort.metrics.daily import ADJUSTMENTS, UNADJUSTED, adjustments_named
from overshort.metrics.declare import Inputs, intermediate, metrics
from overshort.metrics.persistence.weeks import best_of
from overshort.metrics.rows import in_order, panel_rows, reason

__all__ = ["green", "greens", "pairs"]

THERE = ["symbol", "session"]
AT = ["subject", "session"]
_FEW = "null where fewer than 80 % of the members have a close of the session and of the one before (table bars)"
GREEN = declared(
    "green",
    "fraction",
    "Share of the members that closed above their close of the session before, each member alike; n of the members "
    "have both closes.  An unadjusted close that moved as a split would is left out.",
    null=_FEW,
    lookback=1,
)
CAPPED = declared(
    "green_cap",
    "fraction",
    "Share of the members' market value that closed above the session before, by the weights of the holdings file "
    "that the list is, else by shares outstanding known from the newest report times the unadjusted close before.",
    null="null where fewer than 80 % of the members have both closes and a weight (tables bars, shares, membership)",
    lookback=1,
)
BEST = declared(
    "green_best_of",
    "count",
    "How many consecutive, immediately preceding sessions the share of members up exceeds; the base date is the first "
    "of them.",
    null=_FEW,
    lookback=None,
    kind="count",
)


@intermediate("pairs", reads=frozenset({"daily"}))
def pairs(inputs: Inputs) -> pl.LazyFrame:
    """Give every security's close beside that of the session before.

    Returns
    -------
    LazyFrame
        ``symbol, session, place`` (of the adjustment)``, up, unadjusted`` (the close before, where there is an
        unadjusted pair)``, known_at``; one row a security and session, of the best adjustment that has both closes.
    """
    both = inputs["daily"].filter(pl.col("before").is_not_null() & ~pl.col("jump"))
    up = (pl.col("close") > pl.col("before")).alias("up")
    own = both.select(*THERE, "place", up, pl.col("both").alias("known_at"))
    real = both.filter(pl.col("place") == UNADJUSTED).select(*THERE, pl.col("before").alias("unadjusted"))
    first = own.filter(pl.col("place") == pl.col("place").min().over(THERE))
    return first.join(real, on=THERE, how="left", maintain_order="left")


def _stays(inputs: Inputs) -> pl.LazyFrame:
    """Give the members' stays with their weight, and whether the holdings file that they come from has weights."""
    files = inputs["membership"].filter((pl.col("basis") == "snapshot") & pl.col("weight").is_not_null())
    member = ["subject", "symbol", "dated"]
    dated = pl.coalesce("dated", "first").alias("dated")
    weights = files.select(pl.col("index").alias("subject"), "symbol", dated, "weight").group_by(member).max()
    own = inputs["stays"].join(weights, on=member, how="left")
    return own.with_columns(pl.col("weight").is_not_null().any().over("subject", "dated").alias("weighed"))


def _valued(inputs: Inputs, rows: pl.LazyFrame) -> pl.LazyFrame:
    """Weigh by market value: shares outstanding that the newest report then is set against, times the close before."""
    real = rows.filter(~pl.col("weighed") & pl.col("unadjusted").is_not_null())
    reported = inputs["reports@session"].select(*AT, "settlement")
    counts = inputs["outstanding"].select("symbol", "settlement", "outstanding")
    sized = real.join(reported, on=AT).join(counts, on=["symbol", "settlement"])
    return sized.with_columns((pl.col("outstanding") * pl.col("unadjusted")).alias("weight"))


def _capped(inputs: Inputs, rows: pl.LazyFrame) -> pl.LazyFrame:
    """Give the share of weight that rose, and how many members have one."""
    columns = [*AT, "symbol", "up", "weight"]
    weighed = rows.filter(pl.col("weighed") & pl.col("weight").is_not_null())
    sized = pl.concat([weighed.select(columns), _valued(inputs, rows).select(columns)]).sort(*AT, "symbol")
    up = in_order(pl.col("weight").filter("up")).fill_null(0.0)
    return sized.group_by(AT, maintain_order=True).agg(
        pl.len().cast(pl.Int64).alias("sized"), (up / in_order(pl.col("weight"))).alias("capped")
    )


def _grid(inputs: Inputs) -> pl.LazyFrame:
    """Give every session of every index that has a list then and, in any security, two closes."""
    trading = inputs["pairs"].group_by("session").agg(pl.col("known_at").min().alias("opened"))
    return inputs["list_days"].join(trading, on="session").drop("day", "dated")


@intermediate(
    "greens",
    reads=frozenset({"pairs", "stays", "list_days", "membership", "reports@session", "outstanding"}),
)
def greens(inputs: Inputs) -> pl.LazyFrame:
    """Give how many members of every index rose in every session, from the first at which one has two closes.

    Returns
    -------
    LazyFrame
        ``subject, session, members, n`` (with both closes)``, rose, sized`` (of these with a weight)``, capped`` (share
        of the weight that rose)``, basis`` (of the list)``, prices`` (what the closes are)``, known_at``; sorted.
    """
    began = pl.col("session") >= pl.col("first")
    stands = began & (pl.col("last").is_null() | (pl.col("session") < pl.col("last")))
    rows = inputs["pairs"].join(_stays(inputs), on="symbol").filter(stands).drop("first", "last")
    counts = [(pl.col("place") == k).sum().cast(pl.Int64).alias(a) for a, k in ADJUSTMENTS.items()]
    sums = rows.group_by(AT).agg(
        pl.len().cast(pl.Int64).alias("n"),
        pl.col("up").sum().cast(pl.Int64).alias("rose"),
        pl.col("known_at").max(),
        *counts,
    )
    named = adjustments_named({a: pl.col(a) for a in ADJUSTMENTS})
    whole = _grid(inputs).join(sums, on=AT, how="left").join(_capped(inputs, rows), on=AT, how="left").sort(AT)
    return (
        whole.filter(pl.col("n").is_not_null().cum_max().over("subject"))
        .with_columns(
            pl.col("n", "rose", "sized", *ADJUSTMENTS).fill_null(0), pl.coalesce("known_at", "opened").alias("known_at")
        )
        .with_columns(pl.when(pl.col("n") > 0).then(pl.format("members' closes, {}", named)).alias("prices"))
        .drop("opened", *ADJUSTMENTS)
    )


@metrics(GREEN, CAPPED, BEST, reads=frozenset({"greens"}))
def green(inputs: Inputs) -> pl.LazyFrame:
    """Give the shares of members up, and for how many sessions they were the largest."""
    covered, sized = pl.col("n") / pl.col("members"), pl.col("sized") / pl.col("members")
    frame = inputs["greens"].with_columns(
        covered.alias("coverage"),
        sized.alias("sized_coverage"),
        pl.concat_str("basis", pl.format("price: {}", "prices"), separator="; ", ignore_nulls=True).alias("basis"),
        pl.when(covered >= LEAST).then(pl.col("rose") / pl.col("n")).alias("green"),
    )
    few = reason((pl.col("green").is_null(), _short("coverage", "both closes in table bars")))
    light = _short("sized_coverage", "both closes and a weight in tables bars and shares and membership")
    unsized = pl.coalesce(few, reason((pl.col("sized_coverage") < LEAST, light)))
    best = _best(frame.collect()).lazy()
    return pl.concat(
        [
            panel_rows(frame, GREEN.id, pl.col("green"), null=few, at="session"),
            panel_rows(
                frame, CAPPED.id, pl.col("capped"), null=unsized, n="sized", coverage="sized_coverage", at="session"
            ),
            panel_rows(best, BEST.id, pl.col("best"), null=few, base=pl.col("base"), at="session"),
        ]
    )


def _short(coverage: str, what: str) -> pl.Expr:
    return pl.format(f"only {{}} % of members have {what}", (100 * pl.col(coverage)).floor().cast(pl.Int64))


def _best(frame: pl.DataFrame) -> pl.DataFrame:
    """Count how many sessions before it every session's share exceeds, subject by subject."""
    whole = frame.filter(pl.col("green").is_not_null())
    owns = whole.partition_by("subject", maintain_order=True)
    found = pl.concat([_counted(own) for own in owns] if owns else [_counted(whole)])
    return frame.join(found, on=AT, how="left", maintain_order="left").with_columns(
        pl.max_horizontal("known_at", "then").alias("known_at"), pl.coalesce("labelled", "basis").alias("basis")
    )


def _counted(own: pl.DataFrame) -> pl.DataFrame:
    """Count within one subject; a session without a figure ends what can be compared."""
    trading = {day: k for k, day in enumerate(sessions.schedule()["session"])}
    found = best_of([trading[day] for day in own["session"]], own["green"].to_list())
    # A session is compared with those that it exceeds and, where there is one, with the one that it does not.
    first = [max(k - best - 1, 0) for k, best in enumerate(found)]
    backcast = list(accumulate(own["basis"].str.contains("backcast").cast(pl.Int64), initial=0))
    touched = [backcast[k + 1] > backcast[a] for k, a in enumerate(first)]
    late = pl.Series(touched, dtype=pl.Boolean) & ~own["basis"].str.contains("backcast")
    label = own["basis"].str.replace("; price: ", ", compared with backcast sessions; price: ", literal=True)
    days = own["session"].to_list()
    return own.select(
        *AT,
        pl.Series("best", found, dtype=pl.Int64),
        pl.Series("base", [days[k - b] if b else None for k, b in enumerate(found)], dtype=pl.Date),
        pl.when(late).then(label).alias("labelled"),
        pl.col("known_at").cum_max().over("subject").alias("then"),
    )
