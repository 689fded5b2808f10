"""The directives of these pages: ``declared metrics crowding``, ``picture chain SPX``, ``notebook example.ipynb``."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.parsers.rst import Directive
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from ext import declared, shown

__all__ = ["setup"]

WRITTEN: Mapping[str, Callable[..., str]] = {
    "metrics": declared.metrics,
    "command": declared.command,
    "settings": declared.settings,
    "sources": declared.sources,
    "tables": declared.tables,
}


class Declared(SphinxDirective):
    """Puts what a function of :mod:`ext.declared` writes in its place."""

    required_arguments = 1
    optional_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Give the parsed Markdown."""
        kind, *rest = self.arguments
        return self.parse_text_to_nodes(WRITTEN[kind](*rest), allow_section_headings=True)


class Picture(Directive):
    """Draws a picture of the simulated market."""

    required_arguments = 2

    def run(self) -> list[nodes.Node]:
        """Give the picture as HTML."""
        return [nodes.raw("", shown.picture(*self.arguments), format="html")]


class Notebook(SphinxDirective):
    """Shows a notebook as it was run."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Give words, code and results in order."""
        path = Path(self.env.srcdir, self.arguments[0])
        self.env.note_dependency(str(path))
        return self.parse_text_to_nodes(shown.notebook(path), allow_section_headings=True)


def _scripts(app: Sphinx, exception: Exception | None) -> None:
    if exception is None:
        (Path(app.outdir) / "_static" / "plotly.min.js").write_text(shown.plotly(), "utf-8")


def _only_where_drawn(app: Sphinx, *told: Any) -> None:
    _, _, context, doctree = told
    if doctree is not None and "Plotly.newPlot" in context.get("body", ""):
        app.add_js_file("plotly.min.js")


def setup(app: Sphinx) -> dict[str, bool]:
    """Tell Sphinx."""
    for name, directive in {"declared": Declared, "picture": Picture, "notebook": Notebook}.items():
        app.add_directive(name, directive)
    app.connect("build-finished", _scripts)
    app.connect("html-page-context", _only_where_drawn)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
