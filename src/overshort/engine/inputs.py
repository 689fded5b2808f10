"""Inputs that need an as-of join: metrics may not join as of a time, so they are handed the joined frame."""

from collections.abc import Mapping

import polars as pl

from overshort.store import asof

__all__ = ["derived"]


def derived(tables: Mapping[str, pl.LazyFrame]) -> dict[str, pl.LazyFrame]:
    """Give the joined inputs by name.

    ``shares_at_report``: for every short-interest row the newest shares outstanding and float that were known when
    that report was published (``symbol, settlement, outstanding, float, at``).
    """
    return {"shares_at_report": _shares_at_report(tables)}


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
