"""One number with its provenance, from a panel made by hand."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from overshort import schema, sessions
from overshort.engine import figures as room
from overshort.engine.due import due_settlement
from overshort.engine.figures import Figure, figures, select
from overshort.metrics import Metric

SETTLED, BEFORE = date(2024, 1, 12), date(2023, 12, 29)
PUBLISHED = datetime(2024, 1, 24, 21, 40, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def declared(name: str, kind: str, **facts: Any) -> Metric:
    given = {"unit": "u", "grid": "report", "null_rule": "null", "lookback": 1, "definition": f"What {name} is."}
    return Metric(id=name, kind=kind, subjects=frozenset({"index"}), **(given | facts))


DECLARED = {
    m.id: m
    for m in (
        declared("t.bar", "number", grid="bar_4h"),
        declared("t.count", "count"),
        declared("t.date", "date"),
        declared("t.flag", "flag"),
        declared("t.number", "number"),
        declared("t.month", "number", grid="month"),
        declared("t.session", "number", grid="session"),
        declared("t.state", "state", states=("down", "flat", "up")),
        declared("t.week", "number", grid="week"),
    )
}


@pytest.fixture(autouse=True)
def declarations(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "registry", lambda: DECLARED)


def row(name: str, value: float | None, *, at: date | datetime = SETTLED, **facts: Any) -> dict[str, object]:
    instant = at if isinstance(at, datetime) else datetime(at.year, at.month, at.day, tzinfo=UTC)
    return {"id": name, "subject": "NDX", "at": instant, "value": value, "known_at": PUBLISHED, **facts}


def found(*rows: dict[str, object], as_of: datetime = PUBLISHED, simulated: bool = False) -> list[Figure]:
    return figures(pl.DataFrame(list(rows), schema=schema.PANEL), as_of, simulated=simulated)


def one(*rows: dict[str, object], as_of: datetime = PUBLISHED) -> Figure:
    (figure,) = found(*rows, as_of=as_of)
    return figure


def test_every_field() -> None:
    counted: dict[str, Any] = {"base_at": date(2023, 1, 13), "n": 101, "coverage": 0.99, "basis": "point-in-time"}
    assert one(row("t.number", 0.25, text="ZZA", **counted)) == Figure(
        key="NDX/t.number@2024-01-12",
        id="t.number",
        subject="NDX",
        kind="number",
        value=0.25,
        unit="u",
        at="2024-01-12",
        settlement="2024-01-12",
        base_date="2023-01-13",
        known_at="2024-01-24T21:40:00Z",
        n=101,
        coverage=0.99,
        members="point-in-time",
        price_source=None,
        stale=False,
        simulated=False,
        reason=None,
        note="ZZA",
        definition="What t.number is.",
    )


@pytest.mark.parametrize(
    ("name", "stored", "shown"),
    [
        ("t.number", -0.0625, -0.0625),
        ("t.count", 3.0, 3),
        ("t.flag", 1.0, True),
        ("t.flag", 0.0, False),
        ("t.date", 19734.0, "2024-01-12"),
        ("t.date", 0.0, "1970-01-01"),
        ("t.date", -1.0, "1969-12-31"),
        ("t.state", 0.0, "down"),
        ("t.state", 2.0, "up"),
    ],
)
def test_values_of_every_kind(name: str, stored: float, shown: object) -> None:
    figure = one(row(name, stored, text="stands in the panel"))
    assert figure.value == shown
    assert type(figure.value) is type(shown)
    assert figure.note == ("stands in the panel" if name in ("t.number", "t.count") else None)


@pytest.mark.parametrize("name", DECLARED)
def test_no_value_but_a_reason(name: str) -> None:
    figure = one(row(name, None, reason="no members"))
    assert (figure.value, figure.reason) == (None, "no members")
    shown = figure.as_dict()
    assert shown["value"] is None
    assert "n" not in shown
    assert "note" not in shown
    json.dumps(shown, allow_nan=False)


def test_what_does_not_apply_is_left_out_of_the_json() -> None:
    whole = one(row("t.number", 1.0)).as_dict()
    assert set(room.OPTIONAL) - {"settlement"} == {f for f in Figure.__dataclass_fields__ if f not in whole}
    assert whole["stale"] is False


def test_other_grids_have_no_settlement() -> None:
    bar = one(row("t.bar", 1.0, at=datetime(2024, 1, 12, 14, 30, tzinfo=UTC)))
    assert (bar.at, bar.settlement, bar.key) == ("2024-01-12T14:30:00Z", None, "NDX/t.bar@2024-01-12T14:30:00Z")
    week = one(row("t.week", 1.0, at=date(2020, 1, 3)))
    assert (week.at, week.settlement, week.stale) == ("2020-01-03", None, True)


@pytest.mark.parametrize(
    ("basis", "members", "prices"),
    [
        (None, None, None),
        ("point-in-time", "point-in-time", None),
        ("price: ^GSPC", None, "^GSPC"),
        ("price: ^GSPC, SPY", None, "^GSPC, SPY"),
        ("price: SPY bars, adjustment split", None, "SPY bars, adjustment split"),
        ("point-in-time; price: QQQ", "point-in-time", "QQQ"),
        ("snapshot 2025-05-13 backcast; price: IWM", "snapshot 2025-05-13 backcast", "IWM"),
    ],
)
def test_the_basis_parts_into_members_and_prices(basis: str | None, members: str | None, prices: str | None) -> None:
    figure = one(row("t.number", 1.0, basis=basis))
    assert (figure.members, figure.price_source) == (members, prices)
    shown = figure.as_dict()
    assert [shown.get("members"), shown.get("price_source")] == [members, prices]
    assert ("members" in shown, "price_source" in shown) == (members is not None, prices is not None)


@pytest.mark.parametrize(
    ("name", "at", "due"),
    [
        ("t.session", date(2024, 1, 11), datetime(2024, 1, 13, 21, tzinfo=UTC)),
        ("t.week", date(2024, 1, 5), datetime(2024, 1, 13, 21, tzinfo=UTC)),
        ("t.month", date(2023, 12, 29), datetime(2024, 2, 1, 21, tzinfo=UTC)),
        ("t.number", date(2024, 1, 12), sessions.publication(date(2024, 1, 31))[0]),
    ],
)
def test_stale_from_the_instant_on_at_which_its_grid_had_a_newer_one(name: str, at: date, due: datetime) -> None:
    """A figure of a session is late a day after the next session's close, one of a report at its publication."""
    old = row(name, 1.0, at=at, known_at=PUBLISHED - timedelta(days=20))
    assert not one(old, as_of=due - MICROSECOND).stale
    assert one(old, as_of=due).stale


