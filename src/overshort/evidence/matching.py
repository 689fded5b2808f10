"""Cases alike but for the flag: unflagged ones whose price had moved as much before."""

from typing import Any

import numpy as np
import polars as pl

__all__ = ["NEIGHBOURS", "matched"]

NEIGHBOURS = 5
"""Unflagged cases set beside each flagged one; one case may stand beside several."""


def matched(cases: pl.DataFrame, h: int) -> dict[str, Any]:
    """Sum up what followed unflagged cases matched on the return before.

    Beside every flagged case stand the five unflagged ones with the nearest ``prior``; ties go to the earlier one.

    Parameters
    ----------
    cases
        Those over: ``holds, prior, after_h``.

    Returns
    -------
    dict
        ``n`` (flagged cases matched), ``distinct`` (unflagged cases used), ``prior`` and ``prior_matched`` (average
        returns before), ``mean``, ``up`` of the matched, ``difference`` of the flagged from them; null without any.
    """
    own = cases.filter(pl.col("prior").is_not_null())
    flagged, others = own.filter("holds"), own.filter(~pl.col("holds"))
    if flagged.is_empty() or others.height < NEIGHBOURS:
        return {"n": 0, "distinct": 0} | dict.fromkeys(("prior", "prior_matched", "mean", "up", "difference"))
    gaps = np.abs(flagged["prior"].to_numpy()[:, None] - others["prior"].to_numpy()[None, :])
    nearest = np.argsort(gaps, axis=1, kind="stable")[:, :NEIGHBOURS]
    after, prior = others[f"after_{h}"].to_numpy()[nearest], others["prior"].to_numpy()[nearest]
    return {
        "n": flagged.height,
        "distinct": len(np.unique(nearest)),
        "prior": float(flagged["prior"].to_numpy().mean()),
        "prior_matched": float(prior.mean()),
        "mean": float(after.mean()),
        "up": float((after > 0).mean()),
        "difference": float(flagged[f"after_{h}"].to_numpy().mean() - after.mean()),
    }
