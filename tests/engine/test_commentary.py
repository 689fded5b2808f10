"""How a commentary is read: with words of one's own, and by another's code."""

from collections.abc import Callable
from datetime import date
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

from overshort.engine import commentary
from overshort.engine.commentary import LARGEST, extractor, lexicon
from overshort.errors import ConfigError, UsageError
from overshort.thesis.grammar import statements

DAY = date(2025, 6, 30)
TEXT = "The VIX closed at 14."


def offered(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    def entries(*, group: str) -> list[EntryPoint]:
        return [EntryPoint("mine", value, group)] if group == "overshort.extractors" else []

    monkeypatch.setattr(commentary, "entry_points", entries)


def echoing(text: str, written: date, lexicon: Any = None) -> Any:
    return statements(text, written, lexicon)[:1]


def failing(*_: object) -> Any:
    raise ValueError("no such word")


def babbling(text: str, *_: object) -> Any:
    return [text]


def test_the_grammar_is_the_extractor_of_the_package() -> None:
    assert extractor("grammar") is statements


def test_an_installed_extractor_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    offered(monkeypatch, f"{__name__}:echoing")
    found = extractor("mine")(f"{TEXT} The S&P 500 fell 2% this week.", DAY)
    assert [s.text for s in found] == [TEXT]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("failing", r"'mine' failed \(ValueError: no such word\)"),
        ("babbling", "gave no list of statements"),
        ("TEXT", "cannot be called"),
        ("absent", "'mine' failed .AttributeError"),
    ],
)
def test_an_extractor_that_is_broken_is_named_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, value: str, words: str
) -> None:
    offered(monkeypatch, f"{__name__}:{value}")
    with pytest.raises(ConfigError, match=words) as error:
        extractor("mine")(TEXT, DAY)
    assert "\n" not in str(error.value)


def test_an_unknown_extractor_names_those_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    offered(monkeypatch, f"{__name__}:echoing")
    with pytest.raises(UsageError, match="'other' is none of grammar, mine"):
        extractor("other")


def test_words_of_a_file_are_laid_over_those_of_the_package(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('\ufeff[companies]\nZOBI = ["the zobi trade"]\n', "utf-8")
    said = "Short interest in the zobi trade rose 5% this year."
    (found,) = statements(said, DAY, lexicon(path))
    assert found.readings[0].subject == "ZOBI"
    assert all(r.subject != "ZOBI" for s in statements(said, DAY) for r in s.readings)


def _absent(path: Path) -> None:
    assert not path.exists()


@pytest.mark.parametrize(
    ("make", "kind", "words"),
    [
        (_absent, UsageError, "No such file"),
        (lambda p: p.mkdir(), UsageError, "directory"),
        (lambda p: p.write_bytes(b"\xff\xfe\xff"), UsageError, "no UTF-8"),
        (lambda p: p.write_text("# " + "x" * LARGEST), UsageError, "200,000"),
        (lambda p: p.write_text("[nouns]\nx = []"), ConfigError, "nouns"),
        (lambda p: p.write_text("a = = 1"), ConfigError, "mine.toml"),
    ],
)
def test_a_file_that_is_no_lexicon_is_refused(
    tmp_path: Path, make: Callable[[Path], object], kind: type[Exception], words: str
) -> None:
    path = tmp_path / "mine.toml"
    make(path)
    with pytest.raises(kind, match=words):
        lexicon(path)
