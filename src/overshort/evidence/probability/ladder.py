"""Three rungs from windows to a probability, walked forward, and the rule by which one of them is shown.

1. Climatology: the share of closed windows in which the event happened.
2. Table: the same share among the windows that began in today's state, shrunk towards climatology.
3. Logistic: up to four inputs, with a ridge.

At report t only windows that were over by then are looked at: an embargo of the whole window between the last origin
learnt from and t.  Neighbouring windows overlap, so one of them counts as 1 / reports of a separate one.
The simplest rung that beat climatology out of sample is shown, judged on the probabilities it gave at earlier reports
whose windows are over by t; else climatology is.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from overshort.evidence.scoring import skill_of, z
from overshort.metrics.ranking import Floats

__all__ = [
    "LEAST_FITTED",
    "LEAST_OF_EACH",
    "LEAST_RUNS",
    "LEAST_WINDOWS",
    "MODELS",
    "PULL",
    "Contest",
    "Past",
    "Rung",
    "beats",
    "chance_of",
    "chosen",
    "closed_by",
    "fit",
    "logistic",
    "past",
    "simplest",
    "table",
    "wilson",
]

MODELS = ("climatology", "table", "logistic")
LEAST_RUNS = 8
"""Below so many separate runs of an event nothing but climatology is offered."""
LEAST_WINDOWS = 24
"""Fewest closed windows of a base rate, and fewest scored ones of a skill."""
LEAST_FITTED, LEAST_OF_EACH = 60, 10
"""Fewest closed windows of a fit, and how many of them must have, and have not, the event."""
PULL = 4.0
"""How many separate windows climatology weighs in the table."""
RIDGE = 1.0
STEPS, CLOSE = 50, 1e-10


@dataclass(frozen=True, slots=True)
class Past:
    """Of every report: the closed windows so far, hits among them, their separate runs."""

    windows: NDArray[np.int64]
    hits: NDArray[np.int64]
    runs: NDArray[np.int64]

    @property
    def base(self) -> Floats:
        """Share of hits; NaN without a window."""
        out = np.full(self.hits.size, np.nan)
        np.divide(self.hits, self.windows, out=out, where=self.windows > 0)
        return out


@dataclass(frozen=True, slots=True)
class Rung:
    """Probabilities of one rung at every report with an interval; NaN where it gives none."""

    given: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True, slots=True)
class Contest:
    """A rung against climatology at every report.

    Attributes
    ----------
    given
        What the rung gives; NaN where it gives nothing.
    own, other
        Squared errors of the rung and of climatology for the window that begins there; NaN where there is none.
    """

    given: Floats
    own: Floats
    other: Floats


def closed_by(report: int, reports: int) -> int:
    """Give how many origins, from the first, have windows that are over by a report: the embargo."""
    return max(report - reports + 1, 0)


def wilson(share: Floats, size: Floats) -> tuple[Floats, Floats]:
    """Give Wilson's interval of shares of so many separate cases."""
    middle, weight = (share + z**2 / (2 * size)) / (1 + z**2 / size), 1 + z**2 / size
    half = z * np.sqrt(share * (1 - share) / size + z**2 / (4 * size**2)) / weight
    return np.clip(middle - half, 0, 1), np.clip(middle + half, 0, 1)


def past(happened: Floats, reports: int) -> Past:
    """Count the closed windows of every report; windows of which nothing is known part no run."""
    known = np.isfinite(happened)
    hit = happened == 1
    begins, before = np.zeros(happened.size, dtype=np.int64), False
    for k in np.flatnonzero(known).tolist():
        begins[k] = hit[k] and not before
        before = bool(hit[k])
    ends = np.array([closed_by(t, reports) for t in range(happened.size)], dtype=np.int64)
    counted = (np.concatenate([[0], np.cumsum(c)])[ends] for c in (known, hit, begins))
    return Past(*counted)


def table(happened: Floats, states: Floats, seen: Past, reports: int) -> Rung:
    """Give the shrunken share of every report's state.

    Parameters
    ----------
    states
        State at each report; NaN where there is none.
    """
    given, size = np.full(happened.size, np.nan), np.full(happened.size, np.nan)
    for t in np.flatnonzero(np.isfinite(states) & (seen.windows >= LEAST_WINDOWS)).tolist():
        own = happened[: closed_by(t, reports)][states[: closed_by(t, reports)] == states[t]]
        own = own[np.isfinite(own)]
        separate = own.size / reports
        size[t] = separate + PULL
        given[t] = (own.sum() / reports + PULL * seen.base[t]) / size[t]
    return Rung(given, *wilson(given, size))


