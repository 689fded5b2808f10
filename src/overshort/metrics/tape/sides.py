"""Which side of the quote a trade was on: the quote rule at execution.

1. Prices are counted in hundredths of a cent, so that they compare and add up exactly, in any order.
2. Above the ask ``aa``, at it ``a``, at the bid ``b``, below it ``bb``, between them ``mid``, with the side that is
   nearer kept beside it.
3. Without a bid, the ask alone tells ``a`` and ``aa``; without an ask, the bid alone ``b`` and ``bb``.
4. ``none``: no quote, a locked or crossed one, one that is later than the trade, a price that lies beyond the missing
   side; and late reports, opening reports among them, and cancelled trades, whose quotes are of another instant.

Two other rules sign the trades that have a side.  Lee and Ready: the nearer side, and at the middle the tick test.
Ellis, Michaely and O'Hara: at the ask bought, at the bid sold, the tick test for all others.  The tick test asks
whether the last other price of the contract in the session was lower or higher.
"""

import polars as pl

__all__ = ["SIDES", "counted", "dollars", "ruled", "signed"]

SIDES = ("aa", "a", "mid", "b", "bb", "none")
PER_DOLLAR = 10_000
UNSIGNED = ("cancelled", "late")
"""Kinds of trades whose quote is not that of their execution."""


def counted(column: str) -> pl.Expr:
    """Give dollars in hundredths of a cent."""
    return (pl.col(column) * PER_DOLLAR).round().cast(pl.Int64)


def dollars(counted: str | pl.Expr) -> pl.Expr:
    """Give hundredths of a cent as dollars, rounded right: Polars divides by a constant through its reciprocal."""
    whole = pl.col(counted) if isinstance(counted, str) else counted
    rest = (whole % PER_DOLLAR).cast(pl.String).str.zfill(4)
    return pl.concat_str(whole // PER_DOLLAR, pl.lit("."), rest).cast(pl.Float64)


def _side() -> pl.Expr:
    price, bid, ask = (counted(c) for c in ("price", "bid", "ask"))
    later = (pl.col("quote_ts_ns") > pl.col("ts_ns")).fill_null(False)
    unusable = pl.col("leg").is_in(UNSIGNED) | (bid >= ask).fill_null(False) | later
    return (
        pl.when(unusable)
        .then(pl.lit("none"))
        .when(price > ask)
        .then(pl.lit("aa"))
        .when(price == ask)
        .then(pl.lit("a"))
        .when(price < bid)
        .then(pl.lit("bb"))
        .when(price == bid)
        .then(pl.lit("b"))
        .when(bid.is_not_null() & ask.is_not_null())
        .then(pl.lit("mid"))
        .otherwise(pl.lit("none"))
    )


def _near() -> pl.Expr:
    above = 2 * counted("price") - counted("bid") - counted("ask")
    side = pl.when(above > 0).then(pl.lit("a")).when(above < 0).then(pl.lit("b")).otherwise(pl.lit("mid"))
    return pl.when(pl.col("side") == "mid").then(side)


def signed(trades: pl.LazyFrame) -> pl.LazyFrame:
    """Add to rows of table ``option_trades`` what the quote rule says.

    Returns
    -------
    LazyFrame
        The rows with ``side`` (of :data:`SIDES`), ``near`` (``a``, ``b`` or ``mid`` for a trade between the quotes,
        else null) and ``premium``, in hundredths of a cent.
    """
    premium = counted("price") * pl.col("size") * pl.col("multiplier")
    return trades.with_columns(_side().alias("side"), premium.alias("premium")).with_columns(_near().alias("near"))


def ruled(signed: pl.LazyFrame) -> pl.LazyFrame:
    """Add to signed trades whether each was bought (1) or sold (-1) by the two other rules.

    Returns
    -------
    LazyFrame
        With ``lee_ready`` and ``emo``; null without a side, and where the tick test has no other price to compare.
    """
    contract = ["vendor", "session", "contract"]
    price = pl.when(~pl.col("leg").is_in(UNSIGNED)).then(counted("price"))
    before = price.forward_fill().shift(1).over(contract)
    change = (price - before).sign()
    ordered = signed.sort(*contract, "ts_ns", "sequence", "row").with_columns(change.alias("change"))
    moved = ordered.with_columns(pl.when(pl.col("change") != 0).then("change").alias("change"))
    tested = moved.with_columns(pl.col("change").forward_fill().over(contract).alias("tick"))
    near = pl.coalesce("near", pl.when(pl.col("side") != "none").then(pl.col("side").str.head(1)))
    return tested.with_columns(
        _rule(near).alias("lee_ready"),
        _rule(pl.col("side")).alias("emo"),
    ).drop("change", "tick")


def _rule(told: pl.Expr) -> pl.Expr:
    tick = pl.when(pl.col("side") != "none").then("tick")
    return pl.when(told == "a").then(1).when(told == "b").then(-1).otherwise(tick).cast(pl.Int8)
