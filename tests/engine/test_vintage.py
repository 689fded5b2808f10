"""What was fetched late says so: in rows, reports and figures; what came in time, or as a file, does not."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.homes import line, report, take
from overshort import sessions
from overshort.engine.figures import Figure
from overshort.engine.intake import Store
from overshort.engine.moment import moment
from overshort.engine.pull.arrivals import take_in
from overshort.engine.vintage import _vintage, marked, reports, served
from overshort.sources.feeds import FEEDS, Asked
from overshort.store.lake import Lake
from overshort.surfaces.cli import _run
from overshort.surfaces.explanation import explanation

SHORTS = next(f for f in FEEDS if f.name == "finra.short_interest")
DAYS = [date(2024, 1, 12), date(2024, 1, 31), date(2024, 2, 15)]
PUBLISHED = [sessions.publication(d)[0] for d in DAYS]
LATE = datetime(2024, 3, 1, 2, tzinfo=UTC)
"""In New York still February 29: after the publications of January 31 and February 15."""
AS_OF = "2024-04-30"


def content(day: date, *, more: int = 0) -> bytes:
    return report(*(line(f"ZZ{k}", 1000 + 10 * k + more + 9 * DAYS.index(day), day=day) for k in range(40)))


def fetched(home: Path, day: date, now: datetime, *, more: int = 0) -> None:
    """Take in a report as a publisher serves it at an instant."""
    store = Store.open(home, create=True)
    with store.writing(dry_run=False):
        take_in(store, SHORTS, Asked(part=SHORTS.parts[0], day=day, now=now), content(day, more=more))


def imported(home: Path, day: date) -> None:
    path = home.parent / f"{day}.txt"
    path.write_bytes(content(day))
    take(home, path)


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One report pulled late, the next one pulled within two cycles, the last one a file."""
    home = tmp_path_factory.mktemp("vintage") / "home"
    fetched(home, DAYS[0], LATE)
    fetched(home, DAYS[1], LATE)
    imported(home, DAYS[2])
    return home


def told(home: Path) -> dict[date, set[str | None]]:
    lake = Lake.open(home)
    rows = served(lake, lake.scan("short_interest").collect())
    return {d: set(rows.filter(settlement=d)["vintage"]) for d in DAYS}


def test_only_rows_that_were_pulled_late_say_so(mixed: Path) -> None:
    assert told(mixed) == {DAYS[0]: {"as served on 2024-02-29"}, DAYS[1]: {None}, DAYS[2]: {None}}
    rows = Lake.open(mixed).scan("short_interest").filter(settlement=DAYS[0]).collect()
    assert set(rows["known_at"]) == {PUBLISHED[0]}


def test_rows_keep_their_order_and_their_columns(mixed: Path) -> None:
    lake = Lake.open(mixed)
    rows = lake.scan("short_interest").collect().sample(fraction=1, shuffle=True, seed=4)
    assert served(lake, rows).drop("vintage").equals(rows)
    assert served(lake, rows.clear())["vintage"].dtype == pl.String


@pytest.mark.parametrize(("after", "late"), [(timedelta(0), False), (timedelta(microseconds=1), True)])
def test_two_later_publications_are_the_limit(tmp_path: Path, after: timedelta, late: bool) -> None:
    home = tmp_path / "home"
    fetched(home, DAYS[0], PUBLISHED[2] + after)
    assert list(reports(Lake.open(home), LATE)) == ([DAYS[0].isoformat()] if late else [])


@given(st.integers(0, 60), st.integers(0, 60_000))
def test_the_limit_is_the_second_later_date_of_the_calendar(place: int, minutes: int) -> None:

    dates = sessions.settlements_between(date(2019, 1, 1), date(2022, 12, 31))
    known = sessions.publication(dates[place])[0]
    at = known + timedelta(minutes=minutes)
    assert (_vintage(known, at) is not None) == (at > sessions.publication(dates[place + 2])[0])


def test_a_file_of_the_same_report_leaves_nothing_late(tmp_path: Path) -> None:
    """Its rows were there first; what is fetched later revises them, and was not known before."""
    home = tmp_path / "home"
    imported(home, DAYS[0])
    fetched(home, DAYS[0], LATE, more=1)
    assert told(home)[DAYS[0]] == {None}
    assert reports(Lake.open(home), LATE + timedelta(days=60)) == {}


def test_a_revised_row_is_late_until_it_is_revised(tmp_path: Path) -> None:
    home = tmp_path / "home"
    fetched(home, DAYS[0], LATE)
    fetched(home, DAYS[0], LATE + timedelta(days=30), more=1)
    lake = Lake.open(home)
    assert reports(lake, LATE) == {"2024-01-12": "as served on 2024-02-29"}
    assert reports(lake, LATE + timedelta(days=31)) == {}
    assert reports(lake, PUBLISHED[0] - timedelta(days=1)) == {}


@pytest.mark.parametrize(
    ("base", "settlement", "members", "expected"),
    [
        (None, "2024-01-12", None, "as served on 2024-02-29"),
        (None, "2024-01-31", None, None),
        ("2024-01-12", "2024-02-15", None, "as served on 2024-02-29"),
        ("2023-12-29", "2024-02-15", None, "as served on 2024-02-29"),
        ("2024-01-12", "2024-02-15", "announced", None),
        (None, None, None, None),
    ],
)
def test_a_figure_says_so_where_a_report_of_its_window_does(
    base: str | None, settlement: str | None, members: str | None, expected: str | None
) -> None:

    facts: dict[str, Any] = dict.fromkeys(Figure.__slots__)
    figure = Figure(**{**facts, "base_date": base, "settlement": settlement, "members": members})
    (found,) = marked([figure], {"2024-01-12": "as served on 2024-02-29"})
    assert found.vintage == expected
    assert ("vintage" in found.as_dict()) == (expected is not None)


def test_explain_says_it_of_the_figure_the_reports_and_the_rows(mixed: Path) -> None:
    lake = Lake.open(mixed)
    old = explanation(lake, moment("2024-01-26"), "crowding.dtc", "LISTED")
    assert old["figure"]["vintage"] == "as served on 2024-02-29"
    assert {r["vintage"] for r in old["rows"]} == {"as served on 2024-02-29"}
    new = explanation(lake, moment(AS_OF), "crowding.dtc", "LISTED")
    assert "vintage" not in new["figure"]
    assert {r["vintage"] for r in new["rows"]} == {None}
    assert [c["vintage"] for c in new["cycles"]] == [None]


def test_the_page_and_the_brief_say_it(mixed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = ["--home", str(mixed)]
    assert _run(["explain", "crowding.dtc", "--subject", "LISTED", "--as-of", "2024-01-26", *home]) == 0
    shown = capsys.readouterr().out
    assert "vintage: as served on 2024-02-29" in shown
    assert _run(["brief", "--as-of", AS_OF, *home]) == 0
    assert "Rows of 1 report are as served on 2024-02-29, not as first published." in capsys.readouterr().out
