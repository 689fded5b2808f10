"""The outbox of alerts: what was seen, what waits to be sent, what was taken.

A file of JSON lines, ``HOME/alerts/outbox.jsonl``, that only grows, by a line a change of state.  A line is flushed to
the disk before anything is sent, so a kill loses nothing; one that a kill tore has no newline and counts as never
written.  What was seen and the alerts that follow from it are one line, so that neither can be there alone.

It is no data: no figure is made of it and it plays no part in the data version.
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from overshort.errors import StoreError
from overshort.store.lock import locked

__all__ = ["Letter", "Outbox", "Seen"]

Letter = Mapping[str, Any]
"""An alert as it is sent; ``key`` is its idempotency key."""


class Seen(NamedTuple):
    """The verdict that a destination knows of a rule and a subject, and the rule's definition at that time."""

    to: str
    rule: str
    subject: str
    verdict: str
    definition: str


class Outbox:
    """The state of all alerts of a store.

    Attributes
    ----------
    seen
        By destination, rule and subject.
    waiting
        Alerts that no destination took yet, by destination and key, oldest first.
    delivered
        Destination and key of every alert that was taken.
    """

    def __init__(self, path: Path) -> None:
        self.seen: dict[tuple[str, str, str], Seen] = {}
        self.waiting: dict[tuple[str, str], Letter] = {}
        self.delivered: set[tuple[str, str]] = set()
        self._path = path
        for number, line in enumerate(_whole(path).splitlines(), 1):
            self._take(line, number)

    @classmethod
    def read(cls, home: Path) -> "Outbox":
        """Read the outbox of a store without writing anything; where there is none, an empty one."""
        return cls(home / "alerts" / "outbox.jsonl")

    @classmethod
    @contextmanager
    def writing(cls, home: Path, patience: float) -> "Iterator[Outbox]":
        """Hold the outbox of a store.

        Parameters
        ----------
        patience
            Seconds to wait for another process.

        Raises
        ------
        StoreLocked
            If another process still holds it after that.
        StoreError
            If it is damaged or cannot be written.
        """
        folder = home / "alerts"
        try:
            folder.mkdir(exist_ok=True)
        except OSError as error:
            raise StoreError(f"{folder} cannot be made ({error.strerror}); mend the folder's rights") from None
        with locked(folder / "lock", patience):
            _mend(folder / "outbox.jsonl")
            yield cls.read(home)

    def record(self, seen: Iterable[Seen], letters: Iterable[tuple[str, Letter]]) -> None:
        """Write down what is seen now, and the alerts to send for it, as one: ``(destination, letter)``.

        An alert that waits already, or was delivered, is not taken again.
        """
        new = [s for s in seen if self.seen.get(s[:3]) != s]
        added = [(to, one) for to, one in letters if not self.has(to, one["key"])]
        if new or added:
            self._write({"seen": [list(s) for s in new], "waiting": [list(a) for a in added]})

    def mark(self, to: str, key: str) -> None:
        """Write down that a destination took an alert."""
        self._write({"delivered": [to, key]})

    def has(self, to: str, key: str) -> bool:
        """Tell whether an alert waits for a destination or was taken by it."""
        return (to, key) in self.waiting or (to, key) in self.delivered

    def _write(self, event: Mapping[str, Any]) -> None:
        line = json.dumps(event, ensure_ascii=False, allow_nan=False).encode() + b"\n"
        begun = self._path.exists()
        with self._path.open("ab") as file:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
        if not begun:
            _sync(self._path.parent)
        self._apply(event)

    def _take(self, line: bytes, number: int) -> None:
        try:
            self._apply(json.loads(line))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise StoreError(
                f"{self._path}, line {number}, is damaged ({error}); restore it from a backup, or move the file away: "
                "the next run then records every verdict anew and sends nothing for it"
            ) from None

    def _apply(self, event: Mapping[str, Any]) -> None:
        for row in event.get("seen", ()):
            one = Seen(*row)
            self.seen[one.to, one.rule, one.subject] = one
        for to, letter in event.get("waiting", ()):
            self.waiting[to, letter["key"]] = letter
        if "delivered" in event:
            to, key = event["delivered"]
            self.waiting.pop((to, key), None)
            self.delivered.add((to, key))


def _whole(path: Path) -> bytes:
    """Give the whole lines of a file."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise StoreError(f"{path} cannot be read ({error.strerror}); mend its rights") from None
    return content[: content.rfind(b"\n") + 1]


def _mend(path: Path) -> None:
    """Cut off a line that a kill tore, lest the next one be written behind it."""
    whole = len(_whole(path))
    if path.exists() and path.stat().st_size > whole:
        with path.open("r+b") as file:
            file.truncate(whole)
            os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    """Flush a folder, so that a new file's name survives a stop of the machine."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
