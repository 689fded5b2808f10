"""How many of an index's members covered after each report: for the breadth of covering, and pooled."""

import polars as pl

from overshort.evidence.probability.members.windows import FLAGS, KNOWN, POOLED, WINDOWS
from overshort.metrics.crowding.cycles import KEY
from overshort.metrics.declare import Inputs, intermediate

__all__ = ["member_falls", "uncut"]


def uncut(flag: str) -> int:
    """Give how many reports the window of a flag has: it is over once so many later ones are there."""
    own = (w for w in WINDOWS if flag.endswith(f"_{w}"))
    return next(own, POOLED)


@intermediate("member_falls", reads=frozenset({"reports", "member_windows"}))
def member_falls(inputs: Inputs) -> pl.LazyFrame:
    """Count the members of every report of every index that covered after it.

    Returns
    -------
    LazyFrame
        ``subject, settlement``, of every flag of intermediate ``member_windows`` how many members have it, null where
        the window is not over, and ``members_known_at``.
    """
    indexes = inputs["reports"].filter(pl.col("kind") == "index").select(KEY)
    sums = (pl.col(c).cast(pl.Int64).sum() for c in FLAGS)
    found = inputs["member_windows"].group_by(KEY).agg(*sums, pl.col(KNOWN).max())
    over = pl.int_range(pl.len(), 0, -1).over("subject")
    cut = (pl.when(over > uncut(c)).then(c).alias(c) for c in FLAGS)
    return indexes.join(found, on=KEY, how="left").sort(KEY).with_columns(cut).select(*KEY, *FLAGS, KNOWN)
