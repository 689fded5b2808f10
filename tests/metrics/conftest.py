"""The real files in a store, imported once for all workers of a run; and the simulated market's panel."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from filelock import FileLock

from contracts.market import measured
from overshort.engine.ingest import Report, import_paths
from overshort.engine.panel import market, panel
from overshort.sources import Options
from overshort.store.lake import Lake

TAKEN = (
    "finra/*.parquet",
    "finra/*.csv",
    "finra/site_export/TSLA_SI.csv",
    "splits/*.csv",
    "constituents/QQQ*.csv",
    "constituents/fja05680_sp500_*.csv",
    "constituents/n100/*.yaml",
    "constituents/ishares/*_20??-??-??.csv",
    "prices/*_yahoo_*.csv",
    "prices/sp500_index_*.csv",
    "prices/sp500_members_*.parquet",
    "prices/sp500_month_end_*.csv",
    "prices/vix-daily*.csv",
)


def taken(home: Path, paths: list[Path], *, dry_run: bool = False) -> Report:
    """Import files into the store of a folder."""

    def step(_name: str, _done: int, _of: int) -> None: ...

    now = datetime(2026, 1, 15, tzinfo=UTC)
    return import_paths(home, paths, options=Options(), dry_run=dry_run, progress=step, now=now)


def _imported(home: Path, data: Path) -> None:
    """Import the files and compute the panel into the store's cache."""
    report = taken(home, [path for pattern in TAKEN for path in sorted(data.glob(pattern))])
    assert {o.status for o in report.outcomes} == {"taken"}
    panel(Lake.open(home), market())
    (home / "ready").touch()


@pytest.fixture(scope="session")
def home(data: Path, tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """Folder of a store with the real files; xdist's workers share it."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "real-store"
    with FileLock(str(folder) + ".lock"):
        if not (folder / "ready").is_file():
            _imported(folder, data)
    return folder


@pytest.fixture(scope="session")
def dry_run(home: Path) -> Callable[[list[Path]], Report]:
    """Give what an import of files into the real store would do, without doing it."""
    return lambda paths: taken(home, paths, dry_run=True)


@pytest.fixture(scope="session")
def lake(home: Path) -> Lake:
    return Lake.open(home)


@pytest.fixture(scope="session")
def real(lake: Lake) -> pl.DataFrame:
    """All figures of the real files, over all history."""
    return panel(lake, market())


@pytest.fixture(scope="session")
def simulated() -> pl.DataFrame:
    """All figures of the simulated market, over all history."""
    return measured()


@pytest.fixture(scope="session")
def values(simulated: pl.DataFrame) -> Callable[[str, str], dict[object, float | None]]:
    """Give the values of one id and subject of the simulated market by date.

    The panel is taken apart once: to look through all of it for every series takes longer than most tests.
    """
    dated = simulated.select("id", "subject", pl.col("at").dt.date(), "value")
    apart = dated.partition_by("id", "subject", as_dict=True, include_key=False)

    def of(id: str, subject: str) -> dict[object, float | None]:
        own = apart.get((id, subject))
        return {} if own is None else dict(own.iter_rows())

    return of
