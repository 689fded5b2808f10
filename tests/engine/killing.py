"""Running the command line in a process of its own, and killing it at a chosen point of its progress."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

__all__ = ["command", "killed_at", "killed_in_time", "progress", "run"]

POLL, WAKING = 0.0005, 0.003
TOO_LONG = 60.0


def command(home: Path, *arguments: str) -> list[str]:
    """Give the command line of the installed program on a store."""
    return [str(Path(sys.executable).with_name("overshort")), *arguments, "--home", str(home)]


def run(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(command(home, *arguments), capture_output=True, text=True, timeout=TOO_LONG, check=False)


def progress(home: Path) -> int:
    """Count what stands below a store's folder: it grows with every step of a writer."""
    return sum(len(folders) + len(files) for _, folders, files in os.walk(home))


def _until(holds: Callable[[], bool], process: subprocess.Popen[bytes], poll: float) -> None:
    end = time.monotonic() + TOO_LONG
    while not holds() and process.poll() is None and time.monotonic() < end:
        time.sleep(poll)


def killed_at(home: Path, target: int, pause: float, *arguments: str) -> bool:
    """Start a command and kill it, by SIGKILL, some seconds after its progress has come to a target.

    Returns
    -------
    bool
        Whether it was the kill that ended it: the process ran just before, and its exit code is the signal's.
    """
    quiet, begun = subprocess.DEVNULL, progress(home)
    with subprocess.Popen(command(home, *arguments), stdout=quiet, stderr=quiet) as process:
        _until(lambda: progress(home) > begun, process, WAKING)  # it only imports yet: leave it the processor
        _until(lambda: progress(home) >= target, process, POLL)
        time.sleep(pause)
        alive = process.poll() is None
        process.send_signal(signal.SIGKILL)
        code = process.wait(TOO_LONG)
    return alive and code == -signal.SIGKILL


def killed_in_time(prepare: Callable[[], Path], target: int, pause: float, *arguments: str) -> Path:
    """Kill a command at a target; on a busy machine it may end first, then try again from the beginning.

    Returns
    -------
    Path
        The store as the kill left it.
    """
    for _ in range(5):
        home = prepare()
        if killed_at(home, target, pause, *arguments):
            return home
    raise AssertionError(f"the command ended five times before its progress of {target} was seen")
