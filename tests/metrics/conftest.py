"""The real files in a store, imported once for all workers of a run; and the simulated market's panel."""

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from filelock import FileLock

from contracts.market import lazily, tables
from overshort.engine.ingest import import_paths
from overshort.engine.panel import compute, market, panel
from overshort.sources import Options
from overshort.store.lake import Lake

FOLDERS = ("finra", "splits", "constituents")


def _step(_name: str, _done: int, _of: int) -> None: ...


def _imported(home: Path, data: Path) -> None:
    """Import the folders, compute the panel into the store's cache, write down what became of each file."""
    now = datetime(2026, 1, 15, tzinfo=UTC)
    paths = [data / folder for folder in FOLDERS]
    report = import_paths(home, paths, options=Options(), dry_run=False, progress=_step, now=now)
    panel(Lake.open(home), market())
    outcomes = {Path(o.file).name: asdict(o) for o in report.outcomes}
    (home / "outcomes.json").write_text(json.dumps(outcomes))


@pytest.fixture(scope="session")
def home(data: Path, tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """Folder of a store with the real files; xdist's workers share it."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "real-store"
    with FileLock(str(folder) + ".lock"):
        if not (folder / "outcomes.json").is_file():
            _imported(folder, data)
    return folder


@pytest.fixture(scope="session")
def outcomes(home: Path) -> dict[str, dict[str, object]]:
    """What became of each imported file, by its name."""
    found: dict[str, dict[str, object]] = json.loads((home / "outcomes.json").read_text())
    return found


@pytest.fixture(scope="session")
def lake(home: Path) -> Lake:
    return Lake.open(home)


@pytest.fixture(scope="session")
def real(lake: Lake) -> pl.DataFrame:
    """All crowding figures of the real files, over all history."""
    return panel(lake, market())


@pytest.fixture(scope="session")
def simulated() -> pl.DataFrame:
    """All figures of the simulated market, over all history."""
    return compute(lazily(tables()), market())


@pytest.fixture(scope="session")
def values(simulated: pl.DataFrame) -> Callable[[str, str], dict[object, float | None]]:
    """Give the values of one id and subject of the simulated market by date."""

    def of(id: str, subject: str) -> dict[object, float | None]:
        own = simulated.filter(pl.col("id") == id, pl.col("subject") == subject)
        return dict(own.select(pl.col("at").dt.date(), "value").iter_rows())

    return of
