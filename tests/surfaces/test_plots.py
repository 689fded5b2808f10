"""Pictures show the panel's values, nothing else, and nothing that was not known."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, get_args, get_type_hints

import polars as pl
import pytest

from overshort.engine.studies import streak_study
from overshort.metrics.refusal.states import STATES
from overshort.surfaces.page.blocks import Picture
from overshort.surfaces.plots import PICTURES, draw
from overshort.surfaces.plots.palette import INKS, swaps
from overshort.surfaces.plots.series import DAILY_YEARS, past_range, thinned
from surfaces.panels import LATE, altered, known, nothing

EARLY = datetime(2023, 6, 1, tzinfo=UTC)
DRAWN = [
    *(("chain", s) for s in ("SPX", "NDX", "RUT", "NASDAQ", "LISTED")),
    *(("ranks", s) for s in ("SPX", "RUT", "NASDAQ")),
    *(("states", s) for s in ("SPX", "NDX", "RUT")),
    *(("contributors", s) for s in ("SPX", "NDX", "LISTED")),
    ("streaks", "SPX"),
    ("vix", "VIX"),
    ("price", "SPY"),
    ("tape", "VIX"),
    *(("reliability", s) for s in ("SPX", "NDX", "RUT")),
]


def drawn(name: str, subject: str, as_of: datetime = LATE) -> dict[str, Any]:
    figure = draw(name, known(as_of), subject)
    assert figure is not None
    return figure.to_dict()


def traces(figure: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {t["name"]: t for t in figure["data"] if "name" in t and t.get("hoverinfo") != "skip"}


def values(id: str, subject: str, as_of: datetime = LATE) -> dict[str, float]:
    rows = known(as_of).series(id, subject)
    return {at.isoformat(): value for at, value in rows.select("at", "value").iter_rows()}


def points(trace: dict[str, Any]) -> dict[str, float]:
    return dict(zip(trace["x"], trace["y"], strict=True))


def strings(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for inner in value.values():
                yield from strings(inner)
        case list() | tuple():
            for inner in value:
                yield from strings(inner)


def test_every_picture_can_be_drawn() -> None:
    assert set(PICTURES) == set(get_args(get_type_hints(Picture)["name"])) == {name for name, _ in DRAWN}


@pytest.mark.parametrize(("name", "subject"), DRAWN)
def test_no_picture_of_nothing(name: str, subject: str) -> None:
    assert draw(name, nothing(), subject) is None


@pytest.mark.parametrize(("name", "subject"), DRAWN)
def test_a_picture_says_what_it_measures_and_names_every_colour(name: str, subject: str) -> None:
    figure = drawn(name, subject)
    assert figure["layout"]["title"]["text"]
    assert any(a["text"] for a in figure["layout"]["annotations"]), "the unit stands above the panel"
    used = {s for s in strings(figure) if s.startswith(("#", "rgb"))}
    assert used <= {i.light for i in INKS.values()} | {"rgba(0,0,0,0)"}, "others would stay as they are in the dark"


def test_no_two_inks_share_a_colour() -> None:
    assert len(swaps()) == len(INKS)


@pytest.mark.parametrize(("name", "subject"), [d for d in DRAWN if d[0] not in ("price", "tape")])
def test_nothing_is_drawn_before_it_is_known(name: str, subject: str) -> None:
    figure = draw(name, known(EARLY), subject)
    assert figure is not None
    late = EARLY.date().isoformat()
    assert all(x is None or x < late for t in figure.to_dict()["data"] for x in t["x"] if isinstance(x, str))


def test_the_chain_is_the_panels_and_its_range_that_of_the_reports_before() -> None:
    own = traces(drawn("chain", "SPX"))
    expected = values("crowding.chain", "SPX")
    assert points(own["split-clean chain"]) == expected
    dates, chain = list(expected), list(expected.values())
    for name, span, least in (("24 reports", 24, 24), ("120 reports", 120, 60)):
        band = next(t for n, t in own.items() if name in n)
        before = {dates[k]: chain[max(0, k - span) : k] for k in range(least, len(chain))}
        assert points(band) == {at: max(seen) for at, seen in before.items()}
        assert band["customdata"] == [min(seen) for seen in before.values()]


def test_the_chain_says_when_each_value_was_known() -> None:
    told = traces(drawn("chain", "SPX"))["split-clean chain"]["customdata"]
    assert all(text.endswith("16:40") for text in told)
    assert told[-1][:10] == known().series("crowding.chain", "SPX")["known_at"][-1].date().isoformat()


@pytest.mark.parametrize(("subject", "proxy"), [("SPX", "SPY"), ("NDX", "QQQ"), ("RUT", "IWM")])
@pytest.mark.parametrize("name", ["chain", "states"])
def test_the_price_is_the_proxys_close_from_the_first_report_on(name: str, subject: str, proxy: str) -> None:
    figure = drawn(name, subject)
    id = {"chain": "crowding.chain", "states": "refusal.state_3m"}[name]
    first = min(values(id, subject))
    expected = {at: v for at, v in values("price.close", proxy).items() if at >= first}
    price = points(traces(figure)[f"{proxy} close"])
    assert price.items() <= expected.items()
    newest = date.fromisoformat(max(expected))
    recent = newest.replace(year=newest.year - DAILY_YEARS).isoformat()
    assert {at for at in price if at >= recent} == {at for at in expected if at >= recent}
    assert len(price) < len(expected), "older prices stand for their week"


@pytest.mark.parametrize("subject", ["NASDAQ", "LISTED"])
def test_without_a_proxy_the_chain_stands_alone(subject: str) -> None:
    layout = drawn("chain", subject)["layout"]
    assert "yaxis2" not in layout


def test_ranks_are_the_panels() -> None:
    own = traces(drawn("ranks", "SPX"))
    for window in ("1y", "5y"):
        name = {"1y": "1-year rank", "5y": "5-year rank"}[window]
        assert points(own[name]) == values(f"crowding.rank_{window}", "SPX")
    assert {s["y0"] for s in drawn("ranks", "SPX")["layout"]["shapes"]} == {80, 20}


def test_ranks_that_rest_on_backcast_members_are_shaded() -> None:
    rows = known().rows.filter(pl.col("id") == "crowding.rank_5y", pl.col("subject") == "RUT")
    backcast = rows.filter(pl.col("value").is_not_null(), pl.col("basis").str.contains("backcast"))["at"].dt.date()
    shape = drawn("ranks", "RUT")["layout"]["shapes"][0]
    assert (shape["x0"], shape["x1"]) == (str(backcast.min()), str(backcast.max()))
    assert "backcast" in shape["name"]


def test_bands_are_the_states_of_the_panel_and_the_legend_their_base_rates() -> None:
    figure = drawn("states", "SPX")
    bars = [t for t in figure["data"] if t["type"] == "bar"]
    legend = " ".join(t["name"] for t in figure["data"] if t.get("showlegend", True))
    for bar, window in zip(bars, ("12m", "3m"), strict=True):
        rows = known().series(f"refusal.state_{window}", "SPX")
        states = dict(zip(rows["at"].cast(pl.String), rows["text"], strict=True))
        assert {at: state for at, state, _ in bar["customdata"]} == states
        assert bar["marker"]["color"] == [INKS[s].light for s in states.values()]
        for state in STATES:
            held = sum(s == state for s in states.values())
            if held:
                assert f"{100 * held / len(states):.0f} % of {len(states)} ({window})" in legend
                assert state in legend


def test_a_band_runs_from_its_settlement_to_the_next() -> None:
    bar = next(t for t in drawn("states", "SPX")["data"] if t["type"] == "bar")
    starts = [date.fromisoformat(at) for at, _, _ in bar["customdata"]]
    for k in range(len(starts) - 1):
        middle = datetime.fromisoformat(bar["x"][k])
        half = timedelta(milliseconds=bar["width"][k] / 2)
        assert ((middle - half).date(), (middle + half).date()) == (starts[k], starts[k + 1])


@pytest.mark.parametrize("subject", ["SPX", "NDX", "LISTED"])
def test_contributors_are_the_panels_and_add_up_with_the_others(subject: str) -> None:
    figure = drawn("contributors", subject)
    bars = figure["data"][0]
    newest = known().series("crowding.change_12m", subject)["at"][-1]
    expected = {}
    for way, places in (("up", range(1, 6)), ("down", range(5, 0, -1))):
        for k in places:
            rows = known().series(f"crowding.contribution_12m.{way}{k}", subject).filter(pl.col("at") == newest)
            expected |= {name: 100 * value for name, value in rows.select("text", "value").iter_rows()}
    assert dict(zip(bars["customdata"], bars["x"], strict=True)) == expected
    assert figure["layout"]["yaxis"]["ticktext"] == list(expected)
    change = 100 * known().series("crowding.change_12m", subject)["value"][-1]
    label = figure["layout"]["annotations"][0]["text"].replace("−", "-")
    whole, others = label.removeprefix("Points; ").split(" in all, others ")
    assert float(whole) == pytest.approx(change, abs=0.005)
    assert float(others) == pytest.approx(change - sum(expected.values()), abs=0.005)


def test_contributors_of_an_older_report_never_stand_in_for_the_newest() -> None:
    own = pl.col("id").str.starts_with("crowding.contribution_12m") & (pl.col("subject") == "SPX")
    broken = own & (pl.col("at") == pl.col("at").filter(own).max())
    gone = altered(pl.when(~broken).then("value").alias("value"))
    assert draw("contributors", gone, "SPX") is None


def test_a_members_name_is_no_markup() -> None:
    evil = '<a href="http://evil.example">&'
    own = pl.col("id") == "crowding.contribution_12m.up1"
    figure = draw("contributors", altered(pl.when(own).then(pl.lit(evil)).otherwise("text").alias("text")), "SPX")
    assert figure is not None
    assert not any("<a" in text for text in strings(figure.to_dict()))
    assert "&lt;a href" in figure.to_dict()["layout"]["yaxis"]["ticktext"][0]


def test_streaks_are_the_panels_and_mark_where_others_got_as_far() -> None:
    figure = drawn("streaks", "SPX")
    own = traces(figure)
    expected = values("persistence.month_streak", "SPX")
    assert points(own["completed months"]) == expected, "the market begins after September 1945"
    pace = own.get("running month, on pace")
    length = pace["y"][0] if pace else list(expected.values())[-1]
    marked = [t for name, t in own.items() if name.startswith("a streak")]
    reached = [at for at, v in expected.items() if v == length and length > 0]
    assert [x for t in marked for x in t["x"]] == reached


def test_streaks_are_drawn_and_marked_as_the_study_counts_them() -> None:
    """Months before September 1945 are in the panel and not in the study."""
    shifted = altered(
        pl.when(pl.col("id").str.starts_with("persistence.month"))
        .then(pl.col("at").dt.offset_by("-77y"))
        .otherwise("at")
        .alias("at")
    )
    every = shifted.series("persistence.month_streak", "SPX")
    late = every.filter(pl.col("at") >= date(1945, 9, 1))
    assert 0 < late.height < every.height
    figure = draw("streaks", shifted, "SPX")
    assert figure is not None
    own = traces(figure.to_dict())
    assert list(points(own["completed months"])) == late["at"].cast(pl.String).to_list()
    marks = [t for name, t in own.items() if name.startswith("a streak")]
    length = marks[0]["y"][0]
    study = streak_study(shifted, "SPX", length)
    assert study is not None
    assert marks[0]["x"] == [o["reached"] for o in study["occurrences"]]
    assert f"(n = {study['count']})" in marks[0]["name"]


def test_a_running_month_is_drawn_while_it_is_on_pace() -> None:
    rows = known().series("persistence.month_streak_running", "SPX")
    day = rows.filter(pl.col("text") == "on pace", pl.col("value") >= 2)["known_at"][-1]
    own = traces(drawn("streaks", "SPX", day + timedelta(minutes=1)))
    pace = own["running month, on pace"]
    assert points(pace).items() <= values("persistence.month_streak_running", "SPX").items()
    assert max(own["completed months"]["x"]) < pace["x"][0]


def test_the_vix_is_the_panels_with_its_cycle_marked() -> None:
    own = traces(drawn("vix", "VIX"))
    closes = values("volatility.close", "VIX")
    assert points(own["VIX close"]) == closes
    start = known().series("volatility.cycle_low_since", "VIX")["text"][-1]
    low = known().series("volatility.cycle_low_ratio", "VIX")["base_at"][-1].isoformat()
    marks = {n.partition(" (")[0].partition(":")[0]: t for n, t in own.items() if n.startswith("cycle")}
    assert points(marks["cycle start"]) == {start: closes[start]}
    assert points(marks["cycle low so far"]) == {low: closes[low]}
    assert closes[start] >= 25
    assert closes[low] == min(v for at, v in closes.items() if at >= start)


def test_past_range_leaves_the_value_itself_out() -> None:
    rows = pl.DataFrame({"at": [date(2024, 1, d) for d in range(1, 6)], "value": [3.0, 1.0, 2.0, 9.0, 0.0]})
    found = past_range(rows, 3, 2)
    assert found.rows() == [
        (date(2024, 1, 3), 1.0, 3.0),
        (date(2024, 1, 4), 1.0, 3.0),
        (date(2024, 1, 5), 1.0, 9.0),
    ]


def test_thinning_keeps_each_weeks_last_session_and_the_last_years_whole() -> None:
    days = pl.date_range(date(2015, 1, 1), date(2024, 12, 31), eager=True).alias("at")
    rows = pl.DataFrame({"at": days}).filter(pl.col("at").dt.weekday() < 6)
    kept = thinned(rows, 2)["at"]
    assert kept.filter(kept >= date(2022, 12, 31)).equals(rows["at"].filter(rows["at"] >= date(2022, 12, 31)))
    old = kept.filter(kept < date(2022, 12, 31))
    assert old.dt.weekday().unique().to_list() == [5]
    assert old.len() == pytest.approx(8 * 52.18, abs=1)
