"""The pictures of the tape: a session minute by minute, the sessions beside each other, and one session alone."""

from datetime import datetime, timedelta
from typing import Any

import polars as pl

from overshort.engine.studies import Known
from overshort.metrics.tape import RIGHTS, SIDES
from overshort.surfaces.plots import flows, tape
from surfaces.panels import LATE, altered, known, nothing, panel

NUMBERS: dict[str, Any] = {
    "subject": "VIX",
    "session": "2016-06-01",
    "minutes": ["2016-06-01 09:31", "2016-06-01 16:15"],
    "flows": {
        "call": {"bought": [100.0, 300.0], "sold": [0.0, 50.0]},
        "put": {"bought": [0.0, 70.0], "sold": [20.0, 20.0]},
    },
    "truly": {"call": [200.0, 280.0], "put": [None, None]},
}


def test_a_session_shows_both_flows_of_both_rights_and_the_band_at_its_end() -> None:
    figure = flows(NUMBERS)
    assert figure is not None
    drawn = [(t.name.split(",")[0], t.yaxis, tuple(t.y)) for t in figure.data]
    assert drawn == [
        ("bought", "y", (100.0, 300.0)),
        ("sold", "y", (0.0, 50.0)),
        ("truly bought", "y", (200.0, 280.0)),
        ("bought", "y2", (0.0, 70.0)),
        ("sold", "y2", (20.0, 20.0)),
    ]
    first, last = (datetime.fromisoformat(t) for t in figure.layout.xaxis.range)
    (bar,) = {t.x for t in figure.data if t.name.startswith("truly")}
    assert first < datetime.fromisoformat(NUMBERS["minutes"][-1]) < datetime.fromisoformat(bar[0]) < last
    assert len({t.name for t in figure.data if t.showlegend}) == 3


def test_no_picture_of_a_session_without_a_minute() -> None:
    assert flows(NUMBERS | {"minutes": []}) is None


def test_the_sessions_beside_each_other_are_the_panel_s() -> None:
    figure = tape(known(), "VIX")
    assert figure is not None
    for right, low in zip(RIGHTS, ("bought_low", "bought_puts_low"), strict=True):
        own = known().series(f"tape.bought_{right}s", "VIX")
        (line,) = [t for t in figure.data if t.name == f"{right}s bought"]
        assert dict(zip(line.x, line.y, strict=True)) == {
            d.isoformat(): v for d, v in own.select("at", "value").iter_rows()
        }
        least = next(t for t in figure.data if t.name.startswith(f"{right}s truly") and t.hoverinfo == "skip")
        assert list(least.y) == known().series(f"tape.{low}", "VIX")["value"].to_list()


def test_no_later_session_is_drawn() -> None:
    whole = known().series("tape.bought_calls", "VIX")
    half = whole["known_at"][whole.height // 2]
    figure = tape(Known(panel(), half), "VIX")
    assert figure is not None
    (line,) = [t for t in figure.data if t.name == "calls bought"]
    assert len(line.x) == whole.height // 2 + 1
    assert tape(Known(panel(), whole["known_at"][0] - timedelta(seconds=1)), "VIX") is None


def test_of_one_session_alone_the_sides_are_drawn() -> None:
    first = known().series("tape.bought_calls", "VIX").row(0, named=True)
    alone = Known(panel(), first["known_at"])
    figure = tape(alone, "VIX")
    assert figure is not None
    assert f"session {first['at']}" in figure.layout.title.text
    calls = dict(zip(SIDES, figure.data[0].y, strict=True))
    assert abs(calls["a"] + calls["aa"] - first["value"]) < 1e-6
    signed = alone.series("tape.signed_calls", "VIX")["value"][0]
    assert abs(sum(calls[s] for s in ("a", "aa", "b", "bb")) - signed) < 1e-6


def test_nothing_is_drawn_without_a_tape_that_tells_what_was_bought() -> None:
    blind = pl.when(~pl.col("id").str.starts_with("tape.bought")).then("value").alias("value")
    assert tape(altered(blind), "VIX") is None
    assert tape(nothing(), "VIX") is None
    assert tape(known(LATE), "NDX") is None
