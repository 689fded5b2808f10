"""A brief's main picture as one card of a fixed size: a page that a browser takes a photograph of."""

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup
from plotly.offline import get_plotlyjs

from overshort.engine.studies import Known
from overshort.errors import NothingToShow
from overshort.surfaces.html import embedded, template
from overshort.surfaces.html.view import ready
from overshort.surfaces.plots.palette import INKS
from overshort.surfaces.words import ATTRIBUTION, SIMULATED

__all__ = ["HEIGHT", "WIDTH", "card"]

WIDTH, HEIGHT = 1200, 675
"""In pixels."""
TYPE = 14


def card(known: Known, document: Mapping[str, Any]) -> str:
    """Write the page of a card: the chain of the document's subject, or else of SPX, above price.

    Raises
    ------
    NothingToShow
        If that subject has no chain.
    """
    subject = str(document.get("subject") or "SPX")
    picture = ready("chain", subject, known)
    if picture is None:
        raise NothingToShow(
            f"{subject} has no chain of short interest by {document['as_of']}, which a card shows; name an index or an "
            "exchange as SUBJECT, or give a later --as-of"
        )
    title = picture.pop("title")
    layout = picture["layout"]
    del layout["height"]
    layout["font"]["size"] = 15
    for part in (*layout.get("annotations", ()), *(v for k, v in layout.items() if k[1:5] == "axis")):
        _enlarge(part)
    return template("card.html").render(
        title=title,
        banner=SIMULATED if document["simulated"] else "",
        as_of=document["as_of"],
        newest=max((r["settlement"] for r in document["reports"]), default=None),
        attribution="Data: simulated." if document["simulated"] else ATTRIBUTION,
        ink={name: tone.light for name, tone in INKS.items()},
        width=WIDTH,
        height=HEIGHT,
        picture=embedded(picture),
        plotly=Markup(get_plotlyjs()),
    )


def _enlarge(part: dict[str, Any]) -> None:
    """Set the type of a label or an axis so that it can be read where the card is shown small."""
    for name in ("font", "tickfont"):
        if name in part:
            part[name] = {**part[name], "size": TYPE}
