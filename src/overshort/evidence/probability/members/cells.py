"""How many members of every report stood in each cell, and how many of them covered."""

from collections.abc import Mapping

import numpy as np
import polars as pl

from overshort.evidence.probability.members.falls import uncut
from overshort.evidence.probability.members.ladder import CELLS, Cells, cell_of
from overshort.evidence.probability.members.windows import INPUTS, KNOWN, POOLED
from overshort.metrics.crowding.cycles import KEY
from overshort.metrics.declare import Inputs, intermediate
from overshort.metrics.ranking import Floats

__all__ = ["COUNTED", "cells_of", "member_cells"]

COUNTED: Mapping[str, tuple[str, str]] = {"": (f"held_{POOLED}", f"fell_{POOLED}"), "_up": ("held_up", "fell_up")}
"""Of the plain event and of that with price: which flags count the members told of, and those that covered."""
_FLAGS = [flag for flags in COUNTED.values() for flag in flags]


@intermediate("member_cells", reads=frozenset({"reports", "member_windows"}))
def member_cells(inputs: Inputs) -> pl.LazyFrame:
    """Count the members of every report of every index by cell.

    Returns
    -------
    LazyFrame
        ``subject, settlement, cell`` (null: members without inputs)``, members``, of both events those told of and
        those that covered (0 where the window is not over), ``members_known_at``; sorted.  An index's report without
        members has one row without cell and members.
    """
    known = [pl.when(pl.col(c).is_not_nan()).then(c) for c in INPUTS]
    rows = inputs["member_windows"].with_columns(known).with_columns(cell_of(*INPUTS, over=KEY).alias("cell"))
    sums = (pl.col(c).cast(pl.Int64).sum() for c in _FLAGS)
    counted = rows.group_by(*KEY, "cell").agg(pl.len().cast(pl.Int64).alias("members"), *sums, pl.col(KNOWN).max())
    ahead = pl.int_range(pl.len(), 0, -1).over("subject").alias("ahead")
    indexes = inputs["reports"].filter(pl.col("kind") == "index").select(KEY).sort(KEY).with_columns(ahead)
    whole = indexes.join(counted, on=KEY, how="left").with_columns(pl.col("members").fill_null(0))
    cut = (pl.when(pl.col("ahead") > uncut(c)).then(c).fill_null(0).alias(c) for c in _FLAGS)
    return whole.with_columns(cut).drop("ahead").sort(*KEY, "cell")


def cells_of(own: pl.DataFrame, up: str) -> Cells:
    """Lay the rows of one index out for one of :data:`COUNTED`."""
    held, fell = COUNTED[up]
    place = (own["settlement"].rank("dense") - 1).cast(pl.Int64).to_numpy()
    cell = own["cell"].fill_null(CELLS).to_numpy()
    members, helds, fells = (_laid(own[c], place, cell) for c in ("members", held, fell))
    sums = (v.sum(axis=1) for v in (members, helds, fells))
    return Cells(members[:, :CELLS], helds[:, :CELLS], fells[:, :CELLS], *sums)


def _laid(values: pl.Series, place: np.ndarray, cell: np.ndarray) -> Floats:
    out = np.zeros((int(place.max(initial=-1)) + 1, CELLS + 1))
    out[place, cell] = values.to_numpy()
    return out
