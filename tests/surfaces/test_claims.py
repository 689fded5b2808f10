"""Sentences follow the figures: break a figure and the sentence changes."""

from dataclasses import replace

import pytest

from overshort.engine.figures import Figure
from overshort.metrics import metric
from overshort.surfaces import sentences
from overshort.surfaces.words import number, published, written


def figure(id: str, value: float | None, *, n: int = 101) -> Figure:
    declared = metric(id)
    return Figure(
        key=f"NDX/{id}@2025-06-13",
        id=id,
        subject="NDX",
        kind=declared.kind,
        value=value,
        unit=declared.unit,
        at="2025-06-13",
        settlement="2025-06-13",
        base_date="2024-06-14",
        known_at="2025-06-25T20:40:00Z",
        n=n,
        coverage=1.0,
        members="point-in-time",
        price_source=None,
        stale=False,
        simulated=False,
        reason=None,
        note=None,
        definition=declared.definition,
    )


def aggregations(**values: float | None) -> list[Figure]:
    given = dict.fromkeys(sentences.AGGREGATIONS, -0.02) | values
    return [figure(f"crowding.{name}_12m", value) for name, value in given.items()]


def test_one_sign_gives_no_lead() -> None:
    assert sentences.claims(aggregations()) == []


@pytest.mark.parametrize("name", sentences.AGGREGATIONS)
def test_each_aggregation_of_the_other_sign_gives_the_lead(name: str) -> None:
    claim = sentences.claims(aggregations(**{name: 0.031}))[0]
    assert claim["verdict"] == "depends on weighting"
    assert "+3.1 %" in claim["text"]
    assert "2024-06-14" in claim["text"]
    assert len(claim["figures"]) == 5


def test_a_null_or_zero_aggregation_is_no_other_sign() -> None:
    assert sentences.claims(aggregations(sum_change=None, median_change=0.0)) == []


def test_the_level_sentence_carries_rank_and_change() -> None:
    own = [figure("crowding.rank_5y", 81.7, n=120), figure("crowding.change_12m", -0.065)]
    text = sentences.claims(own)[0]["text"]
    assert "81.7" in text
    assert "120 reports" in text
    assert "−6.5 %" in text
    broken = [figure("crowding.rank_5y", 12.3, n=120), own[1]]
    assert "12.3" in sentences.claims(broken)[0]["text"]


def test_leads_come_before_levels_and_indices_in_order() -> None:
    mixed = aggregations(median_change=0.05)
    spx = [replace(f, subject="SPX", key=f.key.replace("NDX", "SPX")) for f in mixed]
    level = [figure("crowding.rank_5y", 50.0, n=120)]
    ids = [c["id"] for c in sentences.claims([*level, *mixed, *spx])]
    assert ids == ["crowding.weighting_12m/SPX", "crowding.weighting_12m/NDX", "crowding.level/NDX"]


@pytest.mark.parametrize(
    ("id", "value", "words"),
    [
        ("crowding.change_12m", -0.0751, "−7.5 %"),
        ("crowding.change_12m", 0.04, "+4.0 %"),
        ("crowding.breadth", 0.634, "63.4 %"),
        ("crowding.shares", 2_211_093_067, "2.21 bn"),
        ("crowding.shares", 950, "950"),
        ("crowding.notional", 1.5e12, "1.50 tn"),
        ("crowding.rank_1y", 8.333, "8.3"),
        ("crowding.announced_issues", 5169, "5,169"),
        ("crowding.chain", None, "–"),
    ],
)
def test_numbers_are_written_in_their_unit(id: str, value: float | None, words: str) -> None:
    found = figure(id, value)
    assert number(found) == written(found.as_dict()) == words


def test_stamps_are_written_as_new_york_time() -> None:
    assert published("2025-06-25T20:40:00Z") == "2025-06-25 16:40 New York"
    assert published("2026-01-12T21:40:00Z") == "2026-01-12 16:40 New York"
