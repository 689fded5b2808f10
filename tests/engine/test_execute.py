"""A tape's days on threads, on processes and on a cluster that loses a worker: the same bits everywhere."""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import as_completed
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from contracts.market import market
from overshort import schema
from overshort.engine import execute
from overshort.engine.computing import compute
from overshort.engine.execute import cells_of_day, executing, tape_panel
from overshort.engine.intake import import_frames
from overshort.engine.panel import underlyings
from overshort.errors import UsageError
from overshort.store.lake import Lake

SCOPE = underlyings(["VIX"])


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """A store with the tape of the simulated market alone."""
    trades = {n: market().tables[n] for n in ("option_trades", "option_quotes")}
    home = tmp_path_factory.mktemp("tape") / "store"
    return import_frames(home, trades, source="simulated", simulated=True, content=b"tape")


@pytest.fixture(scope="module")
def expected(lake: Lake) -> pl.DataFrame:
    return compute(tables(lake), SCOPE)


def tables(lake: Lake) -> dict[str, pl.LazyFrame]:
    return {n: lake.scan(n) for n in schema.TABLES}


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    """Two worker processes on the loopback interface."""
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None
    ) as local:
        yield local.scheduler_address.removeprefix("tcp://")


@pytest.mark.parametrize("spec", ["threads", "processes"])
def test_days_added_up_apart_give_the_same_bits(lake: Lake, expected: pl.DataFrame, spec: str) -> None:
    assert_frame_equal(tape_panel(lake, SCOPE, tables(lake), spec), expected, check_exact=True)


def test_a_cluster_gives_the_same_bits(lake: Lake, expected: pl.DataFrame, cluster: str) -> None:
    found = tape_panel(lake, SCOPE, tables(lake), f"dask://{cluster}")
    assert_frame_equal(found, expected, check_exact=True)


def test_a_worker_killed_in_the_middle_changes_no_bit(
    lake: Lake, expected: pl.DataFrame, cluster: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from distributed import Client

    killed: list[int] = []

    def waiting(pool: object, home: Path, names: list[str], days: list[object], until: object) -> pl.DataFrame:
        """Hand all days over, kill one of the two workers after the first answer, and go on."""
        jobs = [pool.submit(cells_of_day, str(home), list(names), day, until) for day in days]
        next(as_completed(jobs, timeout=60)).result()
        unfinished = sum(not job.done() for job in jobs)
        with Client(f"tcp://{cluster}", timeout=10) as client:
            pids = sorted(client.run(os.getpid).values())
        assert len(pids) == 2
        os.kill(pids[0], signal.SIGKILL)
        killed.append(unfinished)
        parts = [execute.read(job.result(timeout=60)) for job in jobs]
        return pl.concat(parts).sort("subject", "session", "right", "side", "leg")

    monkeypatch.setattr(execute, "_added", waiting)
    found = tape_panel(lake, SCOPE, tables(lake), f"dask://{cluster}")
    assert killed[0] > 0, "the run was over before the worker died"
    assert_frame_equal(found, expected, check_exact=True)


def test_revised_trades_are_cut_into_the_same_views(tmp_path: Path, expected: pl.DataFrame) -> None:
    rows = market().tables["option_trades"]
    day = rows["session"].unique().sort()[-3]
    later = rows["known_at"].max()
    again = rows.filter(pl.col("session") == day).head(5)
    second = again.with_columns(pl.col("size") * 2, known_at=pl.lit(later))
    home = tmp_path / "store"
    import_frames(home, {"option_trades": rows}, source="simulated", simulated=True, content=b"one")
    lake = import_frames(home, {"option_trades": second}, source="simulated", simulated=True, content=b"two")
    whole = compute(tables(lake), SCOPE)
    assert whole.height > expected.height
    assert_frame_equal(tape_panel(lake, SCOPE, tables(lake), "threads"), whole, check_exact=True)


def test_revised_quotes_are_cut_into_the_same_views(tmp_path: Path, expected: pl.DataFrame) -> None:
    quotes = market().tables["option_quotes"]
    day, later = quotes["session"].unique().sort()[-3], quotes["known_at"].max()
    again = quotes.filter(pl.col("session") == day)
    second = {"option_quotes": again.with_columns(pl.col("bid") - 0.01, known_at=pl.lit(later))}
    home = tmp_path / "store"
    first = {n: market().tables[n] for n in ("option_trades", "option_quotes")}
    import_frames(home, first, source="simulated", simulated=True, content=b"one")
    lake = import_frames(home, second, source="simulated", simulated=True, content=b"two")
    whole = compute(tables(lake), SCOPE)
    assert whole.height > expected.height
    assert_frame_equal(tape_panel(lake, SCOPE, tables(lake), "threads"), whole, check_exact=True)


@pytest.mark.parametrize("spec", ["", "thread", "dask", "tcp://127.0.0.1:1"])
def test_what_is_no_executor_is_refused(spec: str) -> None:
    with pytest.raises(UsageError, match="give one of threads, processes, dask://HOST:PORT"), executing(spec):
        raise AssertionError


def test_a_cluster_that_does_not_answer_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr(execute, "PATIENCE", 0.5)
    with (
        pytest.raises(UsageError, match=r"no Dask scheduler answers at dask://127\.0\.0\.1:1"),
        executing("dask://127.0.0.1:1"),
    ):
        raise AssertionError
