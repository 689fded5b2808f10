"""What the user says about a file is part of how it was read."""

from datetime import date
from pathlib import Path

import pytest

from engine.homes import assert_same, line, only, report, statuses, take, visible
from overshort.engine.forget import forget
from overshort.sources import Options
from overshort.store.lake import Lake
from overshort.store.raw import Vault
from sources.examples import LISTED, text

ONE, OTHER = Options(dated=date(2022, 3, 4)), Options(dated=date(2022, 5, 6))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    path = tmp_path / "list.csv"
    path.write_bytes(text(*LISTED))
    return path


def test_the_record_keeps_what_was_said(home: Path, listed: Path) -> None:
    take(home, listed, options=ONE)
    assert Vault(home / "raw").records()[0].options == {"dated": "2022-03-04"}
    take(home, listed, options=ONE)
    assert Lake.open(home).scan("membership").collect()["first"].unique().to_list() == [date(2022, 3, 4)]


def test_two_readings_of_one_file_do_not_stand_together(home: Path, listed: Path) -> None:
    take(home, listed, options=ONE)
    before = Lake.open(home).version()
    found = take(home, listed, options=OTHER)
    assert (only(found).status, found.exit_code) == ("refused", 1)
    assert "with --dated 2022-03-04 before" in only(found).cause
    assert Lake.open(home).version() == before
    forget(home, str(listed))
    assert only(take(home, listed, options=OTHER)).status == "taken"
    assert Lake.open(home).scan("membership").collect()["first"].unique().to_list() == [date(2022, 5, 6)]


def test_a_word_that_changes_no_row_changes_nothing(home: Path, tmp_path: Path) -> None:
    """Said of a report, which carries its dates inside, and imported again without it; then taken out."""
    one, other = tmp_path / "one.csv", tmp_path / "other.csv"
    one.write_bytes(report(line("ZZA", 1)))
    other.write_bytes(report(line("ZZA", 1), line("YYQ", 2)))
    take(home, one, options=ONE)
    take(home, other)
    before = Vault(home / "raw").records()
    assert statuses(take(home, one)) == {"one.csv": "known"}
    assert Vault(home / "raw").records() == before
    forget(home, str(one))
    take(tmp_path / "fresh", other)
    assert_same(visible(home), visible(tmp_path / "fresh"))
