"""The post: short, every number traced to a note, and nothing said of what is null."""

import re
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overshort.engine.moment import moment
from overshort.errors import NothingToShow
from overshort.store.lake import Lake
from overshort.surfaces.brief import document
from overshort.surfaces.post import INVENTED, LENGTH, post
from overshort.surfaces.words import written
from surfaces.conftest import Run

DAY = "2025-01-10"
SAID = {
    "crowding.rank_5y": "Shorts ",
    "refusal.state_12m": "Absorption: ",
    "structure.verdict": "Structure: ",
    "volatility.rank_1y": "Volatility: ",
    "persistence.month_streak": "Persistence: ",
    "probability.cover5_3m": "Covering of 5 %",
    "probability.cover5_3m.base": "Covering of 5 %",
}
"""A figure, and the sentence that is not written without it."""


@pytest.fixture(scope="module")
def whole(home: Path) -> dict[str, Any]:
    return document(Lake.open(home), moment(DAY))


def parted(text: str) -> tuple[list[str], list[str]]:
    """Give the sentences and the notes."""
    body, _, notes = text.partition("\n\n")
    return body.splitlines(), notes.splitlines()


def changed(built: dict[str, Any], id: str, value: Any) -> dict[str, Any]:
    figures = [f | {"value": value} if f["id"] == id else f for f in built["figures"]]
    return built | {"figures": figures}


def traced(built: dict[str, Any]) -> None:
    """Every mark has its note, every note its mark, and every note says what the document has."""
    text = post(built)
    lines, notes = parted(text)
    assert len(text) <= LENGTH
    marks = [int(m) for m in re.findall(r"\[(\d+)\]", "\n".join(lines))]
    assert sorted(set(marks)) == list(range(1, len(notes) + 1))
    figures = {f["key"]: written(f) for f in built["figures"]}
    for k, note in enumerate(notes, 1):
        key, _, value = note.removeprefix(f"[{k}] ").partition(" = ")
        if not key.startswith("study "):
            assert value.split(", ")[0] == figures[key]
    for line in lines[2:-1]:
        assert "[" in line or line.startswith(("Proved wrong by ", "High short interest has preceded lower"))


def test_a_post_of_everything_is_short_and_traced(whole: dict[str, Any]) -> None:
    traced(whole)
    lines, _ = parted(post(whole))
    assert lines[0] == INVENTED
    heads = [
        line.partition(":")[0] for line in lines if line.startswith(("Abs", "Vol", "Pers", "Why", "Cov", "Proved"))
    ]
    assert heads[0] == "Absorption"
    assert "Proved wrong by" in heads[-1]
    assert "bullish" not in post(whole)


@pytest.mark.parametrize(("id", "words"), SAID.items())
def test_a_null_figure_gives_no_sentence(whole: dict[str, Any], id: str, words: str) -> None:
    none = changed(whole, id, None)
    assert not any(line.startswith(words) for line in parted(post(none))[0])
    traced(none)


@pytest.mark.parametrize(
    ("ranks", "words"),
    [((90, 85, 80), "everywhere"), ((90, 85, 79), "selectively"), ((10, 20, 79.9), "nowhere")],
)
def test_where_the_shorts_are_crowded(whole: dict[str, Any], ranks: tuple[float, ...], words: str) -> None:
    given = dict(zip(("SPX", "NDX", "RUT"), ranks, strict=True))
    built = deepcopy(whole)
    for figure in built["figures"]:
        if figure["id"] == "crowding.rank_5y" and figure["subject"] in given:
            figure["value"] = given[figure["subject"]]
    assert f"Shorts crowded {words}: SPX {ranks[0]:.1f} [1], NDX {ranks[1]:.1f} [2]" in post(built)


def test_what_followed_has_its_count_and_a_probability_its_base(whole: dict[str, Any]) -> None:
    text = post(whole)
    state = next(f["value"] for f in whole["figures"] if f["key"].startswith("SPX/refusal.state_12m@"))
    study = next(s for s in whole["studies"] if (s["id"], s["subject"], s["window"]) == ("refusal.after", "SPX", "12m"))
    after = next(s for s in study["states"] if s["state"] == state)["after"]["3m"]
    assert f"after {after['n']} report" in text
    assert f"n = {after['n']}" in text
    base = changed(whole, "probability.cover5_3m.base", 0.123)
    assert "base rate 12.3 % [" in post(base)
    assert re.search(r"probability [\d.]+ %, (the )?base rate", text)


@pytest.mark.parametrize(("chain", "median", "said"), [(0.1, -0.02, True), (0.1, 0.02, False), (-0.1, 0.0, False)])
def test_the_median_of_the_other_sign_is_said(whole: dict[str, Any], chain: float, median: float, said: bool) -> None:
    lean = changed(changed(whole, "crowding.change_12m", chain), "crowding.median_change_12m", median)
    lean = changed(lean, "volatility.rank_1y", None)
    assert ("It depends on weighting: SPX shorts +10.0 % together, −2.0 % the median member [" in post(lean)) == said


LOSABLE = sorted(
    {*SAID, "refusal.price_change_12m", "compression.state", "volatility.cycle_low"} - {"crowding.rank_5y"}
)


@settings(max_examples=25)
@given(data=st.data())
def test_whatever_is_null_the_rest_is_short_and_traced(whole: dict[str, Any], data: st.DataObject) -> None:
    built = whole
    for id in data.draw(st.sets(st.sampled_from(LOSABLE))):
        built = changed(built, id, None)
    traced(built)


def test_a_streak_that_ended_is_said_with_what_it_missed_by(whole: dict[str, Any]) -> None:
    built = deepcopy(whole)
    values = {
        "persistence.month_streak": 0,
        "persistence.month_streak_ended": 5,
        "persistence.month_streak_missed_bp": 99,
    }
    for figure in built["figures"]:
        figure["value"] = values.get(figure["id"], figure["value"])
    assert "missed a rising month by 99.0 basis points; its streak ended at 5 [" in post(built)
    none = changed(built, "persistence.month_streak_ended", None)
    assert "Persistence: The S&P 500 not up in its last month [" in post(none)


def test_nothing_to_post_is_one_sentence(whole: dict[str, Any]) -> None:
    bare = whole | {"figures": [f for f in whole["figures"] if f["id"].startswith("breadth.")], "studies": []}
    with pytest.raises(NothingToShow, match="give another SUBJECT"):
        post(bare)


@pytest.mark.parametrize("subject", [[], ["NDX"], ["NASDAQ"], ["VIX"]])
def test_the_command_writes_it(run: Run, tmp_path: Path, subject: list[str]) -> None:
    file = tmp_path / "post.txt"
    assert run("brief", *subject, "--as-of", DAY, "-o", str(file))[0] == 0
    text = file.read_text("utf-8")
    assert len(text) <= LENGTH
    assert text.startswith(INVENTED)
    assert all(f"side of {s} as" in text for s in subject)


def test_the_newest_report_is_one_that_has_rows_and_one_that_is_lacking_is_named(whole: dict[str, Any]) -> None:
    newest = next(f["at"] for f in whole["figures"] if f["id"] == "crowding.chain")
    announced = {"settlement": "2099-12-31", "published_at": "2100-01-12T21:40:00Z", "basis": "rule"}
    later = whole | {"reports": [*whole["reports"], announced]}
    assert f"(newest report: {newest})." in post(later)
    table = {"newest": newest, "due": "2099-12-15"}
    late = later | {"stale": [{"table": "totals", **table}, {"table": "short_interest", **table}]}
    assert f"(newest report: {newest}; that of 2099-12-15 is lacking)." in post(late)
