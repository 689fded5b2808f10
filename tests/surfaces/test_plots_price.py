"""The price panel shows the panel's bars and lines, and levels that were there before each bar."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

import polars as pl
import pytest

from overshort import sessions
from overshort.engine.studies import Known
from overshort.surfaces.plots import draw
from overshort.surfaces.plots.palette import INKS
from overshort.surfaces.plots.price import BARS, LINES, STEPS, TRIGGERS, price
from surfaces.panels import LATE, altered, known, nothing
from surfaces.test_plots import points, strings, traces

PROXIES = ["SPY", "QQQ", "IWM"]
PARTS = ("open", "high", "low", "close")


@cache
def drawn(subject: str, as_of: datetime = LATE) -> dict[str, Any]:
    figure = price(known(as_of), subject)
    assert figure is not None
    return figure.to_dict()


def candles(figure: Mapping[str, Any]) -> dict[str, Any]:
    (found,) = [t for t in figure["data"] if t["type"] == "candlestick"]
    return found


def label(at: datetime) -> str:
    return at.astimezone(sessions.NEW_YORK).strftime("%Y-%m-%d %H:%M")


def stamped(id: str, subject: str, as_of: datetime = LATE) -> dict[str, float]:
    rows = known(as_of).stamped(id, subject).select("at", "value")
    return {label(at): value for at, value in rows.iter_rows()}


def dated(id: str, subject: str) -> dict[date, float]:
    return dict(known().series(id, subject).select("at", "value").iter_rows())


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


@pytest.mark.parametrize("subject", PROXIES)
def test_candles_are_the_newest_bars_of_the_panel(subject: str) -> None:
    trace = candles(drawn(subject))
    assert len(trace["x"]) == BARS == len(set(trace["x"]))
    for part in PARTS:
        own = stamped(f"price.{part}_4h", subject)
        assert dict(zip(trace["x"], trace[part], strict=True)) == dict(sorted(own.items())[-BARS:])
    assert all(x[-5:] in ("13:30", "16:00", "13:00") for x in trace["x"])


@pytest.mark.parametrize("subject", PROXIES)
def test_bars_stand_side_by_side_in_the_order_of_time(subject: str) -> None:
    axis = drawn(subject)["layout"]["xaxis"]
    labels = list(candles(drawn(subject))["x"])
    assert axis["type"] == "category"
    assert list(axis["categoryarray"]) == labels == sorted(labels)
    assert set(axis["tickvals"]) <= set(labels)
    assert [t[:10] for t in axis["tickvals"]] == list(axis["ticktext"])


@pytest.mark.parametrize("subject", PROXIES)
def test_lines_are_the_panels(subject: str) -> None:
    own, labels = traces(drawn(subject)), list(candles(drawn(subject))["x"])
    for id, (name, *_) in LINES.items():
        assert list(own[name]["x"]) == labels
        expected = stamped(id, subject)
        assert points(own[name]) == {at: expected.get(at) for at in labels}
        assert all(y is not None for y in own[name]["y"]), "two years of bars have every average"


@pytest.mark.parametrize("subject", PROXIES)
def test_levels_are_those_of_the_week_before_each_bars_week(subject: str) -> None:
    own = traces(drawn(subject))
    for id, (name, *_) in STEPS.items():
        weeks = {monday(at): value for at, value in dated(id, subject).items()}
        assert len(set(weeks.values())) == len(weeks), "no two weeks share a level, so one cannot stand for another"
        seen = points(own[name])
        assert seen == {x: weeks[monday(date.fromisoformat(x[:10])) - timedelta(days=7)] for x in seen}


@pytest.mark.parametrize("subject", PROXIES)
def test_no_level_was_known_after_its_bar_began(subject: str) -> None:
    for id, (name, *_) in STEPS.items():
        rows = known().rows.filter(pl.col("id") == id, pl.col("subject") == subject)
        since = dict(rows.select("value", "known_at").iter_rows())
        for x, y in points(traces(drawn(subject))[name]).items():
            ends = datetime.strptime(x, "%Y-%m-%d %H:%M").replace(tzinfo=sessions.NEW_YORK)
            assert since[y] < ends - timedelta(hours=4)


@pytest.mark.parametrize("subject", PROXIES)
def test_every_trigger_that_has_a_value_is_drawn_over_its_own_sessions(subject: str) -> None:
    shown = traces(drawn(subject))
    for id, (name, *_) in TRIGGERS.items():
        levels = dated(id, subject)
        assert (name in shown) == bool(levels)
        for x, y in (points(shown[name]) if levels else {}).items():
            assert y == levels.get(date.fromisoformat(x[:10]))
    assert (TRIGGERS["compression.trigger_user"][0] in shown) == (subject == "IWM")


@pytest.mark.parametrize("subject", PROXIES)
def test_the_trigger_is_that_of_the_bars_own_session_and_no_close_of_it_counts(subject: str) -> None:
    triggers, closes = dated("compression.trigger_range", subject), dated("price.close", subject)
    seen = points(traces(drawn(subject))[TRIGGERS["compression.trigger_range"][0]])
    days = sorted(closes)
    for x, y in seen.items():
        day = date.fromisoformat(x[:10])
        place = days.index(day)
        assert y == triggers[day] == max(closes[d] for d in days[place - 20 : place])


def test_a_week_without_an_area_has_no_level_and_no_older_one() -> None:
    weeks = sorted(monday(at) for at in dated("structure.vah", "SPY"))
    gone = weeks[-3]
    own = (pl.col("id") == "structure.vah") & (pl.col("at").dt.truncate("1w").dt.date() == gone)
    figure = price(altered(pl.when(~own).then("value").alias("value")), "SPY")
    assert figure is not None
    seen = points(traces(figure.to_dict())["value area high"])
    empty = {x for x, y in seen.items() if y is None}
    after = gone + timedelta(days=7)
    assert empty == {x for x in seen if monday(date.fromisoformat(x[:10])) == after} != set()


@pytest.mark.parametrize("subject", PROXIES)
def test_nothing_is_drawn_before_it_is_known(subject: str) -> None:
    late = known().stamped("price.close_4h", subject)["known_at"][-50]
    whole, early = drawn(subject), drawn(subject, late)
    assert max(candles(early)["x"]) == label(late) < max(candles(whole)["x"])
    shared = set(candles(early)["x"]) & set(candles(whole)["x"])
    assert len(shared) > 50
    for name in (LINES[i][0] for i in LINES):
        later = points(traces(whole)[name])
        assert {x: y for x, y in points(traces(early)[name]).items() if x in shared} == {x: later[x] for x in shared}
    for name in (*(STEPS[i][0] for i in STEPS), TRIGGERS["compression.trigger_range"][0]):
        later = points(traces(whole)[name])
        unlike = {x for x, y in points(traces(early)[name]).items() if x in shared and y != later[x]}
        assert {x[:10] for x in unlike} <= {label(late)[:10]}, "the day's own trigger waits for its daily bar"
        assert all(points(traces(early)[name])[x] is None for x in unlike)


def test_few_bars_are_all_drawn() -> None:
    early = known().stamped("price.close_4h", "SPY")["known_at"][9]
    figure = price(known(early), "SPY")
    assert figure is not None
    own = figure.to_dict()
    assert len(candles(own)["x"]) == 10
    assert "EMA 8" in traces(own)
    assert "EMA 21" not in traces(own), "a line without a value has no place in the legend"


def test_without_bars_there_is_no_picture() -> None:
    assert price(nothing(), "SPY") is None
    assert price(known(), "VIX") is None
    assert price(known(datetime(2020, 1, 1, tzinfo=UTC)), "SPY") is None


def test_it_is_drawn_by_name_and_twice_alike() -> None:
    first, second = draw("price", known(), "QQQ"), price(Known(known().rows, LATE), "QQQ")
    assert first is not None
    assert second is not None
    assert first.to_json() == second.to_json()


@pytest.mark.parametrize("subject", PROXIES)
def test_it_says_what_it_measures_and_its_colours_have_twins(subject: str) -> None:
    figure = drawn(subject)
    assert figure["layout"]["title"]["text"].startswith(subject)
    (text,) = [a["text"] for a in figure["layout"]["annotations"]]
    assert "USD" in text
    assert candles(figure)["x"][-1] in text
    used = {s for s in strings(figure) if s.startswith(("#", "rgb"))}
    assert used <= {i.light for i in INKS.values()} | {"rgba(0,0,0,0)"}
    lines = [(t["line"]["color"], t["line"].get("dash")) for t in figure["data"] if t["type"] == "scatter"]
    names = [t["name"] for t in figure["data"] if t["type"] == "scatter"]
    assert len(set(names)) == len(names)
    assert len(lines) == len(LINES) + len(STEPS) + (3 if subject == "IWM" else 2)
    assert {TRIGGERS[f"compression.trigger_{k}"][0] for k in ("range", "gamma")} <= set(names)
