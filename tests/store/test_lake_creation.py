"""Making and opening stores: whole, or made anew."""

import json
import shutil
from pathlib import Path

import pytest

from overshort import schema
from overshort.errors import MixedStore, StoreError, StoreMissing, StoreVersion
from overshort.store.lake import LAYOUT, MARKS, Lake
from store.checks import sentence
from store.rows import levels


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def fill(lake: Lake) -> str:
    with lake.writing():
        lake.append("levels", levels(1.0, 2.0))
    return lake.version()


def unfinished(home: Path) -> Path:
    """Make a store as a kill leaves it that came before ``store.json`` was written."""
    Lake.create(home, simulated=False)
    (home / "store.json").unlink()
    return home


def usable(home: Path) -> bool:
    lake = Lake.create(home, simulated=False)
    fill(lake)
    return lake.scan("levels").collect().height == 2


def test_all_tables_are_there_from_the_beginning(home: Path) -> None:
    lake = Lake.create(home, simulated=False)
    for name in schema.TABLES:
        assert lake.scan(name).collect_schema() == schema.table(name).columns
        assert lake.scan(name).collect().is_empty()
    assert lake.marks().schema == MARKS
    assert json.loads((home / "store.json").read_text()) == {
        "layout": LAYOUT,
        "simulated": False,
        "added": ["forecasts", "option_quotes"],
    }


def test_a_second_creation_opens(home: Path) -> None:
    version = fill(Lake.create(home, simulated=False))
    again = Lake.create(home, simulated=False)
    assert again.version() == version
    assert again.scan("levels").collect().height == 2


@pytest.mark.parametrize("simulated", [False, True])
def test_real_and_simulated_rows_never_share_a_store(home: Path, simulated: bool) -> None:
    lake = Lake.create(home, simulated=simulated)
    assert Lake.open(home).simulated is simulated
    lake.require(simulated=simulated)
    for refuse in (lambda: lake.require(simulated=not simulated), lambda: Lake.create(home, simulated=not simulated)):
        with pytest.raises(MixedStore) as caught:
            refuse()
        assert "choose another store with --home" in sentence(caught)


@pytest.mark.parametrize("there", ["nothing", "an empty folder", "a file"])
def test_no_store(home: Path, there: str) -> None:
    if there == "an empty folder":
        home.mkdir()
    elif there == "a file":
        home.write_text("invented")
    with pytest.raises(StoreMissing) as caught:
        Lake.open(home)
    assert f"no store in {home}" in sentence(caught)


def test_a_file_in_place_of_the_folder(home: Path) -> None:
    home.write_text("invented")
    with pytest.raises(StoreError) as caught:
        Lake.create(home, simulated=False)
    assert f"{home} cannot be made a store" in sentence(caught)


@pytest.mark.parametrize("layout", [LAYOUT + 1, 0, None, "1"])
def test_another_layout(home: Path, layout: object) -> None:
    Lake.create(home, simulated=False)
    (home / "store.json").write_text(json.dumps({"layout": layout, "simulated": False}))
    with pytest.raises(StoreVersion) as caught:
        Lake.create(home, simulated=False)
    assert f"layout {layout!r}" in sentence(caught)


@pytest.mark.parametrize("text", ["", "{", "[1]", "\udcff"])
def test_a_damaged_store_file(home: Path, text: str) -> None:
    Lake.create(home, simulated=False)
    (home / "store.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(StoreError) as caught:
        Lake.open(home)
    assert "store.json" in sentence(caught)


def test_a_missing_table(home: Path) -> None:
    lake = Lake.create(home, simulated=False)
    shutil.rmtree(home / "tables" / "levels")
    for read in (lambda: lake.scan("levels"), lake.version):
        with pytest.raises(StoreError) as caught:
            read()
        assert sentence(caught).startswith("table levels in ")


@pytest.mark.parametrize("damage", ["", "{", "[]", "\udcff"])
def test_a_damaged_commit(home: Path, damage: str) -> None:
    lake = Lake.create(home, simulated=False)
    commit = home / "tables" / "levels" / "_delta_log" / f"{0:020}.json"
    commit.write_bytes(damage.encode("utf-8", "surrogateescape"))
    with pytest.raises(StoreError) as caught:
        lake.scan("levels")
    assert sentence(caught).startswith("table levels in ")
    if damage:
        with pytest.raises(StoreError) as caught:
            lake.version()
        assert sentence(caught).startswith("table levels in ")


def test_creation_killed_before_the_tables_stood(home: Path) -> None:
    draft = home / ".tables.draft"
    (draft / "levels" / "_delta_log").mkdir(parents=True)
    (draft / "levels" / "_delta_log" / "half").write_text("{")
    with pytest.raises(StoreMissing):
        Lake.open(home)
    assert usable(home)
    assert not draft.exists()


def test_creation_killed_before_the_store_file_was_written(home: Path) -> None:
    unfinished(home)
    (home / "store.json.part").write_text('{"lay')
    with pytest.raises(StoreMissing):
        Lake.open(home)
    assert usable(home)
    assert sorted(p.name for p in home.iterdir()) == ["cache", "lock", "raw", "store.json", "tables"]


def test_creation_killed_twice(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second kill strikes while the tables of the first are cleared away."""
    unfinished(home)
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", half_removed)
        with pytest.raises(KeyboardInterrupt):
            Lake.create(home, simulated=False)
    assert usable(home)


def half_removed(path: Path, **_: bool) -> None:
    if path.exists():
        victims = sorted(p for p in path.rglob("*.json"))
        victims[0].unlink()
        raise KeyboardInterrupt


def test_a_simulated_store_may_follow_an_unfinished_real_one(home: Path) -> None:
    unfinished(home)
    assert Lake.create(home, simulated=True).simulated


@pytest.mark.parametrize("what", ["folders of others", "rows", "a file", "a table too many"])
def test_tables_of_somebody_else_stay(home: Path, what: str) -> None:
    theirs = home / "tables" / "precious"
    if what == "folders of others":
        theirs.mkdir(parents=True)
    elif what == "a file":
        home.mkdir()
        theirs = home / "tables"
        theirs.write_text("invented")
    else:
        fill(Lake.create(home, simulated=False))
        (home / "store.json").unlink()
        theirs = home / "tables" / "levels"
    if what == "a table too many":
        theirs = home / "tables" / "precious"
        theirs.mkdir()
    with pytest.raises(StoreError) as caught:
        Lake.create(home, simulated=False)
    assert "choose another --home, or move tables/ away" in sentence(caught)
    assert theirs.exists()
    assert not (home / "store.json").exists()
