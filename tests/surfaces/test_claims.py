"""Sentences follow the figures: break a figure and the sentence changes."""

from dataclasses import replace
from typing import Any

import pytest

from overshort.engine.figures import Figure
from overshort.metrics.refusal.states import STATES
from overshort.surfaces.claims import claims
from overshort.surfaces.claims.crowding import AGGREGATIONS
from surfaces.made import changed, figure


def aggregations(**values: float | None) -> list[Figure]:
    given = dict.fromkeys(AGGREGATIONS, -0.02) | values
    return [figure(f"crowding.{name}_12m", value) for name, value in given.items()]


def only(found: list[Figure], studies: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    """Give the one claim of figures; it rests on some of them and on nothing else."""
    (claim,) = claims(found, studies)
    assert claim["figures"]
    assert set(claim["figures"]) <= {f.key for f in found}
    assert len(set(claim["figures"])) == len(claim["figures"])
    assert claim["text"].endswith(".")
    return claim


def test_one_sign_gives_no_lead() -> None:
    assert claims(aggregations()) == []


@pytest.mark.parametrize("name", AGGREGATIONS)
def test_each_aggregation_of_the_other_sign_gives_the_lead(name: str) -> None:
    claim = only(aggregations(**{name: 0.031}))
    assert claim["verdict"] == "depends on weighting"
    assert "+3.1 %" in claim["text"]
    assert "from 2024-06-14 to 2025-06-13" in claim["text"]
    assert len(claim["figures"]) == 5


def test_a_null_or_zero_aggregation_is_no_other_sign() -> None:
    assert claims(aggregations(sum_change=None, median_change=0.0)) == []


def test_the_level_sentence_carries_rank_and_change() -> None:
    own = [figure("crowding.rank_5y", 81.7, n=120), figure("crowding.change_12m", -0.065)]
    text = only(own)["text"]
    assert "81.7" in text
    assert "120 reports" in text
    assert "−6.5 %" in text
    assert "12.3" in only(changed(own, "crowding.rank_5y", 12.3))["text"]
    assert claims(changed(own, "crowding.rank_5y", None)) == []


def test_leads_come_before_levels_and_indices_in_order() -> None:
    mixed = aggregations(median_change=0.05)
    spx = [replace(f, subject="SPX", key=f.key.replace("NDX", "SPX")) for f in mixed]
    level = [figure("crowding.rank_5y", 50.0, n=120)]
    ids = [c["id"] for c in claims([*level, *mixed, *spx])]
    assert ids == ["crowding.weighting_12m/SPX", "crowding.weighting_12m/NDX", "crowding.level/NDX"]


# Refusal

RANKS = {"REFUSE": 91.0, "CONFIRM": 84.0, "COVER": 12.0, "EXIT": 3.0, "FLAT": 50.0}
PRICES = {"REFUSE": 0.08, "CONFIRM": -0.08, "COVER": 0.05, "EXIT": -0.05, "FLAT": 0.01}


def refusal(state: str) -> list[Figure]:
    return [
        figure("refusal.state_12m", state, source="QQQ"),
        figure("refusal.shorts_rank_12m", RANKS[state]),
        figure("refusal.price_change_12m", PRICES[state], source="QQQ"),
    ]


def after(mean: float | None, n: int = 12, runs: int = 4) -> dict[str, Any]:
    return {"n": n, "runs": runs, "mean": mean, "median": mean, "up": 0.5, "worst": -0.21, "best": 0.33}


def refusal_study(**more: Any) -> dict[str, Any]:
    states = [
        {
            "state": state,
            "reports": 20 + k,
            "base_rate": (20 + k) / 110,
            "runs": k + 1,
            "after": {"3m": after(0.01 * k), "12m": after(0.02 * k)},
        }
        for k, state in enumerate(STATES)
    ]
    every = {"3m": after(0.017), "12m": after(0.074)}
    return {
        "id": "refusal.after",
        "subject": "NDX",
        "window": "12m",
        "proxy": "QQQ",
        "reports": 110,
        "from": "2018-01-12",
        "states": states,
        "unconditional": every,
    } | more


@pytest.mark.parametrize(("state", "k"), [(s, k) for k, s in enumerate(STATES)])
def test_a_state_is_said_with_its_base_rate_and_both_tails(state: str, k: int) -> None:
    claim = only(refusal(state), (refusal_study(),))
    assert claim["verdict"] == state
    assert f": {state}, as at {100 * (20 + k) / 110:.1f} % of 110 reports since 2018-01-12" in claim["text"]
    assert f"in {k + 1} separate run{'s' if k else ''}." in claim["text"]
    assert f"rank {RANKS[state]}" in claim["text"]
    assert claim["base_rate"] == {"share": (20 + k) / 110, "reports": 110, "runs": k + 1, "from": "2018-01-12"}
    assert all(words in claim["counter"] for words in ("−21.0 %", "+33.0 %", "+1.7 %", "+7.4 %", f"+{2 * k}.0 %"))
    assert len(claim["figures"]) == 3


def test_the_falsifier_is_the_opposite_of_the_state() -> None:
    false = {s: only(refusal(s), (refusal_study(),))["falsifier"] for s in STATES}
    rising, falling = "price at or below its base close", "price at or above its base close"
    assert [rising in false[s] for s in STATES] == [True, False, True, False, False]
    assert [falling in false[s] for s in STATES] == [False, True, False, True, False]
    assert ["rank under 80" in false[s] for s in STATES] == [True, True, False, False, False]
    assert ["rank over 20" in false[s] for s in STATES] == [False, False, True, True, False]
    assert "80 or above, or at 20 or below" in false["FLAT"]


def test_words_about_shorts_and_price_follow_the_figures() -> None:
    said = {s: only(refusal(s), (refusal_study(),))["text"] for s in STATES}
    assert ["shorts rose" in said[s] for s in STATES] == [True, True, False, False, False]
    assert ["shorts fell" in said[s] for s in STATES] == [False, False, True, True, False]
    assert "price moved −8.0 % (QQQ)" in said["CONFIRM"]
    other = changed(refusal("REFUSE"), "refusal.price_change_12m", 0.123)
    assert "+12.3 %" in only(other, (refusal_study(),))["text"]


@pytest.mark.parametrize("id", ["state", "shorts_rank", "price_change"])
def test_a_null_state_rank_or_price_says_nothing(id: str) -> None:
    assert claims(changed(refusal("REFUSE"), f"refusal.{id}_12m", None), [refusal_study()]) == []


def test_a_state_without_a_study_says_nothing_and_another_window_is_no_study() -> None:
    assert claims(refusal("REFUSE")) == []
    assert claims(refusal("REFUSE"), [refusal_study(window="3m"), refusal_study(subject="SPX")]) == []


def test_an_outcome_that_is_not_over_is_said_to_be_so() -> None:
    study = refusal_study()
    study["states"][0]["after"]["12m"] = dict.fromkeys(after(0), None) | {"n": 0, "runs": 0}
    counter = only(refusal("REFUSE"), (study,))["counter"]
    assert "QQQ over the next 12 months: that time is not over yet" in counter
    assert "None" not in counter


# Volatility


def volatility(low: bool, *, rank: float = 2.0, ratio: float = 1.02) -> list[Figure]:
    values = {"close": 12.9, "rank_1y": rank, "cycle_low": low, "cycle_low_ratio": ratio}
    found = [figure(f"volatility.{i}", v, subject="VIX", base="2025-05-02", n=252) for i, v in values.items()]
    return [*found, figure("volatility.cycle_low_since", "2025-01-08", subject="VIX")]


FLAG = {"id": "volatility.cycle_low", "subject": "VIX", "sessions": 1472, "from": "2020-03-05", "share": 0.089}


@pytest.mark.parametrize(
    ("low", "rank", "ratio", "words"),
    [
        (True, 2.0, 1.02, "low both in its year and in its cycle"),
        (False, 2.0, 1.2, "low in its year, not in its cycle"),
        (False, 40.0, 1.02, "low in its cycle, not in its year"),
        (False, 40.0, 1.2, "low neither in its year nor in its cycle"),
    ],
)
def test_the_flag_is_said_with_the_condition_that_fails(low: bool, rank: float, ratio: float, words: str) -> None:
    claim = only(volatility(low, rank=rank, ratio=ratio), (FLAG | {"runs": 24},))
    assert claim["text"].endswith(f": {words}.")
    assert claim["verdict"] == ("cycle low" if low else "no cycle low")
    assert f"+{100 * (ratio - 1):.1f} % over the lowest close (2025-05-02)" in claim["text"]
    assert ("a rank over 5, or" in claim["falsifier"]) == low
    assert ("a rank of 5 or less together with" in claim["falsifier"]) == (not low)
    assert claim["base_rate"] == {"share": 0.089, "sessions": 1472, "runs": 24, "from": "2020-03-05"}
    assert "8.9 % of 1,472 sessions" in claim["counter"]
    assert "24 separate runs" in claim["counter"]


def test_the_lowest_close_is_called_so_and_one_run_is_one() -> None:
    claim = only(volatility(True, ratio=1.0), (FLAG | {"runs": 1},))
    assert "the lowest close of the cycle that began 2025-01-08" in claim["text"]
    assert "+0.0 %" not in claim["text"]
    assert claim["counter"].endswith("1 separate run")


@pytest.mark.parametrize("id", ["close", "rank_1y", "cycle_low", "cycle_low_ratio", "cycle_low_since"])
def test_without_any_of_its_figures_volatility_says_nothing(id: str) -> None:
    assert claims(changed(volatility(True), f"volatility.{id}", None)) == []
