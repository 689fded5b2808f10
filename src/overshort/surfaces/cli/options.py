"""Options and output that every command shares."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter, Token
from rich.console import Console

from overshort import config
from overshort.engine.simulate import when
from overshort.store.lake import Lake
from overshort.surfaces.texts import as_json

__all__ = ["AsOf", "Home", "Json", "as_json", "emit", "home_of", "open_lake", "page", "when", "whole", "working"]

Home = Annotated[
    str | None, Parameter(name="--home", help="Folder of the store (default: OVERSHORT_HOME, then config).")
]
AsOf = Annotated[
    str | None,
    Parameter(
        name=["--as-of", "--date", "--session"],
        help="Only what was known by the end of this day in New York, YYYY-MM-DD (default: now).",
    ),
]
Json = Annotated[bool, Parameter(name="--json", negative="", help="One JSON document on standard output.")]


def whole(_: object, tokens: Sequence[Token]) -> int:
    """Read a whole number; cyclopts itself would round 2.5 without a word."""
    given = tokens[0].value
    if not given.removeprefix("-").isdecimal():
        raise ValueError(f"{given!r} is no whole number.")
    return int(given)


def home_of(flag: str | None) -> Path:
    """Give the store's folder: flag, environment, project file, user file, default."""
    return config.load({"home": flag}).home


def open_lake(flag: str | None) -> Lake:
    """Open the store that the settings name."""
    return Lake.open(home_of(flag))


def emit(document: Any) -> None:
    """Write one JSON document on standard output."""
    sys.stdout.write(as_json(document))


@contextmanager
def working(words: str) -> Iterator[None]:
    """Show on a terminal that something takes a while."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield
        return
    with console.status(words):
        yield


class _Page(Console):
    def on_broken_pipe(self) -> None:
        """Leave a closed pipe to the command line, which ends quietly; rich itself would exit with 1."""
        raise BrokenPipeError


def page() -> Console:
    """Give the console of standard output; where it is no terminal, plain text 120 wide."""
    console = _Page(highlight=False, soft_wrap=False)
    if not console.is_terminal:
        console = _Page(highlight=False, width=120, color_system=None)
    return console
