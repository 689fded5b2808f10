"""Files as the user names them: walking folders, unpacking, and the damage that can be seen before any reader."""

import gzip
import io
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
LARGEST = 4 << 30
SMALLER = "split it, or keep its header and the rows that you need"


@dataclass(frozen=True, slots=True)
class Found:
    """A file to look at; ``named`` when the user named it, not a folder above it."""

    path: Path
    named: bool


def walk(paths: Iterable[Path]) -> Iterator[Found]:
    """Give the files below paths, folders sorted, hidden entries left out, each file once.

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
    for path in folder.rglob("*"):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.is_file() and not hidden:
            yield path


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
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        raise RefusedFile(name, f"its zip is damaged ({error})", fix="download it again") from None


def _gunzip(content: bytes, name: str) -> bytes:
    try:
        unzipped = zlib.decompressobj(wbits=31)
        plain = unzipped.decompress(content, LARGEST)
        if unzipped.eof and unzipped.unused_data:  # several members in one file
            return gzip.decompress(content)
    except (zlib.error, OSError, EOFError) as error:
        raise RefusedFile(name, f"its gzip is damaged ({error})", fix="download it again") from None
    if unzipped.unconsumed_tail:
        raise RefusedFile(name, f"it unpacks to more than {LARGEST:,} bytes", fix=SMALLER)
    if not unzipped.eof:
        raise RefusedFile(name, "its gzip ends too early", fix="download it again")
    return plain
