"""A page as Markdown: what can be pasted into a note, figures and all; pictures are named, not drawn."""

from collections.abc import Iterator, Sequence

from overshort.surfaces.page.blocks import Block, Cell, Grid, Page, Picture, Plot, Words

__all__ = ["render"]

_ESCAPED = str.maketrans({c: f"\\{c}" for c in "\\`*_[]<>|#~$"})


def render(page: Page) -> str:
    """Give a page as GitHub-flavoured Markdown."""
    parts = [f"# {_plain(page.title)}"]
    if page.banner:
        parts.append(f"> **{_plain(page.banner)}**")
    parts += [_words(w) for w in page.head]
    for section in page.sections:
        parts.append(f"## {_plain(section.title)}")
        parts += [text for block in section.blocks for text in _block(block)]
    parts += ["---", *(f"*{_plain(text)}*" for text in page.foot)]
    return "\n\n".join(parts) + "\n"


def _plain(text: str) -> str:
    return text.translate(_ESCAPED)


def _words(words: Words) -> str:
    text = _plain(words.text)
    return f"**{text}**" if words.tone == "lead" else f"*{text}*" if words.tone == "dim" else text


def _block(block: Block) -> Iterator[str]:
    match block:
        case Words():
            yield _words(block)
        case Grid():
            yield from _grid(block)
        case Picture() | Plot():
            return


def _grid(grid: Grid) -> Iterator[str]:
    if grid.title:
        yield f"### {_plain(grid.title)}"
    marks = ["---", *("---:" for _ in grid.heads[1:])]
    lines = [_line([_plain(h) for h in grid.heads]), _line(marks)]
    lines += [_line([_cell(c) for c in row]) for row in grid.rows]
    yield "\n".join(lines)
    if grid.note:
        yield f"*{_plain(grid.note)}*"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(cell: Cell) -> str:
    text = _plain(cell.text)
    return f"*{text}*" if cell.naive and text else text
