"""``overshort audit`` as its user meets it."""

import io
import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from surfaces.conftest import Run

TEXT = """Positioning note

Short interest in the S&P 500 is up 45% this year and up 2% over the last 12 months.
The VIX closed at 14. Good morning to all.
The S&P 500 is on pace for a 3rd consecutive monthly gain.
"""
DAY = ("--date", "2024-06-20")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "note.txt"
    path.write_text(TEXT, "utf-8")
    return path


def document(run: Run, *arguments: str) -> Any:
    code, out, err = run("audit", *arguments, "--json")
    assert (code, err) == (0, "")
    return json.loads(out, parse_constant=lambda name: pytest.fail(f"{name} in JSON"))


def test_the_document(run: Run, file: Path) -> None:
    built = document(run, str(file), *DAY, "--resolve-at", "2025-01-10")
    assert (built["schema"], built["date"], built["resolve_at"]) == ("overshort.audit/1", "2024-06-20", "2025-01-10")
    assert (built["file"], built["simulated"]) == ("note.txt", True)
    keys = "sentence subject metric stated measured verdict reason base_rate resolution"
    assert all(set(keys.split()) <= set(c) for c in built["claims"])
    own = {(c["subject"], c["metric"]): c for c in built["claims"]}
    assert own["SPX", "crowding.change_ytd"]["verdict"] == "contradicted"
    assert own["VIX", "volatility.close"]["measured"]["at"] == "2024-06-20"
    streak = own["SPX", "persistence.month_streak_running"]
    assert streak["resolution"]["verdict"] in ("came true", "did not come true")
    assert built["counts"]["statements"] == len(built["claims"])
    assert "Good morning to all." in [s["text"] for s in built["nothing_to_check"]]
    (clash,) = built["inconsistencies"]
    assert clash["implied"] == pytest.approx(1.02 / 1.45 - 1)
    assert {"subject", "statements", "implied", "measured"} <= set(clash)


def test_the_page_begins_with_the_sum_and_gives_verdicts_first(run: Run, file: Path) -> None:
    code, out, _ = run("audit", str(file), *DAY)
    assert code == 0
    lines = out.splitlines()
    assert "SIMULATED" in lines[0]
    assert lines[1] == "Audit of note.txt, as known on 2024-06-20"
    assert "statements in" in lines[2]
    assert "CONTRADICTED: SPX crowding.change_ytd" in out
    assert "INCONSISTENT: SPX" in out
    assert out.index("Sentence 2") < out.index("Nothing to check")


@pytest.mark.parametrize(
    ("name", "begins"), [("a.html", "<!doctype html>"), ("a.md", "# Audit of note.txt"), ("a.json", '{\n "schema"')]
)
def test_files(run: Run, file: Path, tmp_path: Path, name: str, begins: str) -> None:
    path = tmp_path / name
    code, out, _ = run("audit", str(file), *DAY, "-o", str(path))
    assert code == 0
    assert f"Written: {path}" in out
    assert path.read_text("utf-8").startswith(begins)


def test_standard_input(run: Run, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(file.read_bytes())))
    built = document(run, "-", *DAY)
    assert built["file"] == "standard input"
    assert built["claims"] == document(run, str(file), *DAY)["claims"]


def test_a_default_subject(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "bare.txt"
    path.write_text("Short interest is up 4% since the last report.", "utf-8")
    told = document(run, str(path), *DAY, "--subject-default", "rut")["claims"]
    assert {c["subject"] for c in told} == {"RUT"}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b" \n\t\n", "is empty"),
        (b"x" * 200_001, "more than the 200,000 bytes"),
        (b"%PDF-1.7\0\1\2", "is no plain text"),
        (b"\xff\xfe\x00", "begins like UTF-16"),
    ],
)
def test_what_is_no_commentary(run: Run, tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "odd.txt"
    path.write_bytes(content)
    code, out, err = run("audit", str(path), *DAY)
    assert (code, out) == (2, "")
    assert words in err


@pytest.mark.parametrize(
    ("content", "note"),
    [
        ("Short interest in the S&P 500 – up 4% this year.".encode("cp1252"), "byte 0x96 at 30): read as cp1252"),
        (b"Short interest in the S&P 500 is up 4% \x81 this year.", "read as latin-1"),
        ("Short interest in the S&P 500 is up 4% this year.".encode("utf-16"), "Read as UTF-16"),
    ],
)
def test_another_encoding_is_read_and_named(run: Run, tmp_path: Path, content: bytes, note: str) -> None:
    path = tmp_path / "odd.txt"
    path.write_bytes(content)
    built = document(run, str(path), *DAY)
    assert note in built["notes"][0]
    assert [c["metric"] for c in built["claims"]] == ["crowding.change_ytd"]


def test_a_mark_at_the_beginning_is_no_part_of_the_text(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "marked.txt"
    path.write_bytes(b"\xef\xbb\xbf" + TEXT.encode())
    built = document(run, str(path), *DAY)
    assert built["notes"] == []
    assert built["sentences"][0]["text"] == "Positioning note"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nothing.txt"], "nothing.txt cannot be read"),
        (["note.txt", "--resolve-at", "2024-01-05"], "lies before the text's date"),
        (["note.txt", "--resolve-at", "later"], "is not a date"),
        (["note.txt", "-o", "audit.pdf"], "ends in none of"),
    ],
)
def test_wrong_usage(run: Run, file: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], words: str) -> None:
    monkeypatch.chdir(file.parent)
    code, out, err = run("audit", *arguments, *DAY)
    assert (code, out) == (2, "")
    assert words in err


def test_a_text_that_claims_nothing(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "kind.txt"
    path.write_text("Good morning. Happy trading!", "utf-8")
    code, out, _ = run("audit", str(path), *DAY)
    assert code == 0
    assert "0 statements in 2 sentences" in out


def test_own_words_and_another_extractor(run: Run, tmp_path: Path) -> None:
    words, path = tmp_path / "mine.toml", tmp_path / "post.txt"
    words.write_text('[[unmeasured]]\nwords = ["moon phase"]\nsubject = false\nreason = "none measures the moon"')
    path.write_text("The moon phase is at 40%.", "utf-8")
    (claim,) = document(run, str(path), *DAY, "--lexicon", str(words), "--extractor", "grammar")["claims"]
    assert (claim["checkable"], claim["reason"]) == (False, "none measures the moon")
    code, _, err = run("audit", str(path), *DAY, "--extractor", "oracle")
    assert code == 2
    assert "--extractor 'oracle' is none of grammar" in err


def test_the_verdict_stands_beside_its_sentence_and_what_is_stated_in_whole_words(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    path.write_text("Short interest of the S&P 500 is rising across the board and with it the crowding.", "utf-8")
    code, out, _ = run("audit", str(path), *DAY)
    assert code == 0
    heads = next(line for line in out.splitlines() if line.startswith("sentence")).split()
    assert heads[:3] == ["sentence", "verdict", "of"]
    row = next(line for line in out.splitlines() if line.startswith("1  "))
    stated = document(run, str(path), *DAY)["claims"][0]["stated"]
    shown = row.split("crowding.change_last")[1].rpartition("  ")[0].strip().removesuffix(" …")
    assert stated == shown or stated.startswith(f"{shown} ")
