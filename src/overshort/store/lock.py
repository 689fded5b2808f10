"""The lock of a store: one writer at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from overshort.errors import StoreLocked

__all__ = ["locked"]


@contextmanager
def locked(path: Path, patience: float) -> Iterator[None]:
    """Hold an exclusive lock on a file; the file stays, the lock ends with the process.

    Parameters
    ----------
    patience
        Seconds to wait for another process.

    Raises
    ------
    StoreLocked
        If it is still held after that.
    """
    try:
        with FileLock(path, timeout=patience):
            yield
    except Timeout:
        raise StoreLocked(
            f"{path} is held by another process and a store has one writer at a time; "
            "wait until it ends, then run the command again"
        ) from None
