"""The vault: every imported byte, kept by the hash of its content.

An object is written under another name, flushed to disk and renamed, and so is its record: whatever name is there
is whole.  Nothing is ever removed; a forgotten file keeps its bytes.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

import zstandard

from overshort.errors import StoreError

__all__ = ["Record", "Vault", "content_hash", "write_whole"]

LEVEL = 3
State = Literal["pending", "active", "forgotten"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What the vault knows about one file.

    Attributes
    ----------
    sha256
        Hash of the original bytes.
    name
        The file as the user named it.
    bytes
        Size of the original.
    source
        Name of the source that read it.
    options
        What the user said about it on the command line.
    order
        Its place in the sequence of imports; a file imported again after it was forgotten gets a new one.
    state
        pending until the last of its rows is in the tables, then active; forgotten once taken out.
    batch
        How often it had been taken out before.
    tables
        Tables that its source writes.
    rows
        Rows that it has.
    met
        How many of its rows were known from earlier files, or revised theirs.
    imported
        When, ISO 8601, UTC; for the reader, nothing depends on it.
    pulled
        When it was fetched from its publisher, ISO 8601, UTC: its revisions were not known before.  Empty for files.
    """

    sha256: str
    name: str
    bytes: int
    source: str
    options: dict[str, str] = field(default_factory=dict)
    order: int = 0
    state: State = "pending"
    batch: int = 0
    tables: tuple[str, ...] = ()
    rows: int = 0
    met: int = 0
    imported: str = ""
    pulled: str = ""


def content_hash(content: bytes) -> str:
    """Give the SHA-256 of bytes as 64 hex digits."""
    return hashlib.sha256(content).hexdigest()


class Vault:
    """The folder ``HOME/raw``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, content: bytes, record: Record) -> str:
        """Keep bytes and their record; the same bytes again only replace the record.

        Returns
        -------
        str
            The hash under which :meth:`get` gives them back.
        """
        if content_hash(content) != record.sha256:
            raise ValueError("the record belongs to other bytes")
        path = self._path(record.sha256, ".zst")
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, zstandard.ZstdCompressor(level=LEVEL).compress(content))
        self.update(record)
        return record.sha256

    def update(self, record: Record) -> None:
        """Replace the record of kept bytes."""
        write_whole(self._path(record.sha256, ".json"), (json.dumps(asdict(record), indent=1) + "\n").encode())

    def get(self, sha256: str) -> bytes:
        """Give the original bytes back.

        Raises
        ------
        StoreError
            If they are missing or no longer have this hash.
        """
        path = self._path(sha256, ".zst")
        try:
            content = zstandard.ZstdDecompressor().decompress(path.read_bytes())
        except (OSError, zstandard.ZstdError) as error:
            raise _damaged(path, str(error)) from None
        if (found := content_hash(content)) != sha256:
            raise _damaged(path, f"its content has the hash {found[:16]}")
        return content

    def record(self, sha256: str) -> Record | None:
        """Give the record of a hash, or nothing."""
        path = self._path(sha256, ".json")
        return _read(path) if path.exists() else None

    def records(self) -> list[Record]:
        """Give every record, in the order of import."""
        return sorted(self._records(), key=lambda r: (r.order, r.sha256))

    def _records(self) -> Iterator[Record]:
        for path in self.folder.glob("??/*.json"):
            yield _read(path)

    def _path(self, sha256: str, suffix: str) -> Path:
        return self.folder / sha256[:2] / f"{sha256}{suffix}"


def _damaged(path: Path, why: str) -> StoreError:
    return StoreError(
        f"{path} is damaged ({why}); restore it from a backup, "
        f"or remove {path.stem}.zst and .json there and import the original file again"
    )


def _read(path: Path) -> Record:
    try:
        facts = json.loads(path.read_text("utf-8"))
        return Record(**{**facts, "tables": tuple(facts["tables"])})
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise _damaged(path, str(error)) from None


def write_whole(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, also when the machine stops."""
    draft = path.with_name(f"{path.name}.part")
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
