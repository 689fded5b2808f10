"""What the shorts of the newest known report stand at, session by session.

1. At every session take the newest report known at its close, and the securities short in it: an index's members
   then, or the stock or fund itself.
2. Set each security's average entry against the session's close, in one series of closes, the best that has both.
3. Add up over members in dollars.  Shares are those of the report: with closes that were adjusted later, members that
   have split since weigh less than they did, and nothing known at the session could tell by how much.
"""

import polars as pl

from overshort.metrics.carry.rows import SINGLE, carry_rows, declared, unmarked
from overshort.metrics.daily import ADJUSTMENTS, SERIES, UNADJUSTED, adjustments_named
from overshort.metrics.declare import Inputs, intermediate, metrics
from overshort.metrics.rows import in_order

__all__ = ["held", "marked", "marks"]

AT = ["subject", "session"]
_NULL = "null without an average short entry; of an index where fewer than 80 % of members have one and a close"
_HOW = (
    "average cost: new shorts enter at the price of their cycle, volume-weighted or else the mean of its closes, "
    "covers leave at the average; the first report's whole position counts as new (the base date); split-clean"
)
ENTRY = declared(
    "entry",
    "USD",
    f"Average price at which the shares short in the newest known report were sold, at {_HOW}.",
    null="null without an average short entry (tables short_interest, bars)",
    subjects=SINGLE,
)
MTM = declared(
    "mtm",
    "fraction",
    "(Average short entry − close) / average short entry: what the shorts in the newest known report have gained; of "
    "an index in dollars over its members, where closes adjusted later give a member that has split since too little "
    f"weight.  Entries at {_HOW}.",
    null=_NULL,
)
MEDIAN = declared(
    "mtm_median",
    "fraction",
    "Median over the members of (average short entry − close) / average short entry: each member weighs alike.",
    null=_NULL,
    subjects=frozenset({"index"}),
)


@intermediate("held", reads=frozenset({"positions", "positions@session", "members", "entries", "daily"}))
def held(inputs: Inputs) -> pl.LazyFrame:
    """Give every security short in the newest report known at each session, with its entry and close.

    Returns
    -------
    LazyFrame
        ``subject, session, symbol, place, position, adv, entry, price`` (null where a split may part them)``, since,
        weighted, known_at``; sorted; one row a security, of the best series that has an entry and a close.
    """
    reported = ["subject", "settlement"]
    singles = inputs["positions"].filter(pl.col("kind") == "proxy").with_columns(pl.col("subject").alias("symbol"))
    listed = inputs["members"].join(inputs["positions"], on=reported, how="semi")
    own = pl.concat([listed.select(*reported, "symbol"), singles.select(*reported, "symbol")])
    known = inputs["positions@session"].select(*reported, "session")
    short = own.join(inputs["entries"], on=["symbol", "settlement"]).join(known, on=reported)
    closes = inputs["daily"].select(
        *SERIES, "session", "close", pl.col("jumps").alias("jumps_now"), pl.col("known_at").alias("bar_known")
    )
    whole = short.join(closes, on=[*SERIES, "session"])
    sound = (pl.col("place") != UNADJUSTED) | (pl.col("jumps") == pl.col("jumps_now")).fill_null(False)
    priced = whole.with_columns(
        pl.when(sound).then("close").alias("price"), pl.max_horizontal("known_at", "bar_known").alias("known_at")
    )
    lacking = pl.col("entry").is_null() | pl.col("price").is_null()
    ordered = priced.with_columns(lacking.alias("lacking")).sort(*AT, "symbol", "lacking", "place")
    first = ordered.unique([*AT, "symbol"], keep="first", maintain_order=True)
    return first.drop("close", "jumps", "jumps_now", "bar_known", "lacking", "settlement")


