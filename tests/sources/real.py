"""How tests take the publishers' real files."""

import gzip
from pathlib import Path

from overshort.sources import Extract, Options, recognised

__all__ = ["content", "take"]


def content(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def take(path: Path, options: Options | None = None) -> Extract:
    """Give what the source that claims a file makes of it, which must be all of its rows."""
    source = recognised(content(path))
    assert source is not None
    extract = source.transform(content(path), path.name, options or Options())
    assert extract.refused.height == 0
    return extract
