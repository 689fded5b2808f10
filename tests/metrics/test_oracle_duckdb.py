"""Every main figure of every report, against DuckDB SQL over the publishers' raw files."""

import math
import re
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from answers import oracle

pytestmark = pytest.mark.data
SPANS = ("last", "ytd", "12m")
CHANGES = ("change", "naive_change", "median_change", "sum_change")
IDS = (
    *(f"crowding.{name}" for name in ("chain", "shares", "breadth", "rank_1y", "rank_5y")),
    *(f"crowding.{name}_{span}" for name in CHANGES for span in SPANS),
)
Row = tuple[float | None, int | None]


@pytest.fixture(scope="session")
def expected(data: Path) -> oracle.Figures:
    with oracle.connected(data) as con:
        return oracle.figures(con)


@pytest.fixture(scope="session")
def found(real: pl.DataFrame) -> dict[tuple[str, str, date], Row]:
    rows = real.filter(pl.col("id").is_in(IDS)).select("id", "subject", pl.col("at").dt.date(), "value", "n")
    return {(i, subject, at): (value, n) for i, subject, at, value, n in rows.iter_rows()}


def test_the_oracle_knows_nothing_of_overshort() -> None:
    folder = Path(oracle.__file__).parent
    for name in ("oracle.py", "inference.py"):
        assert re.findall(r"^\s*(?:import|from) +overshort", (folder / name).read_text(), re.MULTILINE) == []


def test_the_oracle_covers_every_report(expected: oracle.Figures) -> None:
    assert {i for i, _, _ in expected} == set(IDS)
    for subject in oracle.ALL:
        assert len({s for i, own, s in expected if (i, own) == ("crowding.chain", subject)}) == 180


@pytest.mark.parametrize("subject", oracle.ALL)
@pytest.mark.parametrize("id", IDS)
def test_figures_equal_the_oracle(
    expected: oracle.Figures, found: dict[tuple[str, str, date], Row], id: str, subject: str
) -> None:
    own = {s: v for (i, who, s), v in expected.items() if (i, who) == (id, subject) and v[0] is not None}
    ours = {s: v for (i, who, s), v in found.items() if (i, who) == (id, subject) and v[0] is not None}
    assert ours.keys() == own.keys()
    wrong = [s for s in own if not _same(own[s], ours[s])]
    assert wrong == []


def _same(one: Row, other: Row) -> bool:
    """Equal to 1e-9 of the value, or of 1e-3 where a change is all but zero; counts exactly, where both have one."""
    assert one[0] is not None
    assert other[0] is not None
    counted = one[1] is None or one[1] == other[1]
    return counted and math.isclose(one[0], other[0], rel_tol=1e-9, abs_tol=1e-12)
