"""A pull that was interrupted at any moment, or ran beside another one, ends where an undisturbed one does."""

import random
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import count
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from engine.homes import assert_same, visible
from engine.killing import command, killed_in_time, progress, run
from overshort import sessions
from overshort.engine.due import due_settlement
from overshort.engine.moment import now
from overshort.store.lake import Lake
from publishers.replays import FINRA_COLUMNS, finra
from publishers.server import Handler, Heard, Publisher, Reply, serving

DUE = due_settlement(now())
DAYS = sessions.settlements_between(DUE - timedelta(days=75), DUE)
"""The newest reports by this machine's own clock, which the program in its process reads too."""
NAMES = 900


def invented(day: date) -> pl.DataFrame:
    """Give a report of many random rows, the same ones every time; none of other days."""
    if day not in DAYS:
        return pl.DataFrame(schema=dict.fromkeys(FINRA_COLUMNS, pl.String))
    drawn = np.random.default_rng(day.toordinal()).integers(1, 10_000_000, (NAMES, 3))
    position, previous, adv = (drawn[:, k] for k in range(3))
    frame = pl.DataFrame(
        {
            "symbolCode": [f"Z{k:05}" for k in range(NAMES)],
            "currentShortPositionQuantity": position,
            "previousShortPositionQuantity": previous,
            "averageDailyVolumeQuantity": adv,
            "changePreviousNumber": position - previous,
        }
    )
    said = {"issueName": "Invented", "marketClassCode": "NNM", "settlementDate": day.isoformat()}
    words = frame.with_columns(pl.lit(v).alias(c) for c, v in said.items())
    lacking = [pl.lit(None, pl.String).alias(c) for c in FINRA_COLUMNS if c not in words.columns]
    return words.with_columns(lacking).select(FINRA_COLUMNS)


def _slowed(answer: Handler) -> Handler:
    """Take a little time, so that kills and second pulls fall between requests too."""

    def slow(heard: Heard) -> Reply:
        time.sleep(0.01)
        return answer(heard)

    return slow


@pytest.fixture(scope="module")
def publisher() -> Iterator[Publisher]:
    with serving() as found:
        found.handlers["finra"] = _slowed(finra(invented, DAYS, page=300))
        yield found


@pytest.fixture(scope="module")
def arguments(publisher: Publisher) -> list[str]:
    since = DAYS[0].isoformat()
    base = f"finra.short_interest={publisher.url}/finra"
    return ["pull", "finra.short_interest", "--since", since, "--base-url", base]


@pytest.fixture(scope="module")
def whole(arguments: list[str], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int, int]:
    """An undisturbed pull, how many files it wrote, and how many stand once its tables are made."""
    home = tmp_path_factory.mktemp("whole") / "home"
    made = progress_after_making(tmp_path_factory.mktemp("made") / "home")
    done = run(home, *arguments)
    assert done.returncode == 0
    assert visible(home)["short_interest"].height == len(DAYS) * NAMES
    return home, progress(home), made


def progress_after_making(home: Path) -> int:
    Lake.create(home, simulated=False)
    return progress(home)


def test_a_pull_killed_at_any_moment(arguments: list[str], whole: tuple[Path, int, int], tmp_path: Path) -> None:
    """Killed at moments spread over the making of the tables and the coming in of reports, then run to the end."""
    home, total, made = whole
    drawn = random.Random(20240131)
    moments = [made // 2, *(made + int((total - made - 2) * (k + drawn.random()) / 2) for k in range(2))]
    numbers = count()

    def fresh() -> Path:
        return tmp_path / f"home{next(numbers)}"

    for target in moments:
        cut = killed_in_time(fresh, target, drawn.random() * 0.02, *arguments)
        assert run(cut, *arguments).returncode == 0
        assert_same(visible(cut), visible(home))
        shutil.rmtree(cut)


def test_a_pull_interrupted_from_the_keyboard(
    arguments: list[str], whole: tuple[Path, int, int], tmp_path: Path
) -> None:
    home, total, made = whole
    target = made + (total - made) // 2
    cut = tmp_path / "home"
    with subprocess.Popen(command(cut, *arguments), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        end = time.monotonic() + 60
        while progress(cut) < target and process.poll() is None and time.monotonic() < end:
            time.sleep(0.001)
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=60)[1].decode()
    assert process.returncode == 130
    assert said == "overshort: interrupted; what was committed stays, run the command again to go on.\n"
    assert visible(cut)["short_interest"].height < len(DAYS) * NAMES
    assert run(cut, *arguments).returncode == 0
    assert_same(visible(cut), visible(home))


def test_two_pulls_at_one_time(arguments: list[str], whole: tuple[Path, int, int], tmp_path: Path) -> None:
    home, both = tmp_path / "home", range(2)
    quiet = subprocess.DEVNULL
    pulls = [subprocess.Popen(command(home, *arguments), stdout=quiet, stderr=quiet) for _ in both]
    assert [p.wait(120) for p in pulls] == [0, 0]
    assert_same(visible(home), visible(whole[0]))


def test_run_again_it_adds_nothing(arguments: list[str], whole: tuple[Path, int, int]) -> None:
    """What stands in the store is not asked for again, but for the last two dates, which may be revised."""
    before = visible(whole[0])
    again = run(whole[0], *arguments)
    assert "Nothing new." in again.stdout
    assert_same(before, visible(whole[0]))
