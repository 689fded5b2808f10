"""A page on a terminal."""

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from overshort.surfaces.page.blocks import Block, Cell, Grid, Page, Picture, Plot, Section, Words

__all__ = ["render"]

MORE = "Every table: `overshort brief --full`; with pictures, in one offline file: `overshort brief -o brief.html`."
_STYLES = {"lead": "bold", "dim": "dim", "plain": ""}


def render(page: Page, console: Console, *, full: bool = False) -> None:
    """Print a page; pictures have no place on a terminal.

    Parameters
    ----------
    full
        Print the details too, and not only what fits on a few screens.
    """
    if page.banner:
        console.print(escape(f" {page.banner} "), style="bold reverse")
    console.print(escape(page.title), style="bold")
    for words in page.head:
        _words(words, console)
    for section in page.sections:
        if full or not section.detail:
            _section(section, console, full=full)
    console.print()
    if not full:
        console.print(MORE)
    for text in page.foot:
        console.print(escape(text), style="dim")


def _words(words: Words, console: Console) -> None:
    console.print(escape(words.text), style=_STYLES[words.tone])


def _section(section: Section, console: Console, *, full: bool) -> None:
    console.print(f"\n{escape(section.title)}", style="bold underline")
    for block in section.blocks:
        if full or not (isinstance(block, Grid) and block.detail):
            _block(block, console)


def _block(block: Block, console: Console) -> None:
    match block:
        case Words():
            _words(block, console)
        case Grid():
            _grid(block, console)
        case Picture() | Plot():
            return


def _grid(grid: Grid, console: Console) -> None:
    if grid.title:
        console.print(f"\n{escape(grid.title)}", style="bold")
    table = Table(box=None, header_style="bold", pad_edge=False)
    for k, head in enumerate(grid.heads):
        table.add_column(escape(head), justify="right" if k else "left")
    for row in grid.rows:
        table.add_row(*map(_cell, row))
    console.print(table)
    if grid.note:
        console.print(escape(grid.note), style="dim")


def _cell(cell: Cell) -> str:
    text = escape(cell.text)
    return f"[dim]{text}[/]" if cell.naive and text else text
