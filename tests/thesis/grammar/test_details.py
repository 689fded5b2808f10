"""Subjects that are carried, negation, tense, tolerance, readings, spans, and sentences that claim nothing."""

from datetime import date

import pytest

from overshort.thesis.grammar import read, sentences, statements
from thesis.grammar.reading import WRITTEN, keys, only


def test_a_subject_is_carried_within_its_paragraph_and_from_its_heading() -> None:
    text = "Nasdaq 100\n\nShort interest rose 2% this cycle. It is up 9% this year.\n\nDays to cover: 3.1."
    assert [k[0] for k in keys(text)] == ["NDX", "NDX", "NDX"]


def test_a_paragraph_without_a_subject_takes_the_last_of_the_one_before() -> None:
    text = "Short interest in the Russell 2000 rose 2% this cycle.\n\nDays to cover stand at 4.1."
    assert [k[0] for k in keys(text)] == ["RUT", "RUT"]


def test_a_fund_carried_from_its_price_stands_for_its_index_where_shorts_are_counted() -> None:
    found = statements("$IWM gained 2% today. Short interest rose 3% since the last report.", WRITTEN)[1]
    assert [r.subject for r in found.readings] == ["RUT", "IWM"]


def test_neither_of_them_is_both_of_the_sentence_before() -> None:
    text = "Shorts in the S&P 500 and the Nasdaq 100 fell 0.4% and 0.6% this cycle. Neither of them is at a record."
    found = statements(text, WRITTEN)
    assert [(s.readings[0].subject, s.negated) for s in found[2:]] == [("SPX", True), ("NDX", True)]


def test_plain_nasdaq_is_read_twice() -> None:
    found = only("Short interest on the Nasdaq fell 1.2% this cycle.")
    assert [r.subject for r in found.readings] == ["NDX", "NASDAQ"]


def test_a_plain_record_of_shorts_shows_the_five_years_too() -> None:
    found = only("Short interest in the S&P 500 is at a record.")
    assert [(r.metric, r.window) for r in found.readings] == [("crowding.rank_all", "all"), ("crowding.rank_5y", "5y")]


def test_since_january_shows_the_year_too() -> None:
    found = only("Since January S&P 500 short interest has grown by at most 1%.")
    assert [r.metric for r in found.readings] == ["crowding.chain", "crowding.change_ytd"]
    assert found.comparison == "<="


@pytest.mark.parametrize(
    "text",
    [
        "Short interest in the S&P 500 isn't rising.",
        "S&P 500 short interest hasn't hit a five-year high.",
        "$QQQ is not coiling.",
        "Acceptance is off the table for $QQQ.",
        "The VIX is no longer near its lows.",
        "$SPY has not closed below its 50-day average.",
    ],
)
def test_a_denial_keeps_the_positive_value(text: str) -> None:
    assert only(text).negated


def test_not_this_but_that() -> None:
    found = statements("For $SPY this is acceptance, not distribution.", WRITTEN)
    assert [(s.value, s.negated) for s in found] == [("ACCEPTANCE", False), ("DISTRIBUTION", True)]


@pytest.mark.parametrize(
    ("text", "comparison", "value"),
    [
        ("S&P 500 short interest fell by more than 10% this year.", "<", -0.1),
        ("S&P 500 short interest fell at most 2% this year.", ">=", -0.02),
        ("S&P 500 short interest rose at least 2% this year.", ">=", 0.02),
        ("S&P 500 short interest rose some 2% this year.", "~", 0.02),
        ("S&P 500 short interest rose between 3% and 4% this year.", "between", (0.03, 0.04)),
        ("S&P 500 short interest rose 3-4% this year.", "between", (0.03, 0.04)),
        ("S&P 500 short interest rose 20 bp this year.", "=", 0.002),
        ("S&P 500 short interest is −2.5% this year.", "=", -0.025),
        ("S&P 500 short interest is up 1,250 percent this year.", "=", 12.5),
        ("S&P 500 short interest is in the 95th+ percentile of five years.", ">=", 95.0),
    ],
)
def test_comparisons_follow_the_signed_number(text: str, comparison: str, value: object) -> None:
    found = only(text)
    assert (found.comparison, found.value) == (comparison, value)


