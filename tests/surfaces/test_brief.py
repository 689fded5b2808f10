"""The brief as a document and as a file: the same bytes, nothing known later, one sentence for a mistake."""

import json
import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from overshort import schema
from overshort.engine.moment import moment
from overshort.store.lake import Lake
from overshort.surfaces.page import contents
from surfaces.conftest import Run
from surfaces.made import built, stored

DAY = "2023-07-20"


@pytest.fixture(scope="module")
def pair(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A brief of the whole store, and one of a store that was cut at that day."""
    lake, instant = Lake.open(home), moment(DAY).instant
    cut = {
        name: lake.scan(name).filter(pl.col("known_at") <= instant).drop("sha256", "batch").collect()
        for name in schema.TABLES
    }
    rows = {name: frame for name, frame in cut.items() if frame.height}
    return built(lake, DAY), built(stored(tmp_path_factory.mktemp("cut") / "store", rows), DAY)


def test_an_earlier_brief_is_that_of_a_store_that_ends_there(pair: tuple[dict[str, Any], dict[str, Any]]) -> None:
    whole, cut = pair
    assert whole["claims"]
    assert whole["studies"]
    for name in whole:
        if name != "data_version":
            assert whole[name] == cut[name], name
    assert contents(whole) == contents(cut)


def test_no_outcome_ends_after_the_day(pair: tuple[dict[str, Any], dict[str, Any]]) -> None:
    whole, _ = pair
    studied = [s for s in whole["studies"] if s["id"] == "persistence.streaks"]
    assert all(s["to"] < whole["as_of"] for s in studied)
    assert all(f["at"][:10] <= whole["as_of"] for f in whole["figures"])
    assert all(r["published"] is None or r["published"] <= whole["as_of"] for r in whole["announced"])


def test_there_is_no_nan_and_no_clock(run: Run) -> None:
    code, out, _ = run("brief", "--as-of", DAY, "--json")
    assert code == 0
    json.loads(out, parse_constant=lambda name: pytest.fail(f"{name} in JSON"))
    page = run("brief", "--as-of", DAY, "--full")[1]
    assert "nan" not in page.lower().split()
    assert "None" not in page


@pytest.mark.parametrize("name", ["x.md", "x.json", "X.MD"])
def test_the_same_store_and_day_give_the_same_file(run: Run, tmp_path: Path, name: str) -> None:
    files = [tmp_path / "a" / name, tmp_path / "b" / name]
    for file in files:
        file.parent.mkdir()
        code, out, _ = run("brief", "--as-of", DAY, "-o", str(file))
        assert code == 0
        assert f"Written: {file}" in out.replace("\n", "")
    first, second = (f.read_bytes() for f in files)
    assert first == second
    assert first.endswith(b"\n")


def test_a_json_file_is_what_json_prints(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    code, out, err = run("brief", "--as-of", DAY, "--json", "-o", str(file))
    assert code == 0
    assert file.read_text("utf-8") == out
    assert "Written" in err


def test_a_markdown_file_holds_every_claim(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "x.md"
    document = json.loads(run("brief", "--as-of", DAY, "--json", "-o", str(file))[1])
    text = file.read_text("utf-8").replace("\\", "")
    assert all(c["text"] in text for c in document["claims"])


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("x.pdf", 2, "'x.pdf' ends in none of"),
        ("x", 2, "give --output a name that does"),
        ("nowhere/x.md", 1, "nowhere/x.md: No such file or directory"),
    ],
)
def test_a_file_that_cannot_be_written_is_one_sentence(
    run: Run, tmp_path: Path, name: str, code: int, words: str
) -> None:
    got, _, err = run("brief", "--as-of", DAY, "-o", str(tmp_path / name))
    assert got == code
    assert words in err
    assert err.startswith("overshort: ")
    assert err.count("\n") == 1
    assert not (tmp_path / name).exists()


def test_full_prints_more(run: Run) -> None:
    short, full = run("brief", "--as-of", DAY)[1], run("brief", "--as-of", DAY, "--full")[1]
    assert len(full) > 2 * len(short)
    assert "--full" in short
    assert "Change of short interest" in full
    assert "Change of short interest" not in short


def test_a_stocks_brief_says_where_it_stands_in_the_screen_or_how_to_come_by_it(
    home: Path, run: Run, tmp_path: Path
) -> None:
    row = json.loads(run("screen", "LISTED", "--as-of", DAY, "--top", "1", "--json")[1])["rows"][0]
    file = tmp_path / "page.html"
    _, out, _ = run("brief", row["symbol"], "--as-of", DAY, "-o", str(file))
    assert "Squeeze: where it stands" in out
    assert f"{row['score']:.1f}" in next(line for line in out.splitlines() if line.startswith("squeeze score"))
    assert '<section id="squeeze">' in file.read_text("utf-8")
    for fund in ("SPY", "SPX"):
        assert "Squeeze: where it stands" not in run("brief", fund, "--as-of", DAY)[1]
    new = tmp_path / "store"
    shutil.copytree(home, new, ignore=shutil.ignore_patterns("cache"))
    _, out, _ = run("brief", row["symbol"], "--as-of", DAY, "--home", str(new))
    assert "`overshort screen` does that once" in " ".join(out.split())
    assert "squeeze score" not in out


def test_a_stock_is_judged_by_what_is_known_of_stocks_and_lacks_its_own_bars(run: Run) -> None:
    symbol = json.loads(run("screen", "LISTED", "--as-of", DAY, "--top", "1", "--json")[1])["rows"][0]["symbol"]
    out = " ".join(run("brief", symbol, "--as-of", DAY)[1].split())
    assert "Beside it: heavily shorted stocks have earned less" in out
    assert "aggregate short interest" not in out
    assert "daily bars of SPY" not in out
    assert "high aggregate short interest has preceded lower" in " ".join(
        run("brief", "SPX", "--as-of", DAY)[1].split()
    )
