"""Checks the internal links of built pages, offline: `python docs/ext/links.py FOLDER` names dead ones and exits 1."""

import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

__all__ = ["dead"]


class _Page(HTMLParser):
    """Collects what a page links to, and the anchors that it has."""

    def __init__(self) -> None:
        super().__init__()
        self.targets: list[str] = []
        self.anchors = {"", "top"}

    def handle_starttag(self, _: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.anchors |= {a for a in (given.get("id"), given.get("name")) if a}
        self.targets += [t for t in (given.get("href"), given.get("src")) if t is not None]


def _read(path: Path) -> _Page:
    page = _Page()
    page.feed(path.read_text("utf-8"))
    return page


def dead(folder: Path) -> Iterator[str]:
    """Give every link to a page, file or anchor of the folder that is not there; links elsewhere are not followed."""
    root = folder.resolve()
    pages = {path: _read(path) for path in sorted(root.rglob("*.html"))}
    for path, page in pages.items():
        for target in page.targets:
            parts = urlsplit(target)
            if parts.scheme or parts.netloc:
                continue
            aim = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not aim.is_file() or root not in aim.parents:
                yield f"{path.relative_to(root)}: {target}: there is no such file"
            elif aim in pages and unquote(parts.fragment) not in pages[aim].anchors:
                yield f"{path.relative_to(root)}: {target}: there is no such anchor"


if __name__ == "__main__":
    found = list(dead(Path(sys.argv[1])))
    print("\n".join(found) or "Every internal link leads somewhere.")
    sys.exit(1 if found else 0)
