"""Forgetting a file: as if it had never come."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.homes import assert_same, line, only, report, take, visible
from overshort.engine.forget import forget
from overshort.errors import MixedStore, StoreMissing, UsageError
from overshort.store.lake import Lake
from overshort.store.raw import Vault, content_hash
from store.checks import sentence

A = report(line("ZZA", 1), line("YYQ", 2))
SAME_AND_MORE = report(line("ZZA", 1), line("XXB", 3))
OTHER_VALUES = report(line("ZZA", 7), line("YYQ", 8))
ELSEWHERE = report(line("WWC", 4))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    for name, content in {"a": A, "same": SAME_AND_MORE, "other": OTHER_VALUES, "elsewhere": ELSEWHERE}.items():
        (tmp_path / f"{name}.csv").write_bytes(content)
    return tmp_path


def one_by_one(home: Path, inbox: Path, *names: str) -> None:
    for name in names:
        take(home, inbox / f"{name}.csv")


LATER = [
    ("same",),
    ("other",),
    ("elsewhere",),
    ("same", "other"),
    ("other", "same"),
    ("elsewhere", "other", "same"),
]


@pytest.mark.parametrize("later", LATER)
def test_the_store_is_as_if_it_had_never_come(home: Path, inbox: Path, later: tuple[str, ...]) -> None:
    one_by_one(home, inbox, "a", *later)
    found = forget(home, "a.csv")
    one_by_one(inbox / "fresh", inbox, *later)
    assert_same(visible(home), visible(inbox / "fresh"))
    assert found.rows == 2
    assert set(found.again) == {f"{n}.csv" for n in later if n != "elsewhere"}


@pytest.mark.parametrize("name", ["a", "same", "other"])
def test_any_of_three_vintages_may_go(home: Path, inbox: Path, name: str) -> None:
    names = ["a", "other", "same"]
    one_by_one(home, inbox, *names)
    forget(home, str(inbox / f"{name}.csv"))
    one_by_one(inbox / "fresh", inbox, *(n for n in names if n != name))
    assert_same(visible(home), visible(inbox / "fresh"))


def test_a_file_that_came_back_counts_as_the_latest(home: Path, inbox: Path) -> None:
    """Its rows were known from a file that had come after it at first."""
    one_by_one(home, inbox, "a", "same")
    forget(home, "a.csv")
    one_by_one(home, inbox, "a")
    forget(home, "same.csv")
    one_by_one(inbox / "fresh", inbox, "a")
    assert_same(visible(home), visible(inbox / "fresh"))


reports = st.lists(
    st.dictionaries(st.sampled_from(["A", "B", "C"]), st.integers(0, 2), min_size=1).map(
        lambda rows: report(*(line(s, p) for s, p in sorted(rows.items())))
    ),
    min_size=2,
    max_size=4,
    unique=True,
)


@settings(max_examples=8)
@given(contents=reports, toggles=st.lists(st.integers(0, 3), min_size=3, max_size=8))
def test_any_sequence_of_imports_and_forgetting(contents: list[bytes], toggles: list[int]) -> None:
    """Each step imports a file that is out, or takes out one that is in; what counts is who is in, in which order."""
    with tempfile.TemporaryDirectory() as folder:
        inbox, inside = Path(folder), list[Path]()
        paths = [inbox / f"{k}.csv" for k in range(len(contents))]
        for path, content in zip(paths, contents, strict=True):
            path.write_bytes(content)
        for path in (paths[k % len(paths)] for k in toggles):
            if path in inside:
                forget(inbox / "home", str(path))
                inside.remove(path)
            else:
                take(inbox / "home", path)
                inside.append(path)
        Lake.create(inbox / "fresh", simulated=False)
        for path in inside:
            take(inbox / "fresh", path)
        assert_same(visible(inbox / "home"), visible(inbox / "fresh"))


def test_bytes_stay_and_rows_are_marked(home: Path, inbox: Path) -> None:
    one_by_one(home, inbox, "a")
    found = forget(home, "a.csv")
    assert found.sha256 == content_hash(A)
    assert Vault(home / "raw").get(found.sha256) == A
    assert [(r.state, r.batch) for r in Vault(home / "raw").records()] == [("forgotten", 0)]
    assert Lake.open(home).marks().rows() == [(found.sha256, 0)]
    assert str(found) == f"a.csv ({found.sha256[:12]}): 2 rows taken out, the bytes are kept."


def test_what_was_put_in_again_is_said(home: Path, inbox: Path) -> None:
    one_by_one(home, inbox, "a", "same")
    assert str(forget(home, "a.csv")).endswith("the bytes are kept; put in again without it: same.csv.")


def test_forgetting_twice(home: Path, inbox: Path) -> None:
    one_by_one(home, inbox, "a", "elsewhere")
    forget(home, "a.csv")
    before = Lake.open(home).version()
    with pytest.raises(UsageError) as caught:
        forget(home, "a.csv")
    assert "a.csv is out of the store already; `overshort import` takes it in again" in sentence(caught)
    assert Lake.open(home).version() == before


def test_importing_again_brings_the_rows_back(home: Path, inbox: Path) -> None:
    one_by_one(home, inbox, "a")
    before = visible(home)
    for batch in (1, 2):
        forget(home, "a.csv")
        found = only(take(home, inbox / "a.csv"))
        assert (found.status, found.added) == ("taken", 2)
        assert_same(visible(home), before)
        found = Lake.open(home).scan("short_interest").select("sha256", "batch").collect().rows()
        assert found == [(content_hash(A), batch)] * 2


def test_a_file_that_added_nothing_can_be_forgotten(home: Path, inbox: Path) -> None:
    (inbox / "twin.csv").write_bytes(A.replace(b"\n", b"\r\n"))
    one_by_one(home, inbox, "a", "twin")
    before = visible(home)
    assert forget(home, "twin.csv").rows == 0
    assert_same(visible(home), before)
    with pytest.raises(UsageError, match="is out of the store already"):
        forget(home, "twin.csv")


@pytest.mark.parametrize("how", ["path", "moved", "name", "hash", "HASH"])
def test_ways_to_name_a_file(home: Path, inbox: Path, how: str) -> None:
    one_by_one(home, inbox, "a", "elsewhere")
    sha256 = content_hash(A)
    (inbox / "moved.csv").write_bytes(A)
    names = {
        "path": str(inbox / "a.csv"),
        "moved": str(inbox / "moved.csv"),
        "name": "a.csv",
        "hash": sha256[:8],
        "HASH": sha256.upper(),
    }
    assert forget(home, names[how]).sha256 == sha256


def test_a_name_whose_file_is_gone(home: Path, inbox: Path) -> None:
    one_by_one(home, inbox, "a")
    (inbox / "a.csv").unlink()
    assert forget(home, str(inbox / "a.csv")).rows == 2


@pytest.mark.parametrize("name", ["gone.csv", "0" * 64, content_hash(A)[:7], ""])
def test_an_unknown_name(home: Path, inbox: Path, name: str) -> None:
    one_by_one(home, inbox, "a")
    with pytest.raises(UsageError) as caught:
        forget(home, name)
    expected = f"no imported file is {name!r}; the newest imported ones are a.csv ({content_hash(A)[:12]})"
    assert sentence(caught) == expected


def test_a_name_that_fits_two_files(home: Path, inbox: Path) -> None:
    for folder, content in (("one", A), ("two", ELSEWHERE)):
        (inbox / folder).mkdir()
        (inbox / folder / "report.csv").write_bytes(content)
        take(home, inbox / folder / "report.csv")
    with pytest.raises(UsageError) as caught:
        forget(home, "report.csv")
    assert "fits 2 imported files" in sentence(caught)
    assert content_hash(ELSEWHERE)[:12] in str(caught.value)
    assert forget(home, str(inbox / "two" / "report.csv")).sha256 == content_hash(ELSEWHERE)


def test_where_there_is_nothing_to_forget(home: Path) -> None:
    with pytest.raises(StoreMissing):
        forget(home, "a.csv")
    Lake.create(home, simulated=False)
    with pytest.raises(UsageError) as caught:
        forget(home, "a.csv")
    assert sentence(caught).endswith("nothing has been imported yet")


def test_a_simulated_store_forgets_nothing(home: Path) -> None:
    Lake.create(home, simulated=True)
    with pytest.raises(MixedStore):
        forget(home, "a.csv")
