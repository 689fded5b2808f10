"""What holds for every text: no error, the same answer twice, spans within sentences, work in proportion to length."""

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overshort.thesis.grammar import read, sentences, statements
from thesis.grammar.phrases import ALL
from thesis.grammar.reading import WRITTEN, key

WORDS = st.sampled_from(sorted({w for text in ALL for w in text.split()}))
SPEECH = st.lists(st.one_of(WORDS, st.text(max_size=8)), max_size=60).map(" ".join)
FULL = st.lists(st.sampled_from(sorted(ALL)), min_size=2, max_size=5, unique=True)


@given(st.text(max_size=400))
@settings(max_examples=50)
def test_no_text_raises(text: str) -> None:
    statements(text, WRITTEN)


@given(SPEECH)
@settings(max_examples=120)
def test_no_shuffled_words_raise_and_spans_lie_in_their_sentence(text: str) -> None:
    for r in read(text, WRITTEN):
        for s in r.statements:
            assert s.text == r.sentence.text
            assert 0 <= s.span[0] < s.span[1] <= len(s.text)
            assert s.readings
            assert (s.reason is None) == (s.readings[0].metric is not None)


@given(SPEECH)
@settings(max_examples=30)
def test_the_same_text_gives_the_same_list(text: str) -> None:
    assert statements(text, WRITTEN) == statements(text, WRITTEN)


@given(SPEECH)
@settings(max_examples=60)
def test_sentences_are_numbered_parts_of_the_text(text: str) -> None:
    found = sentences(text)
    assert [s.number for s in found] == list(range(1, len(found) + 1))
    assert [r.sentence for r in read(text, WRITTEN)] == found


@given(FULL.flatmap(lambda texts: st.tuples(st.just(texts), st.permutations(texts))))
@settings(max_examples=40)
def test_the_order_of_paragraphs_changes_nothing_where_subjects_are_named(pair: tuple[list[str], list[str]]) -> None:
    first, second = (statements("\n\n".join(texts), WRITTEN) for texts in pair)
    assert sorted(map(repr, map(key, first))) == sorted(map(repr, map(key, second)))


BOMBS = ("a", "3% ", "1,", "SPY, ", "short interest rising ", "up price rising while shorts ", "$(", ".", "\n", "\0")


@pytest.mark.parametrize("bomb", BOMBS)
def test_work_grows_with_length_and_not_faster(bomb: str) -> None:
    """Eight times the text takes at most twenty-four times as long, for texts made to be hard."""
    took = []
    for size in (1_000, 8_000):
        start = time.process_time()
        statements(bomb * (size // len(bomb)), WRITTEN)
        took.append(time.process_time() - start)
    assert took[1] < 24 * took[0] + 0.5


def test_a_hundred_kilobytes() -> None:
    statements("x\x00\x07\u202e ~" * 15_000, WRITTEN)


@pytest.mark.data
def test_a_commentary_as_it_was_posted(data: Path) -> None:
    """Mangled signs, cashtags of a site, headings without stops: the ids that a reader finds, per index."""
    text = (data.parent / "commentary" / "2025-12-positioning.txt").read_text("utf-8")
    found = [s for s in statements(text, WRITTEN.replace(day=29)) if s.checkable]
    told = {key(s) for s in found}
    assert len(found) >= 20
    assert {
        ("RUT", "crowding.rank_1y", "1y", 100.0),
        ("RUT", "crowding.change_ytd", "ytd", 0.45),
        ("NDX", "crowding.change_last", "last_report", 0.039),
        ("NDX", "crowding.rank_5y", "5y", 100.0),
        ("SPX", "crowding.change_12m", "12m", 0.221),
        ("IWM", "structure.envelope_4h", "", "UPPER"),
        ("IWM", "structure.ema_supportive_4h", "", True),
        ("IWM", "structure.pullback_holds", "", True),
        ("IWM", "structure.verdict", "", "ACCEPTANCE"),
        ("QQQ", "compression.below_trigger", "", True),
        ("QQQ", "compression.lower_band_slope", "", 0.0),
        ("QQQ", "compression.state", "", "COIL"),
        ("SPX", "refusal.state_3m", "", "REFUSE"),
        ("SPX", "breadth.green_best_of", "", 10),
        ("VIX", "tape.bought_calls", "1d", 3.8e6),
        ("VIX", "volatility.cycle_low", "", True),
        ("SPX", "persistence.best_week_of", "", 4),
        ("SPX", "persistence.month_streak_running", "", 8.0),
        ("SPX", "persistence.streak_count_since_1945", "since:1945", 10),
        ("SPX", "fragile.count", "", 3),
        ("SPX", "probability.cover5_3m", "", None),
    } <= told
    assert all(s.tense == "future" for s in found if s.readings[0].metric == "probability.cover5_3m")
