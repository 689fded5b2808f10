"""The order of files plays no part where none revises another; complete reports go before excerpts."""

import random
from pathlib import Path

import polars as pl
import pytest

from engine.homes import assert_same, line, report, statuses, take, visible
from overshort import schema
from overshort.sources import SOURCES, Options
from overshort.store.lake import Lake
from overshort.store.raw import Vault
from sources.examples import EXAMPLES, EXPORT, text

CASES = [
    (f"{name}-{k}", example)
    for name, examples in sorted(EXAMPLES.items())
    for k, example in enumerate(examples)
    if name != "finra.export"  # its second row revises one of the report
]
DESCRIBED = frozenset().union(*(t.described for t in schema.TABLES.values()))
BY_FILE = ("sha256", "batch", *DESCRIBED)


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    for name, example in CASES:
        (folder / name).write_bytes(example.content)
    return folder


def one_by_one(home: Path, inbox: Path, seed: int) -> None:
    cases = list(CASES)
    random.Random(seed).shuffle(cases)
    for name, example in cases:
        assert take(home, inbox / name, options=example.options).exit_code == 0


def test_every_source_takes_part() -> None:
    assert {n.rpartition("-")[0] for n, _ in CASES} == {s.name for s in SOURCES} - {"finra.export"}


def test_any_order_gives_the_same_rows(tmp_path: Path, inbox: Path) -> None:
    one_by_one(tmp_path / "0", inbox, 0)
    first = visible(tmp_path / "0", but=BY_FILE)
    assert all(first[t].height for s in SOURCES for t in s.tables)
    for seed in range(1, 4):
        home = tmp_path / str(seed)
        one_by_one(home, inbox, seed)
        assert_same(visible(home, but=BY_FILE), first)


def test_one_import_gives_what_many_give(tmp_path: Path, inbox: Path) -> None:
    plain = [n for n, e in CASES if e.options == Options() or n.startswith(("finra", "nasdaq", "overshort", "wsj"))]
    for name in plain:
        take(tmp_path / "many", inbox / name)
    for seed in range(3):
        random.Random(seed).shuffle(plain)
        take(tmp_path / f"one{seed}", *(inbox / n for n in plain))
        assert_same(visible(tmp_path / f"one{seed}", but=BY_FILE), visible(tmp_path / "many", but=BY_FILE))


def test_complete_reports_go_in_before_excerpts(tmp_path: Path) -> None:
    """The excerpt is named first and sorts first, and still finds its rows known."""
    home, excerpt, whole = tmp_path / "home", tmp_path / "a.csv", tmp_path / "b.csv"
    excerpt.write_bytes(text(EXPORT[0], '"2024-01-12","Invented","ZZA","NNM","100","50","50","100","10","10",""'))
    whole.write_bytes(report(line("ZZA", 100)))
    found = take(home, excerpt, whole)
    assert statuses(found) == {"a.csv": "known", "b.csv": "taken"}
    assert [Path(o.file).name for o in found.outcomes] == ["a.csv", "b.csv"], "reported as named"
    assert [Path(r.name).name for r in Vault(home / "raw").records()] == ["b.csv", "a.csv"]
    kept = Lake.open(home).scan("short_interest").select("source", "exchange").collect()
    assert kept.rows() == [("finra.consolidated", "R")]


def test_sources_that_excerpt_others_come_last() -> None:
    order = {s.name: s.order for s in SOURCES}
    assert order["finra.consolidated"] == min(order.values())
    assert order["finra.export"] == max(order.values())
    assert pl.Series(list(order.values())).is_in([0, 1, 2]).all()
