"""A store made by the first version that made any is read, asked and written to as one made today."""

import tarfile
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import overshort
from overshort import schema
from overshort.store.lake import Lake
from overshort.surfaces import cli

ARCHIVE = Path(__file__).parents[1] / "answers" / "oldest_store.tar.xz"
FILE = Path(overshort.__file__).with_name("data") / "nasdaq_announcements.csv"
HEAD = FILE.read_text("utf-8").splitlines()[0]


@pytest.fixture
def oldest(tmp_path: Path) -> Path:
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(tmp_path, filter="data")
    return tmp_path / "store"


def run(home: Path, *arguments: str) -> None:
    assert cli._run([*arguments, "--home", str(home)]) == 0


def test_its_rows_are_those_that_this_version_imports(oldest: Path, tmp_path: Path) -> None:
    run(tmp_path / "today", "import", str(FILE))
    old, new = Lake.open(oldest), Lake.open(tmp_path / "today")
    assert not old.simulated
    for name, table in schema.TABLES.items():
        rows = [lake.scan(name).collect().sort("known_at", *table.key) for lake in (old, new)]
        assert_frame_equal(*rows)
    assert old.scan("totals").select(pl.len()).collect().item() > 50


def test_the_same_file_changes_nothing_and_another_goes_in(oldest: Path, tmp_path: Path) -> None:
    before = Lake.open(oldest).version()
    run(oldest, "import", str(FILE))
    assert Lake.open(oldest).version() == before
    row = "2026-01-15,2026-01-27,5170,18600000000," + "," * (HEAD.count(",") - 4)
    (tmp_path / "next.csv").write_text(f"{HEAD}\n{row}\n", "utf-8")
    run(oldest, "import", str(tmp_path / "next.csv"))
    assert Lake.open(oldest).version() != before
    newest = Lake.open(oldest).scan("totals").select(pl.col("settlement").max()).collect().item()
    assert newest.isoformat() == "2026-01-15"


def test_it_answers(oldest: Path) -> None:
    market = overshort.open_market(oldest)
    found = market.figures("NASDAQ", ids="crowding.announced_shares", as_of="2026-01-12")
    assert found["crowding.announced_shares"].value == 18_565_953_619
