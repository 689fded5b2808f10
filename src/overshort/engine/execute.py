"""Where the work of a tape is done, day by day: threads, processes, or a Dask cluster.

All three are executors of the standard library's kind.  What is sent is a folder, names and a date, never rows: every
worker reads its own day from the store, which it must be able to see under the same path.  A day's cells are sums of
whole numbers, so wherever they were added up, and in whatever order the days come back, the bits are the same.
"""

import io
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from datetime import date, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import polars as pl

from overshort.engine.computing import compute, frame
from overshort.engine.panel import Scope, underlyings
from overshort.errors import OvershortError, UsageError
from overshort.store import asof
from overshort.store.lake import Lake

__all__ = ["EXECUTORS", "cells_of_day", "check", "executing", "read", "tape_panel"]

EXECUTORS = ("threads", "processes", "dask://HOST:PORT")
PATIENCE = 10
"""Seconds to wait for a cluster to answer."""
DASK = "dask://"


def check(spec: str) -> None:
    """Check the text that names an executor.

    Raises
    ------
    UsageError
        If it names none.
    """
    if spec not in ("threads", "processes") and not spec.startswith(DASK):
        raise UsageError(f"--executor {spec!r} is none; give one of {', '.join(EXECUTORS)}")


@contextmanager
def executing(spec: str) -> Iterator[Executor]:
    """Give the executor that a text names, and shut it down afterwards.

    Raises
    ------
    UsageError
        If the text names none, no cluster answers there, or the extra that talks to one is not installed.
    OvershortError
        If its workers died over a task.
    """
    check(spec)
    if spec.startswith(DASK):
        yield from _dask(spec)
        return
    # Forking a process that has used Polars leaves its threads' locks behind: spawn.
    workers = os.cpu_count() or 1
    pool = ThreadPoolExecutor(workers) if spec == "threads" else ProcessPoolExecutor(workers, get_context("spawn"))
    with pool:
        try:
            yield pool
        except BrokenProcessPool:
            raise OvershortError(
                "a worker process died, most likely for want of memory; run it again with --executor threads"
            ) from None


def _dask(spec: str) -> Iterator[Executor]:
    try:
        from distributed import Client, KilledWorker
    except ImportError:
        raise UsageError(f"--executor {spec} needs Dask; install overshort[dask]") from None
    connect: Callable[..., Any] = Client
    try:
        client = connect("tcp://" + spec.removeprefix(DASK), timeout=PATIENCE)
    except (OSError, ValueError) as error:
        cause = str(error).partition("\n")[0]
        raise UsageError(f"no Dask scheduler answers at {spec} ({cause}); start one, or give threads") from None
    with client, client.get_executor() as pool:
        try:
            yield pool
        except KilledWorker:
            raise OvershortError(
                f"workers of {spec} died over one task again and again; give them more memory, or use threads"
            ) from None


def cells_of_day(home: str, names: Sequence[str], day: date, until: datetime | None) -> bytes:
    """Add up one session's tape in a store: what a worker does.

    Parameters
    ----------
    names
        Underlyings.
    until
        Leave out what became known then or later; everything counts where left out.

    Returns
    -------
    bytes
        The rows of intermediate ``tape_cells`` in Arrow's format.
    """
    own = pl.col("underlying").is_in(list(names)) & (pl.col("session") == day)
    lake = Lake.open(Path(home))
    trades = asof.before(lake.scan("option_trades").filter(own), "option_trades", until)
    # Of several vintages of a quote the join takes the newest, so that they need not be told apart here.
    quotes = asof.earlier(lake.scan("option_quotes").filter(own), until)
    cells = frame("tape_cells", {"option_trades": trades, "option_quotes": quotes}, underlyings(names))
    file = io.BytesIO()
    cells.write_ipc(file)
    return file.getvalue()


def read(cells: bytes) -> pl.DataFrame:
    """Give the rows that a worker sent."""
    return pl.read_ipc(io.BytesIO(cells))


def tape_panel(lake: Lake, scope: Scope, tables: dict[str, pl.LazyFrame], spec: str) -> pl.DataFrame:
    """Compute the panel of underlyings with each day's cells added up by an executor.

    Parameters
    ----------
    spec
        One of :data:`EXECUTORS`.

    Returns
    -------
    DataFrame
        As :func:`overshort.engine.computing.compute` gives it without one, bit for bit.
    """
    own = tables["option_trades"].filter(pl.col("underlying").is_in(scope.names))
    days = own.select(pl.col("session").unique()).collect()["session"].sort().to_list()
    with executing(spec) as pool:

        def given(view: asof.View) -> dict[str, pl.DataFrame]:
            return {"tape_cells": _added(pool, lake.home, scope.names, days, view.until)}

        return compute(tables, scope, given=given if days else None)


def _added(
    pool: Executor, home: Path, names: Sequence[str], days: Sequence[date], until: datetime | None
) -> pl.DataFrame:
    jobs: list[Any] = [pool.submit(cells_of_day, str(home), list(names), day, until) for day in days]
    parts = [read(job.result()) for job in jobs]
    return pl.concat(parts).sort("subject", "session", "right", "side", "leg")
