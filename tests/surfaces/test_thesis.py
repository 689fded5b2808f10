"""Theses over a simulated market: the boolean panel, the page, the command."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from overshort.engine import theses
from overshort.engine.moment import moment
from overshort.engine.panel import market, panel
from overshort.store.lake import Lake
from surfaces.conftest import Run

NOW = "2025-01-10"


@pytest.fixture(scope="module")
def whole(home: Path) -> pl.DataFrame:
    return panel(Lake.open(home), market())


def held(whole: pl.DataFrame, name: str, day: str = NOW, subject: str = "SPX") -> pl.DataFrame:
    return theses.boolean_panel(whole, theses.find(name), subject, moment(day))


@pytest.mark.parametrize("subject", ["SPX", "NDX", "RUT"])
def test_the_fragile_equilibrium_is_the_metric_of_that_name(whole: pl.DataFrame, subject: str) -> None:
    """The same four conditions, put together by other code over other joins: where all four are known they agree."""
    own = whole.filter(pl.col("id") == "fragile.count", pl.col("subject") == subject, pl.col("n") == 4)
    counts = own.select(pl.col("at").dt.date().alias("at"), (pl.col("value") >= 3).cast(pl.Float64).alias("three"))
    both = held(whole, "fragile-equilibrium", subject=subject).join(counts, on="at")
    assert both.height > 200
    assert both["value"].to_list() == both["three"].to_list()


@pytest.mark.parametrize("name", list(theses.library()))
def test_nothing_known_later_changes_what_held(whole: pl.DataFrame, name: str) -> None:
    day = date(2023, 6, 30)
    then = held(whole, name, day.isoformat())
    now = held(whole, name).filter(pl.col("at") <= day)
    assert_frame_equal(then, now)


def test_the_panel_says_why_it_does_not_know(whole: pl.DataFrame) -> None:
    for name in theses.library():
        found = held(whole, name)
        assert (found["value"].is_null() == found["reason"].is_not_null()).all()
        assert found["at"].is_sorted()
        assert (found["known_at"].dt.convert_time_zone("America/New_York").dt.date() == found["at"]).all()


def test_too_old_is_not_known(whole: pl.DataFrame) -> None:
    later = date.fromisoformat(NOW) + timedelta(days=30)
    found = held(whole, "compression-below-trigger", later.isoformat())
    assert found.row(-1, named=True)["value"] is None
    assert "too old" in found.row(-1, named=True)["reason"]


def document(run: Run, *arguments: str) -> Any:
    code, out, err = run("thesis", *arguments, "--json")
    assert (code, err) == (0, "")
    return json.loads(out)


def test_the_document(run: Run, whole: pl.DataFrame) -> None:
    built = document(run, "persistent-momentum", "--as-of", "2024-06-28", "--history")
    own = held(whole, "persistent-momentum", "2024-06-28")
    assert built["session"] == "2024-06-28"
    assert built["verdict"] == {1.0: "holds", 0.0: "does not hold", None: "not known"}[own["value"][-1]]
    assert sum(r["dates"] for r in built["history"]) == own["value"].sum()
    streak = built["claims"][0]
    assert (streak["subject"], built["claims"][1]["subject"]) == ("SPX", "SPY")
    assert streak["verdict"] == ("holds" if streak["figure"]["value"] >= 5 else "does not hold")
    assert 0 <= streak["base_rate"]["share"] <= 1


def test_a_figure_published_after_the_close_is_left_out(run: Run) -> None:
    """A report is out at 16:40: on its day the session's close did not know it."""
    built = document(run, "crowded-shorts-into-strength", "--as-of", "2024-06-26")
    assert built["claims"][0]["figure"]["settlement"] == "2024-05-31"
    built = document(run, "crowded-shorts-into-strength", "--as-of", "2024-06-27")
    assert built["claims"][0]["figure"]["settlement"] == "2024-06-14"


def test_the_page(run: Run) -> None:
    code, out, _ = run("thesis", "fragile-equilibrium", "--as-of", "2024-06-28", "--history")
    assert code == 0
    assert "SIMULATED" in out
    assert out.count("False if:") == 5
    assert "When it held" in out


def test_the_library_is_listed(run: Run) -> None:
    code, out, _ = run("thesis")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()] == list(theses.library())
    assert [t["name"] for t in json.loads(run("thesis", "--json")[1])["theses"]] == list(theses.library())


def test_a_file(run: Run, tmp_path: Path, whole: pl.DataFrame) -> None:
    """A change over 24 reports by the window of the chain is the metric of that name."""
    path = tmp_path / "mine.toml"
    path.write_text(
        'title = "Mine"\ntext = "t"\nhorizon = "1m"\nfalsifier = "f"\ncounter = "c"\n[[claims]]\ntext = "t"\n'
        'subject = "index"\nmetric = "crowding.chain"\nwindow = "12m"\ncomparison = ">"\nvalue = 0\nfalsifier = "f"\n'
    )
    built = document(run, str(path), "--as-of", "2024-06-28", "--subject", "ndx")
    settled = date.fromisoformat(built["claims"][0]["figure"]["settlement"])
    own = whole.filter(
        pl.col("id") == "crowding.change_12m", pl.col("subject") == "NDX", pl.col("at").dt.date() == settled
    )
    assert (built["name"], built["subject"]) == ("mine", "NDX")
    assert built["verdict"] == ("holds" if own["value"].item() > 0 else "does not hold")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nothing"], "no thesis is called 'nothing'"),
        (["nothing.toml"], "cannot be read as a thesis"),
        (["fragile-equilibrium", "--subject", "VIX"], "is about an index"),
        (["fragile-equilibrium", "--subject", "NOPE"], "has no short-interest row"),
    ],
)
def test_what_cannot_be_asked(run: Run, arguments: list[str], words: str) -> None:
    code, out, err = run("thesis", *arguments)
    assert (code, out) == (2, "")
    assert words in err


def test_nothing_known_by_then(run: Run) -> None:
    code, _, err = run("thesis", "compression-below-trigger", "--as-of", "2001-01-05")
    assert code == 3
    assert "no figure of thesis" in err
