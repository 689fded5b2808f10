"""One writer at a time, and a lock that dies with its process."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from overshort.errors import StoreError, StoreLocked
from overshort.store.lake import Lake
from store.checks import sentence
from store.rows import levels

HOLD = """
import sys, time
from pathlib import Path
from overshort.store.lake import Lake
with Lake.open(Path(sys.argv[1])).writing():
    print("held", flush=True)
    time.sleep(float(sys.argv[2]))
"""


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake.create(tmp_path / "home", simulated=False)


@contextmanager
def holder(lake: Lake, seconds: float) -> Iterator[subprocess.Popen[str]]:
    """Run another process that holds the store's lock for some seconds."""
    command = [sys.executable, "-c", HOLD, str(lake.home), str(seconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        if process.poll() is None:
            process.kill()


def test_a_second_writer_waits_then_says_so(lake: Lake) -> None:
    with holder(lake, 60):
        begun = time.monotonic()
        with pytest.raises(StoreLocked) as caught, lake.writing(patience=0.4):
            pytest.fail("two writers at a time")
        assert time.monotonic() - begun >= 0.4
    assert "held by another process" in sentence(caught)


def test_a_second_writer_gets_its_turn(lake: Lake) -> None:
    with holder(lake, 0.5) as process:
        with lake.writing(patience=30):
            lake.append("levels", levels(1.0))
        assert process.wait(10) == 0
    assert lake.scan("levels").collect().height == 1


def test_readers_do_not_wait(lake: Lake) -> None:
    with holder(lake, 60) as process:
        assert Lake.open(lake.home).scan("levels").collect().is_empty()
        assert Lake.open(lake.home).version() == lake.version()
        assert process.poll() is None


def test_the_lock_ends_with_a_killed_process(lake: Lake) -> None:
    with holder(lake, 60) as process:
        process.send_signal(signal.SIGKILL)
        assert process.wait(10) == -signal.SIGKILL
        with lake.writing(patience=5):
            lake.append("levels", levels(1.0))


def test_an_error_inside_frees_the_lock(lake: Lake) -> None:
    with pytest.raises(ZeroDivisionError), lake.writing():
        _ = 1 / 0
    with Lake.open(lake.home).writing(patience=0.1):
        pass
    with pytest.raises(RuntimeError, match="only inside writing"):
        lake.append("levels", levels(1.0))


def test_two_writers_of_one_process(lake: Lake) -> None:
    with lake.writing(), pytest.raises(StoreLocked), Lake.open(lake.home).writing(patience=0.1):
        pytest.fail("two writers at a time")


def test_a_lock_that_cannot_be_written(lake: Lake) -> None:
    (lake.home / "lock").unlink(missing_ok=True)
    (lake.home / "lock").mkdir()
    with pytest.raises(StoreError) as caught, lake.writing(patience=0.1):
        pytest.fail("written without a lock")
    assert f"{lake.home / 'lock'} cannot be written" in sentence(caught)