def _sums(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Add up the securities of every subject and session that have an entry and a price."""
    whole = pl.col("entry").is_not_null() & pl.col("price").is_not_null()
    cost, gain = pl.col("position") * pl.col("entry"), pl.col("position") * (pl.col("entry") - pl.col("price"))
    traded = whole & (pl.col("adv") > 0).fill_null(False)
    return rows.group_by(AT, maintain_order=True).agg(
        whole.sum().cast(pl.Int64).alias("n"),
        pl.col("entry").count().cast(pl.Int64).alias("entered"),
        (in_order(gain.filter(whole)) / in_order(cost.filter(whole))).alias("mtm"),
        (1 - pl.col("price") / pl.col("entry")).filter(whole).median().alias("mtm_median"),
        pl.col("entry").filter(whole).first().alias("entry"),
        pl.col("since").filter(whole).min().alias("since"),
        (pl.col("position").filter(traded).sum() / pl.col("adv").filter(traded).sum()).fill_nan(None).alias("dtc"),
        pl.col("weighted").filter(whole).sum().cast(pl.Int64).alias("weighted"),
        pl.col("known_at").max(),
        *((whole & (pl.col("place") == k)).sum().cast(pl.Int64).alias(a) for a, k in ADJUSTMENTS.items()),
    )


def _labelled(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Say whose closes these are, what they were adjusted for, and how cohorts are priced."""
    index, all_weighted = pl.col("kind") == "index", pl.col("weighted") == pl.col("n")
    who = pl.when(index).then(pl.lit("members'")).otherwise(pl.concat_str("subject", pl.lit("'s")))
    entered = (
        pl.when(all_weighted)
        .then(pl.lit("cohorts at volume-weighted prices"))
        .when(pl.col("weighted") == 0)
        .then(pl.lit("cohorts at mean closes"))
        .otherwise(pl.format("cohorts of {} of {} at volume-weighted prices, else mean closes", "weighted", "n"))
    )
    prices = pl.format("price: {} closes, {}; {}", who, adjustments_named({a: pl.col(a) for a in ADJUSTMENTS}), entered)
    members = pl.when(index).then("basis")
    told = pl.when(pl.col("n") > 0).then(prices)
    whole = pl.concat_str(members, told, separator="; ", ignore_nulls=True).replace("", None)
    return frame.with_columns(whole.alias("basis")).drop("weighted", *ADJUSTMENTS)


def _grid(inputs: Inputs) -> pl.LazyFrame:
    """Give the sessions that have a row, with the newest report known at each.

    Of an index all sessions at which anything has a close, of a stock those of its own; of a proxy its own too, from
    the first settlement on file on, whether the fund itself has a report or not.
    """
    known = inputs["positions@session"].select("subject", "kind", "settlement", "session")
    single, index = pl.col("kind") == "stock", pl.col("kind") == "index"
    trading = inputs["daily"].group_by("session").agg(pl.col("known_at").min().alias("opened"))
    own = (
        inputs["daily"]
        .group_by(pl.col("symbol").alias("subject"), "session")
        .agg(pl.col("known_at").min().alias("opened"))
    )
    first = inputs["short_interest"].select(pl.col("settlement").min().alias("first"))
    proxies = inputs["subjects"].filter(pl.col("kind") == "proxy").join(own, on="subject").join(first, how="cross")
    whole = (
        proxies.filter(pl.col("session") >= pl.col("first")).drop("first").join(known.drop("kind"), on=AT, how="left")
    )
    parts = [known.filter(index).join(trading, on="session"), known.filter(single).join(own, on=AT), whole]
    return pl.concat(p.select("subject", "kind", "session", "settlement", "opened") for p in parts)


@intermediate("marks", reads=frozenset({"held", "positions@session", "members", "daily", "short_interest", "subjects"}))
def marks(inputs: Inputs) -> pl.LazyFrame:
    """Give what the shorts of every subject stand at, from its first session with a security that has a close on.

    Returns
    -------
    LazyFrame
        ``subject, kind, session, settlement`` (of the newest known report)``, members, n, coverage, entered`` (members
        with an entry)``, mtm, mtm_median, entry, since, dtc, basis, known_at``; sorted.
    """
    lists = (
        inputs["members"]
        .group_by("subject", "settlement")
        .agg(pl.len().cast(pl.Int64).alias("members"), pl.col("basis").first())
    )
    sums = _grid(inputs).join(_sums(inputs["held"]), on=AT, how="left").sort(AT)
    begun = sums.filter((pl.col("kind") == "proxy") | pl.col("n").is_not_null().cum_max().over("subject"))
    whole = begun.join(lists, on=["subject", "settlement"], how="left", maintain_order="left").with_columns(
        pl.col("n", "entered", "weighted", *ADJUSTMENTS).fill_null(0),
        pl.col("members").fill_null(1),
        pl.coalesce("known_at", "opened").alias("known_at"),
    )
    covered = (pl.col("n") / pl.col("members")).alias("coverage")
    return _labelled(whole.with_columns(covered)).drop("opened").sort(AT)


@metrics(ENTRY, MTM, MEDIAN, reads=frozenset({"marks"}))
def marked(inputs: Inputs) -> pl.LazyFrame:
    """Give average entries and what the shorts have gained."""
    frame, null = inputs["marks"], unmarked()
    index = pl.col("kind") == "index"
    return pl.concat(
        [
            carry_rows(frame.filter(~index), ENTRY, "entry", null, base="since"),
            carry_rows(frame, MTM, "mtm", null, base="since"),
            carry_rows(frame.filter(index), MEDIAN, "mtm_median", null, base="since"),
        ]
    )
