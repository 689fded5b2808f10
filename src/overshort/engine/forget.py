"""Taking a wrongly imported file out again, as if it had never come.

1. Find the file in the vault by its bytes, its name or the beginning of its hash.
2. Files that came later and found some of its rows there (so that theirs were not stored, or were dated as
   revisions) are taken out with it, in one commit, and put in again from the vault.
3. Nothing is erased: rows are marked, bytes stay.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from overshort.engine import files
from overshort.engine.intake import Store, finish_pending
from overshort.errors import UsageError
from overshort.store.lake import MARKS, Lake
from overshort.store.raw import Record, Vault, content_hash

__all__ = ["Forgotten", "forget"]

SHORTEST = 8


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was taken out: the file, how many rows it loses, and the files that were put in again."""

    name: str
    sha256: str
    rows: int
    again: tuple[str, ...]

    def __str__(self) -> str:
        again = f"; put in again without it: {', '.join(self.again)}" if self.again else ""
        return f"{self.name} ({self.sha256[:12]}): {self.rows:,} rows taken out, the bytes are kept{again}."


def forget(home: Path, file: str) -> Forgotten:
    """Take a file out of the store.

    Parameters
    ----------
    file
        A file on disk, the name it was imported under, or at least eight characters of its SHA-256.

    Raises
    ------
    UsageError
        If no imported file, or more than one, answers to that; or if nothing of it is left to take out.
    StoreMissing, StoreLocked
        If there is no store, or another process writes.
    """
    lake = Lake.open(home)
    lake.require(simulated=False)
    store = Store(lake, Vault(home / "raw"))
    with lake.writing():
        finish_pending(store)
        record = _find(store.vault, file)
        rows = _visible(lake, record)
        if not rows and record.state != "active":
            raise UsageError(f"{record.name} is out of the store already; `overshort import` takes it in again")
        again = _dependents(store.vault, record) if rows else []
        for dependent in again:
            store.vault.update(replace(dependent, state="pending"))
        store.vault.update(replace(record, state="forgotten"))
        lake.mark(_marks([record, *again]))
        finish_pending(store)
    return Forgotten(Path(record.name).name, record.sha256, rows, tuple(Path(r.name).name for r in again))


def _marks(records: list[Record]) -> pl.DataFrame:
    return pl.DataFrame([(r.sha256, r.batch) for r in records], schema=dict(MARKS), orient="row")


def _visible(lake: Lake, record: Record) -> int:
    own = pl.col("sha256") == record.sha256
    counts = (lake.scan(t).filter(own).select(pl.len()).collect().item() for t in record.tables)
    return sum(counts)


def _dependents(vault: Vault, record: Record) -> list[Record]:
    later = (r for r in vault.records() if r.order > record.order and r.state == "active" and r.met)
    return [r for r in later if set(r.tables) & set(record.tables)]


def _find(vault: Vault, file: str) -> Record:
    records = vault.records()
    found = _by_bytes(records, Path(file)) or _by_name(records, file) or _by_hash(records, file)
    if not found:
        raise UsageError(f"no imported file is {file!r}; {_names(records)}")
    if len(found) > 1:
        hashes = ", ".join(r.sha256[:12] for r in found)
        raise UsageError(f"{file!r} fits {len(found)} imported files ({hashes}); give the beginning of one's hash")
    return found[0]


def _names(records: list[Record]) -> str:
    some = [f"{Path(r.name).name} ({r.sha256[:12]})" for r in records][-8:]
    return f"the newest imported ones are {', '.join(some)}" if some else "nothing has been imported yet"


def _by_bytes(records: list[Record], path: Path) -> list[Record]:
    if not path.is_file():
        return []
    sha256 = content_hash(files.read(path))
    return [r for r in records if r.sha256 == sha256]


def _by_name(records: list[Record], file: str) -> list[Record]:
    return [r for r in records if file in (r.name, Path(r.name).name)]


def _by_hash(records: list[Record], file: str) -> list[Record]:
    start = file.lower()
    if len(start) < SHORTEST:
        return []
    return [r for r in records if r.sha256.startswith(start)]
