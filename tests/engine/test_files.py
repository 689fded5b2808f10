"""Files as the user names them: which are looked at, how they are unpacked, which are refused at once."""

import gzip
import io
import zipfile
from pathlib import Path

import pytest

from overshort.engine import files
from overshort.engine.files import Found, read, unpack, walk
from overshort.errors import RefusedFile, UsageError
from store.checks import sentence

PLAIN = b"symbol|position\nZZA|5000\n" * 40
PACKED = gzip.compress(PLAIN, mtime=0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("b.csv", "a.csv", "sub/c.csv", "sub/deep/d.csv", ".hidden", ".git/e.csv", "sub/.f.csv"):
        path = tmp_path / "folder" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path / "folder"


def names(found: list[Found], folder: Path) -> list[str]:
    return [f.path.relative_to(folder).as_posix() for f in found]


def refusal(content: bytes) -> str:
    with pytest.raises(RefusedFile) as caught:
        unpack(content, "invented.csv")
    assert sentence(caught).startswith("invented.csv")
    return str(caught.value)


def test_a_folder_is_walked_in_order_without_hidden_entries(folder: Path) -> None:
    found = list(walk([folder]))
    assert names(found, folder) == ["a.csv", "b.csv", "sub/c.csv", "sub/deep/d.csv"]
    assert not any(f.named for f in found)


def test_a_store_below_a_folder_is_left_out(folder: Path) -> None:
    (folder / "sub" / "store.json").write_text("{}")
    assert names(list(walk([folder])), folder) == ["a.csv", "b.csv"]


def test_a_folder_below_a_hidden_one_counts(tmp_path: Path) -> None:
    """Only what is hidden below the named folder is left out."""
    folder = tmp_path / ".cache" / "files"
    folder.mkdir(parents=True)
    (folder / "a.csv").write_text("x")
    assert names(list(walk([folder])), folder) == ["a.csv"]


def test_a_hidden_file_counts_when_it_is_named(folder: Path) -> None:
    assert list(walk([folder / ".hidden"])) == [Found(folder / ".hidden", named=True)]


@pytest.mark.parametrize("folder_first", [True, False])
def test_a_file_named_beside_its_folder_is_a_named_one(folder: Path, folder_first: bool) -> None:
    paths = [folder, folder / "b.csv"]
    found = list(walk(paths if folder_first else paths[::-1]))
    assert sorted(names(found, folder)) == ["a.csv", "b.csv", "sub/c.csv", "sub/deep/d.csv"]
    assert [f.path.name for f in found if f.named] == ["b.csv"]


def test_links_to_one_file_count_once(folder: Path) -> None:
    (folder / "aa.csv").symlink_to(folder / "a.csv")
    (folder / "sub" / "up.csv").symlink_to(folder / "b.csv")
    assert names(list(walk([folder])), folder) == ["a.csv", "b.csv", "sub/c.csv", "sub/deep/d.csv"]
    assert list(walk([folder / "aa.csv"])) == [Found(folder / "aa.csv", named=True)]


def test_a_broken_link_below_a_folder_is_left_alone(folder: Path) -> None:
    (folder / "z.csv").symlink_to(folder / "gone.csv")
    assert "z.csv" not in names(list(walk([folder])), folder)


def test_a_path_that_is_not_there(folder: Path) -> None:
    with pytest.raises(UsageError) as caught:
        list(walk([folder / "a.csv", folder / "gone.csv"]))
    assert "gone.csv does not exist" in sentence(caught)


def test_a_file_that_cannot_be_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def deny(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    with pytest.raises(RefusedFile, match="it cannot be read"):
        read(folder)
    monkeypatch.setattr(Path, "read_bytes", deny)
    with pytest.raises(RefusedFile) as caught:
        read(folder / "a.csv")
    assert "it cannot be read (Permission denied); check the file's permissions" in sentence(caught)


def test_a_file_that_is_too_large_is_refused_unread(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LARGEST", 2)
    monkeypatch.setattr(Path, "read_bytes", None)
    with pytest.raises(
        RefusedFile, match="bytes, more than 2; split it, or keep its header and the rows that you need"
    ):
        read(folder / "a.csv")


@pytest.mark.parametrize("level", [0, 1, 9])
def test_gzip_is_unpacked(level: int) -> None:
    assert unpack(gzip.compress(PLAIN, level, mtime=0), "x") == PLAIN
    assert unpack(PLAIN, "x") == PLAIN


def test_gzip_of_several_members_is_unpacked_whole() -> None:
    assert unpack(PACKED + PACKED, "x") == PLAIN + PLAIN
    assert unpack(PACKED + b"\x00" * 100, "x") == PLAIN


@pytest.mark.parametrize("cut", [3, 9, 12, len(PACKED) // 2, len(PACKED) - 8, len(PACKED) - 1])
def test_a_gzip_that_ends_too_early(cut: int) -> None:
    assert "its gzip ends too early" in refusal(PACKED[:cut])


def test_a_second_member_that_ends_too_early() -> None:
    assert "its gzip ends too early" in refusal(PACKED + PACKED[:-9])


@pytest.mark.parametrize("at", [2, 12, len(PACKED) - 6])
def test_a_gzip_with_a_wrong_byte(at: int) -> None:
    assert "its gzip is damaged" in refusal(PACKED[:at] + bytes([PACKED[at] ^ 0xFF]) + PACKED[at + 1 :])


def test_garbage_after_a_gzip() -> None:
    assert "its gzip is damaged" in refusal(PACKED + b"garbage")


def test_an_endless_gzip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LARGEST", 100)
    assert "unpacks to more than 100 bytes" in refusal(PACKED)


def test_many_small_members_are_endless_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LARGEST", 3 * len(PLAIN))
    assert unpack(3 * PACKED, "x") == 3 * PLAIN
    assert f"unpacks to more than {3 * len(PLAIN):,} bytes" in refusal(4 * PACKED)


def test_a_byte_order_mark_stays_for_the_source_to_read() -> None:
    assert unpack(b"\xef\xbb\xbf" + PLAIN, "x") == b"\xef\xbb\xbf" + PLAIN


@pytest.mark.parametrize(
    "content", [b"", b"\n", b" \r\n\t", gzip.compress(b"", mtime=0), gzip.compress(b"\n", mtime=0)]
)
def test_an_empty_file(content: bytes) -> None:
    assert "it is empty; download it again" in refusal(content)


@pytest.mark.parametrize(
    "page",
    [
        b"<!DOCTYPE html><html></html>",
        b"\n\n  <html lang='en'>",
        b"\xef\xbb\xbf<!doctype HTML>",
        b'<?xml version="1.0"?><Error>AccessDenied</Error>',
        gzip.compress(b"<HTML>", mtime=0),
    ],
)
def test_a_web_page(page: bytes) -> None:
    assert "line 1: it is a web page, not data" in refusal(page)


def zipped(*members: tuple[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members:
            packed.writestr(zipfile.ZipInfo(name), content)
    return file.getvalue()


@pytest.mark.parametrize("name", ["cnsfails202101a", "cnsfails202101a.txt", "a.CSV"])
def test_a_zip_of_one_text_file_is_unpacked(name: str) -> None:
    assert unpack(zipped((name, PLAIN)), "invented.zip") == PLAIN


@pytest.mark.parametrize("members", [(("a.txt", PLAIN), ("b.txt", PLAIN)), (("a.bin", PLAIN),), ()])
def test_other_zips_are_left_as_they_are(members: tuple[tuple[str, bytes], ...]) -> None:
    """A workbook is one of them."""
    content = zipped(*members)
    assert unpack(content, "invented.zip") == content


def test_a_damaged_zip_is_refused() -> None:
    content = bytearray(zipped(("a.txt", bytes(range(256)) * 40)))
    content[60] ^= 0xFF
    assert "its zip is damaged" in refusal(bytes(content))
    assert "it is a web page" in refusal(zipped(("a.txt", b"<!DOCTYPE html>")))
