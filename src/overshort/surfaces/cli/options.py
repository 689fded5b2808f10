"""Options and output that every command shares."""

import sys
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from math import inf
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter, Token
from rich.console import Console

from overshort import config
from overshort.errors import UsageError
from overshort.metrics.prices import PROXIES
from overshort.surfaces.answers import open_lake, when
from overshort.surfaces.texts import as_json

__all__ = [
    "AsOf",
    "Home",
    "Json",
    "Offline",
    "Trigger",
    "as_json",
    "emit",
    "home_of",
    "levels_of",
    "open_lake",
    "page",
    "require_ending",
    "when",
    "whole",
    "working",
]

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
Trigger = Annotated[
    list[str] | None,
    Parameter(
        name="--trigger",
        negative="",
        help="Measure a fund against a level of yours, QQQ=605.5, this once; repeat it for another fund.",
    ),
]
Offline = Annotated[
    Path | None, Parameter(name=["--output", "-o"], help="Write it to this file too, .html, readable offline.")
]
Json = Annotated[bool, Parameter(name="--json", negative="", help="One JSON document on standard output.")]


def require_ending(output: Path | None, endings: Collection[str] = (".html", ".htm")) -> None:
    """Refuse a file to write to whose ending is not known, before any work is done.

    Raises
    ------
    UsageError
        If its name ends, in capitals or not, in none of the endings.
    """
    if output is not None and output.suffix.lower() not in endings:
        raise UsageError(f"{output.name!r} ends in none of {', '.join(endings)}; give --output a name that does")


def whole(_: object, tokens: Sequence[Token]) -> int:
    """Read a whole number; cyclopts itself would round 2.5 without a word."""
    given = tokens[0].value
    if not given.removeprefix("-").isdecimal():
        raise ValueError(f"{given!r} is no whole number.")
    return int(given)


def levels_of(given: Sequence[str] | None) -> dict[str, float]:
    """Give the levels of ``--trigger`` by traded proxy.

    Raises
    ------
    UsageError
        If one is not written QQQ=605.5, its level is not a number above 0, or a fund has two.
    """
    found: dict[str, float] = {}
    for text in given or []:
        name, _, number = text.partition("=")
        symbol = name.strip().upper()
        if symbol not in PROXIES.values():
            raise UsageError(f"--trigger {text!r} names no traded proxy; give {' or '.join(PROXIES.values())}=LEVEL")
        if symbol in found:
            raise UsageError(f"--trigger gives {symbol} two levels; give one, or a file `symbol,from,level`")
        found[symbol] = _level(text, number)
    return found


def _level(text: str, number: str) -> float:
    try:
        level = float(number)
    except ValueError:
        level = 0.0
    if not 0 < level < inf:
        raise UsageError(f"--trigger {text!r} has no level above 0; write it like QQQ=605.5")
    return level


def home_of(flag: str | None) -> Path:
    """Give the store's folder: flag, environment, project file, user file, default."""
    return config.load({"home": flag}).home


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
