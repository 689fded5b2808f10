"""Closing prices of what stands for an index, and the traded proxies themselves.

An index has feeds in order of preference: the S&P 500's own closes before those of the fund that tracks it.  A
change between two closes is always taken within one feed, the first that has both: that choice looks at nothing
later, and the figure names the feed.
"""

from collections.abc import Mapping
from types import MappingProxyType

import polars as pl

from overshort import sessions
from overshort.metrics.declare import Inputs, Metric, intermediate, metrics
from overshort.metrics.rows import panel_rows

__all__ = ["ADJUSTED", "FEEDS", "PROXIES", "closes", "first_feed", "month_ends", "month_of", "own_bars", "price_rows"]

FEEDS: Mapping[str, tuple[str, ...]] = MappingProxyType({"SPX": ("^GSPC", "SPY"), "NDX": ("QQQ",), "RUT": ("IWM",)})
"""What stands for an index, the best first."""
PROXIES: Mapping[str, str] = MappingProxyType({"SPX": "SPY", "NDX": "QQQ", "RUT": "IWM"})
"""The fund that trades for an index."""
ADJUSTED = {"split": 0, "none": 1}
"""Bars adjusted for splits come before unadjusted ones; those adjusted for dividends too are no price return."""
CLOSES = {"subject": pl.String, "session": pl.Date, "feed": pl.String, "rank": pl.Int64, "close": pl.Float64}


def _feeds(subjects: pl.LazyFrame) -> pl.LazyFrame:
    rows = [(s, feed, 10 * k) for s, feeds in FEEDS.items() for k, feed in enumerate(feeds)]
    table = pl.LazyFrame(rows, schema={"subject": pl.String, "feed": pl.String, "rank": pl.Int64}, orient="row")
    return table.join(subjects.filter(pl.col("kind") == "index"), on="subject", how="semi")


def _daily(bars: pl.LazyFrame) -> pl.LazyFrame:
    """Give daily bars of price returns, with the place of their adjustment in the order of preference."""
    daily = bars.filter((pl.col("interval") == "1d") & pl.col("adjustment").is_in(list(ADJUSTED)))
    return daily.with_columns(pl.col("adjustment").replace_strict(ADJUSTED, return_dtype=pl.Int64).alias("adjusted"))


@intermediate("closes", reads=frozenset({"levels", "bars", "subjects"}))
def closes(inputs: Inputs) -> pl.LazyFrame:
    """Give the daily closes of every index's feeds.

    Returns
    -------
    LazyFrame
        ``subject, session, feed, rank`` (lower is better)``, close, known_at``, sorted by the first four.
    """
    columns = ["feed", "session", "adjusted", "close", "known_at"]
    levels = inputs["levels"].filter(pl.col("frequency") == "day")
    published = levels.rename({"series": "feed", "at": "session", "value": "close"}).with_columns(
        pl.lit(0, pl.Int64).alias("adjusted")
    )
    traded = _daily(inputs["bars"]).rename({"symbol": "feed"})
    found = pl.concat([published.select(columns), traded.select(columns)])
    ranked = _feeds(inputs["subjects"]).join(found, on="feed").with_columns(pl.col("rank") + pl.col("adjusted"))
    return ranked.select(*CLOSES, "known_at").sort("subject", "session", "rank")


@intermediate("month_ends", reads=frozenset({"closes", "levels", "subjects"}))
def month_ends(inputs: Inputs) -> pl.LazyFrame:
    """Give the month-end closes of every index's feeds: published ones, and the closes of last sessions.

    Returns
    -------
    LazyFrame
        ``subject, month`` (months since year 0)``, at`` (session)``, feed, rank, close, known_at``, sorted; where a
        feed has both, the published one.
    """
    last = sessions.schedule().lazy().select("session").group_by(month_of("session")).agg(pl.col("session").max())
    own = inputs["closes"].join(last.select("session"), on="session", how="semi").rename({"session": "at"})
    listed = inputs["levels"].filter(pl.col("frequency") == "month_end")
    published = _feeds(inputs["subjects"]).join(
        listed.select(pl.col("series").alias("feed"), "at", pl.col("value").alias("close"), "known_at"), on="feed"
    )
    columns = ["subject", "at", "feed", "rank", "close", "known_at"]
    parts = [p.select(*columns, pl.lit(k).alias("part")) for k, p in enumerate((published, own))]
    key = ["subject", "month", "rank"]
    whole = pl.concat(parts).with_columns(month_of("at")).sort(*key, "part", "at")
    return whole.unique(key, keep="first", maintain_order=True).drop("part")


def month_of(column: str) -> pl.Expr:
    """Number the month of a date: months since year 0."""
    day = pl.col(column).dt
    return (day.year().cast(pl.Int64) * 12 + day.month().cast(pl.Int64) - 1).alias("month")


def first_feed(pairs: pl.LazyFrame, key: list[str]) -> pl.LazyFrame:
    """Keep of every key the row of the best feed."""
    return pairs.sort(*key, "rank").unique(key, keep="first", maintain_order=True)


def price_rows(
    frame: pl.LazyFrame,
    id: str,
    value: pl.Expr,
    *,
    null: pl.Expr | None = None,
    base: str | None = None,
    n: str | None = None,
    text: pl.Expr | None = None,
    feed: str = "feed",
    at: str = "at",
) -> pl.LazyFrame:
    """Give the panel rows of a metric of prices; ``basis`` says what the prices come from.

    Parameters
    ----------
    frame
        ``subject``, the columns ``at`` and ``feed``, ``known_at``, and whatever the expressions read.
    null
        Why there is no value; nowhere null where left out.
    base, n
        Columns of base date and count.
    """
    return panel_rows(
        frame,
        id,
        value,
        null=pl.lit(None, pl.String) if null is None else null,
        basis=pl.format("price: {}", pl.col(feed)),
        base=None if base is None else pl.col(base),
        n=n,
        coverage=None,
        text=text,
        at=at,
    )


def _declared(field: str, what: str) -> Metric:
    return Metric(
        id=f"price.{field}",
        kind="number",
        unit="USD",
        grid="session",
        subjects=frozenset({"proxy"}),
        null_rule="no row without a daily bar (table bars)",
        lookback=0,
        definition=f"{what} of the traded proxy, adjusted for splits and not for dividends.",
    )


def own_bars(inputs: Inputs) -> pl.LazyFrame:
    """Give the daily bars of the traded proxies asked for: ``subject``, the columns of the table, one row a session."""
    asked = inputs["subjects"].filter(pl.col("kind") == "proxy").select("subject")
    bars = _daily(inputs["bars"]).join(asked, left_on="symbol", right_on="subject", how="semi")
    own = bars.rename({"symbol": "subject", "adjusted": "rank"})
    return first_feed(own, ["subject", "session"])


@metrics(_declared("open", "First price"), _declared("close", "Last price"), reads=frozenset({"bars", "subjects"}))
def prices(inputs: Inputs) -> pl.LazyFrame:
    """Give the opening and closing prices of the traded proxies."""
    source = pl.format("{} bars, adjustment {}", "subject", "adjustment")
    frame = own_bars(inputs).with_columns(source.alias("feed"))
    whole = {f: frame.filter(pl.col(f).is_not_null()) for f in ("open", "close")}
    return pl.concat([price_rows(own, f"price.{f}", pl.col(f), at="session") for f, own in whole.items()])
