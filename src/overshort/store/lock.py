"""The lock of a store: one writer at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from overshort.errors import StoreError, StoreLocked

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
    StoreError
        If the file cannot be written.
    """
    lock = FileLock(path, timeout=patience)
    try:
        lock.acquire()
    except Timeout:
        raise StoreLocked(
            f"{path} is held by another process and a store has one writer at a time; "
            "wait until it ends, then run the command again"
        ) from None
    except OSError as error:
        raise StoreError(f"{path} cannot be written ({error.strerror}); choose another --home") from None
    try:
        yield
    finally:
        lock.release()
