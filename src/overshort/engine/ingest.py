"""Files into the store: read, recognise, compare, keep the bytes, append.

1. Look at every file once: what it is, and what is refused before any row is read.
2. Under the store's lock, complete reports before excerpts of them: read the rows, compare them with the tables.
3. Keep the bytes, append what is fresh, list what was refused.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import polars as pl

from overshort.engine import files, hints
from overshort.engine.intake import Store, finish_pending, put_rows, read_rows, written
from overshort.engine.novelty import Sorted
from overshort.errors import RefusedFile
from overshort.sources import Extract, Options, Source, recognised
from overshort.sources.declare import REFUSED
from overshort.store.raw import Record, content_hash

__all__ = ["Outcome", "Report", "import_paths"]

Status = Literal["taken", "known", "refused", "unrecognised"]
Step = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one file.

    Attributes
    ----------
    status
        taken (rows added or revised), known (nothing new in it), refused (whole), unrecognised (of no known kind).
    cause
        Why it was refused, or what there is to say of rows that were.
    read, added, known, revised, refused
        Counts of rows; a file that feeds two tables adds and knows the rows of both.
    """

    file: str
    named: bool
    status: Status
    source: str | None = None
    cause: str = ""
    read: int = 0
    added: int = 0
    known: int = 0
    revised: int = 0
    refused: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """What became of an import; ``refused_file`` lists the refused rows where there are any."""

    outcomes: tuple[Outcome, ...]
    refused_file: Path | None = None

    @property
    def exit_code(self) -> int:
        named_refused = any(o.named and o.status in ("refused", "unrecognised") for o in self.outcomes)
        anything = any(o.status in ("taken", "known") for o in self.outcomes)
        return 0 if anything and not named_refused else 1


@dataclass(frozen=True, slots=True)
class _Work:
    """One recognised file on its way in."""

    found: files.Found
    source: Source


def import_paths(
    home: Path, paths: Iterable[Path], *, options: Options, dry_run: bool, progress: Step, now: datetime
) -> Report:
    """Take files or folders into the real store.

    Parameters
    ----------
    home
        Folder of the store; made where it is not there, unless ``dry_run``.
    progress
        Called with the name of the file in hand, how many are done, and of how many.
    now
        The instant of the import: written into records and the refused rows' file name, never into rows.

    Raises
    ------
    MixedStore, StoreLocked, UsageError
        If the store is a simulated one, another process writes, a path does not exist, or what ``options`` say cannot
        hold of these files.
    """
    found = list(files.walk(paths))
    looked = [_look(f) for f in found]
    work = sorted((w for w in looked if isinstance(w, _Work)), key=lambda w: w.source.order)
    outcomes = [o for o in looked if isinstance(o, Outcome)]
    hints.check_said(options, (w.source for w in work))
    store = Store.open(home, create=not dry_run and bool(work))
    refused: list[pl.DataFrame] = []
    with store.writing(dry_run=dry_run):
        if not dry_run:
            finish_pending(store)
        for done, item in enumerate(work):
            progress(item.found.path.name, done, len(work))
            outcome, rows = _take(store, item, options, dry_run=dry_run, now=now)
            outcomes.append(outcome)
            refused.append(rows)
    order = {str(f.path): k for k, f in enumerate(found)}
    ordered = tuple(sorted(outcomes, key=lambda o: order[o.file]))
    return Report(ordered, None if dry_run else _write_refused(home, refused, now))


def _look(found: files.Found) -> _Work | Outcome:
    file = str(found.path)
    try:
        source = recognised(files.unpack(files.read(found.path), file))
    except RefusedFile as error:
        return Outcome(file=file, named=found.named, status="refused", cause=error.reason)
    if source is None:
        cause = "it is of no kind that this version reads; see the README for those it does"
        return Outcome(file=file, named=found.named, status="unrecognised", cause=cause)
    return _Work(found, source)


def _take(store: Store, work: _Work, options: Options, *, dry_run: bool, now: datetime) -> tuple[Outcome, pl.DataFrame]:
    file, none = str(work.found.path), pl.DataFrame(schema=REFUSED)
    base = Outcome(file=file, named=work.found.named, status="known", source=work.source.name)
    try:
        content = files.read(work.found.path)
        sha256 = content_hash(content)
        kept = _kept(store, sha256, work.source)
        options, told = hints.settled(work.source, file, options, kept.options if kept else {})
        if kept is not None and kept.options == written(options):
            return replace(base, read=kept.rows, known=kept.rows, cause="byte for byte"), none
        extract = read_rows(work.source, content, file, options)
    except RefusedFile as error:
        return replace(base, status="refused", cause=error.reason), none
    record = Record(
        sha256=sha256,
        name=file,
        bytes=len(content),
        source=work.source.name,
        options=written(options),
        tables=tuple(sorted(work.source.tables)),
        rows=extract.read,
        imported=now.astimezone(UTC).isoformat(timespec="seconds"),
    )
    parts = put_rows(store, extract, record, content=None if dry_run or kept else content)
    if kept is not None and any(p.fresh.height for p in parts):
        return replace(base, status="refused", cause=_otherwise(kept, record)), none
    return _counted(base, extract, parts, told), extract.refused.with_columns(pl.lit(file).alias("file"))


def _kept(store: Store, sha256: str, source: Source) -> Record | None:
    """Give the record of a file that went into the tables already, read by the same source."""
    record = store.vault.record(sha256)
    if record is None or record.state != "active" or record.source != source.name:
        return None
    return record if set(record.tables) == source.tables else None


def _otherwise(kept: Record, record: Record) -> str:
    """Say that two readings of the same bytes may not stand in the store together."""
    before, now = (" ".join(f"--{k} {v}" for k, v in r.options.items()) or "no option" for r in (kept, record))
    fix = "take it out with `overshort forget` first"
    return f"it went in with {before} before and would give other rows with {now}; {fix}"


def _counted(base: Outcome, extract: Extract, parts: list[Sorted], told: str) -> Outcome:
    added, revised = sum(p.new for p in parts), sum(p.revised for p in parts)
    return replace(
        base,
        status="taken" if added or revised else "known",
        cause="; ".join(filter(None, (told, _first_refused(extract), extract.remark))),
        read=extract.read,
        added=added,
        revised=revised,
        known=sum(p.known for p in parts),
        refused=extract.refused.height,
    )


def _first_refused(extract: Extract) -> str:
    if extract.refused.is_empty():
        return ""
    first = extract.refused.row(0, named=True)
    where = "" if first["line"] is None else f"line {first['line']}: "
    return f"{extract.refused.height} rows refused, the first: {where}{first['reason']}"


def _write_refused(home: Path, refused: list[pl.DataFrame], now: datetime) -> Path | None:
    rows = [r for r in refused if r.height]
    if not rows:
        return None
    folder = home / "refused"
    folder.mkdir(exist_ok=True)
    path = folder / f"{now.astimezone(UTC):%Y%m%dT%H%M%S_%fZ}.csv"
    pl.concat(rows).select("file", *REFUSED).write_csv(path)
    return path
