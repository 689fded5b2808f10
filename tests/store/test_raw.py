"""The vault: bytes come back, once kept, whole or not at all."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overshort.errors import StoreError
from overshort.store.raw import Record, Vault, content_hash
from store.checks import sentence

CONTENT = b"symbol|position\nZZA|5000\n"


def record(content: bytes = CONTENT, **facts: Any) -> Record:
    plain = Record(sha256=content_hash(content), name="invented.csv", bytes=len(content), source="finra.consolidated")
    return replace(plain, **facts)


def path(vault: Vault, suffix: str) -> Path:
    sha256 = content_hash(CONTENT)
    return vault.folder / sha256[:2] / f"{sha256}{suffix}"


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    vault = Vault(tmp_path / "raw")
    vault.put(CONTENT, record())
    return vault


@given(content=st.binary(max_size=2000))
def test_bytes_come_back(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    vault = Vault(tmp_path_factory.mktemp("vault"))
    assert vault.get(vault.put(content, record(content))) == content


def test_the_same_bytes_are_kept_once(vault: Vault) -> None:
    kept = path(vault, ".zst").stat()
    vault.put(CONTENT, record(name="again.csv", state="active"))
    again = path(vault, ".zst").stat()
    assert (again.st_ino, again.st_mtime_ns) == (kept.st_ino, kept.st_mtime_ns)
    assert [p.suffix for p in sorted(vault.folder.glob("??/*"))] == [".json", ".zst"]
    assert [(r.name, r.state) for r in vault.records()] == [("again.csv", "active")]


def test_bytes_under_a_foreign_record_are_a_fault_of_the_program(vault: Vault) -> None:
    with pytest.raises(ValueError, match="other bytes"):
        vault.put(b"other", record())


def test_a_record_comes_back_with_all_its_fields(vault: Vault) -> None:
    whole = record(
        options={"dated": "2024-01-12", "index": "RUT"},
        order=3,
        state="forgotten",
        batch=2,
        tables=("publications", "totals"),
        rows=7,
        met=4,
        imported="2024-02-01T10:00:00+00:00",
    )
    vault.update(whole)
    assert vault.record(whole.sha256) == whole


def test_records_come_in_the_order_of_import(vault: Vault) -> None:
    contents = [b"second", b"first", b"third"]
    for content, order in zip(contents, (2, 1, 3), strict=True):
        vault.put(content, record(content, order=order))
    assert [r.order for r in vault.records()] == [0, 1, 2, 3]


def test_what_was_never_kept(vault: Vault, tmp_path: Path) -> None:
    assert vault.record("0" * 64) is None
    assert Vault(tmp_path / "nowhere").records() == []
    with pytest.raises(StoreError) as caught:
        vault.get("0" * 64)
    assert "0000.zst is damaged (" in sentence(caught)


@pytest.mark.parametrize("damage", [b"", b"garbage", None, "cut", "other"])
def test_a_damaged_object_is_refused(vault: Vault, damage: bytes | str | None) -> None:
    kept = path(vault, ".zst")
    whole = kept.read_bytes()
    other = Vault(vault.folder / "other")
    other_kept = other.folder / content_hash(b"x")[:2] / f"{other.put(b'x', record(b'x'))}.zst"
    changed = {None: whole[:-1] + b"!", "cut": whole[:-3], "other": other_kept.read_bytes()}
    kept.write_bytes(damage if isinstance(damage, bytes) else changed[damage])
    with pytest.raises(StoreError) as caught:
        vault.get(content_hash(CONTENT))
    assert f"{kept} is damaged" in sentence(caught)


@pytest.mark.parametrize("damage", ["", "{", "[]", "7", "{}", '{"tables": []}', '{"tables": 1}', "\udcff"])
def test_a_damaged_record_is_refused(vault: Vault, damage: str) -> None:
    kept = path(vault, ".json")
    kept.write_bytes(damage.encode("utf-8", "surrogateescape"))
    for read in (vault.records, lambda: vault.record(content_hash(CONTENT))):
        with pytest.raises(StoreError) as caught:
            read()
        assert f"{kept} is damaged" in sentence(caught)


def test_the_advice_of_the_damage_message_works(vault: Vault) -> None:
    """Both files removed, the original can be put in again."""
    path(vault, ".zst").write_bytes(b"garbage")
    with pytest.raises(StoreError) as caught:
        vault.get(content_hash(CONTENT))
    assert f"remove {content_hash(CONTENT)}.zst and .json there" in sentence(caught)
    path(vault, ".zst").unlink()
    path(vault, ".json").unlink()
    assert vault.get(vault.put(CONTENT, record())) == CONTENT


@pytest.mark.parametrize("suffix", [".zst.part", ".json.part"])
def test_a_draft_left_by_a_kill_is_harmless(vault: Vault, suffix: str) -> None:
    draft = path(vault, suffix)
    draft.write_bytes(b"half of it")
    assert vault.get(content_hash(CONTENT)) == CONTENT
    assert len(vault.records()) == 1
    path(vault, ".zst").unlink()
    vault.put(CONTENT, record(order=9))
    assert vault.get(content_hash(CONTENT)) == CONTENT
    assert [r.order for r in vault.records()] == [9]
    assert not draft.exists()
