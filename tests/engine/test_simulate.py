"""The simulated store: made once, whole, and never mixed with a real one."""

from datetime import date
from pathlib import Path

import pytest

from engine.homes import assert_same, line, report, take, visible
from engine.markets import FIRST, LAST, STOCKS, small
from overshort import sessions
from overshort.engine import simulate
from overshort.engine.simulate import demo_home, ensure_demo, last_known_day
from overshort.errors import MixedStore, NothingToShow
from overshort.store.lake import Lake
from overshort.store.raw import Vault
from store.checks import sentence


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"STOCKS": STOCKS, "FIRST": FIRST, "LAST": LAST}.items():
        monkeypatch.setattr(simulate, name, value)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def report_file(tmp_path: Path) -> Path:
    path = tmp_path / "a.csv"
    path.write_bytes(report(line("ZZA", 1)))
    return path


def test_it_lies_beside_the_real_store(home: Path) -> None:
    lake = ensure_demo(home)
    assert lake.home == demo_home(home) == home.with_name("home-demo")
    assert lake.simulated
    assert not home.exists()


def test_it_holds_the_market(home: Path) -> None:
    lake = ensure_demo(home)
    for name, rows in small().tables.items():
        assert lake.scan(name).collect().height == rows.height
    assert lake.scan("short_interest").collect()["source"].unique().to_list() == ["simulated"]


def test_asking_twice_does_not_duplicate(home: Path) -> None:
    version, rows = ensure_demo(home).version(), visible(demo_home(home))
    again = ensure_demo(home)
    assert again.version() == version
    assert_same(visible(again), rows)
    assert len(Vault(again.home / "raw").records()) == 1


def test_one_of_an_earlier_edition_is_made_again(home: Path) -> None:
    ensure_demo(home, seed=8)
    before = visible(demo_home(home))
    lake = ensure_demo(home)
    assert len(Vault(lake.home / "raw").records()) == 1
    rows = visible(lake)["short_interest"]
    assert rows.height == small().tables["short_interest"].height
    assert not rows.equals(before["short_interest"])


def test_cut_short_it_is_finished_without_duplicates(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    append, left = Lake.append, [3]

    def cut(lake: Lake, *rows: object) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise KeyboardInterrupt
        append(lake, *rows)

    with monkeypatch.context() as patch:
        patch.setattr(Lake, "append", cut)
        with pytest.raises(KeyboardInterrupt):
            ensure_demo(home)
    assert_same(visible(ensure_demo(home)), visible(ensure_demo(home.with_name("other"))))


def test_it_takes_no_real_file(home: Path, report_file: Path) -> None:
    version = ensure_demo(home).version()
    with pytest.raises(MixedStore) as caught:
        take(demo_home(home), report_file)
    assert "is a simulated store and the rows are real" in sentence(caught)
    assert Lake.open(demo_home(home)).version() == version


def test_a_real_store_in_its_place_stays_real(home: Path, report_file: Path) -> None:
    take(demo_home(home), report_file)
    with pytest.raises(MixedStore, match="is a real store and the rows are simulated"):
        ensure_demo(home)


def test_its_now_is_the_day_of_its_newest_report(home: Path) -> None:
    lake = ensure_demo(home)
    newest: date = lake.scan("short_interest").collect()["settlement"].max()
    assert last_known_day(lake) == sessions.publication(newest)[0].astimezone(sessions.NEW_YORK).date()


def test_a_store_without_reports_has_no_now(home: Path) -> None:
    with pytest.raises(NothingToShow) as caught:
        last_known_day(Lake.create(home, simulated=True))
    assert "has no short-interest row" in sentence(caught)
