"""The tables of the store: append-only Delta tables, one commit per append, one writer at a time.

This module alone owns ``deltalake``.

1. All tables are made when the store is made; ``store.json`` is written last: without it, the store is made anew.
2. A writer holds a lock on ``HOME/lock`` that dies with its process.
3. Rows are compared with the table's declaration exactly before each append: Delta itself casts in silence.
4. Rows are never taken away.  Table ``marks`` lists (sha256, batch) pairs that a read leaves out.
5. Each commit carries a digest of all rows appended so far; together the digests are the data version.  Forecasts
   are not part of it: no figure is made of them.
6. A store that was made before a table was declared reads as if it were there and empty; the next writer makes it,
   under the lock, and says so in ``store.json``.  Until it has rows the data version is as it was without it.
"""

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote

import polars as pl
from deltalake import CommitProperties, DeltaTable, WriterProperties, write_deltalake
from deltalake.exceptions import DeltaError

from overshort import schema
from overshort.errors import MixedStore, SchemaMismatch, StoreError, StoreVersion
from overshort.store import journal
from overshort.store.journal import DIGEST, commits, digest, hashed, unreadable
from overshort.store.lock import locked
from overshort.store.raw import write_whole

__all__ = ["LAYOUT", "MARKS", "NOT_DATA", "PATIENCE", "Lake"]

LAYOUT = 1
MARKS: Mapping[str, pl.DataType] = {"sha256": pl.String(), "batch": pl.Int32()}
"""Batches that reads leave out: a file that was forgotten, or one that was put in again after that."""

ADDED = ("forecasts", "option_quotes")
"""Tables that the first stores of this layout did not have."""
NOT_DATA = frozenset({"forecasts"})
"""Tables that no figure is made of, so that they play no part in the data version."""

PATIENCE = 10.0
"""Seconds that a second writer waits for the first."""

_PARQUET = WriterProperties(compression="ZSTD", max_row_group_size=131_072)
_SORT: Mapping[str, tuple[str, ...]] = {"short_interest": ("settlement", "symbol"), "flows": ("session", "symbol")}
"""Rows lie by date in the files: they compress better, and a read of few dates skips the rest."""


def _tables() -> dict[str, Mapping[str, pl.DataType]]:
    return {**{name: table.columns for name, table in schema.TABLES.items()}, "marks": MARKS}


class Lake:
    """An open store.

    Attributes
    ----------
    home
        Folder of the store.
    simulated
        Whether its rows are those of a simulated market; such a store never takes real files.
    """

    def __init__(self, home: Path, *, simulated: bool) -> None:
        self.home = home
        self.simulated = simulated
        self._writing = False

    @classmethod
    def create(cls, home: Path, *, simulated: bool) -> "Lake":
        """Make a store with all its tables; where there is one already, open it.

        Raises
        ------
        MixedStore
            If there is a store of the other kind, simulated or real.
        StoreError
            If the folder cannot be made, or holds tables of somebody else.
        """
        if unquote(str(home)) != str(home):  # Delta Lake takes it for an escape and looks elsewhere
            raise StoreError(f"{home} holds a percent escape, which Delta Lake cannot keep; choose another --home")
        try:
            home.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"{home} cannot be made a store ({error.strerror}); choose another --home") from None
        with locked(home / "lock", PATIENCE):
            if not (home / "store.json").exists():
                _build(home, simulated)
        lake = cls.open(home)
        lake.require(simulated=simulated)
        return lake

    @classmethod
    def open(cls, home: Path) -> "Lake":
        """Open a store.

        Raises
        ------
        StoreMissing
            If there is none.
        StoreVersion
            If another layout version made it.
        """
        facts = journal.facts(home)
        if facts.get("layout") != LAYOUT:
            raise StoreVersion(
                f"the store in {home} has layout {facts.get('layout')!r} and this version reads layout {LAYOUT}; "
                "use the version of overshort that made it, or import the files into another --home"
            )
        return cls(home, simulated=bool(facts.get("simulated")))

    def require(self, *, simulated: bool) -> None:
        """Refuse simulated rows in a real store, and the reverse.

        Raises
        ------
        MixedStore
            If the store is of the other kind.
        """
        if self.simulated == simulated:
            return
        here, there = ("simulated", "real") if self.simulated else ("real", "simulated")
        raise MixedStore(f"{self.home} is a {here} store and the rows are {there}; choose another store with --home")

    @contextmanager
    def writing(self, patience: float = PATIENCE) -> Iterator[None]:
        """Hold the store's lock; it is freed when the process dies.

        Parameters
        ----------
        patience
            Seconds to wait for another writer.

        Raises
        ------
        StoreLocked
            If another process still writes after that.
        """
        with locked(self.home / "lock", patience):
            _add_tables(self.home)
            self._writing = True
            try:
                yield
            finally:
                self._writing = False

    def scan(self, table: str) -> pl.LazyFrame:
        """Give every visible row of a table, all vintages, in no particular order.

        A forecast came from no file, so no forgotten file hides it.
        """
        rows = self._all(table)
        if table in NOT_DATA:
            return rows
        hidden = self.marks().unique()
        if hidden.is_empty():
            return rows
        return rows.join(hidden.lazy(), on=["sha256", "batch"], how="anti")

    def append(self, table: str, rows: pl.DataFrame) -> None:
        """Add rows to a table in one commit.

        Parameters
        ----------
        rows
            Exactly the table's columns, in order, with exactly its types; no rows make no commit.

        Raises
        ------
        SchemaMismatch
            If names, order or types differ.
        """
        self._commit(table, schema.table(table).columns, rows)

    def marks(self) -> pl.DataFrame:
        """Give the (sha256, batch) pairs that reads leave out, columns as in :data:`MARKS`."""
        return self._all("marks").collect()

    def mark(self, rows: pl.DataFrame) -> None:
        """Take batches out of every read, in one commit."""
        self._commit("marks", MARKS, rows)

    def version(self) -> str:
        """Give the data version: 16 hex digits that change with every commit of data and only then."""
        counted = (n for n in _tables() if n not in NOT_DATA and not self._never_written(n))
        return hashed("\n".join(f"{name} {digest(self._path(name))}" for name in counted))[:16]

    def _never_written(self, name: str) -> bool:
        """Tell of a table that was added later whether nothing has been appended since it was made."""
        return name in ADDED and (name in _lacking(self.home) or len(commits(self._path(name))) == 1)

    def _path(self, table: str) -> Path:
        return self.home / "tables" / table

    def _all(self, table: str) -> pl.LazyFrame:
        if table in _lacking(self.home):
            return pl.LazyFrame(schema=dict(_tables()[table]))
        files = [Path(unquote(uri)) for uri in self._delta(table).file_uris()]
        if not files:
            return pl.LazyFrame(schema=dict(_tables()[table]))
        if gone := [f.name for f in files if not f.is_file()]:
            raise unreadable(self._path(table), f"its file {gone[0]} is gone")
        return pl.scan_parquet(files)

    def _delta(self, table: str) -> DeltaTable:
        try:
            return DeltaTable(self._path(table))
        except DeltaError as error:
            raise unreadable(self._path(table), str(error).partition("\n")[0]) from None

    def _commit(self, table: str, columns: Mapping[str, pl.DataType], rows: pl.DataFrame) -> None:
        if not self._writing:
            raise RuntimeError("append only inside writing()")
        _compare(table, columns, rows.schema)
        if rows.is_empty():
            return
        if table in _SORT:
            rows = rows.sort(_SORT[table])
        total = int(rows.hash_rows().sum())
        state = f"{digest(self._path(table))} {rows.height} {total}"
        write_deltalake(
            self._delta(table),
            rows,
            mode="append",
            writer_properties=_PARQUET,
            commit_properties=CommitProperties(custom_metadata={DIGEST: hashed(state)}),
        )


