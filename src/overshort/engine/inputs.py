"""Inputs that need an as-of join: metrics may not join as of a time, so they are handed the joined frame."""

from collections.abc import Mapping

import polars as pl

from overshort import schema, sessions
from overshort.engine.quoted import quoted
from overshort.metrics.declare import AT_SESSIONS
from overshort.store import asof

__all__ = ["STANDS_FOR", "derived", "newest_at_sessions", "provider", "published"]

STANDS_FOR: Mapping[str, tuple[str, ...]] = {"quoted_trades": ("option_trades", "option_quotes")}
"""Joined inputs that are read in the place of tables, and of which."""


def derived(tables: Mapping[str, pl.LazyFrame]) -> dict[str, pl.LazyFrame]:
    """Give the joined inputs by name.

    ``shares_at_report``: for every short-interest row the newest shares outstanding and float that were known when
    that report was published (``symbol, settlement, outstanding, float, at``).

    ``borrow_at_session``: for every daily bar of a symbol with borrow terms the newest terms that were known at the
    session's close (``symbol, session, fee, rebate, at, known_at``).

    ``shares_after_report``: every count that became known after a report's publication and before the symbol's next
    one, with the report it then belongs to (``symbol, settlement, outstanding, float, at, known_at``).

    ``borrow_at_report``, ``fails_at_report``: for every short-interest row the newest borrow terms, and balance of
    fails, known at its publication (``symbol, settlement, published`` (day in New York) and ``fee, at`` or
    ``quantity, session``).

    ``chain_at_session``: for every session the newest option chain that was known when it opened (``subject, session,
    at, known_at``).

    ``trigger_at_session``: for every session the newest level that a user gave for it or a day before (``subject,
    session, at, level, last, source, known_at``).

    ``quoted_trades``: the rows of table ``option_trades``, those that came without a quote with the newest one strictly
    before them (:func:`~overshort.engine.quoted.quoted`).
    """
    return {
        "shares_at_report": _shares_at_report(tables),
        "shares_after_report": _shares_after_report(tables),
        "borrow_at_session": _borrow_at_session(tables),
        "borrow_at_report": _at_report(tables, tables["borrow"].select("symbol", "fee", "at", "known_at"), "at"),
        "fails_at_report": _at_report(tables, _fails(tables), "session"),
        "chain_at_session": _chain_at_session(tables),
        "trigger_at_session": _trigger_at_session(tables),
        "quoted_trades": quoted(tables["option_trades"], tables["option_quotes"]),
    }


def _shares_at_report(tables: Mapping[str, pl.LazyFrame]) -> pl.LazyFrame:
    shares = tables["shares"].select("symbol", "outstanding", "float", "at", "known_at")
    reports = tables["short_interest"].select("symbol", "settlement", pl.col("known_at").alias("report_known_at"))
    joined = asof.join_newest(
        reports.join(shares.select("symbol").unique(), on="symbol", how="semi"),
        shares,
        by="symbol",
        left_on="report_known_at",
        right_on="known_at",
    )
    return joined.select("symbol", "settlement", "outstanding", "float", "at")


def _shares_after_report(tables: Mapping[str, pl.LazyFrame]) -> pl.LazyFrame:
    counts = asof.leading(tables["shares"], "symbol", "at").select("symbol", "outstanding", "float", "at", "known_at")
    reports = tables["short_interest"].select("symbol", "settlement", pl.col("known_at").alias("published"))
    joined = asof.join_newest(
        counts,
        asof.leading(reports.rename({"published": "known_at"}), "symbol", "settlement").rename(
            {"known_at": "published"}
        ),
        by="symbol",
        left_on="known_at",
        right_on="published",
        strict=True,
    )
    return joined.filter(pl.col("settlement").is_not_null()).drop("published")


def _fails(tables: Mapping[str, pl.LazyFrame]) -> pl.LazyFrame:
    return tables["flows"].filter(pl.col("kind") == "fails").select("symbol", "quantity", "session", "known_at")


def _at_report(tables: Mapping[str, pl.LazyFrame], rows: pl.LazyFrame, at: str) -> pl.LazyFrame:
    """Join to every short-interest row the newest row of its symbol that was known at the report's publication."""
    reports = tables["short_interest"].select("symbol", "settlement", pl.col("known_at").alias("report_known_at"))
    joined = asof.join_newest(
        reports.join(rows.select("symbol").unique(), on="symbol", how="semi"),
        asof.leading(rows, "symbol", at),
        by="symbol",
        left_on="report_known_at",
        right_on="known_at",
    )
    day = pl.col("report_known_at").dt.convert_time_zone(sessions.NEW_YORK.key).dt.date().alias("published")
    return joined.filter(pl.col(at).is_not_null()).with_columns(day).drop("report_known_at", "known_at")


