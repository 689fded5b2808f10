"""The one real table that ships: what the packaged file says, known when it was announced."""

import csv
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

import overshort
from overshort import sessions
from overshort.engine.moment import moment
from overshort.engine.reference import announced_totals

FILE = Path(overshort.__file__).with_name("data") / "nasdaq_announcements.csv"
ROWS = [r for r in csv.DictReader(FILE.read_text("utf-8").splitlines()) if r["total_shares"]]
LATE = datetime(2030, 1, 1, tzinfo=UTC)


def test_it_equals_the_packaged_file() -> None:
    found = announced_totals(LATE)
    expected = [
        (r["settlement_date"], r["published_date"], r["total_issues"], r["total_shares"])
        for r in sorted(ROWS, key=lambda r: r["settlement_date"])
    ]
    assert [tuple("" if v is None else str(v) for v in row.values()) for row in found] == expected
    assert [*found[0]] == ["settlement", "published", "issues", "shares"]


def test_a_date_of_which_no_total_was_seen_is_left_out() -> None:
    assert "2025-03-31" not in {r["settlement"] for r in announced_totals(LATE)}


@pytest.mark.parametrize("row", [r for r in ROWS if r["published_date"]], ids=lambda r: r["settlement_date"])
def test_it_is_known_from_the_day_of_its_announcement_on(row: dict[str, str]) -> None:
    day = date.fromisoformat(row["published_date"])
    before = sessions.previous_session(day).isoformat()
    settlement = row["settlement_date"]
    assert settlement in {r["settlement"] for r in announced_totals(moment(day.isoformat()).instant)}
    assert settlement not in {r["settlement"] for r in announced_totals(moment(before).instant)}


def test_a_total_is_the_sum_of_its_markets() -> None:
    parts = ("global_market_shares", "capital_market_shares")
    whole = [r for r in ROWS if all(r[p] for p in parts)]
    assert len(whole) > 20
    off = {r["settlement_date"]: int(r["total_shares"]) - sum(int(r[p]) for p in parts) for r in whole}
    assert {day: by for day, by in off.items() if by} == {"2025-04-30": -1}  # as announced


def test_before_the_first_there_is_nothing() -> None:
    assert announced_totals(datetime(2019, 1, 1, tzinfo=UTC)) == []