def fit(inputs: Floats, happened: Floats, weight: float | Floats) -> tuple[Floats, Floats]:
    """Fit a logistic regression by Newton's method with a ridge on all but the constant.

    Parameters
    ----------
    inputs
        One row a window, or a group of alike ones; one column an input, standardised.
    happened
        1 or 0; of a group the share.
    weight
        Of every window, or of each group.

    Returns
    -------
    tuple of ndarray
        The constant and the coefficients, and the inverse of the penalised information.
    """
    design = np.column_stack([np.ones(len(inputs)), inputs])
    penalty = RIDGE * np.diag([0.0] + [1.0] * inputs.shape[1])
    line: Floats = np.zeros(design.shape[1])
    for _ in range(STEPS):
        chance = chance_of(design @ line)
        slope = design.T @ (weight * (happened - chance)) - penalty @ line
        bend = (design.T * (weight * chance * (1 - chance))) @ design + penalty
        step = np.linalg.solve(bend, slope)
        line = np.asarray(line + step, dtype=np.float64)
        if np.abs(step).max() < CLOSE:
            break
    return line, np.asarray(np.linalg.inv(bend), dtype=np.float64)


def chance_of(log_odds: Floats) -> Floats:
    """Give probabilities of log odds."""
    return np.asarray(1 / (1 + np.exp(-np.clip(log_odds, -30, 30))), dtype=np.float64)


def logistic(happened: Floats, inputs: Floats, reports: int) -> Rung:
    """Fit at every report on the windows over by then, and give that report's probability.

    Parameters
    ----------
    inputs
        One row a report; a report of which any is NaN is left out.
    """
    usable = np.asarray(np.isfinite(inputs).all(axis=1))
    given, low, high = (np.full(happened.size, np.nan) for _ in range(3))
    for t in np.flatnonzero(usable).tolist():
        end = closed_by(t, reports)
        own = usable[:end] & np.isfinite(happened[:end])
        outcomes = happened[:end][own]
        least = min(outcomes.sum(), outcomes.size - outcomes.sum())
        if outcomes.size < LEAST_FITTED or least < LEAST_OF_EACH:
            continue
        learnt = inputs[:end][own]
        middle, scale = learnt.mean(axis=0), learnt.std(axis=0)
        scale = np.where(scale > 0, scale, 1.0)
        line, spread = fit((learnt - middle) / scale, outcomes, 1 / reports)
        own_row = np.concatenate([[1.0], (inputs[t] - middle) / scale])
        centre, off = own_row @ line, z * np.sqrt(own_row @ spread @ own_row)
        given[t], low[t], high[t] = chance_of(np.array([centre, centre - off, centre + off]))
    return Rung(given, low, high)


def beats(own: Floats, other: Floats, reports: int) -> bool:
    """Tell from losses whether a rung beat climatology: the whole interval of its skill lies above 0.

    Parameters
    ----------
    own, other
        Squared errors of the rung and of climatology, of each window or of all members of a report together.
    reports
        Of a window.
    """
    if own.size < LEAST_WINDOWS or own.sum() >= other.sum():
        return False
    found = skill_of(own, other, reports)
    return found is not None and found["low"] > 0


def chosen(happened: Floats, seen: Past, rungs: tuple[Rung, ...], reports: int) -> NDArray[np.int64]:
    """Give of every report the place in :data:`MODELS` of the simplest rung that beat climatology by then."""
    other = (seen.base - happened) ** 2
    contests = [Contest(r.given, (r.given - happened) ** 2, other) for r in rungs]
    return simplest(seen.runs, contests, reports)


def simplest(runs: NDArray[np.int64], contests: Sequence[Contest], reports: int) -> NDArray[np.int64]:
    """Give of every report the place in :data:`MODELS` of the first contest that was won by then, 0 for none.

    Parameters
    ----------
    runs
        Separate runs of the event so far.
    contests
        From the simplest rung on.
    """
    out = np.zeros(runs.size, dtype=np.int64)
    scored = [np.isfinite(c.own) & np.isfinite(c.other) for c in contests]
    for t in np.flatnonzero(runs >= LEAST_RUNS).tolist():
        end = closed_by(t, reports)
        for k, (contest, known) in enumerate(zip(contests, scored, strict=True), 1):
            past = np.flatnonzero(known[:end])
            if np.isfinite(contest.given[t]) and beats(contest.own[past], contest.other[past], reports):
                out[t] = k
                break
    return out
