"""Every sentence of a brief is traced: break a figure that it names and it changes; its numbers are those it names."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from overshort.engine.figures import Figure
from overshort.engine.moment import moment
from overshort.store.lake import Lake
from overshort.surfaces.brief import document
from overshort.surfaces.claims import claims

DAYS = ("2024-08-30", "2025-01-10")
OTHER = {"ACCEPTANCE": "DISTRIBUTION", "DISTRIBUTION": "ACCEPTANCE"}
NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")
DEFINED = re.compile(
    r"S&P 500|Nasdaq-100|Russell 2000|over 24 reports(?: \(12 months\))?|5 % or more below|next 6 reports|"
    r"90 % interval|last \d+ 4-hour|4-hour|of 20 sessions|of \d+ bars|\d{4}-\d\d-\d\d"
)
"""What is a name, a date or part of a definition, and no measured number."""


@pytest.fixture(scope="module")
def documents(home: Path) -> list[dict[str, Any]]:
    return [document(Lake.open(home), moment(day)) for day in DAYS]


def said(built: dict[str, Any], figures: list[Figure]) -> dict[str, str]:
    return {c["id"]: c["text"] for c in claims(figures, built["studies"], built["forecasts"])}


def broken(figure: Figure) -> Figure:
    value = figure.value
    if isinstance(value, bool):
        return replace(figure, value=not value)
    if isinstance(value, str):
        return replace(figure, value=OTHER.get(value))
    return replace(figure, value=(value or 0) * 0.5 + 3)


def test_a_broken_figure_changes_every_kind_of_sentence(documents: list[dict[str, Any]]) -> None:
    kinds = set()
    for built in documents:
        figures = [Figure.from_dict(f) for f in built["figures"]]
        before = said(built, figures)
        for claim in built["claims"]:
            kind = claim["id"].partition("/")[0]
            if kind in kinds:
                continue
            kinds.add(kind)
            after = said(built, [broken(f) if f.key == claim["figures"][0] else f for f in figures])
            assert before[claim["id"]] == claim["text"]
            assert after.get(claim["id"]) != claim["text"], claim["id"]
    assert {k.partition(".")[0] for k in kinds} >= {"crowding", "refusal", "probability", "persistence", "volatility"}


def numbers_of(value: object) -> Iterator[float]:
    """Give all numbers within figures and studies."""
    if isinstance(value, bool) or value is None:
        return
    if isinstance(value, int | float):
        yield float(value)
    elif isinstance(value, str):
        yield from (float(n.replace(",", "")) for n in NUMBER.findall(value))
        if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
            yield float(date.fromisoformat(value).year)
    else:
        for part in value.values() if isinstance(value, dict) else value:
            yield from numbers_of(part)


def shown(number: str, value: float) -> bool:
    """Tell whether a number in a text is a value, as it stands, as percent, or as percent over one."""
    digits = len(number.partition(".")[2])
    stands = float(number.replace(",", ""))
    return any(abs(abs(v) - stands) <= 0.5001 * 10**-digits for v in (value, 100 * value, 100 * (value - 1)))


def test_every_number_of_a_sentence_is_one_that_it_names(documents: list[dict[str, Any]]) -> None:
    checked = 0
    for built in documents:
        figures = {f["key"]: f for f in built["figures"]}
        studies = {"/".join(filter(None, (s["subject"], s["id"], s.get("window")))): s for s in built["studies"]}
        for claim in built["claims"]:
            fields = ("value", "n", "coverage", "base_date", "at", "price_source")
            named: list[object] = [[figures[k].get(f) for f in fields] for k in claim["figures"]]
            named += [studies[k] for k in claim["studies"]]
            values = list(numbers_of(named))
            for number in NUMBER.findall(DEFINED.sub("", claim["text"])):
                assert any(shown(number, v) for v in values), (number, claim)
                checked += 1
    assert checked > 60
