"""A page as Markdown: valid GitHub tables, nothing that is read as markup, the numbers of the terminal page."""

import io
import re
from pathlib import Path

import pytest
from rich.console import Console

from overshort.store.lake import Lake
from overshort.surfaces import markdown, terminal
from overshort.surfaces.page import Cell, Grid, Page, Picture, Section, Words, contents
from surfaces.made import built, small

NASTY = "a|b [link](x) *star* _under_ `code` <b> ~~s~~ $x$ # \\ end"
SPLIT = re.compile(r"(?<!\\)\|")
NUMBER = re.compile(r"[+−]?\d[\d,]*(?:\.\d+)?")


@pytest.fixture(scope="module")
def page(home: Path) -> Page:
    return contents(built(Lake.open(home), "2025-01-10"))


@pytest.fixture(scope="module")
def nasty() -> Page:
    grid = Grid(heads=["", NASTY], rows=[[Cell(text=NASTY), Cell(text="1|2", naive=True)]], title=NASTY, note=NASTY)
    blocks = [Words(text=NASTY, tone="lead"), grid, Picture(name="vix", subject="VIX", caption=NASTY)]
    section = Section(id="x", title=NASTY, blocks=blocks)
    return Page(title=NASTY, as_of="2025-01-10", banner=NASTY, head=[Words(text=NASTY)], sections=[section])


def tables(text: str) -> list[list[str]]:
    """Give the lines of every table."""
    return [b.split("\n") for b in text.split("\n\n") if b.startswith("|")]


def unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


@pytest.mark.parametrize("name", ["page", "nasty"])
def test_tables_are_valid_on_github(name: str, request: pytest.FixtureRequest) -> None:
    found = tables(markdown.render(request.getfixturevalue(name)))
    assert found
    for lines in found:
        widths = {len(SPLIT.split(line)) for line in lines}
        assert len(widths) == 1, lines
        assert all(line.startswith("| ") and line.endswith(" |") for line in lines)
        assert re.fullmatch(r"\| ---( \| ---:)* \|", lines[1])
        assert len(lines) > 2


def test_nothing_of_a_text_is_read_as_markup(nasty: Page) -> None:
    text = markdown.render(nasty)
    bare = re.sub(r"\\.", "", text.replace("> **", ""))
    assert not set("[]`<>$~_") & set(bare)
    assert text.count("|") == text.count("\\|") + 3 * 3
    assert unescaped(text).count(NASTY) == 9


def test_naive_cells_are_set_apart(page: Page) -> None:
    naive = [
        c.text for s in page.sections for b in s.blocks if isinstance(b, Grid) for r in b.rows for c in r if c.naive
    ]
    text = markdown.render(page)
    assert naive
    assert all(f"| *{markdown._plain(t)}* |" in text for t in naive)


def test_the_banner_comes_before_all_numbers(page: Page) -> None:
    text = markdown.render(page)
    assert text.startswith("# overshort")
    assert "\n\n> **SIMULATED" in text
    assert text.index("SIMULATED") < text.index("## ")
    assert text.endswith("\n")
    assert "nan" not in text.lower()


@pytest.mark.parametrize("name", ["page", "lacking"])
def test_numbers_are_those_of_the_terminal_page(name: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    shown = page_of(name, request, tmp_path)
    out = io.StringIO()
    terminal.render(shown, Console(width=2000, file=out, highlight=False, color_system=None), full=True)
    assert numbers(unescaped(markdown.render(shown))) == numbers(out.getvalue())


def page_of(name: str, request: pytest.FixtureRequest, tmp_path: Path) -> Page:
    if name == "page":
        found: Page = request.getfixturevalue("page")
        return found
    return contents(built(small(tmp_path / "store", without=["bars"])))


def numbers(text: str) -> list[str]:
    """Give the numbers of a page in order, without those of headings' levels and rules."""
    return NUMBER.findall(text)
