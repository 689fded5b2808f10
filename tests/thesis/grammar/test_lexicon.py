"""The lexicon: every id is a metric's, a reader's own file is laid over it, and what breaks a rule is refused."""

import pytest

from overshort.errors import ConfigError
from overshort.metrics import registry
from overshort.thesis.grammar import extended, standard
from thesis.grammar.reading import keys

PENDING = frozenset(
    {
        "crowding.rank_all",
        "flow.fails",
        "flow.short_volume_share",
        "flow.short_volume_z",
        "price.change_12m",
        "price.change_1d",
        "price.change_1m",
        "price.change_1w",
        "price.change_3m",
        "price.change_ytd",
        "price.drawdown",
        "probability.cover5_3m",
        "squeeze.short_float",
        "structure.above_sma200_1d",
        "structure.above_sma50_1d",
        "volatility.change_1d",
        "volatility.change_1m",
        "volatility.change_1w",
        "persistence.streak_count_since_1945",
    }
)
"""Ids that are declared elsewhere and not yet here."""


def test_every_metric_is_registered() -> None:
    assert standard().metrics - set(registry()) - PENDING == set()


def test_states_name_states_that_their_metric_has() -> None:
    known = registry()
    for state, _ in standard().states:
        if isinstance(state.value, str) and "#" not in state.value and state.metric != "structure.envelope_4h":
            assert state.value in known[state.metric or ""].states


OWN = """
[subjects.tlt]
names = ["long bonds", "tlt"]
held = ["TLT"]
index = ["TLT"]
price = ["TLT"]

[windows]
last_report = ["since the mid month tape"]

[classes]
up = ["mooned"]

[states.my_state]
says = ["the trap is set"]
metric = "compression.state"
comparison = "is"
value = "COIL"
kind = "price"
meaning = "my own words"

[[unmeasured]]
words = ["moon phase"]
subject = false
reason = "no metric measures the moon"
"""


def test_own_words_are_laid_over() -> None:
    own = extended(standard(), OWN, "mine.toml")
    assert keys("Long bonds mooned 3% this week.", lexicon=own) == [("TLT", "price.change_1w", "1w", 0.03)]
    assert keys("$QQQ: the trap is set.", lexicon=own) == [("QQQ", "compression.state", "", "COIL")]
    assert keys("Shorts in SPX rose 2% since the mid-month tape.", lexicon=own)[0][2] == "last_report"
    assert keys("The moon phase is at 40%.", lexicon=own) == [("", "", "", None)]
    assert keys("$QQQ: the trap is set.") == []


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a = = 1", ("mine.toml", "line 1")),
        ("[nouns]\nx = []", ("mine.toml", "nouns", "known")),
        ("[windows]\nytd = 'this year'", ("windows.ytd", "list of phrases")),
        ("[windows]\nytd = ['']", ("windows.ytd", "not empty")),
        ("[states.x]\nsays = ['a b']\nmetrik = 'y'", ("states.x.metrik", "known here")),
        ("[states.x]\nsays = ['@nobody']", ("states.x.says", "no class is called 'nobody'")),
        ("[states.x]\nsays = ['a']\ncomparison = '=='", ("states.x.comparison", "one of")),
        ("[states.x]\nmetric = 'volatility.close'", ("states.x", "lacks says")),
        ("[topics.x]\nwords = ['a']\nkind = 'moon'", ("topics.x.kind", "one of")),
        ("[subjects.x]\nnames = ['a']", ("subjects.x", "lacks held")),
        ("[classes]\nloop = ['@loop']", ("classes.loop", "deep")),
        ("unmeasured = 3", ("unmeasured", "[[unmeasured]]")),
    ],
)
def test_what_breaks_a_rule_is_refused_with_file_key_and_rule(text: str, parts: tuple[str, ...]) -> None:
    with pytest.raises(ConfigError) as error:
        extended(standard(), text, "mine.toml")
    assert all(part in str(error.value) for part in ("mine.toml", *parts))
