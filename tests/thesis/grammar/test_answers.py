"""Ten invented commentaries, noted by a careful reader before the grammar was written."""

import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from overshort.thesis.grammar import statements
from overshort.thesis.statement import Statement, Value

ANSWERS = Path(__file__).parents[2] / "answers" / "commentaries"
TEXTS = sorted(ANSWERS.glob("*.txt"))
LEAST = 0.9
Key = tuple[str, str, str, object]


def _number(value: Value | list[float] | None) -> object:
    """Numbers to ten digits, so that values within 1e-9 of one another are the same key."""
    if isinstance(value, (list, tuple)):
        return tuple(float(f"{v:.9e}") for v in value)
    return value if value is None or isinstance(value, (bool, str)) else float(f"{value:.9e}")


def _wanted(claim: dict[str, Any]) -> Key:
    return claim["subject"], claim["metric"], claim["window"], _number(claim.get("value"))


def _found(s: Statement) -> Key:
    first = s.readings[0]
    return first.subject or "", first.metric or "", first.window or "", _number(s.value)


def _answers(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.with_suffix(".toml").read_text("utf-8"))


def _counts(path: Path) -> tuple[Counter[Key], Counter[Key]]:
    answers = _answers(path)
    found = statements(path.read_text("utf-8"), answers["date"])
    return Counter(_wanted(c) for c in answers["claims"]), Counter(map(_found, found))


def _score(wanted: Counter[Key], found: Counter[Key]) -> tuple[float, float]:
    hits = (wanted & found).total()
    return hits / max(1, found.total()), hits / max(1, wanted.total())


def test_there_are_ten_texts() -> None:
    assert len(TEXTS) == 10


@pytest.mark.parametrize("path", TEXTS, ids=lambda p: p.stem)
def test_precision_and_recall_of_each_text(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wanted, found = _counts(path)
    precision, recall = _score(wanted, found)
    with capsys.disabled():
        print(f"\n{path.stem}: precision {precision:.2f}, recall {recall:.2f} of {wanted.total()} claims", end="")
    assert precision >= LEAST, f"not in the answers: {found - wanted}"
    assert recall >= LEAST, f"missed: {wanted - found}"


def test_precision_and_recall_of_all(capsys: pytest.CaptureFixture[str]) -> None:
    pairs = [_counts(path) for path in TEXTS]
    wanted = sum((w for w, _ in pairs), Counter())
    found = sum((f for _, f in pairs), Counter())
    hits = sum((w & f).total() for w, f in pairs)
    precision, recall = hits / found.total(), hits / wanted.total()
    with capsys.disabled():
        print(f"\nall: precision {precision:.3f}, recall {recall:.3f} of {wanted.total()} claims", end="")
    assert min(precision, recall) >= LEAST


@pytest.mark.parametrize("path", TEXTS, ids=lambda p: p.stem)
def test_tense_negation_and_comparison_of_claims_that_are_found(path: Path) -> None:
    answers = _answers(path)
    expected = {
        (_wanted(c), c.get("negated", False), c["tense"] == "future", c.get("comparison")) for c in answers["claims"]
    }
    told = {
        (_found(s), s.negated, s.tense == "future", s.comparison)
        for s in statements(path.read_text("utf-8"), answers["date"])
    }
    assert len(expected & told) >= LEAST * len(expected), expected - told


@pytest.mark.parametrize("path", TEXTS, ids=lambda p: p.stem)
def test_other_readings_are_shown(path: Path) -> None:
    answers = _answers(path)
    by_key = {_found(s): s for s in statements(path.read_text("utf-8"), answers["date"])}
    for claim in answers["claims"]:
        for other in claim.get("also", ()):
            readings = by_key[_wanted(claim)].readings[1:]
            shown = {(r.subject, r.metric, r.window) for r in readings}
            assert (other["subject"], other["metric"], other["window"]) in shown
