"""What a server sent, into the store.

The bytes are kept before they are read, under a record that says they are in no table.  Only when they are read, are of
the kind and of the dates asked for, do their rows go in.  A process killed in between leaves bytes that count for
nothing, and the next run asks again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date

import polars as pl

from overshort.engine import files
from overshort.engine.intake import Store, put_rows, read_rows, written
from overshort.engine.pull.plan import date_of
from overshort.errors import RefusedFile
from overshort.sources import SOURCES, Source
from overshort.sources.feeds import Asked, Feed
from overshort.store.raw import Record, content_hash

__all__ = ["Taken", "take_in"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What one answer gave."""

    sha256: str
    bytes: int
    added: int = 0
    revised: int = 0
    known: int = 0
    refused: int = 0


def take_in(store: Store, feed: Feed, asked: Asked, content: bytes) -> Taken:
    """Keep an answer, read it, and append what is fresh; the caller holds the store's lock.

    Raises
    ------
    RefusedFile
        If it is of another kind, damaged, or of other dates than those asked for; no row of it goes in.
    """
    name = f"{feed.name} {asked.label}"
    sha256 = content_hash(content)
    standing = store.vault.record(sha256)
    if standing is not None and standing.state == "active":
        return Taken(sha256=sha256, bytes=len(content), known=standing.rows)
    source = _source(feed, content, name)
    options = feed.options(asked)
    at = asked.now.astimezone(UTC)
    record = Record(
        sha256=sha256,
        name=name,
        bytes=len(content),
        source=source.name,
        options=written(options),
        state="forgotten",
        tables=tuple(sorted(source.tables)),
        imported=at.isoformat(timespec="seconds"),
        pulled=at.isoformat(),
    )
    store.vault.put(content, record)
    extract = read_rows(source, content, name, options)
    _check_dates(feed, asked, extract.tables, name)
    parts = put_rows(store, extract, replace(record, rows=extract.read), content=content)
    return Taken(
        sha256=sha256,
        bytes=len(content),
        added=sum(p.new for p in parts),
        revised=sum(p.revised for p in parts),
        known=sum(p.known for p in parts),
        refused=extract.refused.height,
    )


def _source(feed: Feed, content: bytes, name: str) -> Source:
    """Give the kind of an answer, one of those that the feed names."""
    plain = files.unpack(content, name)
    for source in SOURCES:
        if source.name in feed.kinds and source.recognise(plain):
            return source
    start = plain[:40].decode("utf-8", "replace").split("\n")[0].strip()
    cause = f"the answer begins {start!r} and is no {' or '.join(sorted(feed.kinds))}"
    raise RefusedFile(name, cause, fix="the publisher may have changed it; nothing of it was taken")


def _check_dates(feed: Feed, asked: Asked, tables: Mapping[str, pl.DataFrame], name: str) -> None:
    spans = [_span(t, rows) for t, rows in tables.items() if rows.height]
    if not spans:
        raise RefusedFile(name, "the answer holds no row that a table has a place for", fix="run the command again")
    first, last = min(s[0] for s in spans), max(s[1] for s in spans)
    if not feed.fits(asked, first, last):
        said = f"{first}" if first == last else f"{first} to {last}"
        cause = f"it was asked for {asked.day} and the answer is of {said}"
        raise RefusedFile(name, cause, fix="nothing of it was taken; run the command again later")


def _span(table: str, rows: pl.DataFrame) -> tuple[date, date]:
    day = date_of(table)
    return rows.select(day.min().alias("first"), day.max().alias("last")).row(0)
