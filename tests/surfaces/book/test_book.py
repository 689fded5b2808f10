"""A book against the simulated crowd: the numbers by hand from the store's own rows, and the command."""

import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from overshort.engine.moment import moment
from overshort.engine.screen import screen
from overshort.schema import EXCHANGES
from overshort.store.lake import Lake
from surfaces.conftest import Run

DAY = "2024-06-28"


def reported(home: Path) -> pl.DataFrame:
    """The newest report known on the day, by hand."""
    rows = Lake.open(home).scan("short_interest").filter(pl.col("settlement") == date(2024, 6, 14))
    return rows.collect().sort("known_at").unique("symbol", keep="last").sort("symbol")


@pytest.fixture
def file(home: Path, tmp_path: Path) -> Path:
    one, two, three = reported(home).filter(pl.col("adv") > 0)["symbol"][:3]
    path = tmp_path / "book.csv"
    path.write_text(f"symbol,shares,price,entry\n{one},-1000,10,8\n{two},-500,40,\n{three},70,2,1\nNOSUCH9,5,,\n")
    return path


def test_every_number_of_a_book_by_hand(run: Run, home: Path, file: Path) -> None:
    code, out, _ = run("book", str(file), "--as-of", DAY, "--json")
    assert code == 0
    built = json.loads(out)
    rows = reported(home)
    listed = rows.filter(pl.col("market").is_in(EXCHANGES["LISTED"]), pl.col("position") > 0, pl.col("adv") > 0)
    assert built["settlement"] == "2024-06-14"
    assert built["overlap"]["universe"] == listed.height
    first, second, third = built["positions"]
    own = rows.row(by_predicate=pl.col("symbol") == first["symbol"], named=True)
    assert first["own_days"] == pytest.approx(1000 / own["adv"])
    assert first["own_days_participating"] == pytest.approx(5000 / own["adv"])
    assert first["share_of_short_interest"] == pytest.approx(1000 / own["position"])
    assert (first["notional"], first["own_mtm"], third["own_mtm"]) == (10_000, -0.25, 1.0)
    assert third["share_of_short_interest"] is None
    days = (listed["position"] / listed["adv"]).to_list()
    mine = own["position"] / own["adv"]
    rank = 100 * (sum(d < mine for d in days) + 0.5 * sum(d == mine for d in days)) / len(days)
    assert first["dtc_rank"] == pytest.approx(rank)
    weighted = (10_000 * first["dtc_rank"] + 20_000 * second["dtc_rank"]) / 30_000
    assert built["overlap"]["rank"] == pytest.approx(weighted)
    assert first["figures"]["crowding.dtc"]["value"] == pytest.approx(mine)
    assert built["rejected"] == [{"row": 5, "symbol": "NOSUCH9", "reason": "the store has no short-interest row of it"}]


def test_a_positions_squeeze_score_is_the_screens(run: Run, home: Path, file: Path) -> None:
    built = json.loads(run("book", str(file), "--as-of", DAY, "--json")[1])
    rows = screen(Lake.open(home), moment(DAY).instant, "LISTED").rows
    for position in built["positions"]:
        own = rows.filter(pl.col("symbol") == position["symbol"])
        if own.height:
            assert position["figures"]["squeeze.score"]["value"] == own["score"][0]
            assert position["figures"]["squeeze.score"]["n"] == own["parts"][0]
    assert sum("squeeze.score" in p["figures"] for p in built["positions"]) >= 2


def test_a_book_knows_nothing_of_a_later_report(run: Run, file: Path) -> None:
    before = json.loads(run("book", str(file), "--as-of", "2024-06-25", "--json")[1])
    assert before["settlement"] == "2024-05-31"
    until = moment("2024-06-25").instant.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert all(f["known_at"] <= until for p in before["positions"] for f in p["figures"].values())


def test_nothing_of_a_book_is_kept_in_the_store(run: Run, home: Path, file: Path) -> None:
    before = sorted(p.name for p in (home / "cache").iterdir())
    assert run("book", str(file), "--as-of", DAY)[0] == 0
    assert sorted(p.name for p in (home / "cache").iterdir()) == before


def test_a_book_as_a_page_and_as_a_file(run: Run, file: Path, tmp_path: Path) -> None:
    code, out, _ = run("book", str(file), "--as-of", DAY, "-o", str(tmp_path / "b.html"))
    assert code == 0
    assert "SIMULATED" in out
    assert "Not taken" in out
    html = (tmp_path / "b.html").read_text("utf-8")
    assert "Positions: each against its own crowd" in html
    assert "<figure>" not in html


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        ("symbol,shares\nNOSUCH9,5\n", 1, ""),
        ("what,ever\n1,2\n", 1, "name the columns symbol and shares"),
    ],
)
def test_a_book_of_nothing_exits_1(run: Run, tmp_path: Path, content: str, code: int, words: str) -> None:
    path = tmp_path / "book.csv"
    path.write_text(content)
    found = run("book", str(path), "--as-of", DAY)
    assert found[0] == code
    assert words in found[2]


def test_a_book_that_is_not_there_is_wrong_usage(run: Run, tmp_path: Path) -> None:
    code, _, err = run("book", str(tmp_path / "none.csv"))
    assert code == 2
    assert "none.csv cannot be read (No such file or directory); give a CSV file of positions" in " ".join(err.split())
    assert run("book", str(tmp_path / "none.csv"), "-o", "x.pdf")[0] == 2
