"""Rows into the store, with their bytes: what every way of taking data in shares.

1. Keep the bytes with a record that says *pending*.
2. Append the fresh rows, one commit a table.
3. Say *active*.

A process killed in between leaves a pending record; the next writer finishes it from the kept bytes.  Rows that had
gone in are known by then, so nothing goes in twice.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import cast

import polars as pl

from overshort import schema
from overshort.engine import files
from overshort.engine.novelty import Sorted, sort_out
from overshort.errors import RefusedFile, StoreMissing
from overshort.sources import SOURCES, Extract, Options, Source
from overshort.sources.declare import Adjustment
from overshort.store.lake import PATIENCE, Lake
from overshort.store.raw import Record, Vault, content_hash

__all__ = ["Store", "finish_pending", "import_frames", "put_rows", "read_rows", "written"]


@dataclass(frozen=True, slots=True)
class Store:
    """A lake with its vault; in a dry run there may be no lake yet."""

    lake: Lake | None
    vault: Vault

    @classmethod
    def open(cls, home: Path, *, create: bool) -> "Store":
        """Open the real store of a folder; with ``create`` make it where there is none.

        Raises
        ------
        MixedStore
            If the folder holds a simulated store.
        """
        vault = Vault(home / "raw")
        try:
            lake = Lake.create(home, simulated=False) if create else Lake.open(home)
        except StoreMissing:
            return cls(None, vault)
        lake.require(simulated=False)
        return cls(lake, vault)

    def scan(self, table: str) -> pl.LazyFrame:
        """Give the visible rows of a table; none where there is no lake."""
        return schema.empty(table).lazy() if self.lake is None else self.lake.scan(table)

    @contextmanager
    def writing(self, *, dry_run: bool, patience: float = PATIENCE) -> Iterator[None]:
        """Hold the lock, unless nothing is going to be written; wait some seconds for another process."""
        if dry_run or self.lake is None:
            yield
            return
        with self.lake.writing(patience):
            yield

    def batch(self, sha256: str) -> int:
        """Count how often a file had been taken out before."""
        return 0 if self.lake is None else self.lake.marks().filter(pl.col("sha256") == sha256).height


def written(options: Options) -> dict[str, str]:
    """Give options as a record keeps them."""
    given = asdict(options) | {"dated": options.dated.isoformat() if options.dated else None}
    return {k: v for k, v in given.items() if v is not None}


def _read_back(options: Mapping[str, str]) -> Options:
    dated, adjustment = options.get("dated"), cast("Adjustment | None", options.get("adjustment"))
    return Options(
        dated=date.fromisoformat(dated) if dated else None,
        index=options.get("index"),
        symbol=options.get("symbol"),
        zone=options.get("zone"),
        adjustment=adjustment,
    )


def read_rows(source: Source, content: bytes, name: str, options: Options) -> Extract:
    """Read the rows of a file, unpacked where it is gzip.

    Raises
    ------
    RefusedFile
        If the file cannot be taken, damage that only shows in the middle of reading included.
    """
    plain = files.unpack(content, name)
    try:
        return source.transform(plain, name, options)
    except pl.exceptions.PanicException:  # damaged Parquet that Polars decodes into impossible values
        raise RefusedFile(name, "it is damaged inside", fix="get the file again from its publisher") from None


def put_rows(store: Store, extract: Extract, record: Record, *, content: bytes | None) -> list[Sorted]:
    """Compare the rows of a file with the tables; with ``content``, keep the bytes and append what is fresh.

    Returns
    -------
    list of Sorted
        One a table.
    """
    batch = store.batch(record.sha256)
    fetched = datetime.fromisoformat(record.pulled) if record.pulled else None
    whole = {n: _complete(n, t, record, batch) for n, t in extract.tables.items()}
    parts = {n: sort_out(n, rows, store.scan(n), fetched=fetched) for n, rows in whole.items()}
    if content is None or store.lake is None:
        return list(parts.values())
    met = sum(p.known + p.revised for p in parts.values())
    pending = replace(record, order=_order(store.vault, record.sha256), batch=batch, met=met, state="pending")
    store.vault.put(content, pending)
    for name, part in parts.items():
        store.lake.append(name, part.fresh)
    store.vault.update(replace(pending, state="active"))
    return list(parts.values())


def _order(vault: Vault, sha256: str) -> int:
    """Give a file its place in the sequence of imports: the one that it has, unless it was taken out since."""
    standing = vault.record(sha256)
    if standing is not None and standing.state != "forgotten":
        return standing.order
    return 1 + max((r.order for r in vault.records()), default=0)


def _complete(name: str, rows: pl.DataFrame, record: Record, batch: int) -> pl.DataFrame:
    """Add what only the importer knows, and check every rule of the table."""
    table = schema.table(name)
    whole = rows.with_columns(pl.lit(record.sha256).alias("sha256"), pl.lit(batch, pl.Int32).alias("batch"))
    frame: pl.DataFrame = table.schema.validate(whole.select(list(table.columns)))
    return frame


def finish_pending(store: Store) -> None:
    """Take in, from the kept bytes, every file whose import was cut short or is to be done again."""
    kinds = {s.name: s for s in SOURCES}
    for record in store.vault.records():
        if record.state != "pending" or record.source not in kinds:
            continue
        content = store.vault.get(record.sha256)
        try:
            extract = read_rows(kinds[record.source], content, record.name, _read_back(record.options))
        except RefusedFile:  # taken by another version of its source: out of the way, the bytes stay
            store.vault.update(replace(record, state="forgotten"))
        else:
            put_rows(store, extract, record, content=content)


def import_frames(
    home: Path, tables: Mapping[str, pl.DataFrame], *, source: str, simulated: bool, content: bytes
) -> Lake:
    """Put ready frames into a store: what the simulated market uses.

    Parameters
    ----------
    tables
        Table name to rows, without ``sha256`` and ``batch``.
    content
        What stands for the original bytes in the vault.

    Raises
    ------
    MixedStore
        If the folder holds a store of the other kind.
    """
    lake = Lake.create(home, simulated=simulated)
    store = Store(lake, Vault(home / "raw"))
    extract = Extract(tables=dict(tables), read=sum(t.height for t in tables.values()))
    record = Record(
        sha256=content_hash(content), name=source, bytes=len(content), source=source, tables=tuple(sorted(tables))
    )
    with store.writing(dry_run=False):
        put_rows(store, extract, record, content=content)
    return lake
