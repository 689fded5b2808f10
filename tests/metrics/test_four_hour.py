"""Bars of four hours: by session and New York's clock, of whole shorter bars only, what is missing said."""

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from answers.make_four_hour import GOLDEN, Answer, answers
from contracts.market import lazily, tables
from metrics import charting, tiny
from overshort import sessions
from overshort.engine.computing import frame
from overshort.engine.panel import Scope
from overshort.metrics.four_hour import four_hour_bars
from overshort.sources import Options
from overshort.sources.intraday import IBKR, INTRADAY

DAY, EARLY = date(2024, 7, 2), date(2024, 7, 3)
PRICES = ["open", "high", "low", "close", "volume"]


def bar(
    start: datetime, price: float = 100, *, minutes: int = 60, volume: float | None = 10, **more: Any
) -> dict[str, Any]:
    """Give one bar within the day: open and close at its price, a point of range on either side."""
    end = start + timedelta(minutes=minutes)
    interval = f"{minutes // 60}h" if minutes % 60 == 0 else f"{minutes}m"
    row = {"symbol": "SPY", "interval": interval, "start": start, "end": end, "known_at": end, "volume": volume}
    row |= {"open": price, "high": price + 1, "low": price - 1, "close": price, "currency": "USD", "symbol_raw": "SPY"}
    return row | {"session": start.astimezone(charting.NEW_YORK).date(), "adjustment": "split"} | more


def day_of(
    day: date = DAY, *, minutes: int = 60, close: tuple[int, int] = (16, 0), **more: Any
) -> list[dict[str, Any]]:
    """Give a regular session's bars, the price rising by one a bar; the last ends at the close."""
    at, end, out = charting.at_clock(day, 9, 30), charting.at_clock(day, *close), []
    while at < end:
        row = bar(at, 100 + len(out), minutes=minutes, **more)
        out.append(row | {"end": min(row["end"], end), "known_at": min(row["end"], end)})
        at += timedelta(minutes=minutes)
    return out


def built(rows: list[dict[str, Any]], *, extended: bool = False) -> list[dict[str, Any]]:
    return four_hour_bars(tiny.table("bars", rows), extended=extended).collect().to_dicts()


def clock(instant: datetime) -> str:
    return instant.astimezone(charting.NEW_YORK).strftime("%H:%M")


def test_a_session_makes_two_bars() -> None:
    one, two = built(day_of())
    assert [(clock(b["start"]), clock(b["end"])) for b in (one, two)] == [("09:30", "13:30"), ("13:30", "16:00")]
    assert [one[c] for c in PRICES] == [100, 104, 99, 103, 40]
    assert [two[c] for c in PRICES] == [104, 107, 103, 106, 30]
    assert [(b["complete"], b["coverage"], b["flag"], b["bars"]) for b in (one, two)] == [
        (True, 1, None, 4),
        (True, 1, None, 3),
    ]
    assert [b["known_at"] for b in (one, two)] == [one["end"], two["end"]]


def test_an_early_close_makes_one() -> None:
    (one,) = built(day_of(EARLY, close=(13, 0)))
    assert (clock(one["start"]), clock(one["end"]), one["complete"], one["bars"]) == ("09:30", "13:00", True, 4)


@pytest.mark.parametrize("day", [date(2024, 3, 8), date(2024, 3, 11), date(2024, 11, 1), date(2024, 11, 4)])
def test_the_clock_is_new_yorks_on_either_side_of_a_change(day: date) -> None:
    assert [(clock(b["start"]), clock(b["end"])) for b in built(day_of(day))] == [
        ("09:30", "13:30"),
        ("13:30", "16:00"),
    ]


def test_a_missing_hour_is_flagged_and_not_made_up_for() -> None:
    rows = day_of()
    one, two = built(rows[:2] + rows[3:])
    assert (one["complete"], one["coverage"], one["flag"]) == (False, 0.75, "60 of 240 minutes are missing")
    assert two["complete"]


def test_an_unfinished_bar_is_flagged() -> None:
    one, two = built(day_of()[:5])
    assert one["complete"]
    assert (two["complete"], two["flag"]) == (False, "90 of 150 minutes are missing")
    assert two["known_at"] == two["end"] > day_of()[4]["end"]


def test_a_bar_without_volume_counts_for_its_price_only() -> None:
    rows = day_of()
    one, _ = built([rows[0] | {"volume": 0}, *rows[1:]])
    assert (one["open"], one["volume"], one["unmeasured"]) == (100, 30, 1)
    assert (one["complete"], one["flag"]) == (True, "no volume in 1 of 4 bars")
    silent, _ = built([r | {"volume": None} for r in rows[:4]] + rows[4:])
    assert silent["volume"] is None