@pytest.mark.parametrize(
    ("text", "tolerance"),
    [
        ("Short interest in the S&P 500 is up 2.45% this year.", 0.00005),
        ("Short interest in the S&P 500 is up 3% this year.", 0.005),
        ("Short interest in the S&P 500 is up roughly 40% this year.", 0.04),
        ("VIX calls: $3.8M of premium was bought.", 50_000),
        ("S&P 500 short interest stands at $1.02tn.", 5e9),
    ],
)
def test_tolerance_is_half_of_the_last_digit_and_wider_for_roughly(text: str, tolerance: float) -> None:
    assert only(text).tolerance == pytest.approx(tolerance)


def test_tense() -> None:
    assert only("The S&P 500 is on pace for an 8th consecutive monthly gain.").tense == "future"
    assert only("In 2022 SPY lost 19%.").tense == "past"
    assert only("SPY is up 2% this week.").tense == "now"


def test_this_year_is_the_year_of_the_text() -> None:
    assert keys("S&P 500 shorts rose 4% in 2021.", date(2021, 6, 1)) == [("SPX", "crowding.change_ytd", "ytd", 0.04)]
    assert keys("S&P 500 shorts rose 4% in 2021.", date(2022, 6, 1)) == [("SPX", "crowding.change_ytd", "2021", 0.04)]
    assert keys("S&P 500 shorts rose 4% since November.", date(2022, 2, 1))[0][2] == "since:2021-11"


@pytest.mark.parametrize(
    "name",
    ["$S&P 500(.SPX)$", "$SPX", ".SPX", "#SPX", "S&P", "the S&P 500", "SPX", "S&P500"],
)
def test_spellings_of_the_index(name: str) -> None:
    assert keys(f"Short interest in {name} rose 3% this cycle.")[0][0] == "SPX"


@pytest.mark.parametrize("name", ["$IWM", "(IWM)$", "$iShares Russell 2000 ETF(IWM)$", "IWM"])
def test_spellings_of_the_fund(name: str) -> None:
    assert keys(f"{name} gained 3% today.") == [("IWM", "price.change_1d", "1d", 0.03)]


def test_sentences_survive_abbreviations_decimals_and_mangled_signs() -> None:
    text = (
        "U.S. short interest rose 2.45% vs. 1.1% before. π§ Next: the VIX at 14.2! https://x.yz/a.b?c 🚀\n• One\n• Two"
    )
    assert [s.text for s in sentences(text)] == [
        "U.S. short interest rose 2.45% vs. 1.1% before.",
        "π§ Next: the VIX at 14.2!",
        "https://x.yz/a.b?c 🚀",
        "One",
        "Two",
    ]


def test_wrapped_lines_are_one_sentence_and_headings_are_their_own() -> None:
    text = "Small Caps\nShort interest in the Russell 2000 has risen for most of the\nyear and is up 12% this year."
    found = sentences(text)
    assert [s.heading for s in found] == [True, False]
    assert found[1].text.endswith("most of the year and is up 12% this year.")


def test_every_sentence_is_listed_with_its_reason() -> None:
    found = read("Good morning. Is the VIX at 14? The VIX is at 14. Follow me for more!", WRITTEN)
    reasons = [r.reason for r in found]
    assert reasons == ["nothing to check", "nothing to check: a question", None, "nothing to check: promotion"]


def test_the_reading_says_which_words_led_to_it() -> None:
    why = only("Short interest in the S&P 500 is up roughly 40% this year.").readings[0].why
    assert "“roughly 40% this year”" in why
    assert "within a tenth of the value" in why
