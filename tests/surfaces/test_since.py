"""What changed since the report before: exactly the figures that differ, and words for every state."""

import json
from pathlib import Path
from typing import Any

import pytest

from overshort import sessions
from overshort.engine.moment import moment
from overshort.store.lake import Lake
from overshort.surfaces.page import contents
from overshort.surfaces.since import changes, moment_before, newest_report
from surfaces.conftest import Run
from surfaces.made import built

DAYS = ["2024-03-12", "2025-01-10", "2022-07-19"]


def figures(document: dict[str, Any]) -> dict[tuple[str, str], Any]:
    return {(f["subject"], f["id"]): f["value"] for f in document["figures"]}


@pytest.fixture(scope="module", params=DAYS)
def pair(home: Path, request: pytest.FixtureRequest) -> tuple[dict[str, Any], dict[str, Any]]:
    """A document, and that of the day on which the report before was published."""
    lake = Lake.open(home)
    now = built(lake, request.param)
    before = moment_before(now)
    assert before is not None
    return built(lake, before.day.isoformat()), now


def test_it_compares_with_the_day_on_which_the_report_before_was_published(
    pair: tuple[dict[str, Any], dict[str, Any]],
) -> None:
    before, now = pair
    newest, earlier = newest_report(now), newest_report(before)
    assert newest is not None
    assert earlier is not None
    between = sessions.settlements_between(moment(earlier).day, moment(newest).day)
    assert [d.isoformat() for d in between if d.isoformat() > earlier] == [newest]
    own = next(r for r in before["reports"] if r["settlement"] == earlier)
    assert own["published_at"] <= before["as_of_utc"]
    assert own["published_at"][:10] == before["as_of"]
    found = changes(before, now)
    assert found["as_of"] == before["as_of"]
    assert found["settlement"] == earlier


def test_changed_figures_are_exactly_those_whose_value_differs(pair: tuple[dict[str, Any], dict[str, Any]]) -> None:
    before, now = pair
    was, has = figures(before), figures(now)
    listed = {(f["subject"], f["id"]): (f["before"], f["now"]) for f in changes(before, now)["figures"]}
    assert listed == {k: (was.get(k), v) for k, v in has.items() if was.get(k) != v}
    assert 0 < len(listed) < len(has)


def test_changed_claims_are_those_with_another_verdict(pair: tuple[dict[str, Any], dict[str, Any]]) -> None:
    before, now = pair
    was, has = ({c["id"]: c["verdict"] for c in d["claims"]} for d in pair)
    listed = {c["id"]: (c["before"], c["now"]) for c in changes(before, now)["claims"]}
    assert listed == {i: (was.get(i), has.get(i)) for i in {*was, *has} if was.get(i) != has.get(i)}


def test_words_mention_every_changed_state(pair: tuple[dict[str, Any], dict[str, Any]]) -> None:
    before, now = pair
    was, has = figures(before), figures(now)
    said = " ".join(changes(before, now)["words"])
    turned = [k for k in has if k[1] in ("refusal.state_3m", "refusal.state_12m") and was.get(k) != has[k]]
    for subject, id in turned:
        months = "3 months" if id.endswith("3m") else "12 months"
        old, new = (v or "not measured" for v in (was.get((subject, id)), has[subject, id]))
        assert f"state over {months} {old} → {new}" in said
    assert said.count("state over") == len(turned)


def test_words_speak_of_windows_as_words(pair: tuple[dict[str, Any], dict[str, Any]]) -> None:
    words = changes(*pair)["words"]
    text = " ".join(words)
    assert not any(raw in text for raw in ("12m", "3m", "ytd", "over last", "None", "nan"))
    assert all(w[0].isupper() and w.endswith(".") for w in words)


def test_new_and_resolved_disagreements_are_told(pair: tuple[dict[str, Any], dict[str, Any]]) -> None:
    was, has = ({c["id"]: c["text"] for c in d["claims"] if "weighting" in c["id"]} for d in pair)
    words = changes(*pair)["words"]
    assert {w for w in words if w.startswith("New: ")} == {f"New: {has[i]}" for i in has.keys() - was.keys()}
    assert sum(w.startswith("Resolved: ") for w in words) == len(was.keys() - has.keys())


def test_nothing_changes_between_a_document_and_itself(pair: tuple[dict[str, Any], dict[str, Any]]) -> None:
    _, now = pair
    found = changes(now, now)
    assert found["figures"] == found["claims"] == found["words"] == []
    section = next(s for s in contents(now | {"changes": found}).sections if s.id == "changes")
    assert section.blocks[0].text == "Nothing has changed."


def test_a_state_that_comes_or_goes_is_told_too() -> None:
    def document(value: str | None) -> dict[str, Any]:
        figure = {"subject": "SPX", "id": "refusal.state_12m", "value": value, "at": "2024-01-31"}
        return {"as_of": "2024-02-12", "figures": [figure], "claims": [], "reports": []}

    came = changes(document(None), document("COVER"))["words"]
    assert came == ["S&P 500 members: state over 12 months not measured → COVER."]
    went = changes(document("COVER"), document(None))["words"]
    assert went == ["S&P 500 members: state over 12 months COVER → not measured."]


def test_the_command_begins_with_what_changed(run: Run) -> None:
    code, out, _ = run("brief", "--since-last", "--as-of", "2024-03-12", "--json")
    assert code == 0
    document = json.loads(out)
    assert document["changes"]["settlement"] == "2024-02-15"
    page = run("brief", "--since-last", "--as-of", "2024-03-12")[1]
    assert page.index("Since the report of 2024-02-15") < page.index("What stands out")


@pytest.mark.parametrize("day", ["2019-01-28", "2019-01-10", "2018-06-01"])
def test_at_the_first_report_there_is_nothing_before(run: Run, day: str) -> None:
    code, out, err = run("brief", "--since-last", "--as-of", day)
    assert code == 3
    assert out == ""
    assert err.startswith("overshort: ")
    assert err.count("\n") == 1
    assert "report" in err
    assert "give a later --as-of" in err


def test_at_the_second_report_there_is_one_before(run: Run) -> None:
    code, out, _ = run("brief", "--since-last", "--as-of", "2019-02-12")
    assert code == 0
    assert "Since the report of 2019-01-15" in out
