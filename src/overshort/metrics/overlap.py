"""How far a book of shorts is the crowd's: where its positions stand among all issues by days to cover."""

import polars as pl

__all__ = ["DECILE", "overlap", "universe"]

DECILE = 90.0
"""The mid-rank from which an issue is in the top decile."""


def universe(rows: pl.DataFrame) -> pl.DataFrame:
    """Rank the issues of one report by days to cover.

    Parameters
    ----------
    rows
        ``symbol, position, adv``: the listed issues of a report, one row each.

    Returns
    -------
    DataFrame
        ``symbol, position, adv, dtc, rank``, sorted by symbol; only issues with a position and an average volume.
        ``rank`` is the mid-rank in percent: 100 (#below + ½ #equal, itself among them) / N.
    """
    traded = rows.filter(pl.col("position") > 0, pl.col("adv") > 0)
    ranked = traded.with_columns((pl.col("position") / pl.col("adv")).alias("dtc")).with_columns(
        ((pl.col("dtc").rank("average") - 0.5) * (100 / max(traded.height, 1))).alias("rank")
    )
    return ranked.select("symbol", "position", "adv", "dtc", "rank").sort("symbol")


def overlap(shorts: pl.DataFrame) -> dict[str, float | int | None]:
    """Sum up where a book's shorts stand.

    Parameters
    ----------
    shorts
        One row a short position: ``notional`` (dollars, positive) and ``rank``; null where unknown.

    Returns
    -------
    dict
        ``top_decile`` (share of the dollars short that are in the top decile; by chance 0.1), ``rank`` (mean rank,
        weighted by dollars; by chance 50), ``rank_plain`` (mean rank, each position alike), all null without a
        position; ``n`` positions counted and ``left_out`` for want of a price or a rank; ``notional`` of those counted.
    """
    counted = shorts.drop_nulls(["notional", "rank"]).filter(pl.col("notional") > 0)
    total = float(counted["notional"].sum())
    crowded = counted.filter(pl.col("rank") >= DECILE)
    weighted = float((counted["notional"] * counted["rank"]).sum())
    return {
        "top_decile": float(crowded["notional"].sum()) / total if total else None,
        "rank": weighted / total if total else None,
        "rank_plain": counted.select(pl.col("rank").mean()).item(),
        "n": counted.height,
        "left_out": shorts.height - counted.height,
        "notional": total,
    }
