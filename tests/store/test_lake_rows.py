"""Appending, marking, versions: exactly the declared columns, one commit an append."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import polars as pl
import pytest

from overshort import schema
from overshort.errors import SchemaMismatch, StoreError
from overshort.store.lake import MARKS, Lake
from store.checks import sentence
from store.rows import frame, levels, rows_of

WRONG: Mapping[str, Callable[[pl.DataFrame], pl.DataFrame]] = {
    "another order": lambda rows: rows.select(reversed(rows.columns)),
    "a column missing": lambda rows: rows.drop("unit"),
    "a column more": lambda rows: rows.with_columns(more=pl.lit(1)),
    "another name": lambda rows: rows.rename({"unit": "units"}),
    "text for a number": lambda rows: rows.with_columns(pl.col("value").cast(pl.String)),
    "half the precision": lambda rows: rows.with_columns(pl.col("value").cast(pl.Float32)),
    "another clock": lambda rows: rows.with_columns(pl.col("known_at").dt.convert_time_zone("America/New_York")),
    "milliseconds": lambda rows: rows.with_columns(pl.col("known_at").cast(pl.Datetime("ms", "UTC"))),
    "an instant for a date": lambda rows: rows.with_columns(pl.col("at").cast(pl.Datetime("us"))),
    "categories": lambda rows: rows.with_columns(pl.col("unit").cast(pl.Categorical)),
    "only nulls": lambda rows: rows.with_columns(pl.lit(None).alias("unit")),
}


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake.create(tmp_path / "home", simulated=False)


@pytest.fixture
def open_lake(lake: Lake) -> Iterator[Lake]:
    with lake.writing():
        yield lake


def commits(lake: Lake, table: str) -> int:
    return len(list((lake.home / "tables" / table / "_delta_log").glob("*.json")))


def test_rows_come_back(open_lake: Lake) -> None:
    one, two = levels(1.0, 2.0), levels(3.0, series="VXN")
    open_lake.append("levels", one)
    open_lake.append("levels", two)
    assert rows_of(open_lake.scan("levels")) == rows_of(pl.concat([one, two]))
    assert open_lake.scan("levels").collect_schema() == one.schema
    assert rows_of(Lake.open(open_lake.home).scan("levels")) == rows_of(pl.concat([one, two]))


@pytest.mark.parametrize("name", [*schema.TABLES])
def test_every_table_takes_its_own_columns(open_lake: Lake, name: str) -> None:
    rows = pl.DataFrame({c: [None] for c in schema.table(name).columns}, schema=schema.table(name).columns)
    filled = rows.with_columns(
        pl.lit("x").cast(t).alias(c) if t == pl.String else pl.lit(1).cast(t).alias(c) for c, t in rows.schema.items()
    )
    open_lake.append(name, filled)
    assert rows_of(open_lake.scan(name)) == rows_of(filled)


@pytest.mark.parametrize("how", WRONG)
def test_other_columns_or_types_are_refused(open_lake: Lake, how: str) -> None:
    before = open_lake.version()
    with pytest.raises(SchemaMismatch) as caught:
        open_lake.append("levels", WRONG[how](levels(1.0)))
    assert sentence(caught).startswith("table levels needs ")
    assert open_lake.version() == before


@pytest.mark.parametrize("value", [1.7, "7"])
def test_delta_would_cast_in_silence(open_lake: Lake, value: object) -> None:
    rows = frame("totals", [{"subject": "NASDAQ", "market": "all", "shares": 1}])
    with pytest.raises(SchemaMismatch, match="shares Int64"):
        open_lake.append("totals", rows.with_columns(pl.lit(value).alias("shares")))
    assert open_lake.scan("totals").collect().is_empty()


def test_no_rows_make_no_commit(open_lake: Lake) -> None:
    before = open_lake.version()
    open_lake.append("levels", schema.empty("levels"))
    open_lake.mark(pl.DataFrame(schema=dict(MARKS)))
    assert open_lake.version() == before
    assert commits(open_lake, "levels") == commits(open_lake, "marks") == 1
    with pytest.raises(SchemaMismatch):
        open_lake.append("levels", schema.empty("totals"))


def test_the_version_changes_with_each_commit_and_only_then(open_lake: Lake) -> None:
    seen = [open_lake.version()]
    for rows in (levels(1.0), levels(1.0), levels(2.0), levels(1.0, series="VXN")):
        open_lake.append("levels", rows)
        assert open_lake.version() == open_lake.version() == Lake.open(open_lake.home).version()
        seen.append(open_lake.version())
    open_lake.mark(pl.DataFrame({"sha256": ["b" * 64], "batch": [0]}, schema=dict(MARKS)))
    seen.append(open_lake.version())
    open_lake.append("totals", frame("totals", [{"subject": "NASDAQ", "market": "all"}]))
    seen.append(open_lake.version())
    assert len(set(seen)) == len(seen)
    assert all(len(v) == 16 and int(v, 16) >= 0 for v in seen)


def test_the_same_rows_in_the_same_order_give_the_same_version(tmp_path: Path) -> None:
    versions = set()
    for name in ("one", "other"):
        lake = Lake.create(tmp_path / name, simulated=False)
        with lake.writing():
            lake.append("levels", levels(1.0, 2.0))
            lake.append("levels", levels(3.0))
        versions.add(lake.version())
    assert len(versions) == 1


def test_marks_hide_one_batch_of_one_file(open_lake: Lake) -> None:
    first, again = levels(1.0), levels(2.0, batch=1)
    other = levels(3.0, sha256="b" * 64)
    for rows in (first, again, other):
        open_lake.append("levels", rows)
    open_lake.mark(pl.DataFrame([("a" * 64, 0)], schema=dict(MARKS), orient="row"))
    assert rows_of(open_lake.scan("levels")) == rows_of(pl.concat([again, other]))
    open_lake.mark(pl.DataFrame([("a" * 64, 0), ("a" * 64, 1)], schema=dict(MARKS), orient="row"))
    assert rows_of(open_lake.scan("levels")) == rows_of(other)


@pytest.mark.parametrize("name", ["my store", "stöße", "100%", "a#b?c"])
def test_a_folder_of_any_name_can_be_a_store(tmp_path: Path, name: str) -> None:
    lake = Lake.create(tmp_path / name, simulated=False)
    with lake.writing():
        lake.append("levels", levels(1.0, 2.0))
    assert Lake.open(tmp_path / name).scan("levels").collect().height == 2


def test_a_folder_name_that_delta_would_misread_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="percent escape"):
        Lake.create(tmp_path / "a%20b", simulated=False)
    assert not (tmp_path / "a%20b").exists()


def test_a_lost_file_of_a_table_is_named(open_lake: Lake) -> None:
    open_lake.append("levels", levels(1.0))
    lost = next((open_lake.home / "tables" / "levels").glob("*.parquet"))
    lost.unlink()
    with pytest.raises(StoreError, match=lost.name) as caught:
        open_lake.scan("levels")
    assert "\n" not in str(caught.value)


def test_appending_without_the_lock_is_a_fault_of_the_program(lake: Lake) -> None:
    writes: list[Callable[[], None]] = [
        lambda: lake.append("levels", levels(1.0)),
        lambda: lake.mark(pl.DataFrame({"sha256": ["a"], "batch": [0]}, schema=dict(MARKS))),
    ]
    for write in writes:
        with pytest.raises(RuntimeError, match="only inside writing"):
            write()
    with lake.writing():
        lake.append("levels", levels(1.0))
    with pytest.raises(RuntimeError, match="only inside writing"):
        lake.append("levels", levels(1.0))


def test_a_file_that_belongs_to_no_commit_is_never_read(open_lake: Lake) -> None:
    """What a kill in mid-append leaves: data written, commit missing."""
    open_lake.append("levels", levels(1.0))
    before = open_lake.version()
    levels(9.0).write_parquet(open_lake.home / "tables" / "levels" / "part-stray.snappy.parquet")
    assert open_lake.scan("levels").collect()["value"].to_list() == [1.0]
    assert open_lake.version() == before
