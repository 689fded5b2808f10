"""Every error that a user can cause or meet.

::

    OvershortError                     exit 1
    ├── UsageError                     exit 2   a flag, date, id or subject that cannot be read
    │   ├── UnknownMetric
    │   └── UnknownSubject
    ├── ConfigError                    exit 2   a setting that cannot be used
    ├── SourceError                    exit 1
    │   ├── RefusedFile                         a file that is not taken, whole
    │   ├── Unrecognised                        content that no source claims
    │   └── FetchError             exit 3   a publisher's server did not give what was asked for
    │       ├── NotPublished                    it has nothing for that date, or not yet
    │       ├── Limited                         it asks to come again later
    │       ├── Unreachable                     no answer, half an answer, or none in time
    │       └── BadAnswer                       an answer that is not what was asked for
    ├── StoreError                     exit 1
    │   ├── StoreMissing               exit 3   no store where one is needed
    │   ├── StoreLocked                         another process writes
    │   ├── StoreVersion                        made by another version of the layout
    │   ├── MixedStore                          simulated rows into a real store, or the reverse
    │   ├── SchemaMismatch                      rows whose columns or types are not the table's
    │   └── ForecastFixed                       another value for a forecast that was written
    ├── NoPicture                      exit 1   no browser made a picture of a page
    └── NothingToShow                  exit 3   no figure exists as of the asked day

A message is one sentence: the value, the rule it breaks, and the fix.
"""

from pathlib import Path
from typing import ClassVar

__all__ = [
    "BadAnswer",
    "ConfigError",
    "FetchError",
    "ForecastFixed",
    "Limited",
    "MixedStore",
    "NoPicture",
    "NotPublished",
    "NothingToShow",
    "OvershortError",
    "RefusedFile",
    "SchemaMismatch",
    "SourceError",
    "StoreError",
    "StoreLocked",
    "StoreMissing",
    "StoreVersion",
    "UnknownMetric",
    "UnknownSubject",
    "Unreachable",
    "Unrecognised",
    "UsageError",
]


class OvershortError(Exception):
    """Root of all errors that overshort raises on purpose."""

    exit_code: ClassVar[int] = 1


class UsageError(OvershortError):
    """What the user asked for cannot be read."""

    exit_code: ClassVar[int] = 2


class UnknownMetric(UsageError):
    """No metric has this id."""


class UnknownSubject(UsageError):
    """No index, exchange or symbol in the store has this name."""


class ConfigError(OvershortError):
    """A setting holds a value that cannot be used."""

    exit_code: ClassVar[int] = 2


class SourceError(OvershortError):
    """A publisher's file cannot be used."""


class RefusedFile(SourceError):
    """A file is refused whole; nothing of it enters the store.

    Parameters
    ----------
    file
        The file as the user named it.
    cause
        What is wrong, with the value that shows it.
    line
        Line of the original file, counted from 1; ``None`` where no line is to blame.
    fix
        What the user can do about it; empty where nothing can be done.
    """

    def __init__(self, file: Path | str, cause: str, *, line: int | None = None, fix: str = "") -> None:
        self.file = str(file)
        self.cause = cause
        self.line = line
        self.fix = fix
        where = self.file if line is None else f"{self.file}, line {line}"
        super().__init__(f"{where}: {self._tail()}")

    def _tail(self) -> str:
        return f"{self.cause}; {self.fix}" if self.fix else self.cause

    @property
    def reason(self) -> str:
        """The message without the file's name, for a table that has it in another column."""
        return self._tail() if self.line is None else f"line {self.line}: {self._tail()}"


class Unrecognised(SourceError):
    """No source recognises the content of a file."""


class FetchError(SourceError):
    """A publisher's server did not give what was asked for; nothing of it enters the store."""

    exit_code: ClassVar[int] = 3


class NotPublished(FetchError):
    """The server has nothing for that date, or not yet."""


class Limited(FetchError):
    """The server asks to come again later.

    Parameters
    ----------
    after
        Seconds that it asks to wait; ``None`` where it does not say.
    again
        Whether waiting a little can help: a ban for hours is not waited for.
    """

    def __init__(self, message: str, *, after: float | None = None, again: bool = True) -> None:
        self.after = after
        self.again = again
        super().__init__(message)


class Unreachable(FetchError):
    """No answer came, or half of one, or none in time.

    Parameters
    ----------
    again
        Whether asking again can help: a certificate does not mend itself.
    """

    def __init__(self, message: str, *, again: bool = True) -> None:
        self.again = again
        super().__init__(message)


class BadAnswer(FetchError):
    """What the server answered is not what was asked for."""


class StoreError(OvershortError):
    """The local store cannot be read or written."""


class StoreMissing(StoreError):
    """No store exists where one is needed."""

    exit_code: ClassVar[int] = 3


class StoreLocked(StoreError):
    """Another process is writing to the store."""


class StoreVersion(StoreError):
    """The store was made by another version of the layout."""


class MixedStore(StoreError):
    """Simulated and real rows would share a store."""


class SchemaMismatch(StoreError):
    """Rows do not have exactly the columns and types of their table."""


class ForecastFixed(StoreError):
    """A forecast that was written would get another value."""


class NoPicture(OvershortError):
    """No browser made a picture of a page: none is there, or it failed."""


class NothingToShow(OvershortError):
    """No figure exists as of the asked day."""

    exit_code: ClassVar[int] = 3
