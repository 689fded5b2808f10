"""``overshort audit``."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from overshort.engine.audit import Audit
from overshort.engine.commentary import GRAMMAR, LARGEST, Commentary, Reader, audited, decoded, extractor, lexicon
from overshort.engine.moment import moment
from overshort.errors import UsageError
from overshort.surfaces.cli.options import (
    AsOf,
    Home,
    Json,
    as_json,
    emit,
    open_lake,
    page,
    require_ending,
    when,
    working,
)
from overshort.surfaces.markdown import render as as_markdown
from overshort.surfaces.page.audit import contents
from overshort.surfaces.terminal import render

__all__ = ["run"]

STDIN = "-"


def run(
    file: Annotated[
        str, Parameter(allow_leading_hyphen=True, help="The commentary as plain text; - reads standard input.")
    ],
    /,
    *,
    as_of: AsOf = None,
    resolve_at: Annotated[
        str | None, Parameter(help="Read what the text expected again with what was known by this day, YYYY-MM-DD.")
    ] = None,
    subject_default: Annotated[
        str | None, Parameter(help="SPX, NDX, RUT or a stock: what a sentence is about that names nothing.")
    ] = None,
    words: Annotated[
        Path | None, Parameter(name="--lexicon", help="TOML of your own words, laid over those that are known.")
    ] = None,
    extract: Annotated[
        str, Parameter(name="--extractor", help="What reads the text: the grammar, or another that is installed.")
    ] = GRAMMAR,
    json: Json = False,
    output: Annotated[
        Path | None,
        Parameter(name=["--output", "-o"], help="Write it to this file too: .html (one offline file), .md or .json."),
    ] = None,
    home: Home = None,
) -> int:
    """Check a market commentary, sentence by sentence, against the data known on its date."""
    write = _writer(output)
    text = _read(file)
    reader = Reader(
        subject_default.upper() if subject_default else None, lexicon(words) if words else None, extractor(extract)
    )
    lake = open_lake(home)
    then = when(lake, as_of)
    later = moment(resolve_at) if resolve_at else None
    with working("measuring every statement"):
        built = audited(lake, text, then, later, reader)
    if json:
        emit(built.document)
    else:
        render(contents(built.document), page(), full=True)
    if output is not None:
        output.write_text(write(built), "utf-8")
        print(f"Written: {output.resolve()}", file=sys.stderr if json else sys.stdout)
    return 0


def _read(file: str) -> Commentary:
    if file == STDIN:
        return decoded(sys.stdin.buffer.read(LARGEST + 1), "standard input")
    path = Path(file)
    try:
        with path.open("rb") as opened:
            content = opened.read(LARGEST + 1)
    except OSError as error:
        raise UsageError(
            f"{file} cannot be read ({error.strerror}); give a text file, or - for standard input"
        ) from None
    return decoded(content, path.name)


def _html(built: Audit) -> str:
    from overshort.surfaces.html import render as as_html

    return as_html(contents(built.document), built.known, built.document)


def _markdown(built: Audit) -> str:
    return as_markdown(contents(built.document))


def _json(built: Audit) -> str:
    return as_json(built.document)


_WRITERS: dict[str, Callable[[Audit], str]] = {".html": _html, ".htm": _html, ".md": _markdown, ".json": _json}


def _writer(output: Path | None) -> Callable[[Audit], str]:
    """Give what turns an audit into the text of a file, by the file's ending."""
    require_ending(output, _WRITERS)
    return _WRITERS[".json" if output is None else output.suffix.lower()]
