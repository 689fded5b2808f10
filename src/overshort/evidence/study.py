"""An event study: what followed a flag, beside what followed anyway, and how little that can prove.

For every horizon, over the cases whose window is over:

1. The flagged mean, median, tails, and share of rises; the same for all cases, and for unflagged cases matched on the
   return before their entry.
2. n, separate runs, clusters, and the most windows that do not overlap.
3. A 95 % interval of the mean and of its difference from all cases, by the stationary bootstrap of cases in blocks as
   long as the window or, where longer, as Politis and White say.
4. p by all circular shifts of the flag against the outcomes, Newey and West's t beside it, and p allowing for the
   horizons tried together (Romano and Wolf).
5. The smallest true difference that would be seen in four histories of five.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np
import polars as pl

from overshort.evidence.events import clusters, effective
from overshort.evidence.inference import Floats, block_length, intervals, newey_west, p_of, romano_wolf, shifted
from overshort.evidence.matching import matched
from overshort.evidence.outcomes import summary
from overshort.evidence.paths import Paths

__all__ = ["POWER", "studied", "tail_summary"]

POWER = 1.959964 + 0.841621
"""Standard errors that a true difference must have to be seen at 5 % in four histories of five."""
TAILS = {"low": 0.1, "high": 0.9}
LEAST = 2
"""Flagged cases of which an interval or p may be given."""


@dataclass(frozen=True, slots=True)
class _Sample:
    """The cases of one horizon that are over."""

    frame: pl.DataFrame
    flags: np.typing.NDArray[np.bool_]
    values: Floats

    @classmethod
    def of(cls, frame: pl.DataFrame, h: int) -> "_Sample":
        own = frame.filter(pl.col(f"after_{h}").is_not_null())
        return cls(own, own["holds"].to_numpy(), own[f"after_{h}"].to_numpy())

    @property
    def testable(self) -> bool:
        """Whether there is something flagged, and something else to set it against."""
        return bool(LEAST <= self.flags.sum() < len(self.flags))

    def steps(self, h: int) -> int:
        """Give how many cases a window of h sessions spans."""
        return max(1, ceil(h / float(np.median(np.diff(self.frame["place"].to_numpy())))))


def tail_summary(cases: pl.DataFrame, chosen: pl.Series, h: int) -> dict[str, float | int | None]:
    """Sum up what followed chosen cases, both tails and the way there.

    Returns
    -------
    dict
        As :func:`~overshort.evidence.outcomes.summary`, and ``low``, ``high`` (10th and 90th percentile), ``rise`` and
        ``drawdown`` (averages within the window), ``highest``, ``deepest`` (their extremes).
    """
    own = cases.filter(chosen, pl.col(f"after_{h}").is_not_null())
    found = summary(cases, chosen, str(h))
    after, rise, fall = (own[f"{name}_{h}"] for name in ("after", "rise", "drawdown"))
    tails = {name: after.quantile(q, "linear") for name, q in TAILS.items()}
    way: Mapping[str, Any] = {
        "rise": rise.mean(),
        "highest": rise.max(),
        "drawdown": fall.mean(),
        "deepest": fall.min(),
    }
    return found | tails | dict(way)


def studied(paths: Paths, horizons: Sequence[int], *, seed: int = 0) -> dict[str, Any]:
    """Study every horizon.

    Parameters
    ----------
    paths
        Cases in order of entry with ``holds``, ``run`` and what followed.

    Returns
    -------
    dict
        ``cases, flagged, runs`` of the whole, and ``horizons``: one mapping a horizon.
    """
    frame = paths.frame
    rows = [_horizon(frame, h, seed) for h in horizons]
    for row, p in zip(rows, _together(frame, horizons), strict=True):
        row["p_family"] = None if p is None else max(p, row["p"])
    run = frame["run"].drop_nulls()
    return {
        "cases": frame.height,
        "flagged": int(frame["holds"].sum()),
        "runs": int(run.n_unique()),
        "share": float(frame["holds"].sum()) / frame.height,
        "horizons": rows,
    }


def _horizon(frame: pl.DataFrame, h: int, seed: int) -> dict[str, Any]:
    sample = _Sample.of(frame, h)
    every = pl.repeat(True, frame.height, eager=True)
    places, own = (sample.frame.filter("holds")[c].to_list() for c in ("place", "run"))
    return {
        "sessions": h,
        "flagged": tail_summary(frame, frame["holds"], h),
        "all": tail_summary(frame, every, h),
        "matched": matched(sample.frame, h),
        "clusters": clusters(places, own, h),
        "effective": effective(places, h),
        **(_inference(sample, h, seed) if sample.testable else _nothing()),
    }


_INFERRED = ("difference", "low", "high", "mean_low", "mean_high", "up_low", "up_high", "p", "t", "detectable", "block")


def _nothing() -> dict[str, None]:
    return dict.fromkeys(_INFERRED)


def _inference(sample: _Sample, h: int, seed: int) -> dict[str, float | None]:
    flags, values, steps = sample.flags, sample.values, sample.steps(h)
    block = min(max(block_length(values), float(steps)), len(values) / 2)
    found = intervals(flags, values, block, seed=seed)
    fit = newey_west(values, flags.astype(np.float64), steps)
    differences = shifted(flags, values)
    out: dict[str, float | None] = _nothing() | {
        "difference": float(values[flags].mean() - values.mean()),
        "p": p_of(differences),
        "t": fit.t,
        "block": block,
    }
    if found is not None:
        out |= {"low": found.difference[0], "high": found.difference[1], "detectable": POWER * found.spread}
        out |= {"mean_low": found.mean[0], "mean_high": found.mean[1], "up_low": found.up[0], "up_high": found.up[1]}
    return out


def _together(frame: pl.DataFrame, horizons: Sequence[int]) -> list[float | None]:
    """Give p-values that allow for all horizons: the same shifts are taken in every one."""
    samples = [_Sample.of(frame, h) for h in horizons]
    usable = [k for k, s in enumerate(samples) if s.testable]
    if not usable:
        return [None] * len(horizons)
    tables = [shifted(samples[k].flags, samples[k].values) for k in usable]
    shifts = min(len(t) for t in tables)
    scaled = np.column_stack([t[:shifts] / (t.std() or 1.0) for t in tables])
    adjusted = dict(zip(usable, romano_wolf(scaled[0], scaled), strict=True))
    return [adjusted.get(k) for k in range(len(horizons))]
