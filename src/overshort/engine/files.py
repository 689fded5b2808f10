"""Files as the user names them: walking folders, unpacking, and the damage that can be seen before any reader."""

import io
import os
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from overshort.errors import RefusedFile, UsageError

__all__ = ["Found", "read", "unpack", "walk"]

GZIP, ZIP = b"\x1f\x8b", b"PK\x03\x04"
TEXTS = frozenset({"", ".txt", ".csv"})
PAGE = (b"<!doctype", b"<html", b"<?xml version")
"""How a web page begins that a publisher's server sends in place of data."""
STORE = "store.json"
"""What a folder holds that is a store: its files are no publisher's."""
LARGEST = 4 << 30
SMALLER = "split it, or keep its header and the rows that you need"


@dataclass(frozen=True, slots=True)
class Found:
    """A file to look at; ``named`` when the user named it, not a folder above it."""

    path: Path
    named: bool


def walk(paths: Iterable[Path]) -> Iterator[Found]:
    """Give the files below paths, folders sorted, hidden entries and stores left out, each file once.

    Raises
    ------
    UsageError
        If a path does not exist.
    """
    seen: set[Path] = set()
    given = list(paths)
    named = {path.resolve() for path in given}
    for path in given:
        if not path.exists():
            raise UsageError(f"{path} does not exist; name a file or folder that does")
        below = sorted(_below(path)) if path.is_dir() else [path]
        for file in below:
            if (real := file.resolve()) not in seen:
                seen.add(real)
                yield Found(file, named=real in named)


def _below(folder: Path) -> Iterator[Path]:
    for root, folders, names in os.walk(folder):
        here = Path(root)
        folders[:] = [f for f in folders if not (f.startswith(".") or (here / f / STORE).exists())]
        yield from (here / name for name in names if not name.startswith(".") and (here / name).is_file())


def read(path: Path) -> bytes:
    """Read a file.

    Raises
    ------
    RefusedFile
        If it cannot be read, or is larger than any file that can be taken.
    """
    try:
        if (size := path.stat().st_size) > LARGEST:
            raise RefusedFile(path, f"it has {size:,} bytes, more than {LARGEST:,}", fix=SMALLER)
        return path.read_bytes()
    except OSError as error:
        raise RefusedFile(path, f"it cannot be read ({error.strerror})", fix="check the file's permissions") from None


def unpack(content: bytes, name: str) -> bytes:
    """Give the content of a file, unpacked where it is gzip, or a zip of one text file as the SEC publishes.

    Raises
    ------
    RefusedFile
        If it is empty, a web page, a damaged or endless gzip or zip.
    """
    plain = _gunzip(content, name) if content.startswith(GZIP) else _unzip(content, name)
    if not plain.strip():
        raise RefusedFile(name, "it is empty", fix="download it again")
    if plain[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(PAGE):
        raise RefusedFile(name, "it is a web page, not data", line=1, fix="download the data file itself")
    return plain


def _unzip(content: bytes, name: str) -> bytes:
    """Give the one text file of a zip; anything else, workbooks among it, as it is."""
    if not content.startswith(ZIP) or not zipfile.is_zipfile(io.BytesIO(content)):
        return content
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            members = packed.infolist()
            if len(members) != 1 or Path(members[0].filename).suffix.lower() not in TEXTS:
                return content
            only = members[0]
            if only.file_size > LARGEST:
                raise RefusedFile(name, f"it unpacks to more than {LARGEST:,} bytes", fix=SMALLER)
            return packed.read(only)
    # zipfile ends with RuntimeError, or a kind of it, over encryption and compressions that it does not know.
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError) as error:
        raise RefusedFile(name, f"its zip is damaged ({error})", fix="download it again") from None


def _gunzip(content: bytes, name: str) -> bytes:
    """Unpack gzip, of one member or of several; blank bytes may follow the last."""
    members: list[bytes] = []
    rest, left = content, LARGEST
    while rest:
        plain, rest = _member(rest, left, name)
        members.append(plain)
        left -= len(plain)
        rest = rest.lstrip(b"\x00")
    return members[0] if len(members) == 1 else b"".join(members)


def _member(packed: bytes, most: int, name: str) -> tuple[bytes, bytes]:
    """Give the first member unpacked, at most so many bytes of it, and what follows it."""
    try:
        unzipped = zlib.decompressobj(wbits=31)
        plain = unzipped.decompress(packed, most + 1)
    except zlib.error as error:
        raise RefusedFile(name, f"its gzip is damaged ({error})", fix="download it again") from None
    if len(plain) > most:
        raise RefusedFile(name, f"it unpacks to more than {LARGEST:,} bytes", fix=SMALLER)
    if not unzipped.eof:
        raise RefusedFile(name, "its gzip ends too early", fix="download it again")
    return plain, unzipped.unused_data
