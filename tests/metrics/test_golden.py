"""The figures of 2025-06-13 as of 2025-06-30, against a golden file that DuckDB made."""

import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from answers.make_crowding import GOLDEN, SETTLEMENT, Answers, answers
from overshort import sessions
from overshort.engine.figures import figures, select
from overshort.metrics import registry
from overshort.schema import EXCHANGES, INDEXES

SUBJECTS = (*INDEXES, *EXCHANGES)


@pytest.fixture(scope="module")
def golden() -> Answers:
    found: Answers = json.loads(GOLDEN.read_text())["figures"]
    return found


def test_the_golden_file_holds_figures_of_declared_ids_and_few(golden: Answers) -> None:
    assert set(golden) == set(SUBJECTS)
    assert {i for own in golden.values() for i in own} <= set(registry())
    assert 80 <= sum(map(len, golden.values())) <= 200


@pytest.mark.data
@pytest.mark.parametrize("subject", SUBJECTS)
def test_figures_equal_the_golden_file(golden: Answers, real: pl.DataFrame, subject: str) -> None:
    found = select(figures(real, sessions.end_of_day(date(2025, 6, 30)), simulated=False), subject)
    assert {i: found[i].value for i in golden[subject]} == pytest.approx(golden[subject], rel=1e-9)
    assert {found[i].settlement for i in golden[subject]} == {str(SETTLEMENT)}


@pytest.mark.data
def test_the_golden_file_is_what_its_script_makes(golden: Answers, data: Path) -> None:
    made = answers(data)
    assert made.keys() == golden.keys()
    for subject, own in made.items():
        assert own == pytest.approx(golden[subject], rel=1e-12)
