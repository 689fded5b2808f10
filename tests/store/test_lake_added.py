"""Stores that were made before a table was declared: they just work, and what was made and is gone is damage."""

import json
import shutil
from pathlib import Path

import polars as pl
import pytest

from overshort import schema
from overshort.errors import StoreError
from overshort.store.lake import LAYOUT, MARKS, Lake
from store.checks import sentence
from store.rows import levels

NAME = "forecasts"
ADDED = ["forecasts", "option_quotes"]


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A store as the first version of the layout made it, with a row."""
    lake = Lake.create(tmp_path / "home", simulated=False)
    with lake.writing():
        lake.append("levels", levels(1.0))
    for name in ADDED:
        shutil.rmtree(lake.home / "tables" / name)
    (lake.home / "store.json").write_text(json.dumps({"layout": LAYOUT, "simulated": False}))
    return lake.home


def row() -> pl.DataFrame:
    columns = schema.table(NAME).columns
    empty = pl.DataFrame({c: [None] for c in columns}, schema=columns)
    return empty.with_columns(pl.lit("x" if t == pl.String else 1).cast(t).alias(c) for c, t in columns.items())


def files(home: Path) -> dict[str, float]:
    return {p.as_posix(): p.stat().st_mtime for p in home.rglob("*") if p.name != "lock"}


def test_reading_finds_it_empty_and_writes_nothing(old: Path) -> None:
    before = files(old)
    lake = Lake.open(old)
    assert lake.scan(NAME).collect().is_empty()
    assert lake.scan(NAME).collect_schema() == schema.table(NAME).columns
    assert lake.scan("levels").collect().height == 1
    assert lake.scan("option_quotes").collect().is_empty()
    assert lake.version()
    assert files(old) == before


def test_the_next_writer_makes_it(old: Path) -> None:
    lake, other = Lake.open(old), Lake.open(old)
    version = lake.version()
    with lake.writing():
        lake.append(NAME, row())
    assert other.scan(NAME).collect().height == 1
    assert json.loads((old / "store.json").read_text()) == {"layout": LAYOUT, "simulated": False, "added": ADDED}
    assert Lake.open(old).version() == version, "no figure is made of it"
    assert Lake.create(old, simulated=False).scan(NAME).collect().height == 1


def test_rows_of_an_added_table_change_the_data_version_and_an_empty_one_does_not(old: Path) -> None:
    version = Lake.open(old).version()
    columns = schema.table("option_quotes").columns
    empty = pl.DataFrame({c: [None] for c in columns}, schema=columns)
    lake = Lake.open(old)
    with lake.writing():
        assert lake.version() == version
        lake.append("option_quotes", empty)
    assert lake.version() != version


def test_a_kill_while_it_is_made_leaves_a_store_that_works(old: Path) -> None:
    """Killed with half a draft, or before the name is written down."""
    (old / f".{NAME}.draft" / "_delta_log").mkdir(parents=True)
    with Lake.open(old).writing():
        pass
    (old / "store.json").write_text(json.dumps({"layout": LAYOUT, "simulated": False}))
    lake = Lake.open(old)
    assert lake.scan(NAME).collect().is_empty()
    with lake.writing():
        lake.append(NAME, row())
    assert lake.scan(NAME).collect().height == 1


def test_what_was_made_and_is_gone_is_damage(old: Path) -> None:
    lake = Lake.open(old)
    with lake.writing():
        lake.append(NAME, row())
    shutil.rmtree(old / "tables" / NAME)
    with pytest.raises(StoreError) as caught:
        lake.scan(NAME)
    assert sentence(caught).startswith(f"table {NAME} in ")


def test_an_unfinished_store_of_the_first_version_is_made_anew(old: Path) -> None:
    shutil.rmtree(old / "tables")
    fresh = Lake.create(old.with_name("fresh"), simulated=False).home
    shutil.rmtree(fresh / "tables" / NAME)
    (fresh / "store.json").unlink()
    assert Lake.create(fresh, simulated=False).scan(NAME).collect().is_empty()


def test_no_forgotten_file_hides_a_forecast(old: Path) -> None:
    lake = Lake.open(old)
    with lake.writing():
        lake.append(NAME, row())
        lake.mark(pl.DataFrame([("x", 1)], schema=dict(MARKS), orient="row"))
    assert lake.scan(NAME).collect().height == 1
