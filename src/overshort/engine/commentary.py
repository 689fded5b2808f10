"""A commentary from bytes to verdicts: whatever is odd about its text is said, not passed over."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from overshort.engine.audit import Audit, Text, audit
from overshort.engine.moment import Moment
from overshort.errors import ConfigError, UsageError
from overshort.store.lake import Lake
from overshort.thesis.audit import with_default
from overshort.thesis.grammar import (
    ENTRY_POINTS,
    Extractor,
    Lexicon,
    extended,
    sentences,
    standard,
    statements,
)
from overshort.thesis.statement import Statement

__all__ = ["GRAMMAR", "LARGEST", "Commentary", "Reader", "audited", "decoded", "extractor", "lexicon"]

LARGEST = 200_000
"""Bytes; a commentary is an essay, not a book."""
GRAMMAR = "grammar"
"""The extractor of the package itself."""
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
FALLBACKS = ("cp1252", "latin-1")
"""Tried in turn where a text is not UTF-8; the second takes every byte."""


@dataclass(frozen=True, slots=True)
class Commentary:
    """A text, where it came from, and what had to be assumed to read it."""

    name: str
    text: str
    notes: tuple[str, ...]


def decoded(content: bytes, name: str) -> Commentary:
    """Read bytes as text: UTF-8, UTF-16 with its mark, else a named fallback.

    Raises
    ------
    UsageError
        If the text is empty, over 200 kB, or no text at all.
    """
    if len(content) > LARGEST:
        raise UsageError(f"{name} has more than the {LARGEST:,} bytes that are read; cut it into parts")
    text, notes = _text(content, name)
    if not text.strip():
        raise UsageError(f"{name} is empty; give a text with at least one sentence")
    return Commentary(name, text, notes)


def _text(content: bytes, name: str) -> tuple[str, tuple[str, ...]]:
    if content.startswith(_UTF16):
        try:
            return content.decode("utf-16"), ("Read as UTF-16, as its first bytes say.",)
        except UnicodeDecodeError:
            raise UsageError(f"{name} begins like UTF-16 and is not; save it as UTF-8") from None
    if b"\0" in content:
        raise UsageError(f"{name} is no plain text (a NUL byte at {content.index(0):,}); save it as plain text")
    try:
        return content.decode("utf-8-sig"), ()
    except UnicodeDecodeError as error:
        note = f"Not UTF-8 (byte 0x{content[error.start]:02x} at {error.start:,})"
    encoding = next(e for e in FALLBACKS if _takes(e, content))
    return content.decode(encoding), (f"{note}: read as {encoding}; quotes, dashes and signs may be wrong.",)


def _takes(encoding: str, content: bytes) -> bool:
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def lexicon(path: Path) -> Lexicon:
    """Lay a file of one's own words over the package's lexicon.

    Raises
    ------
    UsageError
        If the file cannot be read as UTF-8.
    ConfigError
        If it is no lexicon.
    """
    try:
        with path.open("rb") as opened:
            text = opened.read(LARGEST + 1).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        raise UsageError(f"--lexicon {path} cannot be read ({why}); give a TOML file") from None
    if len(text) > LARGEST:
        raise UsageError(
            f"--lexicon {path} has more than the {LARGEST:,} characters that are read; give a shorter file"
        )
    return extended(standard(), text, path.name)


def extractor(name: str) -> Extractor:
    """Give the extractor of a name: the grammar, or what an installed package offers as ``overshort.extractors``.

    Raises
    ------
    UsageError
        If none is called so.
    ConfigError
        If its package cannot be loaded, or offers nothing that can be called.
    """
    if name == GRAMMAR:
        return statements
    known = {e.name: e for e in entry_points(group=ENTRY_POINTS)}
    if name not in known:
        raise UsageError(f"--extractor {name!r} is none of {', '.join([GRAMMAR, *sorted(known)])}; give one of them")
    return _guarded(name, _loaded(known[name]))


def _loaded(entry: EntryPoint) -> Callable[..., object]:
    try:
        found: object = entry.load()
    except Exception as error:  # another's package may fail in any way
        raise ConfigError(_failed(entry.name, error)) from error
    if not callable(found):
        raise ConfigError(f"extractor {entry.name!r} ({entry.value}) cannot be called; tell its author")
    return found


def _failed(name: str, error: Exception) -> str:
    return f"extractor {name!r} failed ({type(error).__name__}: {error}); tell its author, or use {GRAMMAR}"


def _guarded(name: str, found: Callable[..., object]) -> Extractor:
    """Let another's code fail in one sentence, and give nothing but statements."""

    def extract(text: str, written: date, lexicon: Lexicon | None = None) -> list[Statement]:
        try:
            told = found(text, written, lexicon)
        except Exception as error:
            raise ConfigError(_failed(name, error)) from error
        if not isinstance(told, list) or not all(isinstance(s, Statement) for s in told):
            raise ConfigError(f"extractor {name!r} gave no list of statements; tell its author, or use {GRAMMAR}")
        return told

    return extract


@dataclass(frozen=True, slots=True)
class Reader:
    """How a commentary is read.

    Attributes
    ----------
    subject_default
        What a statement is about that names nothing.
    lexicon
        The words known; the package's own where left out.
    extract
        What makes statements of a text.
    """

    subject_default: str | None = None
    lexicon: Lexicon | None = None
    extract: Extractor = statements


PLAIN = Reader()


def audited(
    lake: Lake, text: Commentary, moment: Moment, resolve_at: Moment | None = None, reader: Reader = PLAIN
) -> Audit:
    """Read a commentary's statements and check them."""
    found = reader.extract(text.text, moment.day, reader.lexicon)
    if reader.subject_default is not None:
        found = [with_default(s, reader.subject_default) for s in found]
    said = {s.number: s.text for s in sentences(text.text)}
    return audit(lake, Text(text.name, said, text.notes), found, moment, resolve_at)