def test_a_bar_across_a_boundary_belongs_to_no_bucket() -> None:
    """Bars on the hour cannot make a bar that begins at half past: nothing is cut or guessed."""
    hours = [bar(charting.at_clock(DAY, h)) for h in range(9, 16)]
    one, two = built(hours)
    assert (one["flag"], two["flag"]) == ("60 of 240 minutes are missing", "30 of 150 minutes are missing")


def test_bars_that_overlap_are_flagged() -> None:
    rows = [*day_of(), bar(charting.at_clock(DAY, 10))]
    assert built(rows)[0]["flag"] == "its bars overlap"
    assert not built(rows)[0]["complete"]


def test_extended_hours_are_dropped_or_kept() -> None:
    rows = [bar(charting.at_clock(DAY, h, m), minutes=30) for h in range(4, 20) for m in (0, 30)]
    assert [(clock(b["start"]), clock(b["end"]), b["complete"]) for b in built(rows)] == [
        ("09:30", "13:30", True),
        ("13:30", "16:00", True),
    ]
    kept = built(rows, extended=True)
    assert [clock(b["start"]) for b in kept] == ["04:00", "08:00", "12:00", "16:00"]
    assert all(b["complete"] for b in kept)
    early = [
        r for r in (bar(charting.at_clock(EARLY, h), minutes=60) for h in range(4, 20)) if clock(r["end"]) <= "17:00"
    ]
    assert [(clock(b["end"]), b["complete"]) for b in built(early, extended=True)][-1] == ("17:00", True)


def test_one_interval_and_adjustment_makes_a_bar() -> None:
    """Most of the session so far, then the longer; split-adjusted before unadjusted; never total."""
    hours, quarters = day_of(), day_of(minutes=15, volume=1)
    assert {b["interval"] for b in built(hours + quarters)} == {"1h"}
    assert [b["interval"] for b in built(hours[1:] + quarters)] == ["15m", "15m"]
    assert [b["interval"] for b in built(hours + quarters[1:])] == ["1h", "1h"]
    assert [b["interval"] for b in built(hours[:5] + quarters)] == ["1h", "15m"]
    plain = [r | {"adjustment": "none", "close": 1} for r in hours]
    assert {b["adjustment"] for b in built(hours[1:] + plain)} == {"split"}
    assert {b["adjustment"] for b in built(plain)} == {"none"}
    assert built([r | {"adjustment": "total"} for r in hours]) == []


def test_days_and_four_hours_of_a_publisher_are_no_source() -> None:
    long = bar(charting.at_clock(DAY, 9, 30), minutes=240)
    assert built([long, tiny.bar("SPY", DAY, 100) | {"adjustment": "split"}]) == []


def test_known_when_the_last_of_its_bars_is() -> None:
    rows = day_of()
    late = rows[1]["known_at"] + timedelta(days=3)
    one, two = built([rows[0], rows[1] | {"known_at": late}, *rows[2:]])
    assert one["known_at"] == late
    assert two["known_at"] == late, "what it is built from was chosen by looking at that bar too"


def test_symbols_do_not_mix() -> None:
    other = [r | {"symbol": "QQQ", "close": 1} for r in day_of()]
    both = built(day_of() + other)
    assert [b for b in both if b["symbol"] == "SPY"] == built(day_of())


