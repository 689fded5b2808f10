"""``overshort ledger``."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from overshort.engine.studies import Known
from overshort.surfaces.brief import market_panel
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
from overshort.surfaces.ledger import SCHEMA, ledger_of
from overshort.surfaces.markdown import render as as_markdown
from overshort.surfaces.page.blocks import Page
from overshort.surfaces.page.ledger import contents
from overshort.surfaces.terminal import render

__all__ = ["SCHEMA", "run"]

ENDINGS = (".html", ".htm", ".md", ".json")


def run(
    *,
    as_of: AsOf = None,
    json: Json = False,
    output: Annotated[
        Path | None,
        Parameter(name=["--output", "-o"], help="Write it to this file too: .html (one offline file), .md or .json."),
    ] = None,
    home: Home = None,
) -> int:
    """Resolve every forecast whose window was over by a day, and show the running score: live and back-tests apart."""
    require_ending(output, ENDINGS)
    lake = open_lake(home)
    moment = when(lake, as_of)
    with working("resolving every forecast"):
        _, known = market_panel(lake, moment)
        document = ledger_of(lake, known, moment)
    laid_out = contents(document)
    if json:
        emit(document)
    else:
        render(laid_out, page(), full=True)
    if output is not None:
        output.write_text(_text(output, laid_out, known, document), "utf-8")
        print(f"Written: {output.resolve()}", file=sys.stderr if json else sys.stdout)
    return 0


def _text(output: Path, laid_out: Page, known: Known, document: Mapping[str, Any]) -> str:
    match output.suffix.lower():
        case ".json":
            return as_json(document)
        case ".md":
            return as_markdown(laid_out)
        case _:
            from overshort.surfaces.html import render as as_html

            return as_html(laid_out, known, document)
