"""Publishers' files: what is recognised, and how it becomes rows."""

from overshort.sources import announcements, finra, invesco, ishares, members, nasdaq100, shares, splits
from overshort.sources.declare import Extract, Options, Source

__all__ = ["SOURCES", "Extract", "Options", "Source", "recognised"]

SOURCES: tuple[Source, ...] = (
    finra.CONSOLIDATED,
    finra.EXPORT,
    announcements.ANNOUNCEMENTS,
    splits.SPLITS,
    members.SPELLS,
    members.CHANGES,
    members.LIST,
    nasdaq100.YEARS,
    ishares.HOLDINGS,
    invesco.HOLDINGS,
    shares.SHARES,
)
"""All kinds of files that can be imported."""


def recognised(content: bytes) -> Source | None:
    """Give the source that claims a file's content, unpacked; ``None`` if none does.

    Raises
    ------
    RuntimeError
        If two claim it: their marks overlap, which is a fault of the program.
    """
    claims = [source for source in SOURCES if source.recognise(content)]
    if len(claims) > 1:
        raise RuntimeError(f"{' and '.join(s.name for s in claims)} claim the same content")
    return claims[0] if claims else None
