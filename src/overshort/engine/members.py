"""The study of members: how probable covering was by how a member stood, what that was worth, and who stands so now."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import numpy as np
import polars as pl

from overshort import schema
from overshort.engine.computing import frames
from overshort.engine.scope import Scope
from overshort.evidence.probability.ladder import LEAST_RUNS, LEAST_WINDOWS, MODELS
from overshort.evidence.probability.members.cells import COUNTED
from overshort.evidence.probability.members.ladder import cell_of
from overshort.evidence.probability.members.pooled import EVENTS, ID, LEAST_COVERED
from overshort.evidence.probability.members.scores import scored, states
from overshort.evidence.probability.members.walk import MemberWalk, walk
from overshort.evidence.probability.members.windows import INPUTS
from overshort.metrics.crowding.rows import backcast_label
from overshort.store import asof
from overshort.store.lake import Lake

__all__ = ["members_study"]

READS = ("member_windows", "member_falls", "member_cells", "chains")
HIGHEST = 20
Frames = Mapping[str, pl.DataFrame]


def members_study(lake: Lake, as_of: datetime, subject: str) -> dict[str, Any] | None:
    """Study which members of an index covered, from the rows that stood at an instant.

    Parameters
    ----------
    subject
        SPX, NDX or RUT.

    Returns
    -------
    dict or None
        ``id, subject, from, to, reports, members`` (of the newest report)``, basis`` (of their
        list) and ``events``; nothing where no event has windows enough.

    Notes
    -----
    Probabilities of earlier reports are computed from the rows that stand at the instant: a row that was revised since
    counts as revised, where the panel counts what was known then.
    """
    tables = asof.standing({n: lake.scan(n) for n in schema.TABLES}, as_of)
    found = frames(READS, tables, Scope("market", (subject,)))
    own = {name: rows.filter(pl.col("subject") == subject) for name, rows in found.items()}
    falls = own["member_falls"].sort("settlement")
    events = [event for up in EVENTS if (event := _event(own, falls, up)) is not None]
    if not events:
        return None
    days = falls["settlement"]
    return {
        "id": "members",
        "subject": subject,
        "from": days[0].isoformat(),
        "to": days[-1].isoformat(),
        "reports": falls.height,
        "members": own["member_windows"].filter(pl.col("settlement") == days[-1]).height,
        "basis": own["chains"].sort("settlement").select(backcast_label(pl.lit(0))).to_series()[-1],
        "events": events,
    }


def _event(own: Frames, falls: pl.DataFrame, up: str) -> dict[str, Any] | None:
    """Give one event; nothing under 24 windows that are over, or where too few members' closes are on file."""
    found = walk(own["member_cells"], falls[f"begun{up}"].fill_null(0).to_numpy(), up)
    plain, told = (float(falls[c].fill_null(0).sum()) for c in (COUNTED[""][0], COUNTED[up][0]))
    windows = int((found.cells.every_held > 0).sum())
    if windows < LEAST_WINDOWS or told < LEAST_COVERED * plain:
        return None
    place = int(found.place[-1])
    return {
        "id": f"{ID}{up}",
        "event": EVENTS[up],
        "windows": windows,
        "pairs": int(told),
        "covered": int(found.cells.every_fell.sum()),
        "runs": int(found.runs[-1]),
        "offered": bool(found.runs[-1] >= LEAST_RUNS),
        "base": float(found.rungs[0].given[-1]),
        "model": MODELS[place],
        "probability": float(found.shown["given"][-1]),
        "low": float(found.shown["low"][-1]),
        "high": float(found.shown["high"][-1]),
        "rungs": [score for k in (1, 2) if (score := scored(found, k)) is not None],
        "states": states(found),
        "highest": _highest(own["member_windows"], found) if place else [],
    }


def _highest(windows: pl.DataFrame, found: MemberWalk) -> list[dict[str, Any]]:
    """Give the members of the newest report with the highest probabilities; of equal ones most days to cover first."""
    now = windows.filter(pl.col("settlement") == pl.col("settlement").max())
    known = now.with_columns(pl.col(c).fill_nan(None) for c in INPUTS)
    placed = known.with_columns(cell_of(*INPUTS, over=["settlement"]).alias("cell")).drop_nulls("cell")
    chances = found.rungs[int(found.place[-1])].chances[-1]
    given = pl.Series("probability", chances[placed["cell"].to_numpy()], dtype=pl.Float64)
    order = ["probability", "days", "symbol"]
    rows = placed.with_columns(given).sort(order, descending=[True, True, False]).head(HIGHEST)
    grown = (np.exp(rows["growth"].to_numpy()) - 1).tolist()
    return [
        {"symbol": r["symbol"], "probability": r["probability"], "rank": r["rank"], "days": r["days"], "change": g}
        for r, g in zip(rows.iter_rows(named=True), grown, strict=True)
    ]
