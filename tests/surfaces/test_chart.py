"""``overshort chart`` as its user meets it."""

import shutil
from pathlib import Path

import pytest

from overshort.surfaces.words import ADVICE, SIMULATED
from surfaces.conftest import Run
from surfaces.made import small
from surfaces.test_html import Tree


@pytest.fixture(scope="module")
def barless(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store without bars."""
    return small(tmp_path_factory.mktemp("barless") / "store", without=["bars"]).home


def test_a_chart_is_one_page_that_loads_nothing(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "x.html"
    code, out, err = run("chart", "QQQ", "-o", str(path))
    assert (code, err) == (0, "")
    assert out.startswith(f" {SIMULATED}")
    assert "QQQ, the fund that trades for the Nasdaq-100" in out
    assert "QQQ in its bands" in out
    assert "QQQ levels, USD" in out
    assert out.rstrip().endswith(f"Written: {path.resolve()}")
    text = path.read_text("utf-8")
    tree = Tree(text)
    assert not any(a.get("src", "").startswith("http") for _, a in tree.found if a.get("src"))
    assert '"candlestick"' in text
    assert ADVICE in text


def test_without_a_file_it_is_printed_alone(run: Run) -> None:
    code, out, err = run("chart", "iwm", "--as-of", "2024-06-28")
    assert (code, err) == (0, "")
    assert "IWM, 2024-06-28" in out
    assert "Written" not in out


def test_the_same_chart_twice_is_the_same_file(run: Run, tmp_path: Path) -> None:
    one, two = tmp_path / "1.html", tmp_path / "2.htm"
    for path in (one, two):
        assert run("chart", "SPY", "--as-of", "2024-06-28", "-o", str(path))[0] == 0
    assert one.read_bytes() == two.read_bytes()


@pytest.mark.parametrize("name", ["x.txt", "x", "x.json", "x.html.gz"])
def test_a_wrong_ending_is_refused_before_anything_is_read(run: Run, tmp_path: Path, name: str) -> None:
    code, out, err = run("chart", "QQQ", "-o", str(tmp_path / name), "--home", str(tmp_path / "none"))
    assert (code, out) == (2, "")
    assert f"{name!r} ends in none of .html, .htm; give --output a name that does" in err
    assert len(err.splitlines()) == 1
    assert not (tmp_path / name).exists()


@pytest.mark.parametrize("subject", ["DIA", "SPX", "VIX", ""])
def test_an_unknown_subject_is_refused(run: Run, subject: str) -> None:
    code, out, err = run("chart", subject)
    assert (code, out) == (2, "")
    assert f"{subject!r} is no traded proxy; give one of SPY, QQQ, IWM" in err
    assert len(err.splitlines()) == 1


def test_a_subject_has_to_be_given(run: Run) -> None:
    code, _, err = run("chart")
    assert code == 2
    assert "Traceback" not in err


def test_without_bars_there_is_nothing_to_show(run: Run, barless: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.html"
    code, out, err = run("chart", "QQQ", "-o", str(path), "--home", str(barless))
    assert (code, out) == (3, "")
    assert "no bars of QQQ, or too few for a chart, were known by" in err
    assert "import" in err
    assert len(err.splitlines()) == 1
    assert not path.exists()


def test_before_the_first_four_hour_bar_there_is_daily_structure_and_no_picture(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "x.html"
    code, out, err = run("chart", "QQQ", "--as-of", "2021-06-30", "-o", str(path))
    assert (code, err) == (0, "")
    assert "QQQ, 2021-06-30, daily" in out
    heads = next(line for line in out.splitlines() if line.strip() == "daily")
    assert "4 hours" not in heads
    assert '"candlestick"' not in path.read_text("utf-8").partition("<body")[2]
    assert "Written" in out


def test_days_that_are_too_few_are_said_to_be(run: Run) -> None:
    code, _, err = run("chart", "QQQ", "--as-of", "2019-01-08")
    assert code == 3
    assert "none" in err or "no " in err
    assert "Traceback" not in err


def test_a_folder_that_is_not_there_is_one_sentence(run: Run, tmp_path: Path) -> None:
    code, _, err = run("chart", "QQQ", "-o", str(tmp_path / "none" / "x.html"))
    assert code == 1
    assert len(err.splitlines()) == 1


def test_a_chart_writes_nothing_into_the_store(run: Run, home: Path, tmp_path: Path) -> None:
    copy = tmp_path / "store"
    shutil.copytree(home, copy)
    before = {p: p.stat().st_mtime_ns for p in copy.rglob("*") if p.is_file() and "cache" not in str(p)}
    run("chart", "QQQ", "--home", str(copy))
    after = {p: p.stat().st_mtime_ns for p in copy.rglob("*") if p.is_file() and "cache" not in str(p)}
    assert after == before
