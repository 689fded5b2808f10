"""``overshort brief``."""

import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from overshort.engine.moment import Moment
from overshort.engine.scope import KINDS
from overshort.engine.simulate import ensure_demo
from overshort.errors import NothingToShow, StoreMissing, UsageError
from overshort.store.lake import Lake
from overshort.surfaces.brief import Brief, brief
from overshort.surfaces.cli.options import (
    AsOf,
    Home,
    Json,
    Trigger,
    as_json,
    emit,
    home_of,
    levels_of,
    page,
    require_ending,
    when,
    working,
)
from overshort.surfaces.markdown import render as as_markdown
from overshort.surfaces.page import Page, contents, squeeze
from overshort.surfaces.post import post
from overshort.surfaces.since import changes, moment_before, newest_report
from overshort.surfaces.subject import brief_about, standing_of, symbol_of
from overshort.surfaces.terminal import render

__all__ = ["check_output", "run"]

Writer = Callable[[Brief, Page], str | bytes]
OUTPUT = (
    "Write it to this file too: .html (one offline file), .md, .json, .txt (a post of at most 1,200 characters, its "
    "figures in notes at the end) or .png (a card of 1200×675: the chain of SUBJECT, or SPX, above price, drawn by "
    "Chromium or Chrome)."
)


def run(
    subject: Annotated[
        str | None, Parameter(help="One index with its fund, an exchange, a fund, the VIX or a stock; all left out.")
    ] = None,
    *,
    as_of: AsOf = None,
    since_last: Annotated[
        bool, Parameter(negative="", help="Begin with what changed since the report before, in words and figures.")
    ] = False,
    full: Annotated[bool, Parameter(negative="", help="Print every table, not only a few screens.")] = False,
    json: Json = False,
    output: Annotated[
        Path | None,
        Parameter(name=["--output", "-o"], help=OUTPUT),
    ] = None,
    fail_stale: Annotated[bool, Parameter(negative="", help="Exit 3 when a report that was due is missing.")] = False,
    trigger: Trigger = None,
    demo_if_missing: Annotated[
        bool, Parameter(negative="", help="Without a store, show a small simulated market, marked SIMULATED.")
    ] = False,
    home: Home = None,
) -> int:
    """How crowded the shorts of SPX, NDX, RUT, NASDAQ and LISTED are, and whether price confirms it, as of a day.

    With a SUBJECT, all that is measured of that index or stock.
    """
    write, levels = _writer(output), levels_of(trigger)
    if subject is not None and levels:
        raise UsageError("--trigger belongs to the whole brief; give it without a SUBJECT, or use `overshort chart`")
    lake = _lake(home, demo_if_missing)
    moment = when(lake, as_of)
    with working("measuring every report"):
        build = _builder(lake, subject, levels)
        built = build(moment)
        if since_last:
            built.document["changes"] = _changes(build, built.document)
        shown = _page(built, lake, moment)
    if json:
        emit(built.document)
    else:
        render(shown, page(), full=full or subject is not None)
    if output is not None:
        output.write_bytes(_bytes(write(built, shown)))
        print(f"Written: {output.resolve()}", file=sys.stderr if json else sys.stdout)
    return 3 if fail_stale and built.document["stale"] else 0


def _page(built: Brief, lake: Lake, moment: Moment) -> Page:
    """Give the page; that of a reported stock says where it stands in the squeeze screen, or how to come by it."""
    shown, symbol = contents(built.document), built.document.get("subject", "SPX")
    if symbol in KINDS or newest_report(built.document) is None:
        return shown
    rows = standing_of(symbol, lake, moment)
    return squeeze.unmeasured(shown) if rows is None else squeeze.added(shown, rows)


def _html(built: Brief, shown: Page) -> str:
    from overshort.surfaces.html import render as as_html

    return as_html(shown, built.known, built.document)


def _markdown(_: Brief, shown: Page) -> str:
    return as_markdown(shown)


def _post(built: Brief, _: Page) -> str:
    return post(built.document)


def _card(built: Brief, _: Page) -> bytes:
    from overshort.surfaces.html.card import HEIGHT, WIDTH, card
    from overshort.surfaces.photograph import photograph

    return photograph(card(built.known, built.document), WIDTH, HEIGHT)


def _json(built: Brief, _: Page) -> str:
    return as_json(built.document)


_WRITERS: dict[str, Writer] = {
    ".html": _html,
    ".htm": _html,
    ".md": _markdown,
    ".json": _json,
    ".txt": _post,
    ".png": _card,
}


def _bytes(content: str | bytes) -> bytes:
    return content.encode("utf-8") if isinstance(content, str) else content


def _writer(output: Path | None) -> Writer:
    """Give what turns a brief into the content of a file, by the file's ending.

    Raises
    ------
    UsageError
        If the ending is none of those known.
    """
    require_ending(output, _WRITERS)
    return _WRITERS[".json" if output is None else output.suffix.lower()]


def check_output(output: Path | None) -> None:
    """Refuse a file to write to whose ending is not known, before any work is done.

    Raises
    ------
    UsageError
        If the ending is none of those known.
    """
    _writer(output)


def _builder(lake: Lake, subject: str | None, levels: Mapping[str, float]) -> Callable[[Moment], Brief]:
    if subject is None:
        return lambda moment: brief(lake, moment, levels)
    return partial(brief_about, symbol_of(subject), lake)


def _changes(build: Callable[[Moment], Brief], built: dict[str, Any]) -> dict[str, Any]:
    earlier = moment_before(built)
    if earlier is None:
        raise NothingToShow(
            f"no report was known by {built['as_of']}, so there is none before it; give a later --as-of, or import "
            "short-interest files"
        )
    before = _document(build, earlier)
    if before is None or newest_report(before) is None:
        raise NothingToShow(
            f"the report of {newest_report(built)} is the first in the store, so nothing changed since an earlier one; "
            "give a later --as-of, or import earlier reports"
        )
    return changes(before, built)


def _document(build: Callable[[Moment], Brief], moment: Moment) -> dict[str, Any] | None:
    try:
        return build(moment).document
    except NothingToShow:
        return None


def _lake(home: str | None, demo_if_missing: bool) -> Lake:
    folder = home_of(home)
    try:
        return Lake.open(folder)
    except StoreMissing:
        if not demo_if_missing:
            raise
    return ensure_demo(folder)
