"""A commentary from bytes to verdicts: whatever is odd about its text is said, not passed over."""

from dataclasses import dataclass

from overshort.engine.audit import Audit, Text, audit
from overshort.engine.moment import Moment
from overshort.errors import UsageError
from overshort.store.lake import Lake
from overshort.thesis.audit import with_default
from overshort.thesis.grammar import sentences, statements

__all__ = ["LARGEST", "Commentary", "audited", "decoded"]

LARGEST = 200_000
"""Bytes; a commentary is an essay, not a book."""
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


def audited(
    lake: Lake, text: Commentary, moment: Moment, resolve_at: Moment | None = None, subject_default: str | None = None
) -> Audit:
    """Read a commentary's statements and check them.

    Parameters
    ----------
    subject_default
        What a statement is about that names nothing.
    """
    found = statements(text.text, moment.day)
    if subject_default is not None:
        found = [with_default(s, subject_default) for s in found]
    said = {s.number: s.text for s in sentences(text.text)}
    return audit(lake, Text(text.name, said, text.notes), found, moment, resolve_at)