def hourly_of(quarters: pl.DataFrame) -> pl.DataFrame:
    """Join quarters of an hour of regular hours, four at a time from the open, the rest at the close."""
    opens = pl.col("start").min().over("session")
    hour = ((pl.col("start") - opens).dt.total_minutes() // 60).alias("hour")
    return (
        quarters.sort("start")
        .group_by("symbol", "session", hour, "adjustment", "currency", "symbol_raw", maintain_order=True)
        .agg(
            pl.col("start", "open").first(),
            pl.col("end", "close", "known_at").last(),
            pl.col("high").max(),
            pl.col("low").min(),
            pl.col("volume").sum(),
            pl.len(),
        )
        .with_columns(pl.lit("1h").alias("interval"))
    )


SHAPE = ["session", "bucket", "start", "end", *PRICES, "coverage", "complete", "adjustment", "known_at"]


@given(
    st.lists(
        st.tuples(st.floats(-5, 5), st.floats(0, 3), st.floats(0, 3), st.integers(1, 999)), min_size=52, max_size=52
    )
)
def test_quarters_and_the_hours_made_of_them_give_the_same_bars(steps: list[tuple[float, float, float, int]]) -> None:
    rows, price = [], 500.0
    for day in (DAY, date(2024, 7, 5)):
        for row in day_of(day, minutes=15):
            move, up, down, volume = steps[len(rows)]
            row |= {"open": price, "close": price + move, "volume": float(volume)}
            price += move
            row |= {"high": max(row["open"], price) + up, "low": min(row["open"], price) - down}
            rows.append(row)
    quarters = tiny.table("bars", rows)
    assert_same_bars(quarters, hourly_of(quarters.collect()))


def assert_same_bars(quarters: pl.LazyFrame, hourly: pl.DataFrame) -> None:
    one, other = (four_hour_bars(b).select(SHAPE).collect() for b in (quarters, hourly.lazy()))
    assert one.height
    assert_frame_equal(one, other)


@pytest.mark.data
def test_real_quarters_and_the_hours_made_of_them_give_the_same_bars(data: Path) -> None:
    content = (data / "prices/SPY_15min_IBKR_2019-05_2022-07_CET.csv").read_bytes()
    options = Options(symbol="SPY", zone="Europe/Amsterdam")
    quarters = IBKR.transform(content, "SPY.csv", options).tables["bars"]
    regular = in_regular_hours(quarters)
    whole = regular.filter(pl.len().over("session").is_in([26, 14]))
    counts = whole.group_by("session").len()["len"].value_counts(sort=True)["count"].to_list()
    assert counts[0] > 780
    assert counts[1] >= 5, "early closes are among them"
    assert_same_bars(whole.lazy(), hourly_of(whole))
    dropped = four_hour_bars(quarters.lazy()).select(SHAPE).collect()
    assert_frame_equal(dropped, four_hour_bars(regular.lazy()).select(SHAPE).collect())


def in_regular_hours(bars: pl.DataFrame) -> pl.DataFrame:
    hours = bars.join(sessions.schedule(), on="session")
    return hours.filter(pl.col("start") >= pl.col("opens"), pl.col("start") < pl.col("closes")).drop("opens", "closes")


def of_file(data: Path, symbol: str) -> pl.DataFrame:
    content = (data / f"prices/{symbol}_1h_2024-01_2026-01.csv").read_bytes()
    return INTRADAY.transform(content, f"{symbol}.csv", Options(symbol=symbol)).tables["bars"]


@pytest.fixture(scope="module")
def golden() -> dict[str, list[Answer]]:
    found: dict[str, list[Answer]] = json.loads(GOLDEN.read_text())["bars"]
    return found


def test_the_golden_file_holds_few_figures(golden: dict[str, list[Answer]]) -> None:
    assert sum(map(len, golden.values())) == 23


@pytest.mark.data
def test_bars_equal_the_golden_file(data: Path, golden: dict[str, list[Answer]]) -> None:
    found = {
        (str(b["session"]), b["end"].isoformat()): b
        for b in four_hour_bars(of_file(data, "SPY").lazy()).collect().to_dicts()
    }
    for expected in (b for bars in golden.values() for b in bars):
        own = found[str(expected["session"]), str(expected["end"])]
        assert own["start"].isoformat() == expected["start"]
        assert {c: own[c] for c in PRICES} == {c: expected[c] for c in PRICES}
        assert own["complete"] == (expected["missing_minutes"] == 0)


@pytest.mark.data
def test_the_golden_file_is_what_its_script_makes(data: Path, golden: dict[str, list[Answer]]) -> None:
    assert answers(data) == golden


@pytest.mark.data
@pytest.mark.parametrize("symbol", ["SPY", "QQQ", "IWM"])
def test_what_is_wrong_with_the_real_files_is_said(data: Path, symbol: str) -> None:
    """Six early closes lack their last half hour, the first day its first three; the last day is half a day."""
    bars = four_hour_bars(of_file(data, symbol).lazy()).collect()
    broken = bars.filter(~pl.col("complete"))
    early = [
        date(2024, 7, 3),
        date(2024, 11, 29),
        date(2024, 12, 24),
        date(2025, 7, 3),
        date(2025, 11, 28),
        date(2025, 12, 24),
    ]
    assert broken["session"].to_list() == [date(2024, 1, 2), *early]
    assert broken["flag"].str.starts_with("30 of 210 minutes").to_list() == [False] + [True] * 6
    assert broken["flag"][0].startswith("180 of 240 minutes")
    last = bars.filter(session=date(2026, 1, 2))
    assert (last.height, last["bucket"][0], last["complete"][0]) == (1, 0, True)
    silent = of_file(data, symbol).filter(pl.col("volume") == 0).height
    assert bars["unmeasured"].sum() == silent > 0
    assert bars.filter(pl.col("unmeasured") > 0)["flag"].str.contains("no volume in").all()


@pytest.mark.parametrize("symbol", ["SPY", "QQQ", "IWM"])
def test_equal_slow_twins_on_the_simulated_market(symbol: str) -> None:
    bars = tables()["bars"].filter(pl.col("symbol") == symbol, pl.col("interval") == "1h")
    found = frame("four_hour", lazily(tables()), Scope("market", (symbol,)))
    expected = charting.four_hour(charting.raw(bars))
    assert len(expected) == found.height > 980
    for own, slow in zip(found.to_dicts(), expected, strict=True):
        assert (own["end"], *(own[c] for c in PRICES)) == (slow.at, *(getattr(slow, c) for c in PRICES))