def _compare(table: str, columns: Mapping[str, pl.DataType], given: Mapping[str, pl.DataType]) -> None:
    if list(given.items()) == list(columns.items()):
        return
    lacking = [f"{c} {t}" for c, t in columns.items() if given.get(c) != t]
    extra = [f"{c} {t}" for c, t in given.items() if columns.get(c) != t]
    what = f"needs {', '.join(lacking) or 'nothing more'} and was given {', '.join(extra) or 'another column order'}"
    raise SchemaMismatch(f"table {table} {what}; give exactly the table's columns and types, in its order")


def _lacking(home: Path) -> list[str]:
    """Name the tables that the store was made without; one that was made and is gone is damage, and no such table."""
    absent = [name for name in ADDED if not (home / "tables" / name).exists()]
    made = journal.facts(home).get("added", []) if absent else []
    return [name for name in absent if name not in made]


def _add_tables(home: Path) -> None:
    """Make the tables that the store was made without.

    The name is written down last: a kill before that leaves an empty table, which counts as made all the same.
    """
    facts = journal.facts(home)
    for name in (n for n in ADDED if n not in facts.get("added", [])):
        if not (home / "tables" / name).exists():
            draft = home / f".{name}.draft"
            shutil.rmtree(draft, ignore_errors=True)
            _make(draft, name)
            draft.rename(home / "tables" / name)
        facts = facts | {"added": sorted([*facts.get("added", []), name])}
        write_whole(home / "store.json", (json.dumps(facts) + "\n").encode())


def _make(folder: Path, name: str) -> None:
    properties = CommitProperties(custom_metadata={DIGEST: hashed(name)})
    DeltaTable.create(folder, pl.Schema(_tables()[name]), mode="error", commit_properties=properties)


def _build(home: Path, simulated: bool) -> None:
    """Make the tables beside, move them in place, and only then write ``store.json``."""
    draft, tables = home / ".tables.draft", home / "tables"
    shutil.rmtree(draft, ignore_errors=True)
    if tables.exists():
        _require_untouched(tables)
        tables.rename(draft)  # out of the way whole, should this be killed too
        shutil.rmtree(draft)
    draft.mkdir()
    for name in _tables():
        _make(draft / name, name)
    draft.rename(tables)
    (home / "raw").mkdir(exist_ok=True)
    (home / "cache").mkdir(exist_ok=True)
    facts = {"layout": LAYOUT, "simulated": simulated, "added": list(ADDED)}
    write_whole(home / "store.json", (json.dumps(facts) + "\n").encode())


def _require_untouched(tables: Path) -> None:
    """An unfinished store has every table at its first version; anything else is somebody's data."""
    logs = {p.name: commits(p) for p in tables.iterdir()} if tables.is_dir() else {}
    if set(logs) | set(ADDED) != set(_tables()) or any(len(own) != 1 for own in logs.values()):
        raise StoreError(
            f"{tables.parent} holds tables/ but no store.json, so it is no store of this version; "
            "choose another --home, or move tables/ away"
        )
