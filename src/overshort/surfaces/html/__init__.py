"""A brief as one HTML file that needs nothing but a browser: style, scripts, pictures and data are all inside.

Importing this loads jinja2 and plotly: only what makes such a file imports it.
"""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from overshort.engine.studies import Known
from overshort.metrics.refusal.states import STATES
from overshort.surfaces.html.notes import NAIVE
from overshort.surfaces.html.typography import kept_together
from overshort.surfaces.html.view import drawn, view
from overshort.surfaces.page.blocks import Page, Picture
from overshort.surfaces.plots.palette import INKS, swaps

__all__ = ["embedded", "render", "template"]

_UNSAFE = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def render(page: Page, known: Known | None, document: Mapping[str, Any]) -> str:
    """Write a page as one self-contained HTML file.

    Parameters
    ----------
    known
        What was known as of the page: the pictures are drawn from it; nothing for a page without pictures.
    document
        The brief document the page was made from; it goes into the file whole, as the JSON of element ``brief``.

    Returns
    -------
    str
        The same bytes for the same arguments.  Nothing in it is loaded from elsewhere, and the page's own security
        policy forbids that.
    """
    shown = view(page, drawn(known) if known is not None else _undrawn)
    return template("page.html").render(
        page=page,
        view=shown,
        naive=NAIVE,
        inks=INKS,
        states=STATES,
        document=embedded(document),
        pictures=embedded(shown.pictures),
        swaps=embedded(swaps()),
        served=False,
        plotly=Markup(get_plotlyjs()) if shown.pictures else "",
    )


def _undrawn(anchor: str, picture: Picture) -> None:
    """Leave a picture out."""


def embedded(value: object) -> Markup:
    """Write JSON that may stand inside a script element: no text in it can end that or begin another."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Markup("".join(_UNSAFE.get(c, c) for c in text))


@cache
def template(name: str, *rooms: str) -> Template:
    """Give a template of this room, or of other packages whose templates build on those of this one."""
    loader = ChoiceLoader([PackageLoader(room) for room in (*rooms, "overshort.surfaces.html")])
    room = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    room.filters["type"] = kept_together
    return room.get_template(name)