def test_a_date_ahead_of_the_calendar_is_not_stale() -> None:
    """Cboe computes the VIX on holidays of the exchange."""
    holiday = row("t.session", 1.0, at=date(2024, 1, 15), known_at=datetime(2024, 1, 15, 21, 15, tzinfo=UTC))
    assert not one(holiday, as_of=datetime(2024, 1, 15, 22, tzinfo=UTC)).stale


def test_stale_from_the_instant_on_at_which_a_newer_report_was_due() -> None:
    old = row("t.number", 1.0)
    following = sessions.next_publication(PUBLISHED)[1]
    assert not one(old, as_of=following - MICROSECOND).stale
    assert one(old, as_of=following).stale
    assert not one(old, row("t.number", 2.0, at=date(2024, 1, 31), known_at=following), as_of=following).stale


def test_the_newest_known_row_of_each_subject_and_id() -> None:
    later = PUBLISHED + timedelta(days=1)
    rows = [
        row("t.number", 1.0, at=BEFORE, known_at=PUBLISHED - timedelta(days=15)),
        row("t.number", 2.0),
        row("t.number", 3.0, known_at=later),
        row("t.number", 9.0, at=BEFORE, known_at=later),
        row("t.flag", 1.0, subject="SPX"),
        row("t.count", 5.0),
    ]
    assert [(f.subject, f.id, f.value) for f in found(*rows)] == [
        ("NDX", "t.count", 5),
        ("NDX", "t.number", 2.0),
        ("SPX", "t.flag", True),
    ]
    assert select(found(*rows, as_of=later), "NDX")["t.number"].value == 3.0
    assert select(found(*rows, as_of=PUBLISHED - MICROSECOND), "NDX")["t.number"].value == 1.0
    assert set(select(found(*rows), "SPX")) == {"t.flag"}


def test_a_simulated_figure_says_so() -> None:
    assert [f.simulated for f in found(row("t.number", 1.0), simulated=True)] == [True]


def test_no_rows_no_figures() -> None:
    assert found() == []


def test_due_settlement_changes_at_the_instant_of_publication() -> None:
    assert due_settlement(PUBLISHED - MICROSECOND) == BEFORE
    assert due_settlement(PUBLISHED) == SETTLED


def test_due_settlement_knows_the_announced_days() -> None:
    """2024-12-31 was published on 2025-01-10, a business day before the rule's."""
    announced = datetime(2025, 1, 10, 21, 40, tzinfo=UTC)
    assert due_settlement(announced - MICROSECOND) == date(2024, 12, 13)
    assert due_settlement(announced) == date(2024, 12, 31)


@pytest.mark.parametrize("year", [2001, 2012, 2018, 2024])
def test_due_settlement_is_the_newest_published(year: int) -> None:
    dates = sessions.settlements_between(date(year - 1, 10, 1), date(year, 12, 31))
    for day in range(0, 366, 5):
        at = datetime(year, 1, 1, 21, 40, tzinfo=UTC) + timedelta(days=day)
        assert due_settlement(at) == max(d for d in dates if sessions.publication(d)[0] <= at)
