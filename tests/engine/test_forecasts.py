"""Forecasts against a store: dated, written once, live or back-test, resolved by what was known."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from engine.homes import line, report, take
from overshort import schema, sessions
from overshort.demo import simulate
from overshort.engine.forecasts import entries, forecasts, kind_of, settled, write
from overshort.engine.forget import forget
from overshort.engine.intake import import_frames
from overshort.engine.moment import Moment, moment
from overshort.engine.panel import market, panel
from overshort.engine.studies import Known
from overshort.errors import ForecastFixed, UsageError
from overshort.evidence.probability.events import EVENTS
from overshort.store.lake import Lake
from store.checks import sentence

CLOCK = datetime(2026, 2, 2, 15, tzinfo=UTC)
EARLY, LATE = "2024-03-15", "2025-01-10"
SESSION = date(2025, 6, 27)
NEWEST = date(2025, 6, 13)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """A simulated store; tests read it and write only forecasts, each as of other days."""
    folder = tmp_path_factory.mktemp("forecasts") / "store"
    made = simulate(3, stocks=24, first=date(2021, 1, 4), last=date(2025, 1, 10))
    return import_frames(folder, made.tables, source="simulated", simulated=True, content=made.description)


def known(lake: Lake, day: str) -> Known:
    return Known(panel(lake, market()), moment(day).instant)


def test_a_forecast_is_dated_and_resolves_with_its_windows_last_report(source: Lake) -> None:
    found = forecasts(known(source, EARLY))
    assert {f["subject"] for f in found} <= set(schema.INDEXES)
    assert {f["id"] for f in found} <= {e.id for e in EVENTS}
    words = {e.id: (e.words, e.reports) for e in EVENTS}
    for f in found:
        origin = date.fromisoformat(f["at"])
        later = [d for d in sessions.settlements_between(origin, date(2025, 12, 31)) if d > origin]
        event, reports = words[f["id"]]
        assert f["event"] == event
        assert f["window_ends"] == later[reports - 1].isoformat()
        assert (
            f["resolves"]
            == sessions.publication(later[reports - 1])[0].astimezone(sessions.NEW_YORK).date().isoformat()
        )
        assert 0 <= f["low"] <= f["probability"] <= f["high"] <= 1
        assert f["at"] < f["known_at"][:10] <= EARLY < f["resolves"]
        assert f["offered"] == (f["runs"] >= 8) == (f["skill"] is not None)
        assert f["offered"] or f["model"] == "climatology"
    assert found


def test_written_once_and_never_changed(source: Lake) -> None:
    day = moment(EARLY)
    found = forecasts(known(source, EARLY))
    version = source.version()
    first = write(found, source, day, CLOCK)
    assert [(w.kind, w.new, w.known) for w in first] == [("backtest", len(found), 0)]
    stored = source.scan("forecasts").collect()
    later = write(found, source, Moment(date(2024, 3, 16), day.instant + timedelta(days=1)), CLOCK)
    assert [(w.new, w.known) for w in later] == [(0, len(found))]
    assert source.scan("forecasts").collect().equals(stored)
    with pytest.raises(ForecastFixed) as caught:
        write([found[0] | {"probability": 0.99}], source, day, CLOCK)
    assert "would now get 0.99" in sentence(caught)
    assert source.scan("forecasts").collect().equals(stored)
    assert source.version() == version, "a forecast is no data"
    assert set(stored["known_at"]) == {day.instant}
    assert set(stored["written_at"]) == {CLOCK}
    assert stored["sha256"].n_unique() == stored.height


def test_it_is_resolved_from_what_was_known_by_then(source: Lake) -> None:
    found = forecasts(known(source, "2024-03-28"))
    write(found, source, moment("2024-03-28"), CLOCK)
    own = pl.col("as_of") == date(2024, 3, 28)
    first = min(f["resolves"] for f in found)
    day_before = (date.fromisoformat(first) - timedelta(days=1)).isoformat()
    open_rows = entries(source, known(source, day_before), moment(day_before).instant).filter(own)
    assert open_rows.height == len(found)
    assert open_rows["happened"].null_count() == open_rows.height
    then = entries(source, known(source, first), moment(first).instant).filter(own)
    short = then.filter(pl.col("id").str.contains("_3m"), pl.col("resolves") == date.fromisoformat(first))
    assert short["happened"].null_count() == 0
    assert short["happened_known_at"].max() <= moment(first).instant
    whole = entries(source, known(source, LATE), moment(LATE).instant).filter(own)
    chain = known(source, LATE).series("crowding.chain", "SPX")
    levels = dict(chain.select("at", "value").iter_rows())
    cover = whole.filter(pl.col("id") == "probability.cover5_3m", pl.col("subject") == "SPX").row(0, named=True)
    days = [d for d in levels if cover["settlement"] < d <= cover["window_ends"]]
    assert len(days) == 6
    assert cover["happened"] == float(min(levels[d] for d in days) <= 0.95 * levels[cover["settlement"]])


def test_before_it_was_made_it_is_not_in_the_ledger(source: Lake) -> None:
    found = forecasts(known(source, "2024-06-28"))
    write(found, source, moment("2024-06-28"), CLOCK)
    rows = entries(source, known(source, "2024-06-26"), moment("2024-06-26").instant)
    assert rows.filter(pl.col("as_of") == date(2024, 6, 28)).is_empty()


def test_what_is_over_and_not_in_the_store_is_overdue(source: Lake) -> None:
    found = forecasts(known(source, LATE))
    write(found, source, moment(LATE), CLOCK)
    rows = entries(source, known(source, LATE), CLOCK).filter(pl.col("as_of") == date(2025, 1, 10))
    document = settled(rows, date(2026, 2, 2))["ledgers"]
    assert list(document) == ["backtest"]
    assert document["backtest"]["score"]["n"] == 0
    assert all(row["overdue"] for row in document["backtest"]["open"])
    assert not any(row["overdue"] for row in settled(rows, date(2025, 1, 11))["ledgers"]["backtest"]["open"])


def at(day: date, hour: int) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    ("as_of", "clock", "origin", "kind"),
    [
        (None, at(SESSION, 21), NEWEST, "live"),
        (SESSION, at(SESSION, 21), NEWEST, "live"),
        (SESSION, at(SESSION + timedelta(days=1), 21), NEWEST, "live"),
        (SESSION, at(SESSION + timedelta(days=3), 14), NEWEST, "live"),
        (SESSION, at(SESSION + timedelta(days=3), 21), NEWEST, "backtest"),
        (SESSION - timedelta(days=1), at(SESSION, 21), NEWEST, "backtest"),
        (SESSION + timedelta(days=30), at(SESSION, 21), NEWEST, "backtest"),
        (SESSION, at(SESSION, 21), date(2025, 5, 30), "backtest"),
        (None, at(SESSION, 21), date(2025, 5, 30), "backtest"),
    ],
)
def test_live_is_the_last_completed_session_and_the_newest_report(
    as_of: date | None, clock: datetime, origin: date, kind: str
) -> None:
    """On Monday before the close the last completed session is Friday; a store that lags makes no live forecast."""
    made = Moment(SESSION, clock) if as_of is None else Moment(as_of, sessions.end_of_day(as_of))
    assert kind_of(made, clock, origin, simulated=False) == kind
    assert kind_of(made, clock, origin, simulated=True) == "backtest"


def test_no_day_that_has_not_come(source: Lake) -> None:
    found = forecasts(known(source, LATE))
    with pytest.raises(UsageError) as caught:
        write(found, source, moment("2026-02-03"), CLOCK)
    assert sentence(caught).startswith("2026-02-03 lies after today, 2026-02-02")


def test_live_and_back_tests_are_never_in_one_score(source: Lake) -> None:
    rows = entries(source, known(source, LATE), moment(LATE).instant)
    both = pl.concat([rows, rows.with_columns(pl.lit("live").alias("kind"), pl.lit(1.0).alias("probability"))])
    apart = settled(both, date(2025, 1, 10))["ledgers"]
    assert list(apart) == ["live", "backtest"]
    assert apart["backtest"] == settled(rows, date(2025, 1, 10))["ledgers"]["backtest"]
    assert apart["live"]["score"]["brier"] != apart["backtest"]["score"]["brier"]


def test_forgetting_a_file_deletes_no_forecast(tmp_path: Path, source: Lake) -> None:
    (tmp_path / "a.csv").write_bytes(report(line("ZZA", 1)))
    home = tmp_path / "home"
    take(home, tmp_path / "a.csv")
    lake = Lake.open(home)
    found = forecasts(known(source, EARLY))
    write(found, lake, moment(EARLY), CLOCK)
    before = lake.scan("forecasts").collect()
    forget(home, "a.csv")
    assert Lake.open(home).scan("short_interest").collect().is_empty()
    assert Lake.open(home).scan("forecasts").collect().equals(before)
