"""Answers that show themselves in a notebook and become a frame of whatever library the reader uses."""

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
from rich.console import Console

from overshort.engine.figures import Figure
from overshort.errors import UnknownMetric, UsageError
from overshort.surfaces.answers import tabulated
from overshort.surfaces.brief import Brief as Built
from overshort.surfaces.notebook.fragment import fragment
from overshort.surfaces.page import contents
from overshort.surfaces.page.blocks import Page
from overshort.surfaces.terminal import render

if TYPE_CHECKING:
    import arro3.core
    import pandas as pd

__all__ = ["Brief", "Figures", "Result"]


class Result:
    """An answer: a page to look at, and the rows behind it.

    Attributes
    ----------
    document
        The answer as plain dictionaries and lists, as the command line gives it with ``--json``.
    """

    def __init__(self, page: Page, rows: pl.DataFrame, document: Mapping[str, Any], *, full: bool = False) -> None:
        self.document = document
        self._full = full
        self._page = page
        self._rows = rows.with_columns(pl.col(pl.Null).cast(pl.String))  # empty throughout: no Arrow reader takes Null

    def to_polars(self) -> pl.DataFrame:
        """Give the rows as a Polars frame."""
        return self._rows

    def to_arrow(self) -> "arro3.core.Table":
        """Give the rows as an Arrow table, which pyarrow, DuckDB and all that read Arrow's stream take over."""
        from arro3.core import Table

        return Table.from_arrow(self._rows)

    def to_pandas(self) -> "pd.DataFrame":
        """Give the rows as a pandas frame; instants are in UTC, missing whole numbers make a column of floats."""
        import pandas as pd

        frame = pd.DataFrame({c.name: c.to_numpy() for c in self._rows.iter_columns()})
        stamps = [c for c, t in self._rows.schema.items() if isinstance(t, pl.Datetime) and t.time_zone]
        return frame.assign(**{c: frame[c].dt.tz_localize("UTC") for c in stamps})

    def __len__(self) -> int:
        return self._rows.height

    def __repr__(self) -> str:
        text = io.StringIO()
        console = Console(file=text, width=120, highlight=False, color_system=None, force_jupyter=False)
        render(self._page, console, full=True)
        return text.getvalue()

    def _repr_html_(self) -> str:
        return fragment(self._page, full=self._full)


class Figures(Result):
    """The newest figures of some subjects: a sequence of them, and by id where an id stands once."""

    def __init__(self, page: Page, found: Sequence[Figure], document: Mapping[str, Any]) -> None:
        super().__init__(page, tabulated(found), document)
        self._found = tuple(found)

    def __iter__(self) -> Iterator[Figure]:
        return iter(self._found)

    def __getitem__(self, id: str) -> Figure:
        """Give the figure of an id.

        Raises
        ------
        UnknownMetric
            If no figure here is called so.
        UsageError
            If several subjects have it.
        """
        own = [f for f in self._found if f.id == id]
        if not own:
            raise UnknownMetric(f"{id!r} is none of these {len(self._found)} figures; ask for it with ids={id!r}")
        if len(own) > 1:
            subjects = ", ".join(f.subject for f in own)
            raise UsageError(f"{id!r} stands here for {subjects}; ask for one subject alone")
        return own[0]


class Brief(Result):
    """A whole brief; its rows are all its figures."""

    def __init__(self, built: Built, found: Sequence[Figure]) -> None:
        super().__init__(contents(built.document), tabulated(found), built.document)
        self._built = built

    def write(self, path: str | Path) -> Path:
        """Write the brief to a file: ``.html`` (one offline file with its pictures), ``.md`` or ``.json``.

        Raises
        ------
        UsageError
            If the file's ending is none of these.
        """
        target = Path(path)
        target.write_text(self._written(target.suffix.lower(), target.name), "utf-8")
        return target

    def _written(self, ending: str, name: str) -> str:
        match ending:
            case ".html":
                from overshort.surfaces.html import render as as_html

                return as_html(self._page, self._built.known, self._built.document)
            case ".md":
                from overshort.surfaces.markdown import render as as_markdown

                return as_markdown(self._page)
            case ".json":
                return json.dumps(self.document, ensure_ascii=False, allow_nan=False, indent=1) + "\n"
            case _:
                raise UsageError(f"{name!r} ends in none of .html, .md, .json; give a name that does")
