"""What is said of rising months: running, completed and ended streaks, and how rare they are."""

from typing import Any

import pytest

from overshort.engine.figures import Figure
from overshort.surfaces.claims import claims
from overshort.surfaces.claims.persistence import rarity
from surfaces.made import changed, figure

DONE, NOW = "2025-05-30", "2025-06-13"


def months(streak: int | None, *, ended: int | None = None, missed: float | None = None) -> list[Figure]:
    values: dict[str, float | None] = {"streak": streak, "streak_ended": ended, "streak_missed_bp": missed}
    return [_figure(id, value, DONE, "^GSPC") for id, value in values.items()]


def running(streak: int, margin: float, *, source: str = "^GSPC", at: str = NOW) -> list[Figure]:
    return [_figure("streak_running", streak, at, source), _figure("margin_bp", margin, at, source)]


def _figure(id: str, value: float | None, at: str, source: str) -> Figure:
    return figure(f"persistence.month_{id}", value, subject="SPX", at=at, source=source)


def study(**more: Any) -> dict[str, Any]:
    return {
        "id": "persistence.streaks",
        "subject": "SPX",
        "length": 8,
        "months": 956,
        "rising": 585,
        "from": "1945-09-28",
        "count": 9,
        "p_coin": 0.41,
        "p_permutation": 0.38,
        "occurrences": [],
    } | more


def only(found: list[Figure], *studies: dict[str, Any]) -> dict[str, Any]:
    (claim,) = claims(found, studies)
    assert claim["figures"]
    assert set(claim["figures"]) <= {f.key for f in found}
    assert "None" not in claim["text"]
    return claim


@pytest.mark.parametrize(
    ("done", "words"),
    [(1, "a 2nd"), (7, "an 8th"), (10, "an 11th"), (17, "an 18th"), (2, "a 3rd"), (11, "a 12th"), (20, "a 21st")],
)
def test_on_pace(done: int, words: str) -> None:
    claim = only([*months(done), *running(done + 1, 234.72)])
    risen = f"has risen {done} months in a row to May 2025 (^GSPC)" if done > 1 else "rose in May 2025 (^GSPC)"
    assert claim["text"].startswith(f"The S&P 500 {risen}; ")
    assert "on 2025-06-13 it stood 234.7 basis points above the close of May 2025" in claim["text"]
    assert claim["text"].endswith(f": on pace for {words} rising month in a row.")
    assert claim["verdict"] == f"on pace for {done + 1}"
    assert "at or below the last month-end close" in claim["falsifier"]
    assert len(claim["figures"]) == 3


def test_below_the_last_close_the_streak_would_end() -> None:
    claim = only([*months(7), *running(0, -12.0)])
    assert claim["text"].endswith("12.0 basis points below the close of May 2025: the streak would end.")
    assert claim["verdict"] == "7 completed"
    assert "above the last month-end close" in claim["falsifier"]


def test_after_a_fall_the_ended_streak_stays_in_sight() -> None:
    ended = months(0, ended=7, missed=3.14)
    claim = only([*ended, *running(0, -12.0)])
    assert "missed a rising month in May 2025 by 3.1 basis points (^GSPC)" in claim["text"]
    assert "ended at 7; on 2025-06-13 it stood 12.0 basis points below" in claim["text"]
    assert "would end" not in claim["text"]
    assert claim["verdict"] == "ended at 7"
    again = only([*ended, *running(1, 20.0)])
    assert again["text"].endswith(": on pace for a rising month.")
    assert again["verdict"] == "on pace for 1"


@pytest.mark.parametrize("margin", [[], running(0, -3.1, at=DONE)])
def test_a_month_that_just_ended_a_streak(margin: list[Figure]) -> None:
    claim = only([*months(0, ended=5, missed=3.1), *margin])
    assert claim["text"].endswith("by 3.1 basis points (^GSPC): the streak of rising months ended at 5.")
    assert claim["verdict"] == "ended at 5"
    assert claim["falsifier"] is None


def test_a_completed_streak_and_a_single_month() -> None:
    assert only([*months(3), *running(3, 90.0, at=DONE)])["text"] == (
        "The S&P 500 has risen 3 months in a row to May 2025 (^GSPC)."
    )
    assert only(months(1))["text"] == "The S&P 500 rose in May 2025 (^GSPC)."
    assert only(months(1))["verdict"] == "1 completed"


def test_two_falls_are_no_streak() -> None:
    claim = only(months(0, ended=0, missed=80.0))
    assert "did not rise in May 2025, nor in the month before" in claim["text"]
    assert claim["verdict"] == "no streak"
    below = only([*months(0, ended=0, missed=80.0), *running(0, -40.0)])
    assert "streak" not in below["text"]
    assert below["falsifier"] is None


def test_a_fall_after_a_gap_says_no_more_than_is_known() -> None:
    claim = only(months(0, missed=80.0))
    assert claim["text"] == "The S&P 500 did not rise in May 2025 (^GSPC)."


def test_without_a_known_streak_nothing_is_said() -> None:
    assert claims(months(None)) == []
    assert claims(running(3, 12.0)) == []


def test_another_source_of_the_running_month_is_named() -> None:
    assert "close of May 2025 (SPY): on pace" in only([*months(7), *running(8, 1.0, source="SPY")])["text"]


def test_a_broken_figure_changes_the_sentence() -> None:
    own = [*months(7), *running(8, 234.7)]
    said = only(own)["text"]
    for id, value in (("streak", 4), ("streak_running", 5), ("margin_bp", 99.9)):
        assert only(changed(own, f"persistence.month_{id}", value))["text"] != said


def test_earlier_occurrences_stand_beside_it() -> None:
    claim = only([*months(7), *running(8, 1.0)], study())
    kept = ("length", "count", "months", "from", "p_coin", "p_permutation")
    assert claim["base_rate"] == {k: study()[k] for k in kept}
    assert "of the S&P 500: 9 times in 956 months since September 1945" in claim["counter"]
    assert "61.2 % of rising months: p = 0.41, over all orders of the same months: p = 0.38" in claim["counter"]


def test_rarity_counts_in_words() -> None:
    assert ": once in" in rarity(study(count=1))
    assert rarity(study(count=0)).startswith("no streak of 8 rising months of the S&P 500 in 956 months")
    assert "no streak of 1 rising month of" in rarity(study(count=0, length=1))


def test_a_study_of_another_index_is_no_evidence() -> None:
    claim = only(months(7), study(subject="NDX"))
    assert claim["base_rate"] is None
    assert claim["counter"] is None
