"""Both events of members walked through an index's reports: outcomes, base rates, and the rungs of the ladder."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from overshort.evidence.probability.ladder import Contest, closed_by, simplest
from overshort.evidence.probability.members.cells import cells_of
from overshort.evidence.probability.members.ladder import Cells, MemberRung, climatology, member_logistic, member_table
from overshort.evidence.probability.members.windows import POOLED
from overshort.evidence.scoring import z
from overshort.metrics.ranking import Floats

__all__ = ["MemberWalk", "walk"]

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class MemberWalk:
    """One event of one index's members.

    Attributes
    ----------
    rungs
        In the order of :data:`~overshort.evidence.probability.ladder.MODELS`.
    place
        Of every report which rung is shown.
    runs
        Separate runs of hits of a member, windows over by each report, added up over members.
    """

    cells: Cells
    rungs: tuple[MemberRung, ...]
    place: Ints
    runs: Ints

    @property
    def shown(self) -> Mapping[str, Floats]:
        """Give what is shown of every report: ``given``, and ``low, high`` of its interval."""
        given, error = (np.choose(self.place, [getattr(r, n) for r in self.rungs]) for n in ("given", "error"))
        return {"given": given, "low": np.maximum(given - z * error, 0), "high": np.minimum(given + z * error, 1)}

    @property
    def outcome(self) -> Floats:
        """Give the share of each report's members that covered; NaN where the window is not over or tells of none."""
        held, fell = self.cells.every_held, self.cells.every_fell
        return np.asarray(np.where(held > 0, fell / np.maximum(held, 1), np.nan), dtype=np.float64)


def walk(own: pl.DataFrame, begun: Ints, up: str) -> MemberWalk:
    """Walk one event forward.

    Parameters
    ----------
    own
        Rows of intermediate ``member_cells`` of one index.
    begun
        Of every report how many members began a run of hits there; 0 where the window is not over.
    up
        One of :data:`~overshort.evidence.probability.members.cells.COUNTED`.
    """
    cells = cells_of(own, up)
    rungs = (climatology(cells), member_table(cells), member_logistic(cells))
    base, *others = (rung.losses(cells) for rung in rungs)
    contests = [Contest(r.given, own, base) for r, own in zip(rungs[1:], others, strict=True)]
    counted = np.concatenate([[0], np.cumsum(begun)])
    runs = np.asarray(counted[[closed_by(t, POOLED) for t in range(len(begun))]], dtype=np.int64)
    return MemberWalk(cells, rungs, simplest(runs, contests, POOLED), runs)
