"""Files over FTP; this module alone owns ``ftplib``."""

import ftplib
from collections.abc import Sequence
from urllib.parse import unquote, urlsplit

from overshort.errors import BadAnswer, Unreachable
from overshort.sources.wire.request import Pace

__all__ = ["retrieve"]

TIMEOUT, WHOLE = 30.0, 180.0
PIECE = 1 << 16


def retrieve(urls: Sequence[str], pace: Pace, *, largest: int) -> bytes:
    """Get a file from the first of several servers that gives it whole.

    Raises
    ------
    Unreachable
        If none of them does.
    BadAnswer
        If it is larger than it can be.
    """
    why = []
    for url in urls:
        try:
            return _one(url, pace, largest)
        except (ftplib.Error, OSError, EOFError, UnicodeError) as error:
            why.append(f"{urlsplit(url).hostname}: {error}")
    cause = f"no server gave the file ({'; '.join(why)})"
    raise Unreachable(f"{cause}; port 21 may be blocked here: run the command elsewhere, or later", again=False)


def _one(url: str, pace: Pace, largest: int) -> bytes:
    parts = urlsplit(url)
    pieces: list[bytes] = []
    size, start = 0, pace.ticks()

    def take(piece: bytes) -> None:
        nonlocal size
        pieces.append(piece)
        size += len(piece)
        if size > largest:
            raise BadAnswer(f"{parts.hostname}{parts.path} gives more than {largest:,} bytes; it is not what it was")
        if pace.ticks() - start > WHOLE:
            raise TimeoutError(f"{size:,} bytes in {WHOLE:.0f} seconds and no end")

    with ftplib.FTP(timeout=TIMEOUT) as server:
        server.connect(parts.hostname or "", parts.port or ftplib.FTP_PORT)
        server.login(unquote(parts.username or ""), unquote(parts.password or ""))
        server.retrbinary(f"RETR {parts.path.lstrip('/')}", take, PIECE)
    return b"".join(pieces)
