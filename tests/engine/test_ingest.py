"""Importing: twice is once, the same rows in another file are known, other values are revisions."""

import gzip
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from engine.homes import SETTLED, assert_same, line, only, report, statuses, take, visible
from overshort import sessions
from overshort.engine import ingest
from overshort.engine.ingest import Report, import_paths
from overshort.errors import MixedStore, StoreMissing, UsageError
from overshort.sources import Options, recognised
from overshort.store import asof
from overshort.store.lake import Lake
from overshort.store.raw import Vault

LINES = [line("ZZA", 100), line("YYQ", 200, adv=""), line("XXB", 300, flag="S")]
PUBLISHED = datetime(2024, 1, 24, 21, 40, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


def put(inbox: Path, name: str, content: bytes) -> Path:
    path = inbox / name
    path.write_bytes(content)
    return path


def counts(found: Report) -> tuple[int, int, int, int, int]:
    o = only(found)
    return o.read, o.added, o.known, o.revised, o.refused


def positions(home: Path, as_of: datetime | None = None) -> dict[str, int]:
    rows = asof.newest(Lake.open(home).scan("short_interest"), "short_interest", as_of)
    return dict(rows.select("symbol", "position").collect().sort("symbol").iter_rows())


def test_rows_go_in_with_where_they_came_from(home: Path, inbox: Path) -> None:
    found = take(home, put(inbox, "a.csv", report(*LINES)))
    assert (only(found).status, only(found).source, only(found).named) == ("taken", "finra.consolidated", True)
    assert counts(found) == (3, 3, 0, 0, 0)
    rows = Lake.open(home).scan("short_interest").collect()
    record = Vault(home / "raw").records()[0]
    assert rows["sha256"].unique().to_list() == [record.sha256]
    assert rows["known_at"].unique().to_list() == [PUBLISHED]
    assert (record.state, record.order, record.batch, record.rows, record.met) == ("active", 1, 0, 3, 0)
    assert (record.imported, record.bytes) == ("2024-06-03T12:00:00+00:00", len(report(*LINES)))


def test_the_same_file_twice_changes_nothing(home: Path, inbox: Path) -> None:
    path = put(inbox, "a.csv", report(*LINES))
    take(home, path)
    before = Lake.open(home).version()
    again = take(home, path)
    assert again.exit_code == 0
    assert (only(again).status, only(again).cause) == ("known", "byte for byte")
    assert counts(again) == (3, 0, 3, 0, 0)
    assert Lake.open(home).version() == before
    assert len(Vault(home / "raw").records()) == 1


@pytest.mark.parametrize(
    "other",
    [
        gzip.compress(report(*LINES)),
        report(*LINES, end="\r\n"),
        b"\xef\xbb\xbf" + report(*LINES),
        report(*LINES[::-1]),
        report(*(row.replace("Invented Inc.", "INVENTED INC") for row in LINES)),
    ],
    ids=["packed", "windows", "marked", "reordered", "renamed"],
)
def test_the_same_rows_in_another_file_add_nothing(home: Path, inbox: Path, other: bytes) -> None:
    take(home, put(inbox, "a.csv", report(*LINES)))
    before, rows = Lake.open(home).version(), visible(home)
    found = take(home, put(inbox, "b.csv", other))
    assert (only(found).status, found.exit_code) == ("known", 0)
    assert counts(found) == (3, 0, 3, 0, 0)
    assert Lake.open(home).version() == before
    assert_same(visible(home), rows)
    assert [r.met for r in Vault(home / "raw").records()] == [0, 3]


def test_two_equal_files_in_one_folder(home: Path, inbox: Path) -> None:
    for name in ("a.csv", "b.csv"):
        put(inbox, name, report(*LINES))
    assert statuses(take(home, inbox)) == {"a.csv": "taken", "b.csv": "known"}
    assert positions(home) == {"ZZA": 100, "YYQ": 200, "XXB": 300}


def test_another_value_is_a_revision_and_both_stay(home: Path, inbox: Path) -> None:
    take(home, put(inbox, "a.csv", report(*LINES)))
    found = take(home, put(inbox, "b.csv", report(line("ZZA", 111), *LINES[1:])))
    assert (only(found).status, counts(found)) == ("taken", (3, 0, 2, 1, 0))
    revised = sessions.next_publication(PUBLISHED)[1]
    assert Lake.open(home).scan("short_interest").collect().height == 4
    assert positions(home, PUBLISHED - MICROSECOND) == {}
    assert positions(home, PUBLISHED)["ZZA"] == 100
    assert positions(home, revised - MICROSECOND)["ZZA"] == 100
    assert positions(home, revised)["ZZA"] == 111
    assert positions(home)["ZZA"] == 111


def test_a_dry_run_writes_nothing_at_all(home: Path, inbox: Path) -> None:
    path = put(inbox, "a.csv", report(*LINES, line("WW", "x")))
    found = take(home, path, dry_run=True)
    assert counts(found) == (4, 3, 0, 0, 1)
    assert found.refused_file is None
    assert not home.exists()


def test_a_dry_run_compares_with_what_is_there(home: Path, inbox: Path) -> None:
    take(home, put(inbox, "a.csv", report(*LINES)))
    before = {p: p.stat().st_mtime_ns for p in home.rglob("*")}
    found = take(home, put(inbox, "b.csv", report(line("ZZA", 1), *LINES[1:], line("NEW", 5))), dry_run=True)
    assert counts(found) == (4, 1, 2, 1, 0)
    assert {p: p.stat().st_mtime_ns for p in home.rglob("*")} == before


def test_refused_rows_are_listed(home: Path, inbox: Path) -> None:
    bad, worse = line("WW", "1.5"), line("", 7)
    path = put(inbox, "a.csv", report(LINES[0], bad, LINES[1], worse, LINES[2]))
    found = take(home, path)
    assert counts(found) == (5, 3, 0, 0, 2)
    assert found.refused_file is not None
    listed = pl.read_csv(found.refused_file)
    assert listed.columns == ["file", "line", "reason", "text"]
    assert listed.select("file", "line").rows() == [(str(path), 3), (str(path), 5)]
    assert listed["text"].to_list() == [bad, worse]
    assert "1.5" in listed["reason"][0]
    assert only(found).cause.startswith("2 rows refused, the first: line 3: ")
    assert re.fullmatch(r"\d{8}T\d{6}_\d{6}Z\.csv", found.refused_file.name)


def test_a_refused_file_leaves_the_others_alone(home: Path, inbox: Path) -> None:
    put(inbox, "a.csv", report(*LINES))
    for k, content in enumerate((b"", b"<html>", gzip.compress(report(*LINES))[:-20], report(line("A", "x")))):
        put(inbox, f"bad{k}.csv", content)
    put(inbox, "notes.txt", b"nothing that anybody publishes")
    found = take(home, inbox)
    assert found.exit_code == 0
    expected = {"a.csv": "taken", **{f"bad{k}.csv": "refused" for k in range(4)}, "notes.txt": "unrecognised"}
    assert statuses(found) == expected
    assert [r.name for r in Vault(home / "raw").records()] == [str(inbox / "a.csv")]
    assert positions(home) == {"ZZA": 100, "YYQ": 200, "XXB": 300}
    assert all(o.cause and "\n" not in o.cause for o in found.outcomes if o.status != "taken")


@pytest.mark.parametrize("content", [b"", b"<html>", b"nothing that anybody publishes"])
def test_nothing_went_in(home: Path, inbox: Path, content: bytes) -> None:
    put(inbox, "a.csv", content)
    assert take(home, inbox).exit_code == 1
    assert not home.exists()
    with pytest.raises(StoreMissing):
        Lake.open(home)


@pytest.mark.parametrize("content", [b"<html>", b"nothing that anybody publishes"])
def test_exit_codes_with_a_bad_file(home: Path, inbox: Path, content: bytes) -> None:
    good, bad = put(inbox, "a.csv", report(*LINES)), put(inbox, "b.csv", content)
    assert take(home, inbox).exit_code == 0
    assert take(home, inbox).exit_code == 0, "known counts as much as taken"
    assert take(home, good, bad).exit_code == 1
    assert take(home, inbox, bad).exit_code == 1, "named beside its folder is named all the same"
    assert take(home, good).exit_code == 0


def test_an_empty_folder(home: Path, inbox: Path) -> None:
    found = take(home, inbox)
    assert (found.outcomes, found.exit_code) == ((), 1)


def test_a_missing_path_stops_before_anything_is_written(home: Path, inbox: Path) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        take(home, put(inbox, "a.csv", report(*LINES)), inbox / "gone.csv")
    assert not home.exists()


def test_a_simulated_store_takes_no_real_file(home: Path, inbox: Path) -> None:
    before = Lake.create(home, simulated=True).version()
    for dry_run in (True, False):
        with pytest.raises(MixedStore, match="choose another store"):
            take(home, put(inbox, "a.csv", report(*LINES)), dry_run=dry_run)
    assert Lake.open(home).version() == before


def test_progress_names_each_file(home: Path, inbox: Path) -> None:
    for k in range(3):
        put(inbox, f"{k}.csv", report(line("ZZA", k, day=SETTLED)))
    steps: list[tuple[str, int, int]] = []
    now = datetime(2024, 6, 3, tzinfo=UTC)
    import_paths(home, [inbox], options=Options(), dry_run=False, progress=lambda *step: steps.append(step), now=now)
    assert steps == [(f"{k}.csv", k, 3) for k in range(3)]


def test_damage_that_makes_polars_panic_refuses_the_file(
    home: Path, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Codes of categories beyond their list, for one, are found only when a row is looked at."""

    def panic(*_: object) -> None:
        raise pl.exceptions.PanicException("index out of bounds")

    broken = replace(recognised(report(line("A", 1))), transform=panic)
    monkeypatch.setattr(ingest, "recognised", lambda _content: broken)
    (inbox / "a.csv").write_bytes(report(line("A", 1)))
    found = only(take(home, inbox / "a.csv"))
    assert (found.status, found.added) == ("refused", 0)
    assert found.cause == "it is damaged inside; get the file again from its publisher"
