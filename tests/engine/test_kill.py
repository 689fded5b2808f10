"""A writer killed at any moment tears nothing, and the same command run again ends where it would have."""

import random
import shutil
import subprocess
import time
from contextlib import suppress
from functools import partial
from itertools import count
from pathlib import Path

import polars as pl
import pytest

from engine.homes import assert_same, invented, line, report, take, visible
from engine.killing import command, killed_in_time, progress, run
from overshort import schema, sessions
from overshort.engine.forget import forget
from overshort.errors import StoreMissing, UsageError
from overshort.store.lake import Lake
from overshort.store.raw import Vault

FILES, NAMES = 12, 2000


@pytest.fixture(scope="module")
def inbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("inbox")
    for k, day in enumerate(sessions.settlements(2023)[:FILES]):
        (folder / f"{k:02}.csv").write_bytes(invented(day, names=NAMES, seed=k))
    return folder


@pytest.fixture(scope="module")
def whole(inbox: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """An uninterrupted import, and how many files it wrote."""
    home = tmp_path_factory.mktemp("whole") / "home"
    assert run(home, "import", str(inbox)).returncode == 0
    assert visible(home)["short_interest"].height == FILES * NAMES
    return home, progress(home)


def readable(home: Path) -> int:
    """Read every table of a store that was killed; nothing where it had not been made yet."""
    try:
        lake = Lake.open(home)
    except StoreMissing:
        return 0
    lake.version()
    Vault(home / "raw").records()
    return sum(lake.scan(name).select(pl.len()).collect().item() for name in schema.TABLES)


def targets(made: int, total: int, drawn: random.Random) -> list[int]:
    """Give three moments while the tables are made, and seven while rows go in, spread over each stretch."""
    early = [1 + int((made - 2) * (k + drawn.random()) / 3) for k in range(3)]
    return early + [made + int((total - made - 3) * (k + drawn.random()) / 7) for k in range(7)]


def test_an_import_killed_at_any_moment(inbox: Path, whole: tuple[Path, int], tmp_path: Path) -> None:
    Lake.create(tmp_path / "made", simulated=False)
    expected, drawn = visible(whole[0]), random.Random(20240601)
    seen = []
    for k, target in enumerate(targets(progress(tmp_path / "made"), whole[1], drawn)):
        new = partial(next, (tmp_path / f"{k}-{n}" for n in count()))
        home = killed_in_time(new, target, drawn.random() * 0.01, "import", str(inbox))
        seen.append(readable(home))
        assert take(home, inbox).exit_code == 0
        assert_same(visible(home), expected)
        assert {r.state for r in Vault(home / "raw").records()} == {"active"}
    assert len(set(seen)) >= 5, f"the kills fell together: {seen}"
    assert max(seen) <= FILES * NAMES


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of one wrong file and ten that hold its rows too, or revise them."""
    folder = tmp_path_factory.mktemp("before")
    rows = [line(f"Z{k:04}", k) for k in range(1500)]
    (folder / "wrong.csv").write_bytes(report(*rows))
    take(folder / "home", folder / "wrong.csv")
    for k in range(10):
        part = [line(f"Z{n:04}", n + (n % 7 == k)) for n in range(150 * k, 150 * k + 160)]
        (folder / f"{k}.csv").write_bytes(report(*part))
        take(folder / "home", folder / f"{k}.csv")
        take(folder / "right", folder / f"{k}.csv")
    return folder


def test_forgetting_killed_at_any_moment(before: Path, tmp_path: Path) -> None:
    shutil.copytree(before / "home", tmp_path / "whole")
    begun = progress(tmp_path / "whole")
    assert run(tmp_path / "whole", "forget", "wrong.csv").returncode == 0
    steps = progress(tmp_path / "whole") - begun
    expected = visible(before / "right")
    assert_same(visible(tmp_path / "whole"), expected)
    drawn = random.Random(20240602)
    for k in range(3):
        copy = partial(next, (Path(shutil.copytree(before / "home", tmp_path / f"{k}-{n}")) for n in count()))
        target = begun + 1 + int((steps - 3) * (k + drawn.random()) / 3)
        home = killed_in_time(copy, target, drawn.random() * 0.004, "forget", "wrong.csv")
        readable(home)
        with suppress(UsageError):  # it was out already, only the rest was missing
            forget(home, "wrong.csv")
        assert_same(visible(home), expected)


def test_two_imports_at_once_into_a_store_that_is_not_there(
    inbox: Path, whole: tuple[Path, int], tmp_path: Path
) -> None:
    home = tmp_path / "home"
    begun = time.monotonic()
    both = [
        subprocess.Popen(
            command(home, "import", str(inbox)), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        for _ in range(2)
    ]
    said = [process.communicate(timeout=60)[0] for process in both]
    assert [p.returncode for p in both] == [0, 0], f"{said} after {time.monotonic() - begun:.1f} s"
    assert sum(f"{FILES * NAMES:,} rows added" in text for text in said) == 1
    assert sum("Nothing new" in text for text in said) == 1
    assert_same(visible(home, but=()), visible(whole[0], but=()))
