"""A claim's event study as of an instant, put together from a panel: the document that every surface shows."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from overshort.engine.events import Flagged, claims_of, flagged
from overshort.engine.forecasts import calibrated
from overshort.engine.studies import Known, proxy_prices
from overshort.evidence.events import cases
from overshort.evidence.inference import Floats, benjamini_hochberg
from overshort.evidence.paths import HORIZONS, Paths, followed
from overshort.evidence.study import studied
from overshort.metrics.prices import PROXIES

__all__ = ["claim_study", "studies_of"]

SEED = 20160630
"""Of the bootstrap; printed with every study."""
FAN = (0.1, 0.25, 0.5, 0.75, 0.9)


def studies_of(known: Known, text: str, subject: str, horizons: Sequence[int] = tuple(HORIZONS)) -> dict[str, Any]:
    """Study every claim that a name stands for.

    Returns
    -------
    dict
        ``claim`` (as asked)``, studies`` (one mapping a claim, those without a case left out), ``family`` (where there
        are several claims: every p of every claim and horizon, adjusted by Benjamini and Hochberg over all of them).
    """
    found = [study for claim in claims_of(text) if (study := claim_study(known, claim, subject, horizons))]
    return {"claim": text, "studies": found, "family": _family(found)}


def claim_study(known: Known, text: str, subject: str, horizons: Sequence[int]) -> dict[str, Any] | None:
    """Study one claim; nothing where it has no case since the first price.

    Parameters
    ----------
    subject
        SPX, NDX or RUT: outcomes are those of its traded proxy.
    """
    flag = flagged(known, text, subject)
    if flag.rows.is_empty():
        return None
    prices = proxy_prices(known, PROXIES[subject])
    dated = cases(flag.rows, flag.grid).filter(pl.col("entry") >= pl.lit(prices["session"].min(), pl.Date))
    if dated.is_empty():
        return None
    paths = followed(dated, prices, horizons)
    found = studied(paths, horizons, seed=SEED) | _shown(paths, horizons)
    return _head(flag, subject, paths) | found | {"reliability": calibrated(known, subject)}


def _head(flag: Flagged, subject: str, paths: Paths) -> dict[str, Any]:
    frame = paths.frame
    return {
        "id": "study",
        "claim": flag.claim,
        "metric_subject": flag.subject,
        "grid": flag.grid,
        "definition": flag.definition,
        "subject": subject,
        "proxy": PROXIES[subject],
        "from": frame["at"][0].isoformat(),
        "to": frame["at"][-1].isoformat(),
        "now": bool(frame["holds"][-1]),
        "seed": SEED,
    }


def _shown(paths: Paths, horizons: Sequence[int]) -> dict[str, Any]:
    """Give what pictures and the list of dates need."""
    return {"events": _events(paths.frame, horizons), "fan": _fan(paths), "outcomes": _outcomes(paths.frame, horizons)}


def _events(frame: pl.DataFrame, horizons: Sequence[int]) -> list[dict[str, Any]]:
    """Give one row a run: its first and last case, when it was known and entered, and what followed the first."""
    after = [f"after_{h}" for h in horizons]
    local = pl.col("decided").dt.convert_time_zone("America/New_York").dt.to_string("%Y-%m-%d %H:%M")
    rows = (
        frame.filter("holds")
        .group_by("run", maintain_order=True)
        .agg(
            pl.col("at").first().alias("first"),
            pl.col("at").last().alias("last"),
            pl.len().alias("cases"),
            local.first().alias("known"),
            pl.col("entry").first(),
            pl.col("prior").first(),
            *(pl.col(c).first() for c in after),
        )
    )
    return rows.drop("run").with_columns(pl.col(pl.Date).dt.to_string("%Y-%m-%d")).to_dicts()


def _fan(paths: Paths) -> dict[str, Any]:
    """Give percentiles of the paths that are over, of flagged and of all cases, and each run's own path."""
    over = ~np.isnan(paths.values[:, -1])
    flags = paths.frame["holds"].to_numpy()
    first = flags & ~np.concatenate([[False], flags[:-1]])
    rows = paths.frame["entry"].dt.to_string("%Y-%m-%d").to_list()
    return {
        "sessions": paths.values.shape[1],
        "n": int((over & flags).sum()),
        "flagged": _bands(paths.values[over & flags]),
        "all": _bands(paths.values[over]),
        "runs": [{"entry": rows[k], "path": _rounded(paths.values[k])} for k in np.flatnonzero(first)[-30:]],
    }


def _bands(values: Floats) -> dict[str, list[float]]:
    if not len(values):
        return {}
    found = np.quantile(values, FAN, axis=0)
    return {f"p{round(100 * q)}": _rounded(row) for q, row in zip(FAN, found, strict=True)}


def _rounded(values: Floats) -> list[float]:
    return [round(float(v), 6) for v in values[~np.isnan(values)]]


def _outcomes(frame: pl.DataFrame, horizons: Sequence[int]) -> dict[str, Any]:
    """Give all outcomes of the horizon that the distribution is drawn for: three months, else the longest asked."""
    h = 63 if 63 in horizons else horizons[-1]
    own = frame.filter(pl.col(f"after_{h}").is_not_null())
    column = pl.col(f"after_{h}").round(6)
    return {
        "sessions": h,
        "flagged": own.filter("holds").select(column).to_series().to_list(),
        "all": own.select(column).to_series().to_list(),
    }


def _family(found: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    tested = [(s["claim"], r["sessions"], r["p"]) for s in found for r in s["horizons"] if r["p"] is not None]
    if len(found) < 2 or not tested:
        return []
    adjusted = benjamini_hochberg([p for *_, p in tested])
    return [{"claim": c, "sessions": h, "p": p, "q": q} for (c, h, p), q in zip(tested, adjusted, strict=True)]