def _borrow_at_session(tables: Mapping[str, pl.LazyFrame]) -> pl.LazyFrame:
    terms = tables["borrow"].select("symbol", "fee", "rebate", "at", "known_at")
    daily = tables["bars"].filter(pl.col("interval") == "1d").select("symbol", "session").unique()
    own = daily.join(terms.select("symbol").unique(), on="symbol", how="semi").join(_closes(), on="session")
    joined = asof.join_newest(
        own, asof.leading(terms, "symbol", "at"), by="symbol", left_on="closes", right_on="known_at"
    )
    return joined.drop("closes").filter(pl.col("at").is_not_null())


def _chain_at_session(tables: Mapping[str, pl.LazyFrame]) -> pl.LazyFrame:
    chains = tables["option_chain"].group_by(pl.col("underlying").alias("subject"), "at").agg(pl.col("known_at").max())
    left = chains.select("subject").unique().join(_begun(tables), how="cross")
    right = asof.leading(chains, "subject", "at")
    joined = asof.join_newest(left, right, by="subject", left_on="opens", right_on="known_at")
    return joined.filter(pl.col("at").is_not_null()).select("subject", "session", "at", "known_at")


def _trigger_at_session(tables: Mapping[str, pl.LazyFrame]) -> pl.LazyFrame:
    def given(prefix: str, value: str) -> pl.LazyFrame:
        subject = pl.col("series").str.strip_prefix(prefix).alias("subject")
        own = tables["levels"].filter(pl.col("series").str.starts_with(prefix))
        return own.select(subject, "at", pl.col("value").alias(value), "source", "known_at")

    begin, end = schema.TRIGGERS
    ends = given(end, "last").drop("source")
    both = given(begin, "level").join(ends, on=["subject", "at"], how="left")
    whole = both.with_columns(pl.max_horizontal("known_at", "known_at_right")).drop("known_at_right")
    left = whole.select("subject").unique().join(_begun(tables).select("session"), how="cross")
    joined = asof.join_newest(left, whole, by="subject", left_on="session", right_on="at")
    return joined.filter(pl.col("at").is_not_null())


def _closes() -> pl.LazyFrame:
    return sessions.schedule().lazy().select("session", "closes")


def _begun(tables: Mapping[str, pl.LazyFrame]) -> pl.LazyFrame:
    """Give the sessions up to the last one with a bar or a published level, with their opening and close."""
    levels = published(tables["levels"])
    ends = tables["bars"].select(pl.col("session").max()), levels.select(pl.col("at").max().alias("session"))
    last = pl.concat(ends).select(pl.col("session").max().alias("last"))
    grid = sessions.schedule().lazy().join(last, how="cross")
    return grid.filter(pl.col("session") <= pl.col("last")).select("session", "opens", "closes")


def provider(read: str) -> str:
    """Give the name of what a read is computed from: ``X`` for ``X@session``."""
    return read.removesuffix(AT_SESSIONS)


def published(levels: pl.LazyFrame) -> pl.LazyFrame:
    """Leave out of table ``levels`` what a user gave: that may be for a day to come, which makes no session."""
    of_user = (pl.col("series").str.starts_with(prefix) for prefix in schema.TRIGGERS)
    return levels.filter(~pl.any_horizontal(of_user))


def newest_at_sessions(rows: pl.LazyFrame, tables: Mapping[str, pl.LazyFrame]) -> pl.LazyFrame:
    """Give for every session and subject the newest row of a computed frame that was known at the session's close.

    Parameters
    ----------
    rows
        ``subject, known_at``, and ``at`` or ``settlement``: panel rows of one id or of one intermediate; one vintage
        a key.
    tables
        Table name to rows: sessions after the last one with a bar or level are left out.

    Returns
    -------
    LazyFrame
        ``session`` and the columns of the rows, sorted by subject and session; no row where nothing was known.
    """
    at = "at" if "at" in rows.collect_schema().names() else "settlement"
    grid = _begun(tables).select("session", "closes")
    left = rows.select("subject").unique().join(grid, how="cross")
    right = asof.leading(rows, "subject", at)
    joined = asof.join_newest(left, right, by="subject", left_on="closes", right_on="known_at")
    return joined.drop("closes").filter(pl.col(at).is_not_null())
