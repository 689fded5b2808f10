"""The replication on the scholars' own workbook: the paper's figures, each computed from its cells."""

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from contracts.market import stored
from overshort.engine.replication import months
from overshort.evidence.replication import HORIZONS, PERIODS, PUBLISHED, replicated
from overshort.sources import Options
from overshort.sources.predictors import RAPACH

pytestmark = pytest.mark.data
FAR = datetime(2030, 1, 1, tzinfo=UTC)
WHOLE = next(iter(PERIODS))


@pytest.fixture(scope="module")
def levels(data: Path) -> pl.DataFrame:
    content = (data / "sii/Returns_short_interest_data.xlsx").read_bytes()
    return stored("levels", RAPACH.transform(content, "book", Options()).tables["levels"])


def test_the_paper_s_figures_come_out(levels: pl.DataFrame) -> None:
    fits = replicated(months(levels.lazy(), FAR))["equal-weighted"]
    assert [f["horizon"] for f in fits] == list(HORIZONS)
    assert [round(100 * f["r2"], 2) for f in fits] == [1.24, 4.37, 8.07, 12.89]
    assert [round(100 * f["outside"][WHOLE]["r2"], 2) for f in fits] == [1.94, 6.54, 11.70, 13.24]
    assert [round(f["beta"], 2) for f in fits] == [-0.50, -0.56, -0.57, -0.53]
    assert round(fits[-1]["r2"], 4) == PUBLISHED["in_sample_r2"]
    assert round(fits[-1]["outside"][WHOLE]["r2"], 4) == PUBLISHED["out_of_sample_r2"]


def test_the_fit_rests_on_one_period_and_one_weighting(levels: pl.DataFrame) -> None:
    found = replicated(months(levels.lazy(), FAR))
    last = {name: fits[-1] for name, fits in found.items()}
    outside = last["equal-weighted"]["outside"]
    assert outside["1990–2006"]["r2"] < 0 < outside["2007–2014"]["r2"]
    assert last["value-weighted"]["r2"] < 0.01
    assert last["value-weighted"]["outside"][WHOLE]["r2"] < 0


@pytest.mark.parametrize("series", ["RRZ EWSI", "RRZ S&P 500 VW", "RRZ Rfree"])
def test_one_cell_of_the_workbook_changes_the_printed_figure(levels: pl.DataFrame, series: str) -> None:
    cell = (pl.col("series") == series) & (pl.col("at") == pl.date(1987, 10, 30))
    assert levels.filter(cell).height == 1
    other = levels.with_columns(pl.when(cell).then(pl.col("value") + 0.05).otherwise("value").alias("value"))
    before, after = (replicated(months(t.lazy(), FAR))["equal-weighted"][-1] for t in (levels, other))
    assert round(before["r2"], 4) != round(after["r2"], 4)
    assert round(before["outside"][WHOLE]["r2"], 4) != round(after["outside"][WHOLE]["r2"], 4)


def test_nothing_is_known_before_the_workbook_is(levels: pl.DataFrame) -> None:
    assert months(levels.lazy(), datetime(2014, 12, 31, tzinfo=UTC)).is_empty()
    found = months(levels.lazy(), FAR)
    assert (found.height, found["month"][0].isoformat(), found["month"][-1].isoformat()) == (
        504,
        "1973-01-01",
        "2014-12-01",
    )


def table(text: str, head: str) -> list[list[str]]:
    """Give the cells of a Markdown table by its first heading."""
    lines = iter(text.splitlines())
    next(line for line in lines if line.startswith(f"| {head}"))
    next(lines)
    rows = []
    for line in lines:
        if not line.startswith("|"):
            break
        rows.append([cell.strip(" *").replace("−", "-").removesuffix(" %") for cell in line.strip("|").split("|")])
    return rows


def test_the_page_of_the_documentation_prints_what_is_computed(levels: pl.DataFrame) -> None:
    text = (Path(__file__).parents[2] / "docs/replication.md").read_text("utf-8")
    found = replicated(months(levels.lazy(), FAR))
    fits = found["equal-weighted"]
    for cells, fit in zip(table(text, "months ahead"), fits, strict=True):
        outside = fit["outside"][WHOLE]
        p = "<0.001" if outside["p"] < 0.001 else f"{outside['p']:.3f}"
        expected = [f"{fit['beta']:.2f}", f"{fit['t']:.2f}", f"{100 * fit['r2']:.2f}", f"{100 * outside['r2']:.2f}", p]
        assert cells == [str(fit["horizon"]), *expected]
    for name, *cells in table(text, "R² out of sample"):
        weighting, _, horizon = name.partition(", ")
        fit = next(f for f in found[weighting] if f["horizon"] == int(horizon.split()[0]))
        assert cells == [f"{100 * fit['outside'][period]['r2']:.2f}" for period in PERIODS]
    assert all(f["outside"]["1990–2006"]["r2"] < 0 for f in fits)
    assert f"explains {100 * found['value-weighted'][-1]['r2']:.2f} % in sample" in text
    assert f"The {fits[-1]['outside']['2007–2014']['n']} forecasts" in text
