"""The tables of the store: append-only Delta tables, one commit per append, one writer at a time.

This module alone owns ``deltalake``.

1. All tables are made when the store is made; ``store.json`` is written last: without it, the store is made anew.
2. A writer holds a lock on ``HOME/lock`` that dies with its process.
3. Rows are compared with the table's declaration exactly before each append: Delta itself casts in silence.
4. Rows are never taken away.  Table ``marks`` lists (sha256, batch) pairs that a read leaves out.
5. Each commit carries a digest of all rows appended so far; together the digests are the data version.
"""

import hashlib
import json
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import polars as pl
from deltalake import CommitProperties, DeltaTable, WriterProperties, write_deltalake
from deltalake.exceptions import DeltaError

from overshort import schema
from overshort.errors import MixedStore, SchemaMismatch, StoreError, StoreMissing, StoreVersion
from overshort.store.lock import locked
from overshort.store.raw import write_whole

__all__ = ["LAYOUT", "MARKS", "PATIENCE", "Lake"]

LAYOUT = 1
MARKS: Mapping[str, pl.DataType] = {"sha256": pl.String(), "batch": pl.Int32()}
"""Batches that reads leave out: a file that was forgotten, or one that was put in again after that."""

PATIENCE = 10.0
"""Seconds that a second writer waits for the first."""

_DIGEST = "overshort.digest"
_COMMIT = re.compile(r"^\d{20}\.json$")
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
        facts = _facts(home)
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
            self._writing = True
            try:
                yield
            finally:
                self._writing = False

    def scan(self, table: str) -> pl.LazyFrame:
        """Give every visible row of a table, all vintages, in no particular order."""
        rows = self._all(table)
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
        """Give the data version: 16 hex digits that change with every commit and only then."""
        digests = (f"{name} {_digest(self._path(name))}" for name in _tables())
        return hashlib.sha256("\n".join(digests).encode()).hexdigest()[:16]

    def _path(self, table: str) -> Path:
        return self.home / "tables" / table

    def _all(self, table: str) -> pl.LazyFrame:
        files = [Path(unquote(uri)) for uri in self._delta(table).file_uris()]
        if not files:
            return pl.LazyFrame(schema=dict(_tables()[table]))
        if gone := [f.name for f in files if not f.is_file()]:
            raise _unreadable(self._path(table), f"its file {gone[0]} is gone")
        return pl.scan_parquet(files)

    def _delta(self, table: str) -> DeltaTable:
        try:
            return DeltaTable(self._path(table))
        except DeltaError as error:
            raise _unreadable(self._path(table), str(error).partition("\n")[0]) from None

    def _commit(self, table: str, columns: Mapping[str, pl.DataType], rows: pl.DataFrame) -> None:
        if not self._writing:
            raise RuntimeError("append only inside writing()")
        _compare(table, columns, rows.schema)
        if rows.is_empty():
            return
        if table in _SORT:
            rows = rows.sort(_SORT[table])
        total = int(rows.hash_rows().sum())
        state = f"{_digest(self._path(table))} {rows.height} {total}"
        write_deltalake(
            self._delta(table),
            rows,
            mode="append",
            writer_properties=_PARQUET,
            commit_properties=CommitProperties(custom_metadata={_DIGEST: _hash(state)}),
        )


def _unreadable(table: Path, why: str) -> StoreError:
    return StoreError(
        f"table {table.name} in {table} cannot be read ({why}); "
        "restore that folder from a backup, or import the original files into another --home"
    )


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _compare(table: str, columns: Mapping[str, pl.DataType], given: Mapping[str, pl.DataType]) -> None:
    if list(given.items()) == list(columns.items()):
        return
    lacking = [f"{c} {t}" for c, t in columns.items() if given.get(c) != t]
    extra = [f"{c} {t}" for c, t in given.items() if columns.get(c) != t]
    what = f"needs {', '.join(lacking) or 'nothing more'} and was given {', '.join(extra) or 'another column order'}"
    raise SchemaMismatch(f"table {table} {what}; give exactly the table's columns and types, in its order")


def _facts(home: Path) -> dict[str, Any]:
    path = home / "store.json"
    try:
        facts = json.loads(path.read_text("utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise StoreMissing(
            f"no store in {home}; make one with `overshort import PATH`, or see a simulated one with `make brief`"
        ) from None
    except (ValueError, OSError) as error:
        raise StoreError(f"{path} cannot be read ({error}); restore it, or import into another --home") from None
    if not isinstance(facts, dict):
        raise StoreError(f"{path} holds no JSON object; restore it, or import into another --home")
    return facts


def _build(home: Path, simulated: bool) -> None:
    """Make the tables beside, move them in place, and only then write ``store.json``."""
    draft, tables = home / ".tables.draft", home / "tables"
    shutil.rmtree(draft, ignore_errors=True)
    if tables.exists():
        _require_untouched(tables)
        tables.rename(draft)  # out of the way whole, should this be killed too
        shutil.rmtree(draft)
    draft.mkdir()
    for name, columns in _tables().items():
        properties = CommitProperties(custom_metadata={_DIGEST: _hash(name)})
        DeltaTable.create(draft / name, pl.Schema(columns), mode="error", commit_properties=properties)
    draft.rename(tables)
    (home / "raw").mkdir(exist_ok=True)
    (home / "cache").mkdir(exist_ok=True)
    facts = {"layout": LAYOUT, "simulated": simulated}
    write_whole(home / "store.json", (json.dumps(facts) + "\n").encode())


def _require_untouched(tables: Path) -> None:
    """An unfinished store has every table at its first version; anything else is somebody's data."""
    logs = {p.name: _commits(p) for p in tables.iterdir()} if tables.is_dir() else {}
    if set(logs) != set(_tables()) or any(len(commits) != 1 for commits in logs.values()):
        raise StoreError(
            f"{tables.parent} holds tables/ but no store.json, so it is no store of this version; "
            "choose another --home, or move tables/ away"
        )


def _commits(table: Path) -> list[str]:
    log = table / "_delta_log"
    return sorted(p.name for p in log.iterdir() if _COMMIT.match(p.name)) if log.is_dir() else []


def _digest(table: Path) -> str:
    """Read the digest of the newest commit; a commit by other hands counts with all its bytes."""
    commits = _commits(table)
    if not commits:
        raise _unreadable(table, "its commits are gone")
    try:
        text = (table / "_delta_log" / commits[-1]).read_text("utf-8")
        infos = [json.loads(line).get("commitInfo") for line in text.splitlines() if line]
    except (OSError, ValueError, AttributeError) as error:
        raise _unreadable(table, str(error)) from None
    return next((str(i[_DIGEST]) for i in infos if i and _DIGEST in i), _hash(text))
