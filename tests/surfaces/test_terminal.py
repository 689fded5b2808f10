"""A page on a terminal: texts as they are, tables that fit, details only when asked for."""

import io
from pathlib import Path

import polars as pl
import pytest
from rich.console import Console

from overshort.store.lake import Lake
from overshort.surfaces.page import Cell, Grid, Page, Section, Words, contents
from overshort.surfaces.tables import figure_table
from overshort.surfaces.terminal import MORE, render
from surfaces.conftest import Run
from surfaces.made import built

MARKUP = "[bold]not bold[/bold] [/] \\[red] [link=x]y"


def printed(page: Page, *, full: bool = False, width: int = 120) -> str:
    out = io.StringIO()
    render(page, Console(file=out, width=width, highlight=False, color_system=None), full=full)
    return out.getvalue()


@pytest.fixture(scope="module")
def page(home: Path) -> Page:
    return contents(built(Lake.open(home), "2025-01-10"))


def test_markup_in_texts_is_printed_literally() -> None:
    grid = Grid(
        heads=["", MARKUP], rows=[[Cell(text=MARKUP), Cell(text=MARKUP, naive=True)]], title=MARKUP, note=MARKUP
    )
    section = Section(id="x", title=MARKUP, blocks=[Words(text=MARKUP, tone="lead"), grid])
    whole = Page(
        title=MARKUP, as_of="", banner=MARKUP, head=[Words(text=MARKUP, tone="dim")], sections=[section], foot=[MARKUP]
    )
    assert printed(whole, width=300).count(MARKUP) == 11


def test_markup_in_tables_of_figures_is_printed_literally() -> None:
    out = io.StringIO()
    frame = pl.DataFrame({"subject": ["X"], "value": [1.0], "reason": [MARKUP]})
    figure_table(frame, Console(file=out, width=200, color_system=None))
    assert MARKUP in out.getvalue()


@pytest.mark.parametrize("full", [False, True])
def test_lines_are_at_most_120_wide(page: Page, full: bool) -> None:
    assert max(map(len, printed(page, full=full).splitlines())) <= 120


@pytest.mark.parametrize("arguments", [("brief", "--full"), ("streaks",), ("status",), ("explain",), ("figures",)])
def test_commands_print_at_most_120_wide(run: Run, arguments: tuple[str, ...]) -> None:
    code, out, _ = run(*arguments)
    assert code == 0
    wide = [line for line in out.splitlines() if len(line) > 120 and not line.startswith(("Store ", "Short interest"))]
    assert wide == []


def test_no_cell_loses_a_character(page: Page) -> None:
    text = printed(page, full=True)
    assert "…" not in text
    for section in page.sections:
        for grid in (b for b in section.blocks if isinstance(b, Grid)):
            assert all(c.text.split()[0] in text for row in grid.rows for c in row if c.text)


def test_details_are_left_out_and_the_way_to_them_is_named(page: Page) -> None:
    short, full = printed(page), printed(page, full=True)
    assert MORE.split("`")[1] in " ".join(short.split())
    assert "Every table" not in full
    assert len(full) > 2 * len(short)
    assert "Largest up over 12 months" in full
    assert "Largest up over 12 months" not in short
    lines = [line for line in short.splitlines() if line and line not in MORE]
    assert all(line in full.splitlines() for line in lines if not line.startswith(("Every", "brief.html")))


def test_the_first_line_of_a_simulated_page_says_so(page: Page) -> None:
    assert printed(page).lstrip().startswith("SIMULATED")
