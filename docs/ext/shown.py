"""What the pages show beside words: pictures of a simulated market, and a notebook with its results."""

import json
from datetime import date
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from plotly.offline import get_plotlyjs

from overshort.demo import simulate
from overshort.engine.computing import compute
from overshort.engine.panel import market
from overshort.engine.studies import Known
from overshort.sessions import end_of_day
from overshort.surfaces.plots import draw

__all__ = ["notebook", "picture", "plotly"]

FENCE = "~" * 8
SEED, STOCKS, FIRST, LAST = 7, 60, date(2016, 1, 4), date(2026, 1, 12)


@cache
def _known() -> Known:
    tables = {name: rows.lazy() for name, rows in simulate(SEED, stocks=STOCKS, first=FIRST, last=LAST).tables.items()}
    return Known(compute(tables, market()), end_of_day(LAST))


def picture(name: str, subject: str) -> str:
    """Give a picture of the simulated market as HTML.

    Raises
    ------
    LookupError
        If there is nothing to draw.
    """
    drawn = draw(name, _known(), subject)
    if drawn is None:
        raise LookupError(f"there is nothing to draw as {name} for {subject}; name another subject")
    anchor = f"picture-{name}-{subject}".lower()
    plain = json.dumps(drawn.to_plotly_json(), default=list, allow_nan=False).replace("<", "\\u003c")
    return (
        f'<figure><div id="{anchor}"></div>'
        f'<script>(d => Plotly.newPlot("{anchor}", d.data, d.layout))({plain})</script>'
        f"<figcaption>SIMULATED: {escape(name)} of {escape(subject)} in an invented market.</figcaption></figure>"
    )


def plotly() -> str:
    """Give plotly's script, which its wheel carries: pages work offline."""
    return str(get_plotlyjs())


def notebook(path: Path) -> str:
    """Write a notebook as Markdown: words, code, and the results that it holds."""
    parts: list[str] = []
    for cell in json.loads(path.read_text("utf-8"))["cells"]:
        source = "".join(cell["source"])
        parts.append(source if cell["cell_type"] == "markdown" else _fenced("python", source))
        parts += [_result(output) for output in cell.get("outputs", [])]
    return "\n\n".join(parts)


def _result(output: dict[str, Any]) -> str:
    if output["output_type"] == "stream":
        return _fenced("text", "".join(output["text"]))
    data = output["data"]
    if "text/html" in data:
        return _fenced("{raw} html", "".join(data["text/html"]))
    return _fenced("text", "".join(data["text/plain"]))


def _fenced(kind: str, text: str) -> str:
    return f"{FENCE}{kind}\n{text.rstrip()}\n{FENCE}"
