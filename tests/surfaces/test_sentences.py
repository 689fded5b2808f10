"""What stands out: few sentences, the unusual ones first, and the others where they belong."""

from typing import Any

import pytest

from overshort.surfaces.claims.crowding import WEIGHTING
from overshort.surfaces.page.blocks import Section, Words
from overshort.surfaces.page.sentences import MOST, told

Claim = dict[str, Any]


def claim(id: str, verdict: str = "measured", **more: Any) -> Claim:
    return {"id": id, "text": id, "verdict": verdict, "counter": None, "falsifier": None} | more


def own(id: str, value: float) -> dict[str, Any]:
    return {id: {"id": id, "value": value}}


def texts(section: Section | None) -> list[str]:
    assert section is not None
    return [b.text for b in section.blocks if isinstance(b, Words)]


SECTIONS = [
    Section(id=id, title=id, blocks=[Words(text=f"of {id}")])
    for id in ("overview", "refusal", "carry", "persistence", "fragile")
]


def test_the_unusual_comes_first_and_the_farthest_out_before_the_others() -> None:
    ranks = {"SPX": 94.2, "NDX": 2.0, "RUT": 50.0}
    owns = {s: own("crowding.rank_5y", v) for s, v in ranks.items()} | {"VIX": {}}
    claims = [
        claim("crowding.weighting_last/SPX", WEIGHTING),
        claim("crowding.weighting_12m/NDX", WEIGHTING),
        *(claim(f"crowding.level/{s}") for s in ranks),
        claim("refusal.state_12m/SPX", "FLAT"),
        claim("refusal.state_12m/NDX", "REFUSE"),
        claim("volatility.cycle_low/VIX", "no cycle low"),
    ]
    first, _ = told(claims, owns, SECTIONS)
    assert texts(first) == [
        "crowding.weighting_12m/NDX",
        "crowding.weighting_last/SPX",
        "refusal.state_12m/NDX",
        "crowding.level/NDX",
        "crowding.level/SPX",
        "crowding.level/RUT",
        "refusal.state_12m/SPX",
        "volatility.cycle_low/VIX",
    ]


def test_what_is_left_heads_its_section_and_nothing_is_lost() -> None:
    claims = [claim(f"refusal.state_12m/{k}", "REFUSE", counter="the same") for k in range(MOST)]
    claims += [claim("carry.mtm/SPY", counter="the same", falsifier="a gain"), claim("breadth.green/SPX")]
    first, rest = told(claims, {}, SECTIONS)
    said = texts(first)
    assert said[:2] == ["refusal.state_12m/0", "Beside it: the same."]
    assert said.count("Beside it: the same.") == 1
    assert said[-2:] == ["breadth.green/SPX", "1 other sentence in the sections below."], "there is no section for it"
    assert texts(rest[2]) == ["carry.mtm/SPY", "False if: a gain.", "of carry"]
    assert [texts(s) for k, s in enumerate(rest) if k != 2] == [
        [f"of {s.id}"] for k, s in enumerate(SECTIONS) if k != 2
    ]


@pytest.mark.parametrize(
    ("id", "value", "first"),
    [("persistence.month_streak", 5, True), ("persistence.month_streak", 4, False), ("fragile.count", 3, True)],
)
def test_long_streaks_and_met_conditions_are_unusual(id: str, value: int, first: bool) -> None:
    claims = [claim("refusal.state_12m/SPX", "FLAT"), claim(f"{id}/SPX", str(value))]
    found, _ = told(claims, {"SPX": own(id, value)}, SECTIONS)
    assert (texts(found)[0] == f"{id}/SPX") == first


def test_without_a_claim_nothing_stands_out() -> None:
    assert told([], {}, [*SECTIONS, None]) == (None, SECTIONS)
