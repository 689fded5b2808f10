"""The panel of a store: all figures of a scope over all history, point in time, computed once and kept.

It is kept as Parquet under the hash of declarations and data, so that the next brief reads it.
"""

import hashlib
import os
import threading
from collections.abc import Callable, Iterable
from functools import cache
from importlib.resources import files
from pathlib import Path

import polars as pl

from overshort import schema
from overshort.engine.computing import Step, compute, silent
from overshort.engine.scope import KINDS, TAPED, Scope, kinds_of, market, stocks, underlyings
from overshort.errors import UnknownSubject
from overshort.store.lake import Lake

__all__ = [
    "KINDS",
    "Scope",
    "declaration_hash",
    "is_kept",
    "kinds_of",
    "market",
    "panel",
    "panel_of",
    "stocks",
    "traded",
    "underlyings",
]


@cache
def declaration_hash() -> str:
    """Hash the source of every metric and of the calendar: a changed definition never reads an old panel."""
    digest = hashlib.sha256()
    root = files("overshort")
    for room in ("metrics", "evidence", "engine"):
        for path in sorted(Path(str(root.joinpath(room))).rglob("*.py")):
            digest.update(path.read_bytes())
    for name in ("schema.py", "made.py", "sessions.py", "data/nasdaq_announcements.csv"):
        digest.update(root.joinpath(name).read_bytes())
    return digest.hexdigest()[:16]


def panel(
    lake: Lake,
    scope: Scope,
    computing: Callable[[dict[str, pl.LazyFrame]], pl.DataFrame] | None = None,
    *,
    step: Step = silent,
    keep: bool = True,
) -> pl.DataFrame:
    """Give the panel of all metrics over all history of a store, from the cache where nothing has changed.

    Parameters
    ----------
    computing
        Computes the panel from the tables, where that is to be done elsewhere than here; the bits are the same.
    step
        Told how far the computing is, where there is any.
    keep
        Whether a panel that had to be computed goes into the cache.

    Raises
    ------
    UnknownSubject
        If a stock has no row in table ``short_interest``.
    """
    path = _path(lake, version := lake.version(), scope)
    if (kept := _kept(path)) is not None:
        return kept
    if scope.kind == "stock":
        _require(lake, scope.names)
    tables = {n: lake.scan(n) for n in schema.TABLES}
    whole = compute(tables, scope, step=step) if computing is None else computing(tables)
    if keep and lake.version() == version:  # nobody wrote meanwhile
        _keep(whole, path)
    return whole


def is_kept(lake: Lake, scope: Scope) -> bool:
    """Tell whether a panel lies in the cache, so that asking for it takes no time."""
    return _path(lake, lake.version(), scope).exists()


def _path(lake: Lake, version: str, scope: Scope) -> Path:
    key = hashlib.sha256("\n".join([declaration_hash(), version, scope.kind, *scope.names]).encode()).hexdigest()[:24]
    return lake.home / "cache" / f"panel-{key}.parquet"


def _reported(lake: Lake, symbols: Iterable[str]) -> set[str]:
    rows = lake.scan("short_interest").filter(pl.col("symbol").is_in(list(symbols)))
    return set(rows.select(pl.col("symbol").unique()).collect()["symbol"])


def _require(lake: Lake, symbols: Iterable[str]) -> None:
    if lacking := sorted(set(symbols) - _reported(lake, symbols)):
        raise UnknownSubject(
            f"{', '.join(lacking)} has no short-interest row in the store; known are "
            f"{', '.join(market().names)} and every imported symbol, written without separators (BRKB)"
        )


def traded(lake: Lake, symbols: Iterable[str]) -> set[str]:
    """Give those symbols of which table ``option_trades`` holds option trades."""
    rows = lake.scan("option_trades").filter(pl.col("underlying").is_in(list(symbols)))
    return set(rows.select(pl.col("underlying").unique()).collect()["underlying"])


def panel_of(lake: Lake, subjects: Iterable[str], *, step: Step = silent) -> pl.DataFrame:
    """Give the panel rows of some subjects, as all that they are.

    A traded proxy is a proxy and, where it is reported, a stock too; whatever has option trades is an underlying too.

    Raises
    ------
    UnknownSubject
        If a symbol has neither a row in table ``short_interest`` nor one in ``option_trades``.
    """
    names = list(dict.fromkeys(subjects))
    reported = _reported(lake, (n for n in names if KINDS.get(n, "proxy") == "proxy"))
    taped = traded(lake, (n for n in names if n not in TAPED))
    single = [n for n in names if n in reported or (n not in KINDS and n not in taped)]
    parts = [panel(lake, scope(own), step=step) for scope, own in ((stocks, single), (underlyings, taped)) if own]
    if any(n in KINDS for n in names):
        parts.append(panel(lake, market(), step=step).filter(pl.col("subject").is_in(names)))
    # What a fund is measured for both as a proxy and as a stock is the same figure.
    return pl.concat(parts).unique(list(schema.Panel.primary_key()), keep="first", maintain_order=True)


def _keep(whole: pl.DataFrame, path: Path) -> None:
    """Write beside, then rename: neither a killed process nor a second one or thread at work leaves half a panel."""
    path.parent.mkdir(exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}-{threading.get_ident()}.part")
    whole.write_parquet(draft, compression="zstd")
    draft.replace(path)


def _kept(path: Path) -> pl.DataFrame | None:
    """Give a kept panel; one that is damaged counts as none and is computed again."""
    try:
        return pl.read_parquet(path)
    except (FileNotFoundError, pl.exceptions.PolarsError):
        return None
