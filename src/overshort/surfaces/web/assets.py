"""Style, scripts and plotly's own JavaScript: each served under a name that holds the hash of its content."""

import gzip
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from plotly.offline import get_plotlyjs

from overshort.metrics.refusal.states import STATES
from overshort.surfaces.html import template
from overshort.surfaces.plots.palette import INKS

__all__ = ["Asset", "assets", "by_file", "styled_by_script"]


@dataclass(frozen=True, slots=True)
class Asset:
    """One file, plain and packed."""

    file: str
    type: str
    plain: bytes
    packed: bytes


def _asset(name: str, type: str, text: str) -> Asset:
    stem, _, ending = name.rpartition(".")
    plain = text.encode()
    digest = hashlib.sha256(plain).hexdigest()[:16]
    return Asset(f"{stem}-{digest}.{ending}", type, plain, gzip.compress(plain, 6, mtime=0))


def _own(name: str) -> str:
    return files("overshort.surfaces.web").joinpath("templates", name).read_text("utf-8")


@cache
def assets() -> Mapping[str, Asset]:
    """Give every file by the name that templates use."""
    styles = template("style.css").render(inks=INKS, states=STATES) + _own("web.css")
    script = template("script.js").render(served=True)
    return {
        "style": _asset("style.css", "text/css; charset=utf-8", styles),
        "script": _asset("script.js", "text/javascript; charset=utf-8", script),
        "web": _asset("web.js", "text/javascript; charset=utf-8", _own("web.js")),
        "plotly": _asset("plotly.js", "text/javascript; charset=utf-8", get_plotlyjs()),
    }


@cache
def styled_by_script() -> Sequence[str]:
    """Give the ids of style elements that plotly's JavaScript adds where a page has no element of that id.

    They style maps, which no page draws, and the pages' security policy forbids adding them: a page that has elements
    of these ids is left alone.
    """
    return re.findall(r'getElementById\("([0-9a-f]{40,})"\)', get_plotlyjs())


@cache
def by_file() -> Mapping[str, Asset]:
    """Give every file by the name it is served under."""
    return {a.file: a for a in assets().values()}
