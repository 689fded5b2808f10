"""A thesis file that cannot be used is refused with file, line and key."""

import pytest

from overshort.engine.theses import library
from overshort.errors import UsageError
from overshort.metrics import metric
from overshort.thesis.claim import Thesis, parse
from overshort.thesis.judge import Stated

WHOLE = """\
title = "Crowded"
text = "Shorts are crowded."
need = 1
horizon = "3m"
falsifier = "they are not"
counter = "they often are"

[[claims]]
text = "high"
subject = "index"
metric = "crowding.rank_5y"
comparison = ">="
value = 80
falsifier = "low"

[[claims]]
text = "up"
subject = "proxy"
metric = "crowding.change_ytd"
comparison = "="
stated = "+45 %"
falsifier = "not up"
"""


def read(text: str) -> Thesis:
    return parse(text, name="crowded", file="crowded.toml")


def test_a_whole_one() -> None:
    thesis = read(WHOLE)
    first, second = thesis.claims
    assert (thesis.need, first.stated) == (1, Stated(">=", 80))
    assert second.stated.value == pytest.approx(0.45)
    assert second.stated.tolerance == pytest.approx(0.005)
    assert [first.of("NDX"), second.of("NDX"), second.of("NVDA")] == ["NDX", "QQQ", "NVDA"]
    assert thesis.subjects("NDX") == ["NDX", "QQQ"]


def test_need_is_all_where_left_out() -> None:
    assert read(WHOLE.replace("need = 1\n", "")).need == 2


@pytest.mark.parametrize(
    ("old", "new", "line", "key"),
    [
        ("need = 1", "need = 3", 3, "need"),
        ("need = 1", 'need = "some"', 3, "need"),
        ("need = 1", "need = true", 3, "need"),
        ('horizon = "3m"', 'horizon = "3y"', 4, "horizon"),
        ('title = "Crowded"', "title = 3", 1, "title"),
        ('title = "Crowded"', 'titel = "Crowded"', 1, "titel"),
        ('counter = "they often are"\n', "", 1, "counter"),
        ("crowding.rank_5y", "crowding.rank_6y", 11, "metric"),
        ('comparison = ">="', 'comparison = "=>"', 12, "comparison"),
        ('comparison = ">="', 'comparison = "is"', 13, "value"),
        ("value = 80", 'value = "80"', 13, "value"),
        ("value = 80", "value = true", 13, "value"),
        ("value = 80", "value = [1, 2]", 13, "value"),
        ('"+45 %"', '"much"', 21, "stated"),
        ('stated = "+45 %"', 'stated = "+45 %"\nvalue = 1', 22, "value"),
        ('falsifier = "low"', 'falsifier = "low"\nwindow = "today"', 15, "window"),
        ('falsifier = "low"', 'falsifier = "low"\nhorizon = "2m"', 15, "horizon"),
        ('falsifier = "low"\n', "", 8, "falsifier"),
    ],
)
def test_an_error_names_file_line_and_key(old: str, new: str, line: int, key: str) -> None:
    with pytest.raises(UsageError, match=rf"^crowded\.toml, line {line}, key '{key}': "):
        read(WHOLE.replace(old, new, 1))


def test_a_misspelt_id_is_answered_with_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"did you mean crowding\.rank_5y"):
        read(WHOLE.replace("crowding.rank_5y", "crowding.rank5y"))


@pytest.mark.parametrize("text", ["title = ", "", 'claims = 3\ntitle = "x"', "[claims]\n"])
def test_no_thesis_at_all(text: str) -> None:
    with pytest.raises(UsageError, match=r"^crowded\.toml"):
        read(text)


@pytest.mark.parametrize(("comparison", "value"), [("between", "[1, 2]"), (">", "0"), ("~", "1.5")])
def test_numbers_are_compared_in_many_ways(comparison: str, value: str) -> None:
    text = WHOLE.replace('comparison = ">="', f'comparison = "{comparison}"').replace("value = 80", f"value = {value}")
    assert read(text).claims[0].stated.comparison == comparison


def test_the_library_is_sound() -> None:
    """Every packaged thesis parses, with a falsifier for each claim and of itself, and something against it."""
    found = library()
    assert list(found) == [
        "cheap-volatility-accumulated",
        "compression-below-trigger",
        "crowded-shorts-into-strength",
        "fragile-equilibrium",
        "persistent-momentum",
    ]
    for thesis in found.values():
        assert thesis.falsifier
        assert thesis.counter
        assert all(c.falsifier and metric(c.metric) for c in thesis.claims)
