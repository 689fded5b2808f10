"""Sentences of many styles, beside the ten texts: what each must claim."""

import pytest

from thesis.grammar.many_hands import OF_MANY_HANDS
from thesis.grammar.phrases import ALL as KNOWN
from thesis.grammar.reading import keys, only

ALL = KNOWN | OF_MANY_HANDS
NOTHING = (
    "Is short interest at a record?",
    "If short interest hits 5% of float, we sell.",
    "Buy the dip at $450.",
    "50% off my course this week only!",
    "Join 12,000 traders.",
    "Reduce the basket to 60% of its limit.",
    "A 20/30 call spread traded 5,000 times.",
    "$IWM bears, wake up and smell the coffee",
    "The shorts have left the building",
    "Like, repost and follow me for more setups!",
    "Short interest could fall another 5% by March.",
    "My target for SPX is 7,200.",
    "We trimmed our hedge by 20% and raised cash to 12%.",
    "Our hit rate is 61%.",
    "A VIX below 11 would be a gift.",
    "Edit 3: what are profits",
    "Nothing here says that small-cap shorts must cover.",
    "Despite the rally, short sellers refuse to cover.",
)


@pytest.mark.parametrize("text", ALL)
def test_a_sentence_claims_what_a_reader_would_note(text: str) -> None:
    assert keys(text) == ALL[text]


@pytest.mark.parametrize("text", NOTHING)
def test_a_sentence_that_claims_nothing(text: str) -> None:
    assert keys(text) == []


UNMEASURED = (
    ("CTA exposure is at 95%.", "positions"),
    ("Put/call is 0.8.", "options"),
    ("Retail flows are rising.", "flows"),
    ("The Fed cut rates by 25bp.", "rates"),
    ("AAII bulls at 48%.", "sentiment"),
    ("CPI came in at 2.9%.", "economy"),
    ("Dealer gamma is short $2 billion.", "dealers"),
    ("Oil fell 3%.", "commodities"),
    ("The forward multiple is 22.", "valuations"),
    ("The S&P 500 is priced at 16.8 times next year's profits.", "valuations"),
    ("Fourteen of the last 15 weeks were green for the S&P 500.", "weeks of gains"),
    ("Exports shrank by 2.7%.", "economy"),
    ("$QZX implied vol sits at 58.", "options"),
    ("The CEO sold 200,000 shares of $QZX.", "insiders"),
    ("SPY has rallied 12% since April.", "a change of price over since:2025-04"),
)


@pytest.mark.parametrize(("text", "word"), UNMEASURED)
def test_what_no_metric_measures_says_why(text: str, word: str) -> None:
    found = only(text)
    assert found.readings[0].metric is None
    assert found.value is None
    assert not found.checkable
    assert found.reason is not None
    assert word in found.reason
