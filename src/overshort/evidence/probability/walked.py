"""Every index's covering events walked through its reports: outcomes, base rates, and the rungs of the ladder."""

from itertools import accumulate
from typing import Any

import numpy as np
import polars as pl

from overshort.evidence.probability.events import EVENTS, Event, broad, drifted, fell
from overshort.evidence.probability.ladder import LEAST_RUNS, MODELS, Rung, chosen, logistic, past, table, wilson
from overshort.metrics.crowding.cycles import KEY
from overshort.metrics.crowding.rows import backcast_label
from overshort.metrics.declare import Inputs, intermediate
from overshort.metrics.ranking import Floats

__all__ = ["INPUTS", "STATE", "happened", "walked"]

STATE = "refusal.state_3m"
INPUTS = ("refusal.shorts_rank_3m", "refusal.price_change_3m", "crowding.rank_1y")
"""What the logistic rung looks at; the table looks at :data:`STATE`."""
READS = frozenset({"chains", "closes", "subjects", "member_falls", STATE, *INPUTS})


def happened(event: Event, own: pl.DataFrame, prices: Floats) -> Floats:
    """Give the outcome of the window that begins at every report: 1, 0, NaN where it is not over or not known.

    Parameters
    ----------
    own
        Reports of one index with ``clean, fell_6, held_6, fell_12, held_12``, ascending.
    prices
        Closes at the reports, one row a feed, the best first.
    """
    chain = own["clean"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    with_price = prices if event.up else None
    if event.kind == "coverbreadth":
        shares = own[f"fell_{event.reports}"] / own[f"held_{event.reports}"]
        return broad(shares.fill_null(np.nan).to_numpy(), event.reports, with_price)
    if event.kind == "coversd":
        return drifted(chain, event.reports, with_price)
    return fell(chain, 0.05 if event.kind == "cover5" else 0.10, event.reports, with_price)


def _prices(own: pl.DataFrame, closes: pl.DataFrame) -> Floats:
    """Give the closes at an index's reports, one row a feed; a feed that is not there is empty."""
    feeds = closes.partition_by("rank", maintain_order=True) if closes.height else []
    rows = [own.join(f, on="settlement", how="left", maintain_order="left")["close"] for f in feeds]
    found = [r.cast(pl.Float64).fill_null(np.nan).to_numpy() for r in rows]
    return np.vstack(found) if found else np.full((1, own.height), np.nan)


def _walk(event: Event, own: pl.DataFrame, prices: Floats) -> pl.DataFrame:
    """Walk one event of one index forward."""
    outcome = happened(event, own, prices)
    seen = past(outcome, event.reports)
    rungs = (
        table(outcome, own[STATE].to_numpy(), seen, event.reports),
        logistic(outcome, own.select(INPUTS).to_numpy(), event.reports),
    )
    place = chosen(outcome, seen, rungs, event.reports)
    windows = np.maximum(seen.windows / event.reports, 1)
    first = Rung(seen.base, *wilson(seen.base, windows))
    shown = {name: np.choose(place, [getattr(r, name) for r in (first, *rungs)]) for name in ("given", "low", "high")}
    values: dict[str, Floats] = shown | {"base": seen.base, "outcome": _ended(outcome, event.reports)}
    values |= {"table": rungs[0].given, "logistic": rungs[1].given}
    counts: dict[str, Any] = {"windows": seen.windows, "runs": seen.runs, "over": _over(own, event.reports)}
    return own.select("subject", "settlement", "broken", "label", "known_at").with_columns(
        pl.lit(event.id).alias("event"),
        *(pl.Series(n, v, dtype=pl.Float64).fill_nan(None) for n, v in values.items()),
        *(pl.Series(n, v, dtype=pl.Int64) for n, v in counts.items()),
        pl.Series("model", [MODELS[k] for k in place.tolist()], dtype=pl.String),
        pl.Series("offered", seen.runs >= LEAST_RUNS, dtype=pl.Boolean),
        pl.col("settlement").shift(event.reports).alias("origin"),
    )


def _ended(outcome: Floats, reports: int) -> Floats:
    """Put every outcome at the report with which its window ended."""
    out = np.full(outcome.size, np.nan)
    out[reports:] = outcome[: max(outcome.size - reports, 0)]
    return out


def _over(own: pl.DataFrame, reports: int) -> list[int]:
    """Count the windows with a chain at both ends that are over by every report, known or not."""
    sound = own["clean"].is_not_null().to_list()
    closed = (s and t >= reports and sound[t - reports] for t, s in enumerate(sound))
    return list(accumulate(map(int, closed)))


@intermediate("walked", reads=READS)
def walked(inputs: Inputs) -> pl.LazyFrame:
    """Walk every covering event of every index forward.

    Returns
    -------
    LazyFrame
        One row an event and report: ``subject, settlement, event`` (id)``, given, low, high, model`` (what is shown)``,
        base, table, logistic`` (every rung)``, windows, runs`` (closed so far, and separate runs of hits)``, over``
        (windows closed by the chain)``, offered, origin, outcome`` (of the window that ends here)``, broken, label,
        known_at``.
    """
    frame, closes = _frame(inputs).collect(), _at_reports(inputs).collect()
    parts = []
    for own in frame.partition_by("subject", maintain_order=True):
        prices = _prices(own, closes.filter(pl.col("subject") == own["subject"][0]).drop("subject"))
        parts += [_walk(event, own, prices) for event in EVENTS]
    return pl.concat(parts or [_walk(event, frame, np.empty((1, 0))) for event in EVENTS]).lazy()


def _frame(inputs: Inputs) -> pl.LazyFrame:
    """Give every report of every index with what events and rungs read; NaN where a value is missing."""
    indexes = inputs["subjects"].filter(pl.col("kind") == "index").select("subject")
    chains = inputs["chains"].join(indexes, on="subject", how="semi")
    frame = chains.with_columns(backcast_label(pl.lit(0)).alias("label"))
    frame = frame.select(*KEY, "clean", "broken", "label", "known_at")
    known = ["known_at", "members_known_at", "closes_known_at"]
    for name in (STATE, *INPUTS):
        day, value = pl.col("at").dt.date().alias("settlement"), pl.col("value").fill_null(np.nan)
        rows = inputs[name].select("subject", day, value.alias(name), pl.col("known_at").alias(f"{name}_known_at"))
        frame = frame.join(rows, on=KEY, how="left").with_columns(pl.col(name).fill_null(np.nan))
        known.append(f"{name}_known_at")
    at_close = _at_reports(inputs).group_by(KEY).agg(pl.col("known_at").max().alias("closes_known_at"))
    frame = frame.join(inputs["member_falls"], on=KEY, how="left").join(at_close, on=KEY, how="left").sort(KEY)
    # Every probability rests on all earlier reports: what was known late holds up the later ones.
    return frame.with_columns(pl.max_horizontal(known).cum_max().over("subject").alias("known_at"))


def _at_reports(inputs: Inputs) -> pl.LazyFrame:
    """Give the closes of every feed of an index at its reports."""
    closes = inputs["closes"].rename({"session": "settlement"})
    on = inputs["chains"].select(KEY)
    return closes.join(on, on=KEY, how="semi").select(*KEY, "rank", "close", "known_at").sort("subject", "rank")
