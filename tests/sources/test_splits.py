"""The split table."""

from datetime import date

import pytest

from overshort import sessions
from overshort.sources import Extract, Options
from overshort.sources.splits import SPLITS
from sources.examples import SPLITS as LINES


def take(*lines: str, header: str = LINES[0]) -> Extract:
    return SPLITS.transform("\n".join([header, *lines, ""]).encode(), "splits", Options())


def test_ratio_spelling_basis_and_publication() -> None:
    row = take(*LINES[1:]).tables["splits"].row(0, named=True)
    assert row.pop("known_at") == sessions.publication(date(2022, 4, 14))[0]
    assert row == {
        "source": "overshort.splits",
        "symbol": "ZZA",
        "settlement": date(2022, 4, 14),
        "ratio": 1.5,
        "runner_up": None,
        "basis": "table",
        "symbol_raw": "ZZ.A",
    }


def test_the_note_of_who_checked_it_may_lack() -> None:
    extract = take("ZZA,2022-04-14,0.1", header="symbol,settlement_date,ratio_new_per_old")
    assert extract.tables["splits"]["ratio"].to_list() == [0.1]


@pytest.mark.parametrize("ratio", ["0", "-2", "", "nan", "inf", "2:1", "1e3", "9" * 400])
def test_a_ratio_must_be_a_number_above_0(ratio: str) -> None:
    extract = take(LINES[1], f"YYQ,2022-04-14,{ratio},x")
    assert extract.refused["line"].to_list() == [3]
    assert f"ratio '{ratio[:60]}" in extract.refused["reason"][0]
