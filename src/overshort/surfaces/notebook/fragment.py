"""A page as a piece of HTML within another page: tables and words, no script, no picture."""

from collections.abc import Iterator
from html import escape

from overshort.surfaces.page.blocks import Block, Cell, Grid, Page, Picture, Plot, Words

__all__ = ["fragment"]

STYLE = (
    "<style scoped>.overshort table{font-variant-numeric:tabular-nums}.overshort td,.overshort th{text-align:right}"
    ".overshort td:first-child,.overshort th:first-child{text-align:left}.overshort .dim{opacity:.7}"
    ".overshort .banner{font-weight:bold;border:2px solid;padding:.2em .5em}</style>"
)
_TAGS = {"lead": ("<b>", "</b>"), "dim": ('<span class="dim">', "</span>"), "plain": ("", "")}


def fragment(page: Page, *, full: bool = False) -> str:
    """Write a page as one HTML element, without the details that a short page leaves out.

    Parameters
    ----------
    full
        Whether to show what a brief leaves to its files.

    Returns
    -------
    str
        The same text for the same page; whatever the page says is escaped.
    """
    return "\n".join(['<div class="overshort">', STYLE, *_lines(page, full=full), "</div>"])


def _lines(page: Page, *, full: bool) -> Iterator[str]:
    if page.banner:
        yield f'<p class="banner">{escape(page.banner)}</p>'
    yield f"<p><b>{escape(page.title)}</b></p>"
    yield from map(_words, page.head)
    for section in page.sections:
        if section.detail and not full:
            continue
        if section.title:
            yield f"<h4>{escape(section.title)}</h4>"
        for block in section.blocks:
            yield from _block(block, full=full)
    for text in page.foot:
        yield f'<p class="dim">{escape(text)}</p>'


def _block(block: Block, *, full: bool) -> Iterator[str]:
    match block:
        case Words():
            yield _words(block)
        case Grid():
            yield from () if block.detail and not full else _grid(block)
        case Picture() | Plot():
            return


def _words(words: Words) -> str:
    before, after = _TAGS[words.tone]
    return f"<p>{before}{escape(words.text)}{after}</p>"


def _grid(grid: Grid) -> Iterator[str]:
    if grid.title:
        yield f"<p><b>{escape(grid.title)}</b></p>"
    heads = "".join(f"<th>{escape(h)}</th>" for h in grid.heads)
    rows = "\n".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in grid.rows)
    yield f"<table><thead><tr>{heads}</tr></thead><tbody>\n{rows}\n</tbody></table>"
    if grid.note:
        yield f'<p class="dim">{escape(grid.note)}</p>'


def _cell(cell: Cell) -> str:
    text = escape(cell.text)
    title = f' title="{escape(str(cell.figure["definition"]))}"' if cell.figure else ""
    return f"<td{title}><i>{text}</i></td>" if cell.naive else f"<td{title}>{text}</td>"
