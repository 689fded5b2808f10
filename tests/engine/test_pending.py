"""An import that was cut short is finished by the next writer, from the kept bytes."""

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from engine.homes import assert_same, line, report, take, visible
from overshort.engine import intake
from overshort.engine.forget import forget
from overshort.engine.intake import Store, finish_pending, put_rows
from overshort.errors import StoreError, UsageError
from overshort.sources import Options, recognised
from overshort.store.lake import Lake
from overshort.store.raw import Record, Vault, content_hash
from sources.examples import EXAMPLES

ANNOUNCED = EXAMPLES["nasdaq.announcements"][0].content
REPORT = report(line("ZZA", 1), line("YYQ", 2))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def other(tmp_path: Path) -> Path:
    path = tmp_path / "other.csv"
    path.write_bytes(REPORT)
    return path


def cut_short(home: Path, *, tables: int, content: bytes = ANNOUNCED) -> Record:
    """Leave a pending record behind with the first tables of its file appended, as a kill would."""
    source = recognised(content)
    assert source is not None
    extract = source.transform(content, "cut.csv", Options())
    record = Record(
        sha256=content_hash(content),
        name="cut.csv",
        bytes=len(content),
        source=source.name,
        tables=tuple(sorted(source.tables)),
        rows=extract.read,
    )
    store = Store.open(home, create=True)
    some = dict(list(extract.tables.items())[:tables])
    with store.writing(dry_run=False):
        if some:
            put_rows(store, replace(extract, tables=some), record, content=content)
        else:
            store.vault.put(content, record)
        kept = store.vault.record(record.sha256)
        assert kept is not None
        store.vault.update(replace(kept, state="pending"))
    return record


@pytest.mark.parametrize("tables", [0, 1, 2])
def test_the_next_import_finishes_it(home: Path, other: Path, tmp_path: Path, tables: int) -> None:
    cut_short(home, tables=tables)
    take(home, other)
    whole = tmp_path / "cut.csv"
    whole.write_bytes(ANNOUNCED)
    take(tmp_path / "fresh", whole, other)
    assert_same(visible(home), visible(tmp_path / "fresh"))
    assert [r.state for r in Vault(home / "raw").records()] == ["active", "active"]
    assert visible(home)["totals"].height == 4


def test_so_does_an_import_of_nothing(home: Path, tmp_path: Path) -> None:
    cut_short(home, tables=1)
    (tmp_path / "notes.txt").write_text("nothing that anybody publishes")
    assert take(home, tmp_path / "notes.txt").exit_code == 1
    assert visible(home)["publications"].height == 2


def test_and_forget(home: Path) -> None:
    cut_short(home, tables=1)
    with pytest.raises(UsageError, match="no imported file"):
        forget(home, "elsewhere.csv")
    assert visible(home)["publications"].height == 2
    assert forget(home, "cut.csv").rows == 6


def test_a_dry_run_leaves_it_pending(home: Path, other: Path) -> None:
    record = cut_short(home, tables=1)
    take(home, other, dry_run=True)
    kept = Vault(home / "raw").record(record.sha256)
    assert kept is not None
    assert kept.state == "pending"


def test_a_file_that_its_source_now_refuses_is_set_aside(home: Path, other: Path) -> None:
    """Bytes that an older version took; they stay, and stand in nobody's way."""
    content = b"<html>"
    record = Record(sha256=content_hash(content), name="x", bytes=6, source="finra.export", tables=("short_interest",))
    store = Store.open(home, create=True)
    store.vault.put(content, record)
    take(home, other)
    kept = Vault(home / "raw").record(record.sha256)
    assert kept is not None
    assert kept.state == "forgotten"
    assert store.vault.get(record.sha256) == content
    assert visible(home)["short_interest"].height == 2


def test_a_source_of_another_version_is_left_to_it(home: Path, other: Path) -> None:
    record = replace(cut_short(home, tables=0), source="publisher.tomorrow")
    vault = Vault(home / "raw")
    vault.update(record)
    take(home, other)
    assert vault.record(record.sha256) == record


def test_lost_bytes_are_said_in_one_sentence(home: Path, other: Path) -> None:
    record = cut_short(home, tables=0)
    (home / "raw" / record.sha256[:2] / f"{record.sha256}.zst").unlink()
    with pytest.raises(StoreError, match=r"is damaged .*No such file"):
        take(home, other)
    (home / "raw" / record.sha256[:2] / f"{record.sha256}.json").unlink()
    assert take(home, other).exit_code == 0


def test_frames_are_finished_too(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A simulated market has no source to read it again: it is put in again by whoever makes it."""
    frames = dict(recognised(REPORT).transform(REPORT, "x", Options()).tables)

    def put() -> Lake:
        return intake.import_frames(home, frames, source="simulated", simulated=True, content=b"a market")

    with monkeypatch.context() as patch:
        patch.setattr(Lake, "append", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            put()
    assert Vault(home / "raw").records()[0].state == "pending"
    put()
    lake = put()
    assert lake.scan("short_interest").select(pl.len()).collect().item() == 2
    assert [(r.state, r.order) for r in Vault(home / "raw").records()] == [("active", 1)]


def test_pending_files_go_in_in_their_order(home: Path) -> None:
    later = report(line("ZZA", 9))
    cut_short(home, tables=0, content=REPORT)
    cut_short(home, tables=0, content=later)
    vault = Vault(home / "raw")
    for content, order in ((REPORT, 2), (later, 1)):
        kept = vault.record(content_hash(content))
        assert kept is not None
        vault.update(replace(kept, order=order))
    store = Store.open(home, create=False)
    with store.writing(dry_run=False):
        finish_pending(store)
    rows = store.scan("short_interest").filter(pl.col("symbol") == "ZZA").sort("known_at").collect()
    assert rows["position"].to_list() == [9, 1]
